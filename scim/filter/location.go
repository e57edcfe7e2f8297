package filter

import (
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
)

// Locate replaces conditions on URLs by conditions on IDs: on meta.location, and on the $ref of a user's groups and a group's members. No
// store keeps these URLs, because they begin with base, the URL that the client used. Conditions on meta.resourceType, which either all
// resources of t meet or none, are decided here: see Never. e is a filter that was parsed for t.
func Locate(e directory.Expr, t *scim.ResourceType, base string) directory.Expr {
	l := locator{base: base, endpoint: t.Endpoint, name: t.Name}
	switch t.Kind() {
	case directory.UserKind:
		l.references = "groups"
	case directory.GroupKind:
		l.references = "members"
	}
	return l.expr(e)
}

// locator knows where the URLs of resources begin.
type locator struct {
	base, endpoint, name string
	references           string // the attribute with elements that have a derived $ref; "": none
	element              bool   // inside of references[...]
}

func (l locator) expr(given directory.Expr) directory.Expr {
	switch e := given.(type) {
	case directory.And:
		return directory.And(l.all(e))
	case directory.Or:
		return directory.Or(l.all(e))
	case directory.Not:
		return directory.Not{Expr: l.expr(e.Expr)}
	case directory.Present:
		e.Path = l.assigned(e.Path)
		return e
	case directory.Compare:
		if e.Path == (directory.Path{Name: "meta", Sub: "resourceType"}) {
			e.Path = directory.Path{Name: "value"}
			if directory.Match(e, directory.Element{Value: l.name}) {
				return directory.And{}
			}
			return directory.Or{}
		}
		if path := l.assigned(e.Path); path != e.Path {
			return l.compare(e, path)
		}
	case directory.Any:
		switch {
		case e.Path.Schema != "":
		case e.Path.Name == "meta":
			return l.expr(lift(e.Where, "meta"))
		case e.Path.Name == l.references:
			l.element = true
			e.Where = l.expr(e.Where)
			return e
		}
	}
	return given
}

func (l locator) all(list []directory.Expr) []directory.Expr {
	out := make([]directory.Expr, len(list))
	for i := range list {
		out[i] = l.expr(list[i])
	}
	return out
}

// lift moves conditions on the value of a singular attribute out of the brackets.
func lift(e directory.Expr, name string) directory.Expr {
	outside := func(p directory.Path) directory.Path { return directory.Path{Name: name, Sub: p.Name} }
	lifted := func(list []directory.Expr) []directory.Expr {
		out := make([]directory.Expr, len(list))
		for i := range list {
			out[i] = lift(list[i], name)
		}
		return out
	}
	switch e := e.(type) {
	case directory.And:
		return directory.And(lifted(e))
	case directory.Or:
		return directory.Or(lifted(e))
	case directory.Not:
		return directory.Not{Expr: lift(e.Expr, name)}
	case directory.Present:
		e.Path = outside(e.Path)
		return e
	case directory.Compare:
		e.Path = outside(e.Path)
		return e
	}
	return e
}

// assigned is the path of the ID in the URL at p, which is assigned exactly if the URL is. It is p itself if p is not one of our URLs.
func (l locator) assigned(p directory.Path) directory.Path {
	switch p {
	case directory.Path{Name: "meta", Sub: "location"}:
		return directory.Path{Name: "id"}
	case directory.Path{Name: l.references, Sub: "$ref"}:
		return directory.Path{Name: l.references, Sub: "value"}
	case directory.Path{Name: "$ref"}:
		if l.element {
			return directory.Path{Name: "value"}
		}
	}
	return p
}

// compare turns the condition c on a URL into one on the ID at path.
func (l locator) compare(c directory.Compare, path directory.Path) directory.Expr {
	url, text := c.Value.(string)
	switch {
	case !text: // null
		c.Path = path
		return c
	case path.Name == "id":
		return link(c, path, l.base+l.endpoint+"/", url)
	case l.element:
		return l.reference(c, url)
	}
	// One element has such a $ref. A record without elements also matches ne.
	one := directory.Any{Path: directory.Path{Name: l.references}, Where: l.reference(c, url)}
	if c.Op == directory.NotEqual {
		return directory.Or{directory.Not{Expr: directory.Present{Path: path}}, one}
	}
	return one
}

// reference is a condition on the $ref of one element.
func (l locator) reference(c directory.Compare, url string) directory.Expr {
	value := directory.Path{Name: "value"}
	if l.references == "groups" {
		return link(c, value, l.base+"/Groups/", url)
	}
	is := func(kind directory.Kind, endpoint string) directory.Expr {
		kinds := directory.Compare{Path: directory.Path{Name: "type"}, Op: directory.Equal, CaseExact: true, Value: string(kind)}
		return directory.And{kinds, link(c, value, l.base+endpoint, url)}
	}
	return directory.Or{is(directory.UserKind, "/Users/"), is(directory.GroupKind, "/Groups/")}
}

// link is a condition on the URL that consists of prefix, which ends with a slash, and the ID under path, which has none.
func link(c directory.Compare, path directory.Path, prefix, url string) directory.Expr {
	none, every := directory.Or{}, directory.And{}
	id := func(op directory.Op, text string) directory.Expr {
		return directory.Compare{Path: path, Op: op, CaseExact: true, Value: text}
	}
	rest, within := strings.CutPrefix(url, prefix)
	slash := strings.LastIndexByte(url, '/') + 1
	straddles := strings.HasSuffix(prefix, url[:slash])
	always := false
	switch c.Op {
	case directory.StartsWith:
		always = strings.HasPrefix(prefix, url)
	case directory.Contains:
		if always = strings.Contains(prefix, url); !always && slash == 0 {
			return id(c.Op, url)
		}
		if !always && straddles {
			return id(directory.StartsWith, url[slash:])
		}
		within = false
	case directory.EndsWith:
		if slash == 0 {
			return id(c.Op, url)
		}
		if straddles {
			return id(directory.Equal, url[slash:])
		}
		within = false
	case directory.NotEqual:
		always = !within
	case directory.Greater, directory.GreaterOrEqual:
		always = !within && prefix > url
	case directory.Less, directory.LessOrEqual:
		always = !within && prefix < url
	case directory.Equal:
	}
	switch {
	case always:
		return every
	case within:
		return id(c.Op, rest)
	}
	return none
}

// Never reports whether the form of e shows that no resource matches it.
func Never(e directory.Expr) bool {
	met, known := decide(e)
	return known && !met
}

// decide tells whether every resource or no resource matches e, if its form shows that.
func decide(e directory.Expr) (met, known bool) {
	switch e := e.(type) {
	case directory.And:
		return decideAll(e, conjunction)
	case directory.Or:
		return decideAll(e, disjunction)
	case directory.Not:
		met, known = decide(e.Expr)
		return !met, known
	}
	return false, false
}

// connective is what joins terms.
type connective int

const (
	conjunction connective = iota // and
	disjunction                   // or
)

// decideAll is decide for several terms. A term that is always true does not decide a conjunction, and one that is always false does not
// decide a disjunction.
func decideAll(terms []directory.Expr, joined connective) (met, known bool) {
	neutral := joined == conjunction
	known = true
	for _, term := range terms {
		switch termMet, termKnown := decide(term); {
		case !termKnown:
			known = false
		case termMet != neutral:
			return termMet, true
		}
	}
	return neutral, known
}
