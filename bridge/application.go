package bridge

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Application is who asks when an application behind the bridge does. It is no Principal: no verb for operators or identity
// providers takes one, and none that changes anything but to note who was active (ReportActivity).
type Application struct {
	Tenant  directory.TenantID
	Key     directory.TokenID
	Name    string
	Request string
}

// AppKeyOptions say what the key of an application is to be.
type AppKeyOptions struct {
	Name    string    // the application, as operators know it
	Expires time.Time // zero: never
}

// AppKeys are the keys of a tenant's applications, without their hashes, and when they were used last.
type AppKeys struct {
	Keys []directory.Token
	Uses []directory.Use
}

const (
	liveAppKeys = 100 // of one tenant
)

// CreateAppKey makes a key with which an application reads one tenant: its events, the access check, and its people. The text
// of it is shown here and never again. NotFound, Invalid, Conflict where a tenant has 100 live keys already.
func (s *Service) CreateAppKey(ctx context.Context, p directory.Principal, tenant directory.TenantID, opts AppKeyOptions) (credential.Secret, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return credential.Secret{}, err
	}
	name := strings.TrimSpace(opts.Name)
	if err := policy.CheckText("name", name, 1, 100); err != nil {
		return credential.Secret{}, err
	}
	if !opts.Expires.IsZero() && !opts.Expires.After(s.instant()) {
		return credential.Secret{}, &directory.Error{Code: directory.Invalid, Field: "expires", Message: "the expiry is in the past"}
	}
	secret, err := credential.NewToken(s.random, credential.ApplicationMark, s.txn.NewID(), directory.Token{
		Kind: directory.ApplicationKey, Tenant: tenant, Name: name, Expires: opts.Expires,
	})
	if err != nil {
		return credential.Secret{}, err
	}
	err = s.write(ctx, p, func(t *tenantTx) error {
		if _, err := t.Reader.Tenant(); err != nil {
			return err
		}
		keys, err := t.Reader.Tokens("")
		if err != nil {
			return err
		}
		live := 0
		for i := range keys {
			if keys[i].Live(t.Now) {
				live++
			}
		}
		if live >= liveAppKeys {
			return &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("the tenant has %d live keys: revoke one that nobody uses", live)}
		}
		secret.Token.Created = t.Now
		t.putAppKey(&secret.Token, "appkey.create", directory.TokenCreated)
		return nil
	})
	if err != nil {
		return credential.Secret{}, err
	}
	return secret.Shown(), nil
}

// RevokeAppKey ends a key at once. What is revoked stays so. NotFound.
func (s *Service) RevokeAppKey(ctx context.Context, p directory.Principal, tenant directory.TenantID, id directory.TokenID) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *tenantTx) error {
		keys, err := t.Reader.Tokens("")
		if err != nil {
			return err
		}
		at := slices.IndexFunc(keys, func(x directory.Token) bool { return x.ID == id })
		if at < 0 {
			return &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("tenant %q has no application key %q", tenant, id)}
		}
		key := keys[at]
		if !key.Revoked.IsZero() {
			return nil
		}
		key.Revoked = t.Now
		t.putAppKey(&key, "appkey.revoke", directory.TokenRevoked)
		return nil
	})
}

// AppKeys gives the keys of a tenant's applications by creation. NotFound.
func (s *Service) AppKeys(ctx context.Context, p directory.Principal, tenant directory.TenantID) (AppKeys, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return AppKeys{}, err
	}
	var out AppKeys
	err = s.read(ctx, p, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		keys, err := r.Tokens("")
		out.Keys = slices.Clone(keys)
		return err
	})
	if err != nil {
		return AppKeys{}, err
	}
	for i := range out.Keys {
		out.Keys[i].Hash = [32]byte{}
	}
	uses, err := s.store.Uses(ctx, "")
	if err != nil {
		return AppKeys{}, err
	}
	out.Uses = slices.DeleteFunc(s.uses.Merge("", uses), func(u directory.Use) bool { return u.Tenant != tenant })
	return out, nil
}

func (t *tenantTx) putAppKey(key *directory.Token, action string, kind directory.EventKind) {
	t.Change.Tokens = append(t.Change.Tokens, *key)
	subject := directory.Subject{Kind: "token", ID: string(key.ID), Name: key.Name}
	data := directory.Attributes{{Name: "kind", Value: string(key.Kind)}, {Name: "prefix", Value: key.Prefix}}
	if !key.Expires.IsZero() {
		data = append(data, directory.Attribute{Name: "expires", Value: key.Expires.UTC().Format(time.RFC3339)})
	}
	line := t.Line(action, subject)
	line.After = txn.Document(data)
	t.Audit(line)
	t.Event(kind, subject, data)
}

// AuthenticateApplication says which application shows a key. The error is Unauthorized, the same for every cause; for a good key it
// is Refused if the tenant is no longer served.
func (s *Service) AuthenticateApplication(ctx context.Context, secret string, from credential.Client) (Application, error) {
	hash := sha256.Sum256([]byte(secret))
	key, known, err := txn.Optional(s.store.Token(ctx, hash))
	if err != nil {
		return Application{}, err
	}
	now := s.instant()
	if !known || key.Kind != directory.ApplicationKey || key.Hash != hash || !key.Live(now) {
		return Application{}, &directory.Error{Code: directory.Unauthorized, Message: "the key is unknown, expired or revoked"}
	}
	tenant, err := s.Tenant(ctx, key.Tenant)
	if err != nil {
		return Application{}, err
	}
	s.uses.Note(directory.Use{Tenant: key.Tenant, Token: key.ID, Last: now, Success: now, Address: directory.Truncate(from.Address, 256), UserAgent: directory.Truncate(from.UserAgent, 256)})
	if tenant.Status != directory.TenantActive {
		return Application{}, policy.NotServed().Err()
	}
	return Application{Tenant: key.Tenant, Key: key.ID, Name: key.Name, Request: from.Request}, nil
}

// Access answers whether a person may sign in now (E4).
type Access struct {
	Allowed bool
	State   string // of the user; "unknown" if there is none, "ambiguous" if several have the address
	Why     string // a sentence
	User    directory.User
	Known   bool             // User is there
	Groups  []EffectiveGroup // none unless Allowed
}

// EffectiveGroup is a group that counts for a user now.
type EffectiveGroup struct {
	ID       directory.ID
	Name     string
	BuiltIn  directory.BuiltIn // "" for a group of the identity provider or a custom one
	Indirect bool              // by way of a nested group
}

// Person is a user as an application sees one.
type Person struct {
	User    directory.User
	Allowed bool             // may sign in now
	Groups  []EffectiveGroup // none unless Allowed
}

// mostPeople bounds what People gives at once.
const mostPeople = 500

// People gives the users of an application's tenant in the order of their ids, from the one behind after on (zero: from the first),
// those that the identity provider deleted left out. more tells that others follow. An application that lost its place in the
// feed takes the end of the feed, reads all people, and goes on from there.
func (s *Service) People(ctx context.Context, app Application, after directory.ID, limit int) (people []Person, more bool, err error) {
	if limit <= 0 || limit > mostPeople {
		limit = mostPeople
	}
	q := directory.Query{Count: limit}
	if !after.IsZero() {
		q.After = &directory.Mark{ID: after}
	}
	err = s.store.View(ctx, app.Tenant, nil, func(r store.Reader) error {
		people = nil
		page, err := r.Users(q, func(u *directory.User, _ []directory.GroupRef) error {
			people = append(people, Person{User: u.Clone()})
			return nil
		})
		more = page.Last != nil
		for i := range people {
			p := &people[i]
			if p.Allowed, _ = policy.SignIn(&p.User); p.Allowed && err == nil {
				p.Groups, err = effectiveGroups(r, &p.User)
			}
		}
		return err
	})
	return people, more, err
}

// Access answers whether the person with this address may sign in to the application now, and with which groups (E4). The address is
// looked up as userName first, which is unique, and then among the e-mail addresses; if several people have it, nobody may.
// With id it answers for that user instead.
func (s *Service) Access(ctx context.Context, app Application, email string, id directory.ID) (Access, error) {
	out := Access{State: "unknown", Why: "there is no such person in this tenant"}
	err := s.store.View(ctx, app.Tenant, nil, func(r store.Reader) error {
		u, found, err := person(r, email, id)
		switch {
		case err != nil:
			return err
		case found == 0:
			return nil
		case found > 1:
			out.State, out.Why = "ambiguous", fmt.Sprintf("%d people of this tenant have this address, and none has it as userName", found)
			return nil
		}
		out.User, out.Known, out.State = u.Clone(), true, u.State.String()
		if out.Allowed, out.Why = policy.SignIn(&u); out.Allowed {
			out.Groups, err = effectiveGroups(r, &u)
		}
		return err
	})
	if err != nil {
		return Access{}, err
	}
	return out, nil
}

// person finds the one whom an application asks about, and says how many there are.
func person(r store.Reader, email string, id directory.ID) (u directory.User, found int, err error) {
	if !id.IsZero() {
		u, ok, err := txn.Optional(r.User(id))
		if err != nil || !ok {
			return u, 0, err
		}
		return u, 1, nil
	}
	u, ok, err := txn.Optional(r.UserByName(email))
	if err != nil || ok {
		return u, 1, err
	}
	var only directory.ID
	page, err := r.Users(directory.Query{
		Where: directory.Compare{Path: directory.Path{Name: "emails", Sub: "value"}, Op: directory.Equal, Value: directory.Fold(email)}, Count: 1,
	}, func(u *directory.User, _ []directory.GroupRef) error {
		only = u.ID
		return nil
	})
	if err != nil || page.Total != 1 {
		return directory.User{}, page.Total, err
	}
	u, err = r.User(only)
	return u, 1, err
}

// effectiveGroups gives the groups of a user who may sign in, built-in ones first.
func effectiveGroups(r store.Reader, u *directory.User) ([]EffectiveGroup, error) {
	var out []EffectiveGroup
	for _, name := range directory.BuiltIns() {
		g, ok, err := txn.Optional(r.BuiltIn(name))
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		in := name == directory.TeamMembers && u.Type == directory.TeamMember // everybody who is no guest (G2)
		if !in {
			of, err := r.Memberships(g.ID, u.ID)
			if err != nil {
				return nil, err
			}
			in = len(of) > 0
		}
		if in {
			out = append(out, EffectiveGroup{ID: g.ID, Name: strings.Clone(g.DisplayName), BuiltIn: name})
		}
	}
	refs, err := r.GroupRefs(u.ID)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		out = append(out, EffectiveGroup{ID: ref.ID, Name: strings.Clone(ref.DisplayName), Indirect: ref.Indirect})
	}
	return out, nil
}
