package bolt

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"drawbridge/directory"
	"drawbridge/store"
)

var _ store.Mover = (*Store)(nil)

// StageMove begins to take a tenant, or Provider, from another store.
func (s *Store) StageMove(ctx context.Context, tenant directory.TenantID) (store.MoveStage, error) {
	if tenant == directory.Provider {
		err := s.read(ctx, func(tx *bbolt.Tx) error { return s.untouched(tx) })
		if err != nil {
			return nil, err
		}
	}
	g, err := s.stage(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// untouched refuses if anything was ever written to Provider.
func (s *Store) untouched(tx *bbolt.Tx) error {
	r := s.reader(tx, directory.Provider)
	if r.data == nil {
		return nil
	}
	if last := r.part(audit).Sequence(); last > 0 {
		return conflict("tenant", string(directory.Provider))
	}
	return nil
}

// Install makes the staged data the tenant. Like Publish it needs a commit of its own.
func (g *stage) Install(ctx context.Context, rest directory.Change) error {
	err := g.s.submitAlone(ctx, func(b *batch) error {
		return b.put(func() error {
			aside, data := b.tx.Bucket([]byte(stagedBucket)), b.tx.Bucket([]byte(dataBucket))
			if aside == nil || g.ended {
				return internal("tenant %q is not, or no longer, staged", g.tenant)
			}
			key := tenantKey(g.tenant)
			if g.tenant == directory.Provider && data.Bucket(key) != nil {
				if err := g.s.untouched(b.tx); err != nil {
					return err
				}
				if err := data.DeleteBucket(key); err != nil {
					return err
				}
			}
			if err := aside.MoveBucket(key, data); err != nil {
				if errors.Is(err, bbolterrors.ErrBucketExists) {
					return conflict("tenant", string(g.tenant))
				}
				return err
			}
			delete(b.tenants, g.tenant)
			w := b.tenant(g.tenant)
			if err := w.verifyContent(&rest); err != nil {
				return err
			}
			return w.apply(&rest)
		})
	})
	if err == nil {
		g.end()
	}
	return err
}

// KVKinds returns the kinds of key-value record of a tenant.
func (s *Store) KVKinds(ctx context.Context, tenant directory.TenantID) (kinds []directory.KVKind, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		b := s.reader(tx, tenant).part(kvs)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		for k, _ := c.First(); k != nil; {
			kind, _, _ := bytes.Cut(k, []byte{0})
			kinds = append(kinds, directory.KVKind(kind))
			k, _ = c.Seek(append(bytes.Clone(kind), 1)) // after all records of the kind
		}
		return nil
	})
	return kinds, err
}

// Claims returns the claims of a tenant.
func (s *Store) Claims(ctx context.Context, tenant directory.TenantID) (found []directory.Claim, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		c := claims(tx).Cursor()
		for k, _ := c.Seek([]byte{claimByKey}); len(k) > 0 && k[0] == claimByKey; k, _ = c.Next() {
			v, err := readClaim(tx, string(k[1:]))
			if err != nil {
				return err
			}
			if v.Tenant == tenant {
				found = append(found, v)
			}
		}
		return nil
	})
	slices.SortFunc(found, func(a, b directory.Claim) int { return strings.Compare(a.Key, b.Key) })
	return found, err
}
