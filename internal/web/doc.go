// Package web is the low plumbing under every HTTP face of Drawbridge: handlers that return errors, request ids, recovery
// from panics, bounded bodies, the address of the client behind trusted proxies, one access log line for each request, and
// servers with time-outs.
//
// It knows no protocol: how an error looks on the wire is up to the face, which hands in its own way to write one.
package web
