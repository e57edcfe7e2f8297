package record

import (
	"errors"

	"drawbridge/directory"
)

// The first byte of users, groups and resources: what a list needs of a record that it does not return.
const (
	FlagGone    = 1 << 0
	FlagBuiltIn = 1 << 1
	flagUnique  = 1 << 2 // unique keys follow the flags; a record without any is written as by older releases
	flagSent    = 1 << 3 // what the connection sent follows the other fields of a user
)

func appendFlags(b []byte, flags byte, unique []directory.UniqueKey) []byte {
	if len(unique) == 0 {
		return append(b, flags)
	}
	return appendTexts(append(b, flags|flagUnique), unique)
}

func (d *Reader) flags() (unique []directory.UniqueKey, flags byte) {
	flags = d.Byte()
	if flags&flagUnique == 0 {
		return nil, flags
	}
	return texts[directory.UniqueKey](d, nil), flags
}

// AppendUser adds the fields of a user.
func AppendUser(b []byte, u *directory.User) []byte {
	flags := byte(0)
	if u.Gone() {
		flags = FlagGone
	}
	if u.Sent != nil {
		flags |= flagSent
	}
	b = appendFlags(b, flags, u.Unique)
	b = AppendUint(b, u.Version)
	b = appendTime(b, u.Created)
	b = appendTime(b, u.Modified)
	b = AppendText(b, u.UserName)
	b = AppendText(b, u.ExternalID)
	b = appendTexts(b, u.Emails)
	b = append(b, byte(u.Type), byte(u.State))
	b = AppendText(b, u.Connection)
	b = AppendText(b, u.Statement)
	b = appendTime(b, u.StatedAt)
	b = appendTime(b, u.AcceptedAt)
	if u.Suspension == nil {
		b = append(b, 0)
	} else {
		b = appendTime(append(b, 1), u.Suspension.At)
		b = appendActor(b, u.Suspension.By)
		b = AppendText(b, u.Suspension.Mode)
		b = AppendText(b, u.Suspension.Reason)
	}
	if u.Sent != nil {
		b = AppendText(b, u.Sent)
	}
	return b
}

// ReadUser reads the fields of a user into u, except its ID and its Document.
func (d *Reader) ReadUser(u *directory.User) error {
	u.Emails, u.Suspension = nil, nil
	return d.ReadUserAgain(u)
}

// ReadUserAgain is ReadUser that writes into the memory of u.Emails and u.Suspension, for callers that no longer need u.
func (d *Reader) ReadUserAgain(u *directory.User) error {
	emails, suspension := u.Emails[:0], u.Suspension
	*u = directory.User{ID: u.ID, Document: u.Document}
	var flags byte
	u.Unique, flags = d.flags()
	u.Version = d.Uint()
	u.Created = d.time()
	u.Modified = d.time()
	u.UserName = d.Text()
	u.ExternalID = d.Text()
	u.Emails = texts(d, emails)
	u.Type = directory.UserType(d.Byte())
	u.State = directory.State(d.Byte())
	u.Connection = directory.ConnectionID(d.Text())
	u.Statement = directory.Statement(d.Text())
	u.StatedAt = d.time()
	u.AcceptedAt = d.time()
	if d.Byte() == 1 {
		if suspension == nil {
			suspension = &directory.Suspension{}
		}
		*suspension = directory.Suspension{At: d.time(), By: d.actor(), Mode: directory.SuspensionMode(d.Text()), Reason: d.Text()}
		u.Suspension = suspension
	}
	if flags&flagSent != 0 {
		u.Sent = directory.Document(d.Text())
	}
	if u.Type >= directory.UserTypes || u.State >= directory.States {
		return errors.New("it has an unknown type or state")
	}
	return d.End()
}

// AppendGroup adds the fields of a group.
func AppendGroup(b []byte, g *directory.Group) []byte {
	flags := byte(0)
	if g.BuiltIn != "" {
		flags = FlagBuiltIn
	}
	b = appendFlags(b, flags, g.Unique)
	b = AppendUint(b, g.Version)
	b = appendTime(b, g.Created)
	b = appendTime(b, g.Modified)
	b = AppendText(b, g.DisplayName)
	b = AppendText(b, g.ExternalID)
	b = AppendText(b, g.Connection)
	b = AppendText(b, g.BuiltIn)
	return AppendUint(b, uint64(g.Members))
}

// ReadGroup reads the fields of a group into g, except its ID and its Document.
func (d *Reader) ReadGroup(g *directory.Group) error {
	*g = directory.Group{ID: g.ID, Document: g.Document}
	g.Unique, _ = d.flags()
	g.Version = d.Uint()
	g.Created = d.time()
	g.Modified = d.time()
	g.DisplayName = d.Text()
	g.ExternalID = d.Text()
	g.Connection = directory.ConnectionID(d.Text())
	g.BuiltIn = directory.BuiltIn(d.Text())
	g.Members = int(d.Uint())
	return d.End()
}

// AppendResource adds the fields of a resource.
func AppendResource(b []byte, v *directory.Resource) []byte {
	b = appendFlags(b, 0, v.Unique)
	b = AppendText(b, v.Kind)
	b = AppendUint(b, v.Version)
	b = appendTime(b, v.Created)
	b = appendTime(b, v.Modified)
	b = AppendText(b, v.ExternalID)
	return AppendText(b, v.Connection)
}

// ReadResource reads the fields of a resource into v, except its ID and its Document.
func (d *Reader) ReadResource(v *directory.Resource) error {
	*v = directory.Resource{ID: v.ID, Document: v.Document}
	v.Unique, _ = d.flags()
	v.Kind = directory.Kind(d.Text())
	v.Version = d.Uint()
	v.Created = d.time()
	v.Modified = d.time()
	v.ExternalID = d.Text()
	v.Connection = directory.ConnectionID(d.Text())
	return d.End()
}
