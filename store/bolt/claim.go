package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// Claims are in one bucket; the first byte of the key tells two kinds apart.
const (
	claimByKey byte = 'k' // key → Claim
	claimByEnd byte = 'u' // Until, key → nothing
)

const (
	maxClaimKey   = 512
	expiredClaims = 100 // the most expired claims that one Change with a claim removes
)

func claimKey(key string) []byte { return append([]byte{claimByKey}, key...) }

func claimEndKey(v *directory.Claim) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{claimByEnd}, dueNumber(v.Until)), v.Key...)
}

func claims(tx *bbolt.Tx) *bbolt.Bucket { return tx.Bucket([]byte(claimBucket)) }

// Claimed returns the last claim of a key.
func (s *Store) Claimed(ctx context.Context, key string) (found directory.Claim, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		found, err = readClaim(tx, key)
		return err
	})
	return found, err
}

func readClaim(tx *bbolt.Tx, key string) (directory.Claim, error) {
	var v directory.Claim
	at := claimKey(key)
	record := claims(tx).Get(at)
	if record == nil {
		return v, notFound("claim")
	}
	if err := decodeJSON(&v, at, record); err != nil {
		return directory.Claim{}, damaged(directory.Provider, "claim", "record", err)
	}
	return v, nil
}

// verifyClaims refuses claims of keys that are claimed already.
func (w *writer) verifyClaims(c *directory.Change) error {
	if len(c.Claims) == 0 {
		return nil
	}
	seen := make(map[string]bool, len(c.Claims))
	for i := range c.Claims {
		v := &c.Claims[i]
		if v.Key == "" || len(v.Key) > maxClaimKey || strings.ContainsRune(v.Key, 0) || !v.Until.After(v.At) {
			return internal("a claim has an impossible key, or ends before it begins")
		}
		old, err := readClaim(w.batch.tx, v.Key)
		switch {
		case directory.CodeOf(err) == directory.NotFound:
		case err != nil:
			return err
		case v.At.Before(old.Until):
			return conflict("claim", v.Key)
		}
		if seen[v.Key] {
			return conflict("claim", v.Key)
		}
		seen[v.Key] = true
	}
	return nil
}

func (w *writer) putClaim(v *directory.Claim) error {
	tx, claim := w.batch.tx, *v
	claim.Tenant = w.reader.tenant
	if err := dropEndedClaims(tx, &claim); err != nil {
		return err
	}
	old, err := readClaim(tx, claim.Key)
	if err == nil {
		err = claims(tx).Delete(claimEndKey(&old))
	}
	if err != nil && directory.CodeOf(err) != directory.NotFound {
		return err
	}
	key := claimKey(claim.Key)
	record, err := encodeJSON(&claim, key)
	if err != nil {
		return err
	}
	w.batch.bytes += len(key) + len(record)
	if err := claims(tx).Put(key, record); err != nil {
		return err
	}
	return claims(tx).Put(claimEndKey(&claim), nil)
}

// dropEndedClaims removes some of the claims that ended before now.At, so that they do not pile up.
func dropEndedClaims(tx *bbolt.Tx, now *directory.Claim) error {
	end := binary.BigEndian.AppendUint64([]byte{claimByEnd}, dueNumber(now.At))
	var old [][]byte // collected first: a cursor must not see deletions
	c := claims(tx).Cursor()
	for k, _ := c.Seek([]byte{claimByEnd}); k != nil && bytes.Compare(k, end) < 0 && len(old) < expiredClaims; k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, k := range old {
		if err := claims(tx).Delete(k); err != nil {
			return err
		}
		if err := claims(tx).Delete(claimKey(string(k[1+dueLength:]))); err != nil {
			return err
		}
	}
	return nil
}

// claims checks that every claim can be read, and that both kinds of keys agree.
func (c *checker) claims() {
	records, ends := 0, 0
	c.must(claims(c.tx).ForEach(func(k, v []byte) error {
		switch {
		case k[0] == claimByKey:
			records++
			var claim directory.Claim
			if err := decodeJSON(&claim, k, v); err != nil {
				c.find("%s", sentenceOf(damaged(directory.Provider, "claim", "record", err)))
			} else if claims(c.tx).Get(claimEndKey(&claim)) == nil {
				c.find("the claim of tenant %q is not in the index of ends", claim.Tenant)
			}
		case k[0] == claimByEnd && len(k) > 1+dueLength:
			ends++
		default:
			c.find("the claims have an entry of an unknown kind")
		}
		return nil
	}))
	if records != ends {
		c.find("there are %d claims, and %d in the index of ends", records, ends)
	}
}
