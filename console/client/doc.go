// Package client is the Go client of the operator API. The command line is its first user.
//
// It owns the way to the server (a unix socket in the data folder, or a URL and an API key). Package console/wire has the types of the
// JSON. It decides nothing and prints nothing.
package client
