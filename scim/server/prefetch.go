package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/scim"
)

// expecting returns a context that tells the store what a request will do. If its URL names one user or looks up one resource, the store can
// read that together with the credential. If it writes a user or a group, the store can check the credential together with the write. Both are
// only hints, so whatever it does not understand it leaves alone.
func expecting(ctx context.Context, r *http.Request, connection directory.ConnectionID, parts []string) context.Context {
	if len(parts) == 0 {
		return ctx
	}
	switch r.Method {
	case http.MethodGet:
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		if parts[0] == "Users" || parts[0] == "Groups" {
			return bridge.ExpectWrite(ctx)
		}
		return ctx
	default:
		return ctx
	}
	if len(parts) == 2 && parts[0] == "Users" {
		if id, ok := directory.ParseID(parts[1]); ok {
			return bridge.ExpectUser(ctx, id)
		}
	}
	if len(parts) == 1 && (parts[0] == "Users" || parts[0] == "Groups") {
		if in, err := parseParams(r.URL.RawQuery, &scim.Quirks{}); err == nil {
			if where, ok := equality(in.filter); ok {
				return bridge.ExpectList(ctx, connection, directory.Query{Where: where})
			}
		}
	}
	return ctx
}

// equality reads a filter such as userName eq "ada@acme.example".
func equality(filter string) (directory.Compare, bool) {
	attribute, rest, _ := strings.Cut(filter, " ")
	operator, literal, _ := strings.Cut(rest, " ")
	if !strings.EqualFold(operator, "eq") {
		return directory.Compare{}, false
	}
	for _, name := range [...]string{"userName", "externalId", "displayName"} { // by which identity providers look up a resource
		var value string
		if strings.EqualFold(attribute, name) && json.Unmarshal([]byte(literal), &value) == nil {
			return directory.Compare{Path: directory.Path{Name: name}, Op: directory.Equal, Value: value}, true
		}
	}
	return directory.Compare{}, false
}
