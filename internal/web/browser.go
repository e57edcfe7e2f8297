package web

import (
	"net/http"
	"strings"
)

// Browser reports whether a request comes from the address bar or a link of a browser, so that a page is a better answer than
// JSON. A script's fetch and a program do not ask for text/html.
func Browser(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}
