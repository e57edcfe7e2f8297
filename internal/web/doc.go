// Package web owns what all HTTP surfaces of Drawbridge share: handlers that return errors, request ids, recovery from panics, bounded
// bodies, the address of a client behind trusted proxies, one access log line for each request, and servers with time-outs.
//
// It does not know any protocol. Each surface passes in the function that writes an error in its own format.
package web
