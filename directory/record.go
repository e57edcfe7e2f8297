package directory

import (
	"slices"
	"strconv"
	"time"
)

// AppendTime appends a time in the form of answers: xsd:dateTime in UTC, whole milliseconds (RFC 7643 §2.3.5). Package time writes RFC 3339
// without a fraction several times as fast as any other form, and a page of users has hundreds of times.
func AppendTime(b []byte, t time.Time) []byte {
	b = t.UTC().AppendFormat(b, time.RFC3339)
	b[len(b)-1] = '.' // was the Z
	ms := t.Nanosecond() / int(time.Millisecond)
	return append(b, byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

// FormatTime is what AppendTime appends.
func FormatTime(t time.Time) string { return string(AppendTime(nil, t)) }

// OwnSchema has the fields of a record that SCIM does not know, such as the state of a user. SCIM filters cannot use it, because it is not
// in a schema.
const OwnSchema = "drawbridge"

// UserRecord shows u to an Expr. Groups, if set, gives the value of the attribute groups when it is asked for.
type UserRecord struct {
	User   *User
	Groups func() []any
}

// Attribute gives an attribute of the user; it decodes only this part of the stored document.
func (r UserRecord) Attribute(schema, name string) any {
	u := r.User
	if schema == OwnSchema {
		return r.own(name)
	}
	if value, ok := r.sent(schema, name); ok {
		return value
	}
	if schema == "" {
		switch name {
		case "id":
			return u.ID.String()
		case "userName":
			return u.UserName
		case "externalId":
			return text(u.ExternalID)
		case "active":
			return u.Active()
		case "meta":
			return meta(string(UserKind), u.Created, u.Modified, u.Version)
		case "groups":
			if r.Groups == nil {
				return nil
			}
			return r.Groups()
		}
	}
	return documentAttribute(u.Document, schema, name)
}

// own gives the fields of the user that SCIM does not know.
func (r UserRecord) own(name string) any {
	u := r.User
	switch name {
	case "state":
		return u.State.String()
	case "type":
		return u.Type.String()
	case "connection":
		return text(string(u.Connection))
	case "statement":
		return text(string(u.Statement))
	case "suspension":
		if u.Suspension != nil {
			return text(string(u.Suspension.Mode))
		}
	case "displayName":
		return text(u.DisplayName())
	}
	return nil
}

// GroupRecord shows g to an Expr. Members, if set, gives the value of the attribute members when it is asked for.
type GroupRecord struct {
	Group   *Group
	Members func() []any
}

// Attribute gives an attribute of the group.
func (r GroupRecord) Attribute(schema, name string) any {
	g := r.Group
	if schema == OwnSchema {
		return r.own(name)
	}
	if schema == "" {
		switch name {
		case "id":
			return g.ID.String()
		case "displayName":
			return g.DisplayName
		case "externalId":
			return text(g.ExternalID)
		case "meta":
			return meta(string(GroupKind), g.Created, g.Modified, g.Version)
		case "members":
			if r.Members == nil {
				return nil
			}
			return r.Members()
		}
	}
	return documentAttribute(g.Document, schema, name)
}

// own gives what SCIM does not know about the group: builtIn orders the built-in groups before the others, and these by their names.
func (r GroupRecord) own(name string) any {
	if name != "builtIn" {
		return nil
	}
	all := BuiltIns()
	if i := slices.Index(all, r.Group.BuiltIn); i >= 0 {
		return strconv.Itoa(i)
	}
	return strconv.Itoa(len(all)) + r.Group.DisplayName
}

// ResourceRecord shows a custom resource to an Expr.
type ResourceRecord struct{ Resource *Resource }

// Attribute gives an attribute of the resource.
func (r ResourceRecord) Attribute(schema, name string) any {
	if schema == "" {
		switch name {
		case "id":
			return r.Resource.ID.String()
		case "externalId":
			return text(r.Resource.ExternalID)
		case "meta":
			return meta(string(r.Resource.Kind), r.Resource.Created, r.Resource.Modified, r.Resource.Version)
		}
	}
	return documentAttribute(r.Resource.Document, schema, name)
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// VersionTag writes a version as the entity tag that meta.version and the ETag header have (RFC 7643 §3.1).
func VersionTag(version uint64) string { return `W/"` + strconv.FormatUint(version, 10) + `"` }

// meta is the attribute meta of a record. It has no location, because that begins with the URL of the request.
func meta(resourceType string, created, modified time.Time, version uint64) Attributes {
	return Attributes{
		{"resourceType", resourceType},
		{"created", FormatTime(created)},
		{"lastModified", FormatTime(modified)},
		{"version", VersionTag(version)},
	}
}

func documentAttribute(d Document, schema, name string) any {
	if schema == "" {
		return d.Value(name)
	}
	raw := d.Raw(schema)
	if raw == nil {
		return nil
	}
	return Document(raw).Value(name)
}
