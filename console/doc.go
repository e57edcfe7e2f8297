// Package console is the operator API under /api/v1, described by an OpenAPI document that is made from the code (openapi.json).
//
// It owns the routes and the right that each one needs, the sessions of browsers (cookies, OpenID Connect), and the translation between
// JSON and the values of package bridge. It does not decide: package bridge decides whether a verb is allowed and what it does. The
// JSON types are in console/wire, because clients need them too. The code that both APIs share is in internal/httpapi.
package console
