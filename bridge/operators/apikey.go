package operators

import (
	"context"
	"fmt"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// APIKeySecret is a key in plain text. It is shown once and not stored.
type APIKeySecret struct {
	Key  directory.APIKey // without its hash
	Text string
}

// APIKeyView is a key with its last use, without its hash.
type APIKeyView struct {
	Key     directory.APIKey
	Last    time.Time
	Address string
}

// liveKeys is how many live keys an operator has at most.
const liveKeys = 10

// CreateAPIKey makes a key for the signed-in operator, if access was granted (O5). Refused, Invalid.
func (s *Service) CreateAPIKey(ctx context.Context, p directory.Principal, label string, expires time.Time) (APIKeySecret, error) {
	p, id, err := ownAccount(p)
	if err != nil {
		return APIKeySecret{}, err
	}
	if err := policy.CheckText("label", label, 0, 100); err != nil {
		return APIKeySecret{}, err
	}
	if !expires.IsZero() && !expires.After(s.instant()) {
		return APIKeySecret{}, &directory.Error{Code: directory.Invalid, Field: "expires", Message: "the expiry is in the past"}
	}
	made, err := credential.New(s.random, credential.APIKeyMark)
	if err != nil {
		return APIKeySecret{}, err
	}
	var out directory.APIKey
	err = s.write(ctx, p, func(t tx) error {
		o, err := t.operator(id)
		if err != nil {
			return err
		}
		subject := operatorSubject(&o)
		if !o.APIAccess {
			return t.Refuse(&policy.Refusal{Code: directory.Refused, Rule: "O5", Field: "api_access", Message: "you have no access to the API: ask an operator who manages operators to grant it"}, directory.ActionAPIKeyCreate, subject)
		}
		keys, err := t.Reader.APIKeys(id)
		if err != nil {
			return err
		}
		n := 0
		for i := range keys {
			if keys[i].Live(t.Now) {
				n++
			}
		}
		if n >= liveKeys {
			return t.Refuse(&policy.Refusal{Code: directory.Refused, Rule: "O5", Message: fmt.Sprintf("there are %d live keys: revoke one first", n)}, directory.ActionAPIKeyCreate, subject)
		}
		out = directory.APIKey{ID: t.NewID(), Operator: id, Hash: made.Hash, Prefix: made.Prefix, Label: label, Created: t.Now, Expires: expires}
		t.putKey(&out, directory.ActionAPIKeyCreate)
		return nil
	})
	out.Hash = [32]byte{}
	return APIKeySecret{Key: out, Text: made.Text}, err
}

// APIKeys lists the keys of an operator, dead ones too. NotFound, Forbidden for an operator whom the caller may not manage (O10).
func (s *Service) APIKeys(ctx context.Context, p directory.Principal, operatorID directory.ID) ([]APIKeyView, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return nil, err
	}
	uses, err := s.lastUses(ctx)
	if err != nil {
		return nil, err
	}
	var out []APIKeyView
	err = s.read(ctx, p, func(r store.Reader) error {
		if _, err := ownOrCovered(r, p, operatorID); err != nil {
			return err
		}
		keys, err := r.APIKeys(operatorID)
		for i := range keys {
			use := uses[directory.TokenID(keys[i].ID.String())]
			keys[i].Hash = [32]byte{}
			out = append(out, APIKeyView{Key: keys[i], Last: use.Last, Address: use.Address})
		}
		return err
	})
	return out, err
}

// RevokeAPIKey ends a key at once. A revoked key stays revoked. NotFound, Forbidden for the
// key of an operator whom the caller may not manage (O10).
func (s *Service) RevokeAPIKey(ctx context.Context, p directory.Principal, operatorID, key directory.ID) error {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t tx) error {
		if _, err := t.ownOrManaged(operatorID, directory.ActionAPIKeyRevoke); err != nil {
			return err
		}
		keys, err := t.Reader.APIKeys(operatorID)
		if err != nil {
			return err
		}
		for i := range keys {
			if keys[i].ID != key {
				continue
			}
			if keys[i].Revoked.IsZero() {
				keys[i].Revoked = t.Now
				t.putKey(&keys[i], directory.ActionAPIKeyRevoke)
			}
			return nil
		}
		return txn.NotFound("API key", key)
	})
}

// putKey puts a key into the Change, with its audit line and event.
func (t tx) putKey(k *directory.APIKey, action directory.Action) {
	t.Change.APIKeys = append(t.Change.APIKeys, *k)
	subject := directory.Subject{Kind: "api_key", ID: k.ID.String(), Name: k.Label}
	data := directory.Attributes{{Name: "operator", Value: k.Operator.String()}, {Name: "prefix", Value: k.Prefix}}
	line := t.Line(action, subject)
	line.After = txn.Document(data)
	t.Audit(line)
	kind := directory.APIKeyCreated
	if action == directory.ActionAPIKeyRevoke {
		kind = directory.APIKeyRevoked
	}
	t.Event(kind, subject, data)
}
