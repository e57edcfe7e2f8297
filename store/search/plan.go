package search

import (
	"slices"

	"drawbridge/directory"
)

// Index is one way to find records by a value.
type Index int

// The indexes. The smaller the number, the fewer records a value of it names.
const (
	ByID Index = iota + 1
	ByName
	ByUnique
	ByExternalID
	ByEmail
	ByMember // users of a group and of those below it, groups of a member
)

// LookUp names the records with a value in an index.
type LookUp struct {
	Index Index
	Value string // as a client wrote it; of ByUnique the UniqueKey
}

// Plan gives look-ups that together name every record of a kind that can meet the condition of q. ok is false if no indexes do, so that
// every record must be read. unique are the attributes of the tenant's own schemas that have an index.
func Plan(kind directory.Kind, unique []directory.UniqueAttribute, q *directory.Query) (lookUps []LookUp, ok bool) {
	p := planner{kind: kind}
	if !q.Gone { // users who are Gone are in no index of unique values
		p.unique, p.sent = unique, kind == directory.UserKind
	}
	found := p.plan(q.Where)
	return found, found != nil
}

type planner struct {
	kind   directory.Kind
	unique []directory.UniqueAttribute
	sent   bool // the userName that a connection sent has an index
}

// plan gives nil if no indexes answer.
func (p *planner) plan(e directory.Expr) []LookUp {
	switch e := e.(type) {
	case directory.And: // the best of its terms
		var best []LookUp
		for _, term := range e {
			if found := p.plan(term); found != nil && (best == nil || worst(found) < worst(best)) {
				best = found
			}
		}
		return best
	case directory.Or: // all of its terms, or none
		var all []LookUp
		for _, term := range e {
			found := p.plan(term)
			if found == nil {
				return nil
			}
			all = append(all, found...)
		}
		return all
	case directory.Compare:
		return p.compare(&e)
	case directory.Any:
		if inner, ok := equalValue(e); ok {
			return p.compare(&inner)
		}
	}
	return nil
}

func worst(lookUps []LookUp) Index {
	return slices.MaxFunc(lookUps, func(a, b LookUp) int { return int(a.Index) - int(b.Index) }).Index
}

// equalValue gives the term in emails[value eq "x" and …] that an index can answer.
func equalValue(e directory.Any) (directory.Compare, bool) {
	switch where := e.Where.(type) {
	case directory.Compare:
		if where.Path.Name == "value" && where.Path.Sub == "" && where.Path.Schema == "" && e.Path.Sub == "" {
			where.Path = directory.Path{Schema: e.Path.Schema, Name: e.Path.Name, Sub: "value"}
			return where, where.Op == directory.Equal
		}
	case directory.And:
		for _, term := range where {
			if inner, ok := equalValue(directory.Any{Path: e.Path, Where: term}); ok {
				return inner, true
			}
		}
	}
	return directory.Compare{}, false
}

func (p *planner) compare(c *directory.Compare) []LookUp {
	value, ok := c.Value.(string)
	if !ok || c.Op != directory.Equal || c.Type != directory.Text {
		return nil
	}
	if key, ok := directory.SentKey(c.Path, c.Value); ok && p.sent {
		return []LookUp{{ByUnique, string(key)}}
	}
	for i := range p.unique {
		if a := &p.unique[i]; a.Path == c.Path && a.CaseExact == c.CaseExact && a.Type == c.Type {
			if key := a.Key(c.Value); key != "" {
				return []LookUp{{ByUnique, string(key)}}
			}
		}
	}
	if index := p.index(c, value); index != 0 {
		return []LookUp{{index, value}}
	}
	return nil
}

// index gives the index of an attribute; 0 if it has none.
func (p *planner) index(c *directory.Compare, value string) Index {
	if c.Path.Schema != "" {
		return 0
	}
	whole := c.Path.Sub == ""
	ofValue := whole || c.Path.Sub == "value"
	switch name := c.Path.Name; {
	case name == "id" && whole:
		return ByID
	case name == "externalId" && whole && c.CaseExact && value != "":
		return ByExternalID
	case p.kind == directory.UserKind && name == "userName" && whole,
		p.kind == directory.GroupKind && name == "displayName" && whole:
		return ByName
	case p.kind == directory.UserKind && name == "emails" && ofValue:
		return ByEmail
	case p.kind == directory.UserKind && name == "groups" && ofValue,
		p.kind == directory.GroupKind && name == "members" && ofValue:
		return ByMember
	}
	return 0
}

// Mentions reports whether e uses an attribute, so that a costly attribute is computed only if needed.
func Mentions(e directory.Expr, name string) bool {
	switch e := e.(type) {
	case directory.And:
		return slices.ContainsFunc(e, func(term directory.Expr) bool { return Mentions(term, name) })
	case directory.Or:
		return slices.ContainsFunc(e, func(term directory.Expr) bool { return Mentions(term, name) })
	case directory.Not:
		return Mentions(e.Expr, name)
	case directory.Compare:
		return e.Path.Name == name
	case directory.Present:
		return e.Path.Name == name
	case directory.Any:
		return e.Path.Name == name
	}
	return false
}
