package bridge

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"strings"

	"drawbridge/bridge/bundle"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// bundlePage is how many records are read at once: no snapshot is held while the receiver takes the records.
const bundlePage = 500

// BundleKey is the public half of the key that signs bundles here. Unsupported without one.
func (h Handovers) BundleKey() (string, error) {
	key, ok := h.s.ownKey()
	if !ok {
		return "", &directory.Error{Code: directory.Unsupported, Message: "this installation has no key to sign bundles with"}
	}
	return bundle.PublicKey(key), nil
}

func (s *Service) ownKey() (key ed25519.PublicKey, ok bool) {
	if len(s.signing) != ed25519.PrivateKeySize {
		return nil, false
	}
	key, ok = s.signing.Public().(ed25519.PublicKey)
	return key, ok
}

// WriteBundle writes the hand-over bundle of a tenant that is unlinked (T6), and gives the sum of its manifest. No secret is in it. It
// keeps a page of records in memory. Nothing in the tenant may change, so each call writes the same bundle.
//
// NotFound, Conflict T6 for a tenant that is not unlinked, Unavailable if something was written anyway, and the errors of to.
func (h Handovers) WriteBundle(ctx context.Context, p directory.Principal, tenant directory.TenantID, to io.Writer) (directory.Hash, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return directory.Hash{}, err
	}
	if _, err := h.BundleKey(); err != nil {
		return directory.Hash{}, err
	}
	found, err := h.s.Tenant(ctx, tenant)
	if err != nil {
		return directory.Hash{}, err
	}
	switch found.Status {
	case directory.TenantUnlinked:
	case directory.TenantGone:
		return directory.Hash{}, policy.Frozen(&found).Err()
	default:
		return directory.Hash{}, &directory.Error{Code: directory.Conflict, Field: "status", Rule: "T6", Message: fmt.Sprintf("tenant %s is %s: a bundle is made of one that is unlinked, in which nothing changes any more", tenant, found.Status)}
	}
	w := &bundleWriter{s: h.s, ctx: ctx, p: p, tenant: found}
	w.to = bundle.NewWriter(to, bundle.Manifest{
		Software: h.s.software, Tenant: tenant, Name: found.Name, DataRegion: found.DataRegion, Unlinked: found.Handover.Since,
	}, h.s.signing)
	for _, step := range []func() error{w.head, w.groups, w.users, w.memberships, w.resources, w.tombstones, w.kvs, w.requests, w.events, w.audit} {
		if err := step(); err != nil {
			return directory.Hash{}, err
		}
	}
	return w.to.Close(w.chain.Head)
}

// bundleWriter is a bundle on its way.
type bundleWriter struct {
	s      *Service
	ctx    context.Context //nolint:containedctx // of one call
	p      directory.Principal
	to     *bundle.Writer
	tenant directory.Tenant

	groupIDs []directory.ID
	last     uint64 // the last audit line when it began
	chain    directory.Chain
}

func (w *bundleWriter) read(fn func(store.Reader) error) error { return w.s.read(w.ctx, w.p, fn) }

// lines reads a page, ends the snapshot, and writes what was read, until read gives no more.
func lines[T any](w *bundleWriter, kind string, read func(r store.Reader) ([]T, error)) error {
	for {
		var page []T
		if err := w.read(func(r store.Reader) (err error) {
			page, err = read(r)
			return err
		}); err != nil {
			return err
		}
		if len(page) == 0 {
			return nil
		}
		for i := range page {
			if err := w.to.Line(kind, &page[i]); err != nil {
				return err
			}
		}
	}
}

func (w *bundleWriter) head() error {
	var connections []directory.Connection
	err := w.read(func(r store.Reader) error {
		_, last, err := r.Audit(0, 0)
		if err != nil {
			return err
		}
		w.last = last
		all, err := r.Connections()
		for i := range all {
			connections = append(connections, all[i].Clone())
		}
		return err
	})
	if err != nil {
		return err
	}
	t := w.tenant.Clone()
	t.Handover, t.Status, t.ProviderNotes = nil, directory.TenantActive, directory.ProviderNotes{}
	if err := w.to.Line(bundle.Tenants, &t); err != nil {
		return err
	}
	for i := range connections {
		if g := connections[i].Google; g != nil {
			g.Project = "" // it stays with the provider (C11)
		}
		if err := w.to.Line(bundle.Connections, &connections[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *bundleWriter) groups() error {
	q := directory.Query{Count: bundlePage, BuiltIn: true}
	return lines(w, bundle.Groups, func(r store.Reader) (page []bundle.Group, err error) {
		if q.Count == 0 {
			return nil, nil
		}
		found, err := r.Groups(q, func(g *directory.Group, _ []directory.Member) error {
			own := g.Clone()
			page = append(page, bundle.GroupLine(&own))
			w.groupIDs = append(w.groupIDs, g.ID)
			return nil
		})
		nextPage(&q, found)
		return page, err
	})
}

// nextPage is the query for the next page; a Count of 0 means that there is none.
func nextPage(q *directory.Query, found directory.Page) {
	q.After = found.Last
	if found.Last == nil {
		q.Count = 0
	}
}

func (w *bundleWriter) users() error {
	q := directory.Query{Count: bundlePage, Gone: true}
	return lines(w, bundle.Users, func(r store.Reader) (page []bundle.User, err error) {
		if q.Count == 0 {
			return nil, nil
		}
		found, err := r.Users(q, func(u *directory.User, _ []directory.GroupRef) error {
			own := u.Clone()
			page = append(page, bundle.UserLine(&own))
			return nil
		})
		nextPage(&q, found)
		return page, err
	})
}

func (w *bundleWriter) memberships() error {
	for _, group := range w.groupIDs {
		var after directory.ID
		err := lines(w, bundle.Memberships, func(r store.Reader) (page []bundle.Membership, err error) {
			var of []bundle.Membership // of one member, by all sources
			var member directory.ID
			err = r.Members(group, after, func(m directory.Membership) error {
				if m.Member.ID != member {
					page = append(page, of...)
					if len(of) > 0 {
						after = member
					}
					if of, member = of[:0], m.Member.ID; len(page) >= bundlePage {
						return store.ErrStop
					}
				}
				of = append(of, bundle.Membership{Group: group, Member: m.Member.ID, Kind: m.Member.Kind, Display: strings.Clone(m.Member.Display), Source: m.Source})
				return nil
			})
			if len(page) < bundlePage && len(of) > 0 {
				page, after = append(page, of...), member
			}
			return page, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *bundleWriter) resources() error {
	for _, kind := range w.tenant.CustomKinds() {
		q := directory.Query{Count: bundlePage}
		err := lines(w, bundle.Resources, func(r store.Reader) (page []bundle.Resource, err error) {
			if q.Count == 0 {
				return nil, nil
			}
			found, err := r.Resources(kind, q, func(v *directory.Resource) error {
				own := v.Clone()
				page = append(page, bundle.ResourceLine(&own))
				return nil
			})
			nextPage(&q, found)
			return page, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *bundleWriter) tombstones() error {
	var after directory.ID
	return lines(w, bundle.Tombstones, func(r store.Reader) ([]directory.Tombstone, error) {
		page, err := r.Tombstones(after, bundlePage)
		if len(page) > 0 {
			after = page[len(page)-1].ID
		}
		return page, err
	})
}

func (w *bundleWriter) kvs() error {
	for _, kind := range directory.CarriedKVs() {
		from := ""
		err := lines(w, bundle.KVs, func(r store.Reader) (page []bundle.KV, err error) {
			err = r.KVs(kind, from, "", func(m directory.KV) error {
				page = append(page, bundle.KV{Kind: kind, Key: strings.Clone(m.Key), Value: append(directory.Document(nil), m.Value...)})
				from = strings.Clone(m.Key) + "\x00" // the next key there can be
				if len(page) == bundlePage {
					return store.ErrStop
				}
				return nil
			})
			return page, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *bundleWriter) requests() error {
	var all []directory.DeletionRequest
	if err := w.read(func(r store.Reader) (err error) {
		all, err = r.DeletionRequests()
		return err
	}); err != nil {
		return err
	}
	for i := range all {
		if err := w.to.Line(bundle.Requests, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *bundleWriter) events() error {
	after := uint64(0)
	return lines(w, bundle.Events, func(r store.Reader) ([]directory.Event, error) {
		page, _, err := r.Events(after, bundlePage)
		if len(page) > 0 {
			after = page[len(page)-1].Seq
		}
		return page, err
	})
}

// archived writes the audit lines that are in the archive and not in the store, because a bundle has the whole trail.
func (w *bundleWriter) archived() error {
	if w.s.archived == nil {
		return nil
	}
	for {
		page, err := w.s.archived(w.ctx, w.p.Tenant, w.chain.Last, bundlePage)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if wrong := w.chain.Follow(&page[i]); wrong != "" {
				return &directory.Error{Code: directory.Internal, Message: "the audit trail of the tenant is damaged in the archive: " + wrong}
			}
			if err := w.to.Line(bundle.Audit, &page[i]); err != nil {
				return err
			}
		}
	}
}

// audit runs last. It follows the chain, so that a bundle with a broken trail is never made, and it detects writes since the bundle was
// begun.
func (w *bundleWriter) audit() error {
	if err := w.archived(); err != nil {
		return err
	}
	err := lines(w, bundle.Audit, func(r store.Reader) ([]directory.Audit, error) {
		page, last, err := r.Audit(w.chain.Last, bundlePage)
		if err != nil {
			return nil, err
		}
		if last != w.last {
			return nil, &directory.Error{Code: directory.Unavailable, Message: "something was written about the tenant while its bundle was made: try again"}
		}
		for i := range page {
			if wrong := w.chain.Follow(&page[i]); wrong != "" {
				return nil, &directory.Error{Code: directory.Internal, Message: "the audit trail of the tenant is damaged: " + wrong}
			}
		}
		return directory.CloneAudit(page), nil
	})
	if err == nil && w.chain.Last != w.last {
		err = &directory.Error{Code: directory.Internal, Message: "the audit trail of the tenant is damaged: its last lines are missing"}
	}
	return err
}
