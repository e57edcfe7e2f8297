package scim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"drawbridge/directory"
)

// AppendUser appends the user as JSON: the stored document with id, active, groups and meta. base is the absolute URL of the
// connection without a slash at its end. p is the projection that the client asked for, nil for the default. Without a
// projection of stored attributes no tree is built: the stored document is copied unchanged. An error means that
// the document is damaged.
func (t *ResourceType) AppendUser(b []byte, base string, u *directory.User, groups []directory.GroupRef, p *Projection) ([]byte, error) {
	head := header{base: base, id: u.ID, created: u.Created, modified: u.Modified, version: u.Version}
	document := u.Document
	if len(document) <= len("{}") {
		document = minimal(t, "userName", u.UserName, u.ExternalID)
	}
	if !p.splices(t) {
		return t.appendTree(b, head, document, p, func(out directory.Attributes, keep func(string) bool) directory.Attributes {
			if keep("active") {
				out = append(out, directory.Attribute{Name: "active", Value: u.Active()})
			}
			if keep("groups") && len(groups) > 0 {
				out = append(out, directory.Attribute{Name: "groups", Value: groupValues(base, groups)})
			}
			return out
		})
	}
	b = head.splice(b, document)
	if p.Wants(t, "active") {
		b = append(b, `,"active":`...)
		b = strconv.AppendBool(b, u.Active())
	}
	if len(groups) > 0 && p.Wants(t, "groups") {
		b = append(b, `,"groups":[`...)
		for i := range groups {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(groups[i].ID.AppendTo(append(b, `{"value":"`...)), `","$ref":`...)
			b = appendLocation(b, base, "/Groups", groups[i].ID)
			b = directory.AppendJSONString(append(b, `,"display":`...), groups[i].DisplayName)
			b = append(append(append(b, `,"type":"`...), directness(&groups[i])...), `"}`...)
		}
		b = append(b, ']')
	}
	return t.appendEnd(b, head, p), nil
}

// AppendGroup appends the group as JSON; see AppendUser. members are left out if there are none or if p excludes them.
func (t *ResourceType) AppendGroup(b []byte, base string, g *directory.Group, members []directory.Member, p *Projection) ([]byte, error) {
	head := header{base: base, id: g.ID, created: g.Created, modified: g.Modified, version: g.Version}
	document := g.Document
	if len(document) <= len("{}") {
		document = minimal(t, "displayName", g.DisplayName, g.ExternalID)
	}
	if !p.splices(t) {
		return t.appendTree(b, head, document, p, func(out directory.Attributes, keep func(string) bool) directory.Attributes {
			if keep("members") && len(members) > 0 {
				out = append(out, directory.Attribute{Name: "members", Value: memberValues(base, members)})
			}
			return out
		})
	}
	b = head.splice(b, document)
	if len(members) > 0 && p.Wants(t, "members") {
		b = append(b, `,"members":[`...)
		for i := range members {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendMember(b, base, &members[i])
		}
		b = append(b, ']')
	}
	return t.appendEnd(b, head, p), nil
}

// AppendResource appends a custom resource as JSON; see AppendUser.
func (t *ResourceType) AppendResource(b []byte, base string, x *directory.Resource, p *Projection) ([]byte, error) {
	head := header{base: base, id: x.ID, created: x.Created, modified: x.Modified, version: x.Version}
	document := x.Document
	if len(document) <= len("{}") {
		document = minimal(t, "externalId", x.ExternalID, "")
	}
	if !p.splices(t) {
		return t.appendTree(b, head, document, p, func(out directory.Attributes, _ func(string) bool) directory.Attributes { return out })
	}
	return t.appendEnd(head.splice(b, document), head, p), nil
}

// minimal is the document of a record that has none.
func minimal(t *ResourceType, attribute, value, externalID string) directory.Document {
	a := directory.Attributes{{Name: "schemas", Value: []any{t.Core.URN}}}
	if value != "" {
		a = append(a, directory.Attribute{Name: attribute, Value: value})
	}
	if externalID != "" {
		a = append(a, directory.Attribute{Name: "externalId", Value: externalID})
	}
	return a.Document()
}

// header is what every answer has in addition to the document.
type header struct {
	base              string // the absolute URL of the connection
	id                directory.ID
	created, modified time.Time
	version           uint64
}

// splice begins the object: id, then the stored attributes. The object stays open.
func (h *header) splice(b []byte, document directory.Document) []byte {
	b = append(h.id.AppendTo(append(b, `{"id":"`...)), `",`...)
	return append(b, document[1:len(document)-1]...)
}

func (t *ResourceType) appendEnd(b []byte, h header, p *Projection) []byte {
	if !p.Wants(t, "meta") {
		return append(b, '}')
	}
	b = append(append(append(b, `,"meta":{"resourceType":"`...), t.Name...), `","created":"`...)
	b = append(directory.AppendTime(b, h.created), `","lastModified":"`...)
	b = append(directory.AppendTime(b, h.modified), `","location":`...)
	b = append(appendLocation(b, h.base, t.Endpoint, h.id), `,"version":"W/\"`...)
	return append(strconv.AppendUint(b, h.version, 10), `\""}}`...)
}

// appendLocation appends the URL of a resource as a JSON string.
func appendLocation(b []byte, base, endpoint string, id directory.ID) []byte {
	b = directory.AppendJSONString(b, base)
	b = append(b[:len(b)-1], endpoint...)
	return append(id.AppendTo(append(b, '/')), '"')
}

func appendMember(b []byte, base string, m *directory.Member) []byte {
	b = append(m.ID.AppendTo(append(b, `{"value":"`...)), `","$ref":`...)
	b = appendLocation(b, base, endpointOf(m.Kind), m.ID)
	b = append(append(append(b, `,"type":"`...), kindOrUser(m.Kind)...), '"')
	if m.Display != "" {
		b = directory.AppendJSONString(append(b, `,"display":`...), m.Display)
	}
	return append(b, '}')
}

func endpointOf(kind directory.Kind) string {
	if kind == directory.GroupKind {
		return "/Groups"
	}
	return "/Users"
}

func kindOrUser(kind directory.Kind) directory.Kind {
	if kind == directory.GroupKind {
		return kind
	}
	return directory.UserKind
}

func directness(g *directory.GroupRef) string {
	if g.Indirect {
		return "indirect"
	}
	return "direct"
}

// Location is the URL of a resource: base, the endpoint of its type, its id.
func (t *ResourceType) Location(base string, id directory.ID) string {
	var text [64]byte
	return base + t.Endpoint + "/" + string(id.AppendTo(text[:0]))
}

func groupValues(base string, groups []directory.GroupRef) []any {
	out := make([]any, len(groups))
	for i := range groups {
		id := groups[i].ID.String()
		out[i] = directory.Attributes{
			{Name: "value", Value: id},
			{Name: "$ref", Value: base + "/Groups/" + id},
			{Name: "display", Value: groups[i].DisplayName},
			{Name: "type", Value: directness(&groups[i])},
		}
	}
	return out
}

func memberValues(base string, members []directory.Member) []any {
	out := make([]any, len(members))
	for i := range members {
		m := &members[i]
		id := m.ID.String()
		value := directory.Attributes{
			{Name: "value", Value: id},
			{Name: "$ref", Value: base + endpointOf(m.Kind) + "/" + id},
			{Name: "type", Value: string(kindOrUser(m.Kind))},
		}
		if m.Display != "" {
			value = append(value, directory.Attribute{Name: "display", Value: m.Display})
		}
		out[i] = value
	}
	return out
}

// appendTree is for projections: it parses the document, computed adds what is not stored, and p selects. schemas names what is really
// present (RFC 7643 §3).
func (t *ResourceType) appendTree(b []byte, h header, document directory.Document, p *Projection,
	computed func(out directory.Attributes, keep func(string) bool) directory.Attributes,
) ([]byte, error) {
	stored, err := document.Attributes()
	if err != nil {
		return b, fmt.Errorf("the stored %s is damaged: %w", t.Name, err)
	}
	whole := make(directory.Attributes, 0, len(stored)+4)
	whole = append(whole, directory.Attribute{Name: "schemas"}, directory.Attribute{Name: "id", Value: h.id.String()})
	for i := range stored {
		if name := stored[i].Name; name != "schemas" && name != "id" {
			whole = append(whole, stored[i])
		}
	}
	keep := func(name string) bool { return p.Wants(t, name) }
	whole = computed(whole, keep)
	if keep("meta") {
		whole = append(whole, directory.Attribute{Name: "meta", Value: directory.Attributes{
			{Name: "resourceType", Value: t.Name},
			{Name: "created", Value: directory.FormatTime(h.created)},
			{Name: "lastModified", Value: directory.FormatTime(h.modified)},
			{Name: "location", Value: t.Location(h.base, h.id)},
			{Name: "version", Value: ETag(h.version)},
		}})
	}
	return directory.AppendJSON(b, p.pick(t, whole)), nil
}

// ETag is the entity tag of a version: weak, since two representations of one version may differ in bytes.
func ETag(version uint64) string { return directory.VersionTag(version) }

// ParseETags reads the value of If-Match or If-None-Match (RFC 9110 §13.1): a list of tags, weak or strong, or "*". Tags that ETag did not
// make are skipped.
func ParseETags(header string) (versions []uint64, anyTag bool) {
	for rest := header; ; {
		rest = strings.TrimLeft(rest, " \t,")
		if rest == "" {
			return versions, anyTag
		}
		if rest[0] == '*' {
			anyTag, rest = true, rest[1:]
			continue
		}
		rest = strings.TrimPrefix(rest, "W/")
		if !strings.HasPrefix(rest, `"`) { // no tag: continue after the next comma
			comma := strings.IndexByte(rest, ',')
			if comma < 0 {
				return versions, anyTag
			}
			rest = rest[comma:]
			continue
		}
		tag, after, closed := strings.Cut(rest[1:], `"`)
		if !closed {
			return versions, anyTag
		}
		if version, err := strconv.ParseUint(tag, 10, 64); err == nil && strconv.FormatUint(version, 10) == tag {
			versions = append(versions, version)
		}
		rest = after
	}
}
