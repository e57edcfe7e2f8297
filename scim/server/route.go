package server

import (
	"net/http"
	"slices"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
)

// handler answers an authenticated request. It needs a Principal, so no unauthenticated request can be routed to it.
type handler func(c *call, p directory.Principal) (reply, error)

// route is a form of path with its methods.
type route struct {
	pattern string // below the base URL; {type} is an endpoint of the tenant's, {id} anything
	parts   []string
	actions []action
}

// action is what one method does.
type action struct {
	method string
	names  [3]string           // of the operation, in metrics: for users, groups and other resources
	limit  func(*Limits) int64 // of the body; nil: no body is read
	serve  handler
}

// The verbs of the names of operations.
const (
	create  = "create"
	get     = "get"
	list    = "list"
	replace = "replace"
	change  = "patch"
	remove  = "delete"
	search  = "search"
)

// table is every route. The first one whose pattern matches a path is used.
func (s *server) table() []route {
	body := func(l *Limits) int64 { return l.Body }
	bulkBody := func(l *Limits) int64 { return l.BulkBytes }
	verb := func(name string) [3]string { return [3]string{"user." + name, "group." + name, "resource." + name} }
	one := func(name string) [3]string { return [3]string{name, name, name} }
	read := func(name string, h handler) []action { return []action{{http.MethodGet, one(name), nil, h}} }
	routes := []route{
		{pattern: "/", actions: read("root.list", s.listRoot)},
		{pattern: "/.search", actions: []action{{http.MethodPost, one("root.search"), body, s.searchRoot}}},
		{pattern: "/" + configEndpoint, actions: read("discovery", s.config)},
		{pattern: "/Schemas", actions: read("discovery", s.schemas)},
		{pattern: "/Schemas/{id}", actions: read("discovery", s.schema)},
		{pattern: "/ResourceTypes", actions: read("discovery", s.resourceTypes)},
		{pattern: "/ResourceTypes/{id}", actions: read("discovery", s.resourceType)},
		{pattern: "/Bulk", actions: []action{{http.MethodPost, one("bulk"), bulkBody, s.bulk}}},
		{pattern: "/Me", actions: []action{
			{http.MethodGet, one("me"), nil, s.me},
			{http.MethodPost, one("me"), nil, s.me},
			{http.MethodPut, one("me"), nil, s.me},
			{http.MethodPatch, one("me"), nil, s.me},
			{http.MethodDelete, one("me"), nil, s.me},
		}},
		{pattern: "/{type}", actions: []action{
			{http.MethodGet, verb(list), nil, s.list},
			{http.MethodPost, verb(create), body, s.create},
		}},
		{pattern: "/{type}/.search", actions: []action{{http.MethodPost, verb(search), body, s.search}}},
		{pattern: "/{type}/{id}", actions: []action{
			{http.MethodGet, verb(get), nil, s.get},
			{http.MethodPut, verb(replace), body, s.replace},
			{http.MethodPatch, verb(change), body, s.patch},
			{http.MethodDelete, verb(remove), nil, s.remove},
		}},
	}
	for i := range routes {
		if rest := strings.TrimPrefix(routes[i].pattern, "/"); rest != "" {
			routes[i].parts = strings.Split(rest, "/")
		}
	}
	return routes
}

// route finds the route of a path and notes in c what the path names.
func (s *server) route(c *call, parts []string) (*route, error) {
	for i := range s.routes {
		r := &s.routes[i]
		if len(r.parts) != len(parts) || !r.fits(parts) {
			continue
		}
		for n, part := range r.parts {
			switch part {
			case "{type}":
				if c.kind = endpoint(c.catalog, parts[n]); c.kind == nil {
					return nil, noEndpoint()
				}
			case "{id}":
				c.id = parts[n]
			}
		}
		return r, nil
	}
	return nil, noEndpoint()
}

func (r *route) fits(parts []string) bool {
	for i, part := range r.parts {
		if part[0] != '{' && part != parts[i] {
			return false
		}
	}
	return true
}

// action finds the action of a method. HEAD is GET without the body, which net/http leaves out.
func (r *route) action(c *call, method string) (*action, error) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for i := range r.actions {
		if r.actions[i].method == method {
			return &r.actions[i], nil
		}
	}
	if c.response != nil {
		c.response.Set("Allow", r.allow())
	}
	return nil, scim.Plain(http.StatusMethodNotAllowed, "this endpoint answers "+r.allow()+" only")
}

func (r *route) allow() string {
	var methods []string
	for _, a := range r.actions {
		methods = append(methods, a.method)
		if a.method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

// endpoint finds the tenant's resource type for a segment of the path.
func endpoint(c *scim.Catalog, segment string) *scim.ResourceType {
	for _, t := range c.Types {
		if len(t.Endpoint) == len(segment)+1 && t.Endpoint[1:] == segment {
			return t
		}
	}
	return nil
}
