// Package emulator imitates identity providers: each one is a client that calls a SCIM server in the order and spelling of that IdP, and
// verifies what that IdP would verify.
//
// A conversation is data: a [Step] is a request and what is expected of the answer, and an [IdP] turns "assign Mira" into steps. A
// [Session] plays steps against a base URL. The demo, the doctor, the transcripts and the load tests share them.
//
// The package is a client. It owns the wire format of each IdP and does not know the internals of the server. If a fact about an IdP is not
// documented by its vendor, the comment says so.
package emulator
