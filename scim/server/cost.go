package server

import (
	"drawbridge/directory"
	"drawbridge/scim"
)

// memberCost is about how much memory a member of a group takes until it is sent: in the list of members, and in the response, whose
// buffer grows by doubling.
const memberCost = 600

// scans reports whether a query makes the store look at every record of a kind: it has an order, or a filter that no index answers.
// A tenant with a hundred thousand people keeps a processor busy for a long time with it.
func scans(c *scim.Catalog, parts []part) bool {
	for i := range parts {
		q := &parts[i].query
		if q.Sort != nil || q.Where != nil && !lookUp(parts[i].kind == c.Group, q.Where) {
			return true
		}
	}
	return false
}

// lookUp reports whether every store has an index for e. It may answer no although one store has an index; the query then only waits
// longer.
func lookUp(group bool, e directory.Expr) bool {
	switch e := e.(type) {
	case directory.And:
		for _, term := range e {
			if lookUp(group, term) {
				return true
			}
		}
	case directory.Or:
		for _, term := range e {
			if !lookUp(group, term) {
				return false
			}
		}
		return len(e) > 0
	case directory.Compare:
		return e.Op == directory.Equal && e.Type == directory.Text && e.Path.Schema == "" && named(group, e.Path.Name)
	case directory.Any:
		inner, ok := e.Where.(directory.Compare)
		return ok && inner.Op == directory.Equal && inner.Path.Name == "value" && e.Path.Schema == "" && named(group, e.Path.Name)
	}
	return false
}

// named reports whether records are found by the value of an attribute.
func named(group bool, attribute string) bool {
	switch attribute {
	case "id", "externalId":
		return true
	case "userName", "emails", "groups":
		return !group
	case "displayName", "members":
		return group
	}
	return false
}
