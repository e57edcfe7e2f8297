package server

import (
	"net/http"

	"drawbridge/directory"
	"drawbridge/scim"
)

// me answers /Me (RFC 7644 §3.11), the alias of whoever is authenticated. Credentials belong to connections here, never to
// people, so there is nobody that it could stand for: 404, and not 501, since the endpoint is understood.
func (s *server) me(*call, directory.Principal) (reply, error) {
	return reply{}, scim.Plain(http.StatusNotFound, "this credential belongs to a connection and to no person, so that /Me stands for nobody; ask for /Users/{id}")
}
