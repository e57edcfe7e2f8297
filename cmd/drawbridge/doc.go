// Command drawbridge is a SCIM 2.0 provisioning bridge: the server, and the command line that operates it.
//
// This package owns the arguments, the help texts and the exit codes. It decides nothing: it calls package app or the client of the
// operator API, and prints the answer. Each sub-command has a file; root.go lists them.
package main
