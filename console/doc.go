// Package console is the operator's side of Drawbridge: the API under /api/v1, described by an OpenAPI document that is
// made from the code.
//
// It turns requests into calls of package bridge and answers into JSON; it decides nothing. The types that travel are in
// console/client, since whoever calls has to know them too. Who asks is found out once, by a Gate, and handed to every
// handler as a directory.Principal.
package console
