package emulator

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Person is a person in the directory of an IdP.
type Person struct {
	Key        string // names the person in a conversation: ${Key} is the id from the server
	UserName   string
	ExternalID string // the IdP's own name for the person
	Given      string
	Family     string
	Title      string
	Department string
	Mobile     string
	UserType   string // "": not sent
	Manager    string // the Key of another Person; "": none
}

// Name is how people write the person.
func (p Person) Name() string { return p.Given + " " + p.Family }

// id is the variable that holds the id of the person.
func (p Person) id() string { return "${" + p.Key + "}" }

// ref is id as JSON.
func (p Person) ref() string { return js(p.id()) }

// Group is a group in the directory of an IdP.
type Group struct {
	Key        string
	Name       string
	ExternalID string
	Members    []Person // as the server has them before the step
}

func (g Group) id() string { return "${" + g.Key + "}" }

func (g Group) ref() string { return js(g.id()) }

// With is g with more members.
func (g Group) With(more ...Person) Group {
	g.Members = slices.Clone(g.Members)
	for _, p := range more {
		if !g.has(p) {
			g.Members = append(g.Members, p)
		}
	}
	return g
}

// Without is g without some members.
func (g Group) Without(gone ...Person) Group {
	g.Members = slices.DeleteFunc(slices.Clone(g.Members), func(p Person) bool {
		return slices.ContainsFunc(gone, func(x Person) bool { return x.Key == p.Key })
	})
	return g
}

// Named is g under another name.
func (g Group) Named(name string) Group {
	g.Name = name
	return g
}

func (g Group) has(p Person) bool {
	return slices.ContainsFunc(g.Members, func(x Person) bool { return x.Key == p.Key })
}

// js writes a string as JSON.
func js(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

// list writes one JSON value per person, as an array.
func list(people []Person, one func(Person) string) string {
	values := make([]string, len(people))
	for i, p := range people {
		values[i] = one(p)
	}
	return "[" + strings.Join(values, ", ") + "]"
}

// members is the pattern of a group's members: these, in any order.
func members(people []Person) string {
	return list(people, func(p Person) string { return `{"value": "` + p.id() + `"}` })
}

// plusQuery escapes a filter like an HTML form: + for a space (Entra, OneLogin).
func plusQuery(text string) string { return strings.ReplaceAll(percentQuery(text), "%20", "+") }

// percentQuery escapes a filter with %20 for a space (Okta, Ping).
func percentQuery(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-_.~", c) >= 0:
			b.WriteByte(c)
		case c == '$' && strings.HasPrefix(text[i:], "${"), c == '{' && i > 0 && text[i-1] == '$', c == '}' && strings.Contains(text[:i], "${"):
			b.WriteByte(c) // a variable, filled in later
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
