// Package e2e owns the tests of the whole program from outside: the server on a free port, transcripts and emulators of identity
// providers over HTTP, operators over the socket, and the binary under kill -9. It has no code but tests.
package e2e
