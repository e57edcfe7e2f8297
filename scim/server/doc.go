// Package server is SCIM 2.0 over HTTP: routes, credentials, bodies and query parameters in, resources, pages and errors out.
// Between the two it calls package bridge; what may be done is decided there.
//
// A request's walk is in server.go, the table of routes in route.go. Every handler takes a directory.Principal, so that none
// can be written that answers somebody unknown.
package server
