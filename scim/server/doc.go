// Package server is SCIM 2.0 over HTTP: it reads routes, credentials, bodies and query parameters, and writes resources, pages and
// errors. It owns the HTTP side of SCIM and its limits. It does not decide what is allowed: it calls package bridge.
//
// The path of a request is in server.go, the table of routes in route.go. Every handler takes a directory.Principal, so no handler
// can answer an unauthenticated client.
package server
