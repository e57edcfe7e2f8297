package server

import (
	"slices"

	"drawbridge/directory"
	"drawbridge/scim"
)

// memberCost is about how much memory a member of a group takes until it is sent: in the list of members, and in the response, whose
// buffer grows by doubling.
const memberCost = 600

// scans reports whether a query makes the store read every record of a kind: it has an order, or a filter that no index answers.
// For a tenant with a hundred thousand people it keeps a processor busy for a long time.
func scans(c *scim.Catalog, parts []part) bool {
	for i := range parts {
		q := &parts[i].query
		if q.Sort != nil || q.Where != nil && !lookUp(indexOf(c, parts[i].kind), q.Where) {
			return true
		}
	}
	return false
}

// largePage is more resources than an identity provider asks for at a time.
const largePage = 200

// large reports whether a page of at most count resources may be so long that it keeps a processor busy: it may have many resources, or
// groups with many members.
func large(c *scim.Catalog, parts []part, count int) bool {
	if count > largePage {
		return true
	}
	for i := range parts {
		if parts[i].kind == c.Group && count > 0 && parts[i].view.Wants(c.Group, "members") {
			return true
		}
	}
	return false
}

// lookUp reports whether every store has an index for e. It may be false although one store has an index; the query then only waits longer.
func lookUp(index []string, e directory.Expr) bool {
	switch e := e.(type) {
	case directory.And:
		for _, term := range e {
			if lookUp(index, term) {
				return true
			}
		}
	case directory.Or:
		for _, term := range e {
			if !lookUp(index, term) {
				return false
			}
		}
		return len(e) > 0
	case directory.Compare:
		return e.Op == directory.Equal && e.Type == directory.Text && e.Path.Schema == "" && slices.Contains(index, e.Path.Name)
	case directory.Any:
		inner, ok := e.Where.(directory.Compare)
		return ok && inner.Op == directory.Equal && inner.Path.Name == "value" && e.Path.Schema == "" && slices.Contains(index, e.Path.Name)
	}
	return false
}

// indexOf names the attributes by whose values every store finds records of a type.
func indexOf(c *scim.Catalog, kind *scim.ResourceType) []string {
	if kind == c.Group {
		return []string{"id", "externalId", "displayName", "members"}
	}
	return []string{"id", "externalId", "userName", "emails", "groups"}
}
