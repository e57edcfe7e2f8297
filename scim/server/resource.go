package server

import (
	"net/http"

	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/patch"
)

// collection has the parts that differ between types of resource: the verbs of the bridge, and how records are encoded. Everything else
// about a request is the same for users, groups and custom resources.
type collection interface {
	create(c *call, p directory.Principal, w write) (record, error)
	get(c *call, p directory.Principal, id directory.ID, view *scim.Projection) (record, error)
	edit(c *call, p directory.Principal, id directory.ID, edit edit) (record, error)
	remove(c *call, p directory.Principal, id directory.ID) error
	// list puts the records that match q into the page. It must not write to the network, because a transaction is open.
	list(c *call, p directory.Principal, of *part, out *page) (directory.Page, error)
}

// write is what a resource becomes.
type write struct {
	resource scim.Resource
	members  []directory.MemberEdit // of a group
	quirks   *scim.Quirks
}

// edit gives the new form of a resource. It may run more than once, and not on the goroutine of the request. before decodes the stored
// form; a PUT that does not need it does not call it.
type edit func(before func() (scim.Resource, error)) (write, error)

// record is a stored resource that a verb of the bridge has returned.
type record interface {
	id() directory.ID
	version() uint64
	// deviations are leniencies that were found while the verb decided.
	deviations() []string
	// append encodes the record for an answer.
	append(c *call, b []byte, p directory.Principal, view *scim.Projection) ([]byte, error)
}

// collection is the collection of a resource type.
func (s *server) collection(c *scim.Catalog, t *scim.ResourceType) collection {
	switch t {
	case c.User:
		return users{s}
	case c.Group:
		return groups{s}
	}
	return custom{s}
}

// create is POST.
func (s *server) create(c *call, p directory.Principal) (reply, error) {
	view, err := c.projection(c.kind)
	if err != nil {
		return reply{}, err
	}
	r, members, err := c.decode()
	if err != nil {
		return reply{}, err
	}
	w := write{resource: r, quirks: &c.quirks}
	if members != nil && len(*members) > 0 {
		w.members = []directory.MemberEdit{{Op: directory.AddMembers, Members: *members}}
	}
	got, err := s.collection(c.catalog, c.kind).create(c, p, w)
	if err != nil {
		return reply{}, err
	}
	return c.replyWith(http.StatusCreated, p, got, view)
}

// get is GET of one resource.
func (s *server) get(c *call, p directory.Principal) (reply, error) {
	view, err := c.projection(c.kind)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	got, err := s.collection(c.catalog, c.kind).get(c, p, id, view)
	if err != nil {
		return reply{}, err
	}
	if err := c.current(got.version()); err != nil {
		return reply{}, err
	}
	if c.unmodified(got.version()) {
		return reply{status: http.StatusNotModified, version: got.version()}, nil
	}
	return c.replyWith(http.StatusOK, p, got, view)
}

// replace is PUT. Attributes that the body leaves out are cleared (RFC 7644 §3.5.1), except active: a client that does not state it must
// not reactivate a user (quirk 39).
func (s *server) replace(c *call, p directory.Principal) (reply, error) {
	view, err := c.projection(c.kind)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	r, members, err := c.decode()
	if err != nil {
		return reply{}, err
	}
	w := write{resource: r, members: c.replaceMembers(members), quirks: &c.quirks}
	p.Method, p.Target = directory.VerbPut, id
	got, err := s.collection(c.catalog, c.kind).edit(c, p, id, func(before func() (scim.Resource, error)) (write, error) {
		if !c.kind.HasImmutable() {
			return w, nil
		}
		old, err := before()
		if err != nil {
			return write{}, err
		}
		q := copyQuirks(&c.quirks)
		over, err := r.Over(old)
		return write{resource: over, members: w.members, quirks: &q}, err
	})
	if err != nil {
		return reply{}, err
	}
	return c.replyWith(http.StatusOK, p, got, view)
}

// replaceMembers is what a PUT does to the members of a group. RFC 7644 §3.5.1 lets a server clear what the body leaves out.
// Some of the named identity providers send groups without "members" and would empty every group, so for them a missing
// "members" leaves the membership as it is (quirk 52). A generic client gets what the RFC says.
func (c *call) replaceMembers(members *[]directory.MemberRef) []directory.MemberEdit {
	switch {
	case c.kind != c.catalog.Group:
		return nil
	case members != nil:
		return []directory.MemberEdit{{Op: directory.ReplaceMembers, Members: *members}}
	case c.profile.Type == directory.Generic:
		return []directory.MemberEdit{{Op: directory.ReplaceMembers}}
	}
	c.quirks.Add(quirkMembersKept)
	return nil
}

// patch is PATCH.
func (s *server) patch(c *call, p directory.Principal) (reply, error) {
	view, err := c.projection(c.kind)
	if err != nil {
		return reply{}, err
	}
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	options := patch.Options{UnknownPaths: c.profile.UnknownPaths, MaxOperations: s.limits.PatchOperations}
	steps, err := patch.Parse(c.kind, c.body, options, &c.quirks)
	if err != nil {
		return reply{}, err
	}
	var noted scim.Quirks
	p.Method, p.Target = directory.VerbPatch, id
	got, err := s.collection(c.catalog, c.kind).edit(c, p, id, func(before func() (scim.Resource, error)) (write, error) {
		q := copyQuirks(&c.quirks)
		r, err := before()
		if err != nil {
			return write{}, err
		}
		if r, err = steps.Apply(r, &q); err != nil {
			return write{}, err
		}
		noted = q
		return write{resource: r, members: steps.Members(), quirks: &q}, nil
	})
	if err != nil {
		return reply{}, err
	}
	c.quirks = noted
	if c.patchReply() == directory.ReplyNoContent && !c.params.projected() {
		c.noteDeviations(got)
		return reply{status: http.StatusNoContent, location: c.location(c.kind, id), version: got.version()}, nil
	}
	return c.replyWith(http.StatusOK, p, got, view)
}

// patchReply is the answer to a successful PATCH on this connection.
func (c *call) patchReply() directory.PatchReply {
	switch c.kind {
	case c.catalog.User:
		return c.profile.UserPatch
	case c.catalog.Group:
		return c.profile.GroupPatch
	}
	return directory.ReplyResource
}

// remove is DELETE.
func (s *server) remove(c *call, p directory.Principal) (reply, error) {
	id, err := c.target()
	if err != nil {
		return reply{}, err
	}
	p.Method, p.Target = directory.VerbDelete, id
	if err := s.collection(c.catalog, c.kind).remove(c, p, id); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

// decode reads the body of a POST or PUT.
func (c *call) decode() (scim.Resource, *[]directory.MemberRef, error) {
	options := scim.DecodeOptions{
		Paths:             patch.Keys,
		UserNameFromEmail: c.profile.UserNameFromEmail && c.kind == c.catalog.User,
	}
	return c.kind.Decode(c.body, options, &c.quirks)
}

// noteDeviations adds the leniencies of a verb to those of the request.
func (c *call) noteDeviations(r record) {
	for _, name := range r.deviations() {
		c.quirks.Add(scim.Quirk(name))
	}
}

// replyWith answers with a record.
func (c *call) replyWith(status int, p directory.Principal, r record, view *scim.Projection) (reply, error) {
	c.noteDeviations(r)
	b := c.server.buffer()
	var err error
	if b.b, err = r.append(c, b.b, p, view); err != nil {
		c.server.release(b)
		return reply{}, err
	}
	return reply{status: status, body: b, location: c.location(c.kind, r.id()), version: r.version()}, nil
}

// copyQuirks is for edits: they may run more than once, and on another goroutine, so they note in a copy.
func copyQuirks(from *scim.Quirks) scim.Quirks {
	var q scim.Quirks
	for _, name := range from.Names() {
		q.Add(name)
	}
	return q
}
