package app

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"os"

	"drawbridge/bridge/bundle"
	"drawbridge/directory"
	"drawbridge/store"
)

// signingKey is what signs hand-over bundles. The first start stores it in the store. Without it, old bundles can still be read, because
// their manifests name the public half; other installations must then learn the new key.
func signingKey(ctx context.Context, secrets store.Secrets) (ed25519.PrivateKey, error) {
	seed, err := secrets.Secret(ctx, handoverKey, randomKey)
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("the key handover in the store has a wrong length; put it back from a backup, or remove it to have a new one made (others must then trust the new one: drawbridge bundle key)")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// Bundle is the result of a check of a bundle on the disk, without a server.
type Bundle struct {
	bundle.Manifest
	Sum string `json:"manifest"` // of the manifest
}

// VerifyBundle reads a bundle to its end. trust are public keys; none: any signer is accepted, and named.
func VerifyBundle(file string, trust []string) (Bundle, error) {
	f, err := os.Open(file)
	if err != nil {
		return Bundle{}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	var keys []ed25519.PublicKey
	for _, text := range trust {
		key, err := bundle.ParsePublicKey(text)
		if err != nil {
			return Bundle{}, userError{err}
		}
		keys = append(keys, key)
	}
	m, sum, err := bundle.Read(f, keys, nil)
	if len(trust) == 0 && directory.CodeOf(err) == directory.Refused { // whole, and signed with some key
		key, failed := bundle.ParsePublicKey(m.Key)
		if failed != nil {
			return Bundle{}, userError{failed}
		}
		if _, err = f.Seek(0, io.SeekStart); err == nil {
			m, sum, err = bundle.Read(f, []ed25519.PublicKey{key}, nil)
		}
	}
	if err != nil {
		return Bundle{}, userError{err}
	}
	return Bundle{Manifest: m, Sum: sum.String()}, nil
}
