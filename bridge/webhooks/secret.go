package webhooks

import (
	"context"
	"encoding/base64"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

const (
	secretMark = "whsec_"
	secretSize = 32
)

// place is the place that the secret of a webhook is sealed for.
func place(id directory.ID) string { return "webhook " + id.String() }

// newSecret makes a secret of the Standard Webhooks: the text that is shown once, and what is stored. It must not run inside a decision,
// because it gives another result each time.
func (s *Service) newSecret(id directory.ID) (text string, sealed directory.SealedCredential, err error) {
	key := make([]byte, secretSize)
	if err := credential.Fill(s.random, key); err != nil {
		return "", sealed, err
	}
	sealed, err = s.seal(id, key)
	return secretMark + base64.StdEncoding.EncodeToString(key), sealed, err
}

func (s *Service) seal(id directory.ID, key []byte) (directory.SealedCredential, error) {
	name, data, err := s.ring.Seal(s.random, place(id), key)
	return directory.SealedCredential{Key: name, Data: data, Created: s.instant()}, err
}

// Keys gives what the secrets of a webhook hold: the keys that sign now, the present one, and the one before while it is still valid. A secret that an older key of the
// installation has sealed is sealed again with the present one. Unavailable if they cannot be opened.
func (s *Service) Keys(ctx context.Context, w *directory.Webhook) ([][]byte, error) {
	key, err := s.ring.Open(w.Secret.Key, place(w.ID), w.Secret.Data)
	if err != nil {
		return nil, err
	}
	out := [][]byte{key}
	if w.OldSecret != nil && s.instant().Before(w.OldUntil) {
		old, err := s.ring.Open(w.OldSecret.Key, place(w.ID), w.OldSecret.Data)
		if err != nil {
			return nil, err
		}
		out = append(out, old)
	}
	if s.outdated(w) {
		err = s.reseal(ctx, w, key)
	}
	return out, err
}

// sealURL seals the URL of a channel, which has a secret in its path, and gives what may be shown of it.
func (s *Service) sealURL(id directory.ID, url string) (host string, sealed directory.SealedCredential, err error) {
	sealed, err = s.seal(id, []byte(url))
	return Host(url), sealed, err
}

// Target gives the URL that messages are sent to, and the keys that sign them; a channel has none. Unavailable if they cannot be opened.
func (s *Service) Target(ctx context.Context, w *directory.Webhook) (url string, keys [][]byte, err error) {
	keys, err = s.Keys(ctx, w)
	if err != nil {
		return "", nil, err
	}
	if w.Channel() {
		return string(keys[0]), nil, nil
	}
	url, err = s.address(w)
	return url, keys, err
}

// sealAddress seals the URL of a webhook, and gives what may be shown of it.
func (s *Service) sealAddress(id directory.ID, url string) (host string, sealed *directory.SealedCredential, err error) {
	name, data, err := s.ring.Seal(s.random, addressPlace(id), []byte(url))
	return Host(url), &directory.SealedCredential{Key: name, Data: data, Created: s.instant()}, err
}

// addressPlace is the place that the URL of a webhook is sealed for.
func addressPlace(id directory.ID) string { return place(id) + " url" }

// address is the whole URL of a webhook that is no channel. Unavailable if it cannot be opened.
func (s *Service) address(w *directory.Webhook) (string, error) {
	if w.Address == nil {
		return w.URL, nil
	}
	url, err := s.ring.Open(w.Address.Key, addressPlace(w.ID), w.Address.Data)
	return string(url), err
}

// outdated reports whether something of a webhook is not sealed with the present key of the installation.
func (s *Service) outdated(w *directory.Webhook) bool {
	now := s.ring.Current()
	return w.Secret.Key != now || !w.Channel() && (w.Address == nil || w.Address.Key != now)
}

// Reseal seals what an older version or an older key of the installation has left. A webhook whose key is missing stays as it is, and
// its deliveries say so.
func (s *Service) Reseal(ctx context.Context, all []directory.Webhook) error {
	for i := range all {
		w := &all[i]
		if s.ring.Current() == "" || !s.outdated(w) {
			continue
		}
		if _, err := s.Keys(ctx, w); err != nil && directory.CodeOf(err) != directory.Unavailable {
			return err
		}
	}
	return nil
}

// reseal seals the present secret and the URL of a webhook with the present key of the installation.
func (s *Service) reseal(ctx context.Context, w *directory.Webhook, key []byte) error {
	again, err := s.seal(w.ID, key)
	if err != nil {
		return err
	}
	again.Created = w.Secret.Created
	var host string
	var address *directory.SealedCredential
	if !w.Channel() {
		whole, err := s.address(w)
		if err != nil {
			return err
		}
		if host, address, err = s.sealAddress(w.ID, whole); err != nil {
			return err
		}
	}
	p := directory.JobPrincipal("webhooks")
	return s.write(ctx, p, func(t *txn.Tx) error {
		now, err := find(t.Reader, p, w.Name)
		if err != nil || now.ID != w.ID || now.Version != w.Version { // changed meanwhile: the next one who needs it does it
			return err
		}
		now.Secret = again
		if address != nil {
			now.URL, now.Address = host, address
		}
		now.Version++
		line := t.Line(directory.ActionWebhookReseal, subject(&now))
		line.Reason = "sealed with the present key of the installation"
		t.Audit(line)
		return t.Set(directory.WebhookKV, now.Name, now)
	})
}

// Rotate gives a webhook a new secret, which is shown here and never again. The old one also signs until overlap ends, at most seven days.
func (s *Service) Rotate(ctx context.Context, p directory.Principal, name string, overlap time.Duration) (w directory.Webhook, secret string, err error) {
	if overlap < 0 || overlap > policy.LongestOverlap {
		return w, "", &directory.Error{Code: directory.Invalid, Field: "overlap", Message: "the old secret can stay valid for 0 to 168 hours"}
	}
	before, err := s.webhook(ctx, p, name)
	if err != nil {
		return w, "", err
	}
	secret, sealed, err := s.newSecret(before.ID)
	if err != nil {
		return w, "", err
	}
	w, err = s.change(ctx, p, name, directory.ActionWebhookRotate, func(t *txn.Tx, w *directory.Webhook) error {
		switch {
		case w.ID != before.ID:
			return noWebhook(name)
		case w.Channel():
			return &directory.Error{Code: directory.Conflict, Field: "format", Message: "channel " + name + " has no secret but its URL: change that"}
		}
		old := w.Secret
		w.OldSecret, w.OldUntil = nil, time.Time{}
		if overlap > 0 {
			w.OldSecret, w.OldUntil = &old, t.Now.Add(overlap)
		}
		w.Secret = sealed
		return nil
	})
	return w, secret, err
}
