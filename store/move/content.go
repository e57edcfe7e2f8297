package move

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"strings"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/record"
)

// Content describes the records of a tenant: a count and a digest of each kind.
type Content struct{ Parts []Part }

// Part is one kind of thing.
type Part struct {
	Name   string
	Number int
	Digest [sha256.Size]byte
}

// Differs describes the first difference of two contents; "" if they are the same.
func (c Content) Differs(other Content) string {
	for i := range c.Parts {
		a, b := &c.Parts[i], &other.Parts[i]
		switch {
		case a.Number != b.Number:
			return fmt.Sprintf("%d and %d %s", a.Number, b.Number, a.Name)
		case a.Digest != b.Digest:
			return "the " + a.Name + " differ"
		}
	}
	return ""
}

// Counts are the counts of the records, by the name of their kind.
func (c Content) Counts() map[string]int {
	counts := make(map[string]int, len(c.Parts))
	for i := range c.Parts {
		if c.Parts[i].Number > 0 {
			counts[c.Parts[i].Name] = c.Parts[i].Number
		}
	}
	return counts
}

// String lists the counts, such as "3 users, 2 groups".
func (c Content) String() string {
	var all []string
	for i := range c.Parts {
		if p := &c.Parts[i]; p.Number > 0 && p.Name != names()[counted] {
			all = append(all, fmt.Sprintf("%d %s", p.Number, p.Name))
		}
	}
	return strings.Join(all, ", ")
}

// Read reads all of a tenant, and follows its audit trail. Invalid if the trail has a line that does not match.
func Read(ctx context.Context, st store.Store, id directory.TenantID) (Content, error) {
	mover, ok := store.As[store.Mover](st)
	if !ok {
		return Content{}, &directory.Error{Code: directory.Unsupported, Message: "the store cannot be moved"}
	}
	d := newDigester()
	if err := walk(ctx, st, mover, id, d); err != nil {
		return Content{}, err
	}
	err := st.View(ctx, id, nil, func(r store.Reader) error {
		counts, err := r.Usage()
		d.add(counted, record.AppendUsage(nil, &counts))
		return err
	})
	return d.content(), err
}

// The parts of a content, in the order in which they are compared.
const (
	users = iota
	groups
	memberships
	resources
	tombstones
	kvs
	auditLines
	events
	tenants
	connections
	credentials
	uses
	supportSessions
	deletionRequests
	settings
	operators
	sessions
	apiKeys
	links
	mails
	notices
	claims
	counted
)

func names() []string {
	return []string{
		"users", "groups", "memberships", "resources", "tombstones", "state records", "audit lines", "events", "tenant records", "connections", "credentials", "uses of credentials",
		"support sessions", "deletion requests", "settings", "operators", "sessions", "API keys", "links", "mails", "notices", "claims", "counts",
	}
}

// digester is the visitor that makes a Content.
type digester struct {
	numbers []int
	hashes  []hash.Hash
	chain   directory.Chain
}

func newDigester() *digester {
	d := &digester{}
	for range names() {
		d.numbers, d.hashes = append(d.numbers, 0), append(d.hashes, sha256.New())
	}
	return d
}

func (d *digester) content() (c Content) {
	for i, name := range names() {
		part := Part{Name: name, Number: d.numbers[i]}
		copy(part.Digest[:], d.hashes[i].Sum(nil))
		c.Parts = append(c.Parts, part)
	}
	return c
}

// add counts a record of a part; the texts together are the record.
func (d *digester) add(part int, texts ...[]byte) {
	d.numbers[part]++
	for _, text := range texts {
		d.hashes[part].Write(record.AppendUint(nil, uint64(len(text))))
		d.hashes[part].Write(text)
	}
}

func (d *digester) records(c directory.Change) error {
	for i := range c.Users {
		u := &c.Users[i]
		d.add(users, u.ID[:], record.AppendUser(nil, u), u.Document)
	}
	for i := range c.Groups {
		g := &c.Groups[i]
		d.add(groups, g.ID[:], record.AppendGroup(nil, g), g.Document)
	}
	for i := range c.Join {
		m := &c.Join[i]
		d.add(memberships, m.Group[:], m.Member.ID[:], m.Source[:], []byte(m.Member.Kind), []byte(m.Member.Display))
	}
	for i := range c.Resources {
		v := &c.Resources[i]
		d.add(resources, v.ID[:], []byte(v.Kind), record.AppendResource(nil, v), v.Document)
	}
	for i := range c.KVs {
		m := &c.KVs[i]
		d.add(kvs, []byte(m.Kind), []byte(m.Key), m.Value)
		if m.Kind == directory.ArchiveKV && m.Key == directory.ArchivedAudit {
			mark, err := directory.ReadArchiveMark(*m)
			if err != nil {
				return err
			}
			d.chain = mark.Chain() // the trail begins after what is in the archive
		}
	}
	return each(d, tombstones, c.Tombstones)
}

func (d *digester) lines(audit []directory.Audit, feed []directory.Event) error {
	for i := range audit {
		a := &audit[i]
		if text := d.chain.Follow(a); text != "" {
			return &directory.Error{Code: directory.Invalid, Message: "the audit trail is damaged: " + text}
		}
		d.add(auditLines, record.AppendUint(nil, a.Seq), record.AppendAudit(nil, a))
	}
	for i := range feed {
		d.add(events, record.AppendUint(nil, feed[i].Seq), record.AppendEvent(nil, &feed[i]))
	}
	return nil
}

func (d *digester) uses(_ directory.ConnectionID, list []directory.Use) error {
	return each(d, uses, list)
}

func (d *digester) rest(c directory.Change) error {
	if c.Tenant != nil {
		if err := each(d, tenants, []directory.Tenant{*c.Tenant}); err != nil {
			return err
		}
	}
	if c.Provider != nil {
		if err := each(d, settings, []directory.ProviderSettings{*c.Provider}); err != nil {
			return err
		}
	}
	if c.Noticed != nil {
		d.add(notices, record.AppendUint(nil, *c.Noticed))
	}
	for _, err := range []error{
		each(d, connections, c.Connections), each(d, credentials, c.Tokens), each(d, supportSessions, c.SupportSessions), each(d, deletionRequests, c.Requests),
		each(d, operators, c.Operators), each(d, sessions, c.Sessions), each(d, apiKeys, c.APIKeys), each(d, links, c.Links), each(d, mails, c.Mails), each(d, claims, c.Claims),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// each adds records as JSON, as stores keep them.
func each[T any](d *digester, part int, list []T) error {
	for i := range list {
		var b bytes.Buffer
		if err := json.NewEncoder(&b).Encode(&list[i]); err != nil {
			return err
		}
		d.add(part, b.Bytes())
	}
	return nil
}
