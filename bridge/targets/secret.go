package targets

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// sealedFor is the place that the credential of a target is sealed for.
func sealedFor(id directory.ID) string { return "target " + id.String() }

// seal seals a credential. It must not run inside a decision, because it gives another result each time. Invalid, Unavailable.
func (s *Service) seal(id directory.ID, secret string) (directory.SealedCredential, error) {
	if secret == "" || len(secret) > longestSecret {
		return directory.SealedCredential{}, invalid("secret", "a credential has 1 to %d characters", longestSecret)
	}
	for _, r := range []byte(secret) {
		if r <= ' ' || r > '~' {
			return directory.SealedCredential{}, invalid("secret", "a credential has only visible ASCII characters, without spaces and line breaks")
		}
	}
	name, data, err := s.cfg.Seal.Seal(s.cfg.Random, sealedFor(id), []byte(secret))
	return directory.SealedCredential{Key: name, Data: data, Created: s.instant()}, err
}

// Secret gives the credential of a target. One that an older key of the installation has sealed is sealed again with the present one.
// Unavailable if it cannot be opened.
func (s *Service) Secret(ctx context.Context, t *directory.Target) (string, error) {
	text, err := s.cfg.Seal.Open(t.Secret.Key, sealedFor(t.ID), t.Secret.Data)
	if err != nil || t.Secret.Key == s.cfg.Seal.Current() {
		return string(text), err
	}
	again, err := s.seal(t.ID, string(text))
	if err != nil {
		return "", err
	}
	again.Created = t.Secret.Created
	return string(text), s.write(ctx, by(directory.Provider), func(x *txn.Tx) error {
		now, err := find(x.Reader, t.Name)
		if err != nil || now.ID != t.ID || now.Secret.Key != t.Secret.Key {
			return err
		}
		now.Secret = again
		now.Version++
		line := x.Line(directory.ActionTargetReseal, subject(&now))
		line.Reason = "sealed with the present key of the installation"
		x.Audit(line)
		return x.Set(directory.TargetKV, now.Name, now)
	})
}
