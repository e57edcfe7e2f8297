package bridge

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"
	"time"

	"drawbridge/bridge/bundle"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// LinkOptions say how a company is taken in.
type LinkOptions struct {
	Slug  directory.TenantID // "": as in the bundle
	Plan  string             // "": as in the bundle
	Trust []string           // public keys of trusted installations, in addition to this one's own
	Dry   bool               // check everything and import nothing
}

// LinkedTenant is the content of a bundle and the result of its import.
type LinkedTenant struct {
	Manifest    bundle.Manifest
	Sum         directory.Hash // of the manifest
	Tenant      directory.TenantID
	Plan        string
	Seats       policy.Seats
	Connections []directory.ConnectionID // they come without credentials
	Done        bool                     // false: it was only looked at
}

// stageBatch is how many records one transaction stages.
const stageBatch = 400

// LinkTenant imports a company that another installation has handed over (T2). from is read twice: first to the end, so that
// nothing is stored of a bundle that is incomplete or has an untrusted signature; then once more into a tenant that is invisible
// until all of it is stored. Ids, times, ledger and audit trail stay unchanged; connections come without credentials.
//
// The errors are those of bundle.Read; Conflict T2 for another data region, Conflict with Field slug or connection for a taken
// name, Conflict for a company that was imported already, Invalid for inconsistent records or an unknown plan, and
// Refused B8 for more people than seats.
func (h Handovers) LinkTenant(ctx context.Context, p directory.Principal, from io.ReadSeeker, o LinkOptions) (LinkedTenant, error) {
	p, err := txn.ForOperator(p, o.Slug)
	if err != nil {
		return LinkedTenant{}, err
	}
	var trusted []ed25519.PublicKey
	if own, ok := h.s.ownKey(); ok {
		trusted = append(trusted, own)
	}
	for _, text := range o.Trust {
		key, err := bundle.ParsePublicKey(text)
		if err != nil {
			return LinkedTenant{}, err
		}
		trusted = append(trusted, key)
	}
	first := &bundleReader{s: h.s, ctx: ctx}
	out := LinkedTenant{}
	if out.Manifest, out.Sum, err = bundle.Read(from, trusted, first.line); err != nil {
		return out, err
	}
	if err := first.end(&out.Manifest); err != nil {
		return out, err
	}
	if err := h.s.checkLink(ctx, first, &o, &out); err != nil {
		return out, err
	}
	if o.Dry {
		return out, nil
	}
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return out, err
	}
	p.Tenant = out.Tenant
	stage, err := h.s.store.Stage(ctx, out.Tenant)
	if err != nil {
		return out, slugTaken(err, out.Tenant)
	}
	defer func() { _ = stage.Drop(ctx) }() // does nothing after Publish
	second := &bundleReader{s: h.s, ctx: ctx, stage: stage, slug: out.Tenant}
	_, sum, err := bundle.Read(from, trusted, second.line)
	if err != nil {
		return out, err
	}
	if err := second.end(&out.Manifest); err != nil {
		return out, err
	}
	if sum != out.Sum {
		return out, &directory.Error{Code: directory.Conflict, Field: "bundle", Message: "the bundle was changed while it was read: nothing was stored"}
	}
	if err := h.s.checkAbsent(ctx, second.owners, out.Tenant); err != nil { // again: it may have been linked meanwhile, under another slug
		return out, err
	}
	if err := h.s.publish(ctx, p, stage, second, &out); err != nil {
		return out, linkedMeanwhile(slugTaken(err, out.Tenant))
	}
	out.Done = true
	if err := h.s.operators.AddToScope(ctx, p, out.Tenant); err != nil {
		return out, fmt.Errorf("tenant %s is there, but not yet in your scope: ask an operator who manages operators: %w", out.Tenant, err)
	}
	return out, nil
}

func slugTaken(err error, slug directory.TenantID) error {
	if e, ok := err.(*directory.Error); ok && e.Code == directory.Conflict && e.Field == "tenant" { //nolint:errorlint // made by the store, or by us
		return &directory.Error{Code: directory.Conflict, Field: "slug", Message: fmt.Sprintf("the slug %s is taken, or was once: choose another one", slug)}
	}
	return err
}

// checkLink decides about the company of a bundle before anything is stored.
func (s *Service) checkLink(ctx context.Context, in *bundleReader, o *LinkOptions, out *LinkedTenant) error {
	if err := policy.SameRegion(s.region, in.tenant.DataRegion).Err(); err != nil {
		return err
	}
	tenant := in.record(o)
	out.Tenant, out.Plan = tenant.ID, tenant.Plan
	if err := checkSlug("slug", string(tenant.ID), maxTenantSlug); err != nil {
		return err
	}
	if err := s.checkTenant(&tenant); err != nil {
		return err
	}
	if err := s.checkLinkSeats(&tenant, in.usage, out); err != nil {
		return err
	}
	for i := range in.connections {
		c := &in.connections[i]
		if err := checkSlug("connection", string(c.ID), maxConnectionSlug); err != nil {
			return err
		}
		if err := checkConnection(c); err != nil {
			return err
		}
		if _, taken, err := txn.Optional(s.store.Connection(ctx, c.ID)); err != nil {
			return err
		} else if taken {
			return &directory.Error{Code: directory.Conflict, Field: "connection", Message: fmt.Sprintf("there is a connection %q already, and the company has one of that name: disconnect one of the two first", c.ID)}
		}
		out.Connections = append(out.Connections, c.ID)
	}
	return s.checkAbsent(ctx, in.owners, tenant.ID)
}

// checkAbsent refuses a company that exists already, recognised by the id of its group Owners, and a slug that is taken.
func (s *Service) checkAbsent(ctx context.Context, owners directory.ID, slug directory.TenantID) error {
	return s.store.Summaries(ctx, nil, func(other *store.Summary) error {
		if other.Tenant.ID == slug {
			return slugTaken(&directory.Error{Code: directory.Conflict, Field: "tenant"}, slug)
		}
		if found, ok := other.BuiltIns[directory.Owners]; ok && found == owners {
			return &directory.Error{Code: directory.Conflict, Field: "bundle", Rule: "T2", Message: fmt.Sprintf("this company is here already, as tenant %s; no id is ever given twice", other.Tenant.ID)}
		}
		return nil
	})
}

// claimLink is how long a company that was linked cannot be linked again. It covers the moment between checkAbsent and the commit, in which
// another request or another process may link the same company.
const claimLink = time.Minute

// linkedMeanwhile explains the conflict of two requests that link one company at the same time.
func linkedMeanwhile(err error) error {
	if e, ok := err.(*directory.Error); ok && e.Code == directory.Conflict && e.Field == "claim" { //nolint:errorlint // made by the store, or by us
		return &directory.Error{Code: directory.Conflict, Field: "bundle", Rule: "T2", Message: "this company was linked a moment ago, under another slug; try again in a minute if that tenant does not exist any more"}
	}
	return err
}

// checkLinkSeats refuses more people than the tenant has seats (B8).
func (s *Service) checkLinkSeats(tenant *directory.Tenant, usage directory.Usage, out *LinkedTenant) error {
	is, err := s.stateOf(tenant, usage, s.instant())
	if err != nil {
		return err
	}
	out.Seats = is.Seats()
	empty := is
	empty.Usage = directory.Usage{}
	if is.Settings.OnLimit == directory.OnLimitOverage {
		return nil
	}
	return policy.ChangeLimit(empty, is).Err()
}

// publish makes the staged tenant visible.
func (s *Service) publish(ctx context.Context, p directory.Principal, stage store.Stage, in *bundleReader, out *LinkedTenant) error {
	now := s.instant()
	return stage.Publish(ctx, func(r store.Reader) (directory.Change, error) {
		t := s.begin(r, p, now)
		tenant := in.record(&LinkOptions{Slug: out.Tenant, Plan: out.Plan})
		tenant.Version++
		tenant.Modified = txn.Later(now, tenant.Modified)
		usage, err := r.Usage()
		if err != nil {
			return directory.Change{}, err
		}
		if err := s.checkLinkSeats(&tenant, usage, out); err != nil {
			return directory.Change{}, err
		}
		t.Change.Tenant = &tenant
		t.Change.Claims = append(t.Change.Claims, directory.Claim{Key: "company " + in.owners.String(), At: now, Until: now.Add(claimLink)})
		for _, c := range in.connections {
			c.Tenant = tenant.ID
			t.Change.Connections = append(t.Change.Connections, c)
		}
		t.Change.Requests = append(t.Change.Requests, in.requests...)
		data := directory.Attributes{
			{Name: "manifest", Value: out.Sum.String()},
			{Name: "was", Value: string(out.Manifest.Tenant)},
			{Name: "signed_by", Value: out.Manifest.Key},
			{Name: "unlinked", Value: out.Manifest.Unlinked.UTC().Format(time.RFC3339)},
		}
		line := t.Line(directory.ActionTenantLink, tenantSubject(&tenant))
		line.Rule, line.After = "T2", txn.Document(data)
		t.Audit(line)
		t.Event(directory.TenantLinked, tenantSubject(&tenant), data)
		return t.Change, nil
	})
}

// bundleReader goes through the lines of a bundle. Without a stage it only checks them.
type bundleReader struct {
	s     *Service
	ctx   context.Context //nolint:containedctx // of one call
	stage store.Stage     // nil: nothing is stored
	slug  directory.TenantID

	tenant      directory.Tenant
	connections []directory.Connection
	requests    []directory.DeletionRequest
	owners      directory.ID // the built-in group
	builtIns    map[directory.BuiltIn]bool
	usage       directory.Usage
	chain       directory.Chain

	kind   string
	piece  directory.Change
	size   int
	lines  []directory.Audit
	events []directory.Event
}

// record is the imported tenant, with the slug and the plan that it gets here.
func (in *bundleReader) record(o *LinkOptions) directory.Tenant {
	t := in.tenant.Clone()
	t.Status, t.Handover = directory.TenantActive, nil
	if o.Slug != "" {
		t.ID = o.Slug
	}
	if o.Plan != "" {
		t.Plan = o.Plan
	}
	return t
}

func badBundle(kind, format string, args ...any) error {
	return &directory.Error{Code: directory.Invalid, Field: "bundle", Message: "the bundle is refused: " + kind + ": " + fmt.Sprintf(format, args...)}
}

// decodeLine reads a line.
func decodeLine[T any](kind string, line []byte) (T, error) {
	var v T
	if err := bundle.Decode(line, &v); err != nil {
		return v, badBundle(kind, "a line cannot be read: %v", err)
	}
	return v, nil
}

// checkDocument refuses a document that is not in the form in which documents are stored: other code relies on it.
func checkDocument(kind string, id directory.ID, d directory.Document) error {
	a, err := d.Attributes()
	if err != nil || len(d) == 0 || !bytes.Equal(directory.AppendJSON(nil, a), d) {
		return badBundle(kind, "the document of %s is not in the form in which it is stored", id)
	}
	if id.IsZero() {
		return badBundle(kind, "a record has no id")
	}
	return nil
}

func (in *bundleReader) line(kind string, line []byte) error {
	if err := in.ctx.Err(); err != nil {
		return err
	}
	if kind != in.kind { // a membership follows its group and its member
		if err := in.flush(); err != nil {
			return err
		}
		in.kind = kind
	}
	if err := in.add(kind, line); err != nil {
		return err
	}
	if in.size++; in.size >= stageBatch {
		return in.flush()
	}
	return nil
}

func (in *bundleReader) add(kind string, line []byte) error {
	var err error
	c := &in.piece
	switch kind {
	case bundle.Tenants:
		in.tenant, err = decodeLine[directory.Tenant](kind, line)
		return err
	case bundle.Connections:
		v, err := decodeLine[directory.Connection](kind, line)
		v.Ending, v.Observing = nil, nil
		in.connections = append(in.connections, v)
		return err
	case bundle.Groups:
		return in.group(line)
	case bundle.Users:
		return in.user(line)
	case bundle.Memberships:
		v, err := decodeLine[bundle.Membership](kind, line)
		if err == nil && (v.Kind != directory.UserKind && v.Kind != directory.GroupKind || v.Group.IsZero() || v.Member.IsZero()) {
			err = badBundle(kind, "one names no group or no member")
		}
		c.Join = append(c.Join, directory.Membership{Group: v.Group, Source: v.Source, Member: directory.Member{ID: v.Member, Kind: v.Kind, Display: directory.Truncate(v.Display, 256)}})
		return err
	case bundle.Resources:
		v, err := decodeLine[bundle.Resource](kind, line)
		if err == nil {
			err = checkDocument(kind, v.ID, v.Document)
		}
		found := v.Resource()
		found.Unique = unique(&in.tenant, found.Kind, directory.ResourceRecord{Resource: &found})
		c.Resources = append(c.Resources, found)
		return err
	case bundle.Tombstones:
		v, err := decodeLine[directory.Tombstone](kind, line)
		c.Tombstones = append(c.Tombstones, v)
		return err
	case bundle.KVs:
		return in.kv(line)
	case bundle.Requests:
		v, err := decodeLine[directory.DeletionRequest](kind, line)
		v.Tenant = in.slug
		if in.requests = append(in.requests, v); err == nil && (v.ID.IsZero() || len(in.requests) > 100_000) {
			err = badBundle(kind, "one has no id, or there are too many")
		}
		return err
	case bundle.Events:
		v, err := decodeLine[directory.Event](kind, line)
		v.Tenant = in.slug
		in.events = append(in.events, v)
		return err
	case bundle.Audit:
		v, err := decodeLine[directory.Audit](kind, line)
		if err != nil {
			return err
		}
		if wrong := in.chain.Follow(&v); wrong != "" {
			return badBundle(kind, "the audit trail is broken: %s", wrong)
		}
		in.lines = append(in.lines, v)
	}
	return nil
}

func (in *bundleReader) user(line []byte) error {
	v, err := decodeLine[bundle.User](bundle.Users, line)
	if err != nil {
		return err
	}
	u := v.User()
	if err := checkDocument(bundle.Users, u.ID, u.Document); err != nil {
		return err
	}
	if u.Sent != nil {
		if err := checkDocument(bundle.Users, u.ID, u.Sent); err != nil {
			return err
		}
	}
	draft := directory.UserDraft{UserName: u.UserName, ExternalID: u.ExternalID, Emails: u.Emails}
	if err := checkUser(&draft, draft.UserName); err != nil {
		return err
	}
	u.Unique = unique(&in.tenant, directory.UserKind, directory.UserRecord{User: &u})
	in.usage.Add(&u, 1)
	in.piece.Users = append(in.piece.Users, u)
	return nil
}

func (in *bundleReader) group(line []byte) error {
	v, err := decodeLine[bundle.Group](bundle.Groups, line)
	if err != nil {
		return err
	}
	g := v.Group()
	if err := checkDocument(bundle.Groups, g.ID, g.Document); err != nil {
		return err
	}
	if err := checkGroup(&directory.GroupDraft{DisplayName: g.DisplayName, ExternalID: g.ExternalID}); err != nil {
		return err
	}
	if g.BuiltIn != "" {
		if !slices.Contains(directory.BuiltIns(), g.BuiltIn) {
			return badBundle(bundle.Groups, "there is no built-in group %q", g.BuiltIn)
		}
		if in.builtIns == nil {
			in.builtIns = make(map[directory.BuiltIn]bool)
		}
		in.builtIns[g.BuiltIn] = true
		if g.BuiltIn == directory.Owners {
			in.owners = g.ID
		}
	}
	g.Unique = unique(&in.tenant, directory.GroupKind, directory.GroupRecord{Group: &g})
	in.piece.Groups = append(in.piece.Groups, g)
	return nil
}

func (in *bundleReader) kv(line []byte) error {
	v, err := decodeLine[bundle.KV](bundle.KVs, line)
	if err != nil {
		return err
	}
	for _, kind := range directory.CarriedKVs() {
		if v.Kind == kind {
			in.piece.KVs = append(in.piece.KVs, directory.KV(v))
			return nil
		}
	}
	return badBundle(bundle.KVs, "no bundle has state of the kind %q", v.Kind)
}

// flush stages what was gathered.
func (in *bundleReader) flush() error {
	piece, lines, events := in.piece, in.lines, in.events
	in.piece, in.lines, in.events, in.size = directory.Change{}, nil, nil, 0
	if in.stage == nil {
		return nil
	}
	if !piece.Empty() {
		if err := in.stage.Put(in.ctx, piece); err != nil {
			if code := directory.CodeOf(err); code == directory.Internal || code == directory.Conflict {
				return &directory.Error{Code: directory.Invalid, Field: "bundle", Message: "the bundle is refused: its records do not fit together", Err: err}
			}
			return err
		}
	}
	if len(lines)+len(events) == 0 {
		return nil
	}
	return in.stage.Record(in.ctx, lines, events)
}

// end checks what only all lines together can tell.
func (in *bundleReader) end(m *bundle.Manifest) error {
	if err := in.flush(); err != nil {
		return err
	}
	if in.tenant.ID != m.Tenant || in.tenant.DataRegion != m.DataRegion {
		return badBundle(bundle.Tenants, "the company is another one than the manifest says")
	}
	for _, name := range directory.BuiltIns() {
		if !in.builtIns[name] {
			return badBundle(bundle.Groups, "the built-in group %s is missing", name.Title())
		}
	}
	if in.chain.Last == 0 || in.chain.Head != m.AuditHead {
		return badBundle(bundle.Audit, "the audit trail does not end where the manifest says")
	}
	return nil
}
