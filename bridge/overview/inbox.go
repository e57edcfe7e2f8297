package overview

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
	Due        time.Time              // when it happens automatically, or ends; zero: never
}

// Inbox gives what waits for an operator in the tenants that p sees, in the order of the kinds, and of the slugs.
func (s *Service) Inbox(ctx context.Context, p directory.Principal) ([]InboxItem, error) {
	out, err := s.inboxOfAll(ctx, p)
	if err != nil {
		return nil, err
	}
	rights := map[InboxKind]directory.Right{
		HeldInbox: directory.ConnectionRead, CredentialInbox: directory.ConnectionRead, RequestInbox: directory.UserRead,
		ConfirmInbox: directory.UserRead, HandoverInbox: directory.TenantRead,
	}
	out = slices.DeleteFunc(out, func(i InboxItem) bool { return policy.AllowList(p.Access, rights[i.Kind]) != nil })
	kinds := InboxKinds()
	slices.SortStableFunc(out, func(a, b InboxItem) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Tenant, b.Tenant),
			cmp.Compare(a.Connection, b.Connection), a.Since.Compare(b.Since), cmp.Compare(a.Subject.ID, b.Subject.ID))
	})
	return out, nil
}

// inboxOfAll gives what waits in the tenants that p sees, in no order.
func (s *Service) inboxOfAll(ctx context.Context, p directory.Principal) (out []InboxItem, err error) {
	rows, err := s.rosterOf(ctx, p)
	if err != nil {
		return nil, err
	}
	now := s.txn.Instant()
	for _, row := range rows {
		items, err := waiting(row, now)
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
	}
	return out, nil
}

// waiting gives what waits in a tenant.
func waiting(row *store.RosterRow, now time.Time) ([]InboxItem, error) {
	out := waitingRecords(row, now)
	held, err := waitingRemovals(row)
	if err != nil {
		return nil, err
	}
	out = append(out, held...)
	for i := range row.Requests {
		if q := &row.Requests[i]; q.StatusAt(now) == directory.RequestPending {
			out = append(out, InboxItem{
				Kind: RequestInbox, Subject: directory.Subject{Kind: "deletion_request", ID: q.ID.String(), Name: q.UserName},
				Reason: q.Reason, Count: 1, Since: q.Created, Due: q.Expires,
			})
		}
	}
	for i := range out {
		out[i].Tenant, out[i].TenantName = row.Tenant.ID, row.Tenant.Name
	}
	return out, nil
}

// waitingRemovals gives the removals that the brake holds, of each connection.
func waitingRemovals(row *store.RosterRow) ([]InboxItem, error) {
	var out []InboxItem
	for _, m := range row.Held {
		h, err := txn.Value[directory.HeldRemoval](m)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(out, func(i InboxItem) bool { return i.Connection == h.Connection })
		if at < 0 {
			at = len(out)
			out = append(out, InboxItem{Kind: HeldInbox, Connection: h.Connection, Since: h.First})
		}
		out[at].Count += max(h.Count, 1)
		if h.First.Before(out[at].Since) {
			out[at].Since = h.First
		}
	}
	return out, nil
}

// waitingRecords gives the waiting items that follow from the records of a tenant: credentials, confirmations, a hand-over.
func waitingRecords(row *store.RosterRow, now time.Time) []InboxItem {
	t := &row.Tenant
	if h := t.Handover; t.Status != directory.TenantActive && h != nil {
		return []InboxItem{{Kind: HandoverInbox, Reason: h.Reason, Since: h.Since, Due: h.Until}}
	}
	var out []InboxItem
	n := 0
	for _, states := range row.Usage.Users {
		n += states[directory.AwaitingConfirmation]
	}
	if n > 0 {
		out = append(out, InboxItem{Kind: ConfirmInbox, Count: n})
	}
	for i := range row.Connections {
		c := &row.Connections[i]
		if ends, ok := lastCredential(c.Tokens); ok && ends.Sub(now) < credentialSoon {
			out = append(out, InboxItem{Kind: CredentialInbox, Connection: c.Connection.ID, Due: ends})
		}
	}
	return out
}

// lastCredential is the expiry of the last credential that was not revoked. ok is false if there is none, or one without an end.
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
