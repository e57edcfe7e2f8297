// Package console is the operator API under /api/v1, described by an OpenAPI document that is made from the code (openapi.json).
//
// It owns the routes and the right that each one needs, the sessions of browsers (cookies, OpenID Connect), and the translation between
// JSON and the values of package bridge. It decides nothing: whether a verb is allowed and what it does is decided by package bridge. The
// JSON types are in console/wire, because clients need them too. What this API shares with the application API is in internal/httpapi.
package console
