package txn

import (
	"strconv"
	"strings"
	"time"

	"drawbridge/directory"
)

// cause is the cause of the events of a transaction of p: the request, or the run of the job. A job has one name for all its
// runs, so the time of the transaction tells them apart.
func cause(p directory.Principal, now time.Time) string {
	if p.Request != "" && p.Actor.Kind != directory.BySystem {
		return p.Request
	}
	return strings.TrimPrefix(p.Request+"-"+now.Format("20060102T150405.000000Z"), "-")
}

// verb is what an event of the kind does to the subject. The method of an identity provider's request applies to the record that it names,
// and not to other records that the request changes.
func (t *Tx) verb(kind directory.EventKind, subject directory.Subject) directory.Verb {
	verb := kind.Verb()
	if t.Principal.Method == "" || verb == directory.VerbNone || verb == directory.VerbCreate {
		return verb
	}
	if id, ok := directory.ParseID(subject.ID); ok && id == t.Principal.Target {
		return t.Principal.Method
	}
	return verb
}

// stampVersions writes into each event the ETag that its subject has after the Change.
func (t *Tx) stampVersions() {
	c := &t.Change
	if len(c.Events) == 0 {
		return
	}
	versions := make(map[directory.ID]uint64, len(c.Users)+len(c.Groups)+len(c.Resources))
	for i := range c.Users {
		versions[c.Users[i].ID] = c.Users[i].Version
	}
	for i := range c.Groups {
		versions[c.Groups[i].ID] = c.Groups[i].Version
	}
	for i := range c.Resources {
		versions[c.Resources[i].ID] = c.Resources[i].Version
	}
	for i := range c.Events {
		e := &c.Events[i]
		if id, ok := directory.ParseID(e.Subject.ID); ok {
			if version, ok := versions[id]; ok {
				e.Version = directory.VersionTag(version)
				continue
			}
		}
		if version, ok := versionIn(c, e.Subject); ok {
			e.Version = strconv.Quote(strconv.FormatUint(version, 10))
		}
	}
}

// versionIn is the version that a tenant, a connection or an operator has after the Change.
func versionIn(c *directory.Change, subject directory.Subject) (uint64, bool) {
	switch subject.Kind {
	case "tenant":
		if c.Tenant != nil {
			return c.Tenant.Version, true
		}
	case "connection":
		for i := range c.Connections {
			if string(c.Connections[i].ID) == subject.ID {
				return c.Connections[i].Version, true
			}
		}
	case "operator":
		for i := range c.Operators {
			if c.Operators[i].ID.String() == subject.ID {
				return c.Operators[i].Version, true
			}
		}
	}
	return 0, false
}
