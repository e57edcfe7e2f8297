package sharing

import (
	"context"
	"iter"
	"slices"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// Departure is who ended a tenant, and why, for the integrations that it leaves.
type Departure struct {
	By  directory.Actor
	Why string
}

// Kind is how the integrations of one kind are stored, and what records say about them.
type Kind[T any] struct {
	KV       directory.KVKind // the key is the name of the integration
	Detached directory.Action
	Updated  directory.EventKind
	Subject  func(*T) directory.Subject
	Facts    func(*T) directory.Attributes
	Tenants  func(*T) iter.Seq[directory.TenantID]
	// Detach removes tenants from an integration, as a new version of it.
	Detach func(one *T, tenants []directory.TenantID, now time.Time)
	Write  func(context.Context, directory.Principal, func(*txn.Tx) error) error
}

// Leave takes tenants that are gone out of integrations, and names the integrations that had one. With RunDry nothing is written. p is a
// principal of the installation.
func (k *Kind[T]) Leave(ctx context.Context, p directory.Principal, all []T, gone map[directory.TenantID]Departure, how directory.Run) (names []string, err error) {
	for i := range all {
		if len(k.left(&all[i], gone)) == 0 {
			continue
		}
		name := k.Subject(&all[i]).Name
		names = append(names, name)
		if how.Dry() {
			continue
		}
		if err := k.Write(ctx, p, func(t *txn.Tx) error { return k.detach(t, name, gone) }); err != nil {
			return names, err
		}
	}
	return names, nil
}

// left gives those of the tenants of an integration that are gone, by slug.
func (k *Kind[T]) left(one *T, gone map[directory.TenantID]Departure) (out []directory.TenantID) {
	for tenant := range k.Tenants(one) {
		if _, left := gone[tenant]; left {
			out = append(out, tenant)
		}
	}
	slices.Sort(out)
	return out
}

// detach removes the tenants that are gone from an integration, with an audit line about each of them.
func (k *Kind[T]) detach(t *txn.Tx, name string, gone map[directory.TenantID]Departure) error {
	one, there, err := txn.Get[T](t.Reader, k.KV, name)
	if err != nil || !there {
		return err
	}
	left := k.left(&one, gone)
	if len(left) == 0 {
		return nil
	}
	before := txn.Document(k.Facts(&one))
	k.Detach(&one, left, t.Now)
	for _, tenant := range left {
		line := t.Line(k.Detached, k.Subject(&one))
		line.Actor, line.Reason, line.Before, line.After = gone[tenant].By, gone[tenant].Why, before, txn.Document(k.Facts(&one))
		t.Audit(line)
	}
	t.Event(k.Updated, k.Subject(&one), k.Facts(&one))
	return t.Set(k.KV, name, one)
}
