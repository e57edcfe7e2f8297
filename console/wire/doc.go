// Package wire declares what travels over the operator API and the application API, as JSON.
//
// It owns the types and their JSON names, bounds and descriptions, from which the OpenAPI documents are made. It owns no
// HTTP and no behaviour: package console and package application make and read these values on the server, package client
// does so at the other end.
package wire
