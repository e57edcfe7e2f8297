// Package wire declares the JSON of the operator API and the application API.
//
// It owns the types and their JSON names, bounds and descriptions, from which the OpenAPI documents are made. It owns no HTTP and no
// behaviour: package console and package application make and read these values on the server, and package client does so in clients.
package wire
