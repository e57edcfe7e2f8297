package projects

import (
	"context"
	"fmt"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// Key is the key of a service account, as an operator enters it.
type Key struct {
	Text     []byte
	Account  string // the name of the account, for people
	KeyID    string // Google's name for the key
	ClientID string // of the account, for its delegation; "": not stated
}

// sealedFor is the place that the key of a Google project is sealed for.
func sealedFor(id directory.ID) string { return "google project " + id.String() }

// seal seals a key. It must not run inside a decision, because it gives another result each time. Invalid, Unavailable.
func (s *Service) seal(id directory.ID, key *Key) (directory.SealedCredential, error) {
	if len(key.Text) == 0 {
		return directory.SealedCredential{}, &directory.Error{Code: directory.Invalid, Field: "credentials", Message: "the key of a service account is missing: it is the JSON file that Google Cloud console made"}
	}
	name, data, err := s.cfg.Seal.Seal(s.cfg.Random, sealedFor(id), key.Text)
	return directory.SealedCredential{Key: name, Data: data, Account: key.Account, KeyID: key.KeyID, Created: s.instant()}, err
}

// Key gives the key of the Google project that the connection of p names. One that an older key of the installation has sealed is sealed
// again with the present one. NotFound if the project is not attached to the tenant of p; Unavailable if the key cannot be opened.
func (s *Service) Key(ctx context.Context, p directory.Principal) ([]byte, error) {
	name := p.Connection.Google.Project
	g, err := s.named(ctx, name)
	if txn.IsNotFound(err) {
		return nil, detached(p, name)
	}
	if err != nil {
		return nil, err
	}
	if _, attached := g.Tenants[p.Tenant]; !attached {
		return nil, detached(p, name)
	}
	text, err := s.cfg.Seal.Open(g.Key.Key, sealedFor(g.ID), g.Key.Data)
	if err != nil || g.Key.Key == s.cfg.Seal.Current() || p.Report.Dry() {
		return text, err
	}
	return text, s.reseal(ctx, &g, text)
}

// detached is why a connection cannot read its directory any more.
func detached(p directory.Principal, project string) error {
	return &directory.Error{Code: directory.NotFound, Field: "google.project", Rule: "C11", Message: fmt.Sprintf(
		"the Google project %s was detached from this company: nothing is changed until connection %q has a credential. Give it a key of its own, or attach the project again", project, p.Connection.ID)}
}

// reseal seals the key of a Google project with the present key of the installation.
func (s *Service) reseal(ctx context.Context, g *directory.GoogleProject, text []byte) error {
	again, err := s.seal(g.ID, &Key{Text: text, Account: g.Key.Account, KeyID: g.Key.KeyID})
	if err != nil {
		return err
	}
	again.Created = g.Key.Created
	return s.write(ctx, by(directory.Provider), func(x *txn.Tx) error {
		now, found, err := txn.Get[directory.GoogleProject](x.Reader, directory.ProjectKV, g.Name)
		if err != nil || !found || now.ID != g.ID || now.Key.Key != g.Key.Key {
			return err
		}
		now.Key = again
		now.Version++
		line := x.Line(directory.ActionProjectReseal, subjectOf(&now))
		line.Reason = "sealed with the present key of the installation"
		x.Audit(line)
		return x.Set(directory.ProjectKV, now.Name, now)
	})
}
