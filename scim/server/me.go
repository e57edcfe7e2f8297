package server

import (
	"net/http"

	"drawbridge/directory"
	"drawbridge/scim"
)

// me answers /Me (RFC 7644 §3.11), the alias of the authenticated user. Credentials belong to connections here, never to
// people, so there is no user for it. The answer is 404, not 501, because the endpoint exists.
func (s *server) me(*call, directory.Principal) (reply, error) {
	return reply{}, scim.Plain(http.StatusNotFound, "this credential belongs to a connection and not to a person, so /Me has no user; ask for /Users/{id}")
}
