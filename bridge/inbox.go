package bridge

import (
	"cmp"
	"context"
	"slices"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// InboxKind says what waits.
type InboxKind string

// The kinds, the most urgent first.
const (
	HeldInbox       InboxKind = "held"             // removals that the brake holds (C8), of one connection
	RequestInbox    InboxKind = "deletion_request" // one that an Owner decides (D3)
	CredentialInbox InboxKind = "credential"       // a connection whose last credential ends soon, or has ended (C2)
	ConfirmInbox    InboxKind = "confirmation"     // people who accepted an invitation (L2)
	HandoverInbox   InboxKind = "handover"         // a tenant that is handed over (T6)
)

// InboxKinds lists the kinds.
func InboxKinds() []InboxKind {
	return []InboxKind{HeldInbox, RequestInbox, CredentialInbox, ConfirmInbox, HandoverInbox}
}

// credentialSoon is how long before the end of the last credential of a connection an operator is to make another.
const credentialSoon = 30 * 24 * time.Hour

// InboxItem is something in a tenant that waits for an operator.
type InboxItem struct {
	Kind       InboxKind
	Tenant     directory.TenantID
	TenantName string
	Connection directory.ConnectionID // "" where it is about none
	Subject    directory.Subject      // the person of a deletion request, or the request itself by its ID
	Reason     string                 // of a deletion request, or of a hand-over
	Count      int                    // removals, or people
	Since      time.Time              // zero: not known
	Due        time.Time              // when it happens by itself, or ends; zero: never
}

// Inbox gives what waits for an operator in the tenants that p sees, in the order of the kinds, and of the slugs.
func (s *Service) Inbox(ctx context.Context, p directory.Principal) ([]InboxItem, error) {
	ids, err := s.scopeOf(ctx, p)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	may := func(right directory.Right) bool { return policy.AllowList(p.Access, right) == nil }
	now := s.instant()
	var out []InboxItem
	names := map[directory.TenantID]string{}
	err = s.store.Summaries(ctx, ids, func(sum *store.Summary) error {
		names[sum.Tenant.ID] = sum.Tenant.Name
		out = append(out, waiting(sum, now)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	held := map[[2]string]*InboxItem{}
	var order [][2]string
	err = eachKV(ctx, s.store, directory.HeldKV, ids, func(tenant directory.TenantID, _ string, h *directory.HeldRemoval) {
		key := [2]string{string(tenant), string(h.Connection)}
		item := held[key]
		if item == nil {
			item = &InboxItem{Kind: HeldInbox, Tenant: tenant, Connection: h.Connection, Since: h.First}
			held[key] = item
			order = append(order, key)
		}
		item.Count += max(h.Count, 1)
		if h.First.Before(item.Since) {
			item.Since = h.First
		}
	})
	if err != nil {
		return nil, err
	}
	for _, key := range order {
		out = append(out, *held[key])
	}
	requests, err := s.waitingRequests(ctx, ids, now)
	if err != nil {
		return nil, err
	}
	out = append(out, requests...)
	rights := map[InboxKind]directory.Right{
		HeldInbox: directory.ConnectionRead, CredentialInbox: directory.ConnectionRead, RequestInbox: directory.UserRead,
		ConfirmInbox: directory.UserRead, HandoverInbox: directory.TenantRead,
	}
	out = slices.DeleteFunc(out, func(i InboxItem) bool { return !may(rights[i.Kind]) })
	for i := range out {
		out[i].TenantName = names[out[i].Tenant]
	}
	kinds := InboxKinds()
	slices.SortStableFunc(out, func(a, b InboxItem) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Tenant, b.Tenant),
			cmp.Compare(a.Connection, b.Connection), a.Since.Compare(b.Since), cmp.Compare(a.Subject.ID, b.Subject.ID))
	})
	return out, nil
}

// waiting gives what a summary says of what waits: credentials, confirmations, a hand-over.
func waiting(sum *store.Summary, now time.Time) []InboxItem {
	t := &sum.Tenant
	if h := t.Handover; t.Status != directory.TenantActive && h != nil {
		return []InboxItem{{Kind: HandoverInbox, Tenant: t.ID, Reason: h.Reason, Since: h.Since, Due: h.Until}}
	}
	var out []InboxItem
	n := 0
	for _, states := range sum.Usage.Users {
		n += states[directory.AwaitingConfirmation]
	}
	if n > 0 {
		out = append(out, InboxItem{Kind: ConfirmInbox, Tenant: t.ID, Count: n})
	}
	for i := range sum.Connections {
		c := &sum.Connections[i]
		if ends, ok := lastCredential(c.Tokens); ok && ends.Sub(now) < credentialSoon {
			out = append(out, InboxItem{Kind: CredentialInbox, Tenant: t.ID, Connection: c.Connection.ID, Due: ends})
		}
	}
	return out
}

// lastCredential is when the last of the credentials that were not revoked ends. ok is false if there is none, or one without an end.
func lastCredential(tokens []directory.Token) (ends time.Time, ok bool) {
	for i := range tokens {
		t := &tokens[i]
		if t.Kind == directory.AccessToken || !t.Revoked.IsZero() {
			continue
		}
		if t.Expires.IsZero() {
			return time.Time{}, false
		}
		if t.Expires.After(ends) {
			ends, ok = t.Expires, true
		}
	}
	return ends, ok
}

// waitingRequests gives the deletion requests that wait.
func (s *Service) waitingRequests(ctx context.Context, ids []directory.TenantID, now time.Time) ([]InboxItem, error) {
	var out []InboxItem
	for _, id := range ids {
		err := s.store.View(ctx, id, nil, func(r store.Reader) error {
			all, err := r.DeletionRequests()
			for i := range all {
				if q := &all[i]; q.StatusAt(now) == directory.RequestPending {
					out = append(out, InboxItem{
						Kind: RequestInbox, Tenant: id, Subject: directory.Subject{Kind: "deletion_request", ID: q.ID.String(), Name: q.UserName},
						Reason: q.Reason, Count: 1, Since: q.Created, Due: q.Expires,
					})
				}
			}
			return err
		})
		if err != nil && !txn.IsNotFound(err) {
			return nil, err
		}
	}
	return out, nil
}
