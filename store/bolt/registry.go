package bolt

import (
	"bytes"
	"context"
	"encoding/hex"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// Token finds a credential by the hash of its secret.
func (s *Store) Token(ctx context.Context, hash [32]byte) (found directory.Token, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		record := tx.Bucket([]byte(tokenBucket)).Get(hash[:])
		if record == nil {
			return notFound("token")
		}
		found, err = readToken(s, hash[:], record)
		if err == nil && found.Hash != hash {
			return damaged(found.Tenant, "token with the hash", hex.EncodeToString(hash[:]), errMisplaced("hash"))
		}
		return err
	})
	return found, err
}

// Connection finds a connection by its slug.
func (s *Store) Connection(ctx context.Context, id directory.ConnectionID) (found directory.Connection, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		key := []byte(id)
		record := tx.Bucket([]byte(connectionBucket)).Get(key)
		if record == nil {
			return notFound("connection")
		}
		found, err = readConnection(s, key, record)
		return err
	})
	return found, err
}

// Credential returns a token, a connection and the connection's tenant. It caches only those that belong together: all wrong
// credentials take the same path through the file, for every fault.
func (s *Store) Credential(ctx context.Context, hash [32]byte, id directory.ConnectionID) (directory.Token, directory.Connection, directory.Tenant, error) {
	key := credentialKey{hash, id}
	if err := ctx.Err(); err != nil {
		return directory.Token{}, directory.Connection{}, directory.Tenant{}, gaveUp(err)
	}
	found, ok, generation := s.credentials.find(key)
	if !ok {
		err := s.read(ctx, func(tx *bbolt.Tx) (err error) {
			found, err = s.credential(tx, key)
			return err
		})
		if err != nil {
			return directory.Token{}, directory.Connection{}, directory.Tenant{}, err
		}
		if t := found.token; t.Hash == hash && t.Connection == id && found.connection.ID == id && found.tenant.ID == t.Tenant {
			s.credentials.put(key, found, generation)
		}
	}
	return found.token, found.connection, found.tenant, nil
}

func (s *Store) credential(tx *bbolt.Tx, key credentialKey) (found credential, err error) {
	if record := tx.Bucket([]byte(tokenBucket)).Get(key.hash[:]); record != nil {
		if found.token, err = readToken(s, key.hash[:], record); err != nil {
			return found, err
		}
		if found.token.Hash != key.hash {
			return found, damaged(found.token.Tenant, "token with the hash", hex.EncodeToString(key.hash[:]), errMisplaced("hash"))
		}
	}
	if record := tx.Bucket([]byte(connectionBucket)).Get([]byte(key.connection)); record != nil {
		if found.connection, err = readConnection(s, []byte(key.connection), record); err != nil {
			return found, err
		}
	}
	of := found.connection.Tenant
	if key.connection == "" {
		of = found.token.Tenant
	}
	tenant := tenantKey(of)
	if record := tx.Bucket([]byte(tenantBucket)).Get(tenant); record != nil {
		found.tenant, err = readTenant(s, tenant, record)
	}
	return found, err
}

// Tenants returns all tenants by slug.
func (s *Store) Tenants(ctx context.Context) (all []directory.Tenant, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(tenantBucket)).ForEach(func(key, record []byte) error {
			if bytes.Equal(key, tenantKey(directory.Provider)) {
				return nil
			}
			t, err := readTenant(s, key, record)
			all = append(all, t)
			return err
		})
	})
	return all, err
}

// Touch records uses of credentials. An older use than the recorded one is skipped; a newer one that failed keeps the time of the
// last success.
func (s *Store) Touch(ctx context.Context, uses []directory.Use) error {
	if len(uses) == 0 {
		return nil
	}
	return s.submit(ctx, directory.Provider, func(b *batch) error {
		return b.put(func() error {
			for _, use := range uses {
				if err := b.touch(use); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func (b *batch) touch(use directory.Use) error {
	bucket := b.tx.Bucket([]byte(useBucket))
	key := useKey(use.Connection, use.Token)
	if record := bucket.Get(key); record != nil {
		var old directory.Use
		if err := decodeJSON(&old, key, record); err == nil { // a damaged record is replaced
			use = old.Record(use)
		}
	}
	record, err := encodeJSON(use, key)
	if err != nil {
		return err
	}
	b.bytes += len(key) + len(record)
	if use.Tenant != directory.Provider {
		b.touched[use.Tenant] = true
	}
	return bucket.Put(key, record)
}

// Uses returns what Touch recorded for one connection.
func (s *Store) Uses(ctx context.Context, connection directory.ConnectionID) (all []directory.Use, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		all, err = readUses(tx, connection)
		return err
	})
	return all, err
}

func readUses(tx *bbolt.Tx, connection directory.ConnectionID) ([]directory.Use, error) {
	var all []directory.Use
	prefix := useKey(connection, "")
	c := tx.Bucket([]byte(useBucket)).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		var use directory.Use
		if err := decodeJSON(&use, k, v); err != nil {
			return nil, damaged(directory.Provider, "use of token", string(k[len(prefix):]), err)
		}
		all = append(all, use)
	}
	return all, nil
}
