package targets

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// mostScopeGroups is how many groups the scope of a target can name.
const mostScopeGroups = 100

// longestSecret is how long a bearer token or client secret may be.
const longestSecret = 8192

// Draft describes a new target.
type Draft struct {
	Name, URL                 string
	Profile                   directory.TargetProfile // "": generic
	TokenURL, ClientID, Scope string
	Secret                    string                 // the bearer token, or with TokenURL the secret of ClientID
	People                    directory.TargetPeople // "": all
	Groups                    []string               // ids or display names
	NoGroups                  bool
	OnLeave                   directory.TargetLeave   // "": deactivate
	Existing                  directory.TargetPresent // "": adopt
	Paused                    bool
}

// Edit is what an operator changes; nil leaves it unchanged.
type Edit struct {
	URL, TokenURL, ClientID, Scope, Secret *string
	Profile                                *directory.TargetProfile
	People                                 *directory.TargetPeople
	Groups                                 *[]string
	NoGroups, Paused                       *bool
	OnLeave                                *directory.TargetLeave
	Existing                               *directory.TargetPresent
}

// View is a target as an operator sees it, without its credential.
type View struct {
	directory.Target
	State directory.TargetState
}

// host is the part of a URL that may be in records: a path may have a secret.
func host(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// facts are the fields of a target in audit lines and events.
func facts(t *directory.Target) directory.Attributes {
	groups := make([]any, len(t.Groups))
	for i, id := range t.Groups {
		groups[i] = id.String()
	}
	return directory.Attributes{
		{Name: "host", Value: host(t.URL)},
		{Name: "profile", Value: string(t.Profile)},
		{Name: "people", Value: string(t.People)},
		{Name: "groups", Value: groups},
		{Name: "noGroups", Value: t.NoGroups},
		{Name: "onLeave", Value: string(t.OnLeave)},
		{Name: "existing", Value: string(t.Existing)},
		{Name: "paused", Value: t.Paused},
	}
}

func invalid(field, format string, args ...any) error {
	return &directory.Error{Code: directory.Invalid, Field: field, Rule: "C16", Message: fmt.Sprintf(format, args...)}
}

// one refuses a value that is none of the choices.
func one[T ~string](field string, value T, choices ...T) error {
	if slices.Contains(choices, value) {
		return nil
	}
	return invalid(field, "this is none of %v", choices)
}

// check refuses a target that cannot be right. It does not look at the groups.
func (s *Service) check(ctx context.Context, t *directory.Target) error {
	err := errors.Join(
		policy.CheckName(t.Name),
		one("profile", t.Profile, directory.TargetProfiles()...),
		one("people", t.People, directory.EveryoneSent, directory.MembersSent, directory.GuestsSent),
		one("on_leave", t.OnLeave, directory.LeaveDeactivate, directory.LeaveDelete),
		one("existing", t.Existing, directory.AdoptPresent, directory.RefusePresent),
	)
	switch {
	case err != nil:
		return err
	case (t.TokenURL == "") != (t.ClientID == ""):
		return invalid("token_url", "client credentials need both the URL of the token endpoint and the id of the client")
	case t.TokenURL == "" && t.Scope != "":
		return invalid("scope", "a scope is for client credentials")
	}
	u, err := url.Parse(t.URL)
	if err == nil && (u.RawQuery != "" || u.Fragment != "") {
		return invalid("url", "the base URL has no query and no fragment")
	}
	if err := s.cfg.CheckURL(ctx, "url", t.URL); err != nil {
		return err
	}
	if t.TokenURL != "" {
		return s.cfg.CheckURL(ctx, "token_url", t.TokenURL)
	}
	return nil
}

// groups gives the ids of groups that are named by id or display name. Invalid for one that is not there or is built in.
func groups(r store.Reader, names []string) ([]directory.ID, error) {
	if len(names) > mostScopeGroups {
		return nil, invalid("groups", "a target names at most %d groups", mostScopeGroups)
	}
	var out []directory.ID
	for _, name := range names {
		var g directory.Group
		var err error
		if id, ok := directory.ParseID(name); ok {
			g, err = r.Group(id)
		} else {
			g, err = r.GroupByName(name)
		}
		g, there, err := txn.Optional(g, err)
		switch {
		case err != nil:
			return nil, err
		case !there:
			return nil, invalid("groups", "there is no group %q", directory.Truncate(name, 100))
		case g.BuiltIn != "":
			return nil, invalid("groups", "%s is built in, and built-in groups are not sent", g.DisplayName)
		}
		out = append(out, g.ID)
	}
	slices.SortFunc(out, func(a, b directory.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(out), nil
}

func defaulted[T ~string](value, otherwise T) T {
	if value == "" {
		return otherwise
	}
	return value
}

// Create makes a target, whose first run begins at once. Invalid, NotFound for the tenant, Conflict for a name that is taken or when there
// are ten; Unavailable without a sealing key.
func (s *Service) Create(ctx context.Context, p directory.Principal, tenant directory.TenantID, d Draft) (directory.Target, error) {
	t := directory.Target{
		ID: s.txn.NewID(), Name: d.Name, Version: 1, URL: d.URL, Profile: defaulted(d.Profile, directory.GenericTarget), TokenURL: d.TokenURL, ClientID: d.ClientID,
		Scope: d.Scope, People: defaulted(d.People, directory.EveryoneSent), NoGroups: d.NoGroups, OnLeave: defaulted(d.OnLeave, directory.LeaveDeactivate),
		Existing: defaulted(d.Existing, directory.AdoptPresent), Paused: d.Paused,
	}
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return t, err
	}
	if err := s.check(ctx, &t); err != nil {
		return t, err
	}
	if t.Secret, err = s.seal(t.ID, d.Secret); err != nil {
		return t, err
	}
	err = s.write(ctx, p, func(x *txn.Tx) error {
		if err := txn.Exists(x.Reader, tenant); err != nil {
			return err
		}
		taken, n := false, 0
		err := txn.Each(x.Reader, directory.TargetKV, "", "", func(name string, _ *directory.Target) error {
			taken = taken || name == t.Name
			n++
			return nil
		})
		switch {
		case err != nil:
			return err
		case taken:
			return &directory.Error{Code: directory.Conflict, Field: "name", Message: "there is a target named " + t.Name + " already"}
		case n >= policy.MaxTargets:
			return &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("there are %d targets, which is the most: delete one that is not used", n)}
		}
		if t.Groups, err = groups(x.Reader, d.Groups); err != nil {
			return err
		}
		t.Created, t.Modified = x.Now, x.Now
		line := x.Line(directory.ActionTargetCreate, subject(&t))
		line.After = txn.Document(facts(&t))
		x.Audit(line)
		x.Event(directory.TargetCreated, subject(&t), facts(&t))
		return errors.Join(x.Set(directory.TargetKV, t.Name, t), x.Set(directory.TargetStateKV, t.ID.String(), directory.TargetState{Version: 1}))
	})
	return withoutSecret(t), err
}

// place names a target.
type place struct {
	tenant directory.TenantID
	name   string
}

// change decides about a target, and writes it with its audit line and event.
func (s *Service) change(ctx context.Context, p directory.Principal, at place, action directory.Action, decide func(*txn.Tx, *directory.Target) error) (t directory.Target, err error) {
	pre := p.If
	if p, err = txn.ForOperator(p, at.tenant); err != nil {
		return t, err
	}
	err = s.write(ctx, p, func(x *txn.Tx) error {
		if t, err = find(x.Reader, at.name); err != nil {
			return err
		}
		if err := pre.Check(t.Version); err != nil {
			return err
		}
		before := txn.Document(facts(&t))
		t.Version++
		if err := decide(x, &t); err != nil {
			return err
		}
		t.Modified = txn.Later(x.Now, t.Modified)
		line := x.Line(action, subject(&t))
		line.Before, line.After = before, txn.Document(facts(&t))
		x.Audit(line)
		x.Event(directory.TargetUpdated, subject(&t), facts(&t))
		return x.Set(directory.TargetKV, t.Name, t)
	})
	return withoutSecret(t), err
}

func assign[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Update changes a target. A new URL or another way to authenticate needs the credential again, so that an operator who does not have it cannot send it elsewhere.
// NotFound, Invalid, Stale.
func (s *Service) Update(ctx context.Context, p directory.Principal, tenant directory.TenantID, name string, e Edit) (directory.Target, error) {
	before, err := s.Own(ctx, p, tenant, name)
	if err != nil {
		return before, err
	}
	apply := func(t *directory.Target) {
		assign(&t.URL, e.URL)
		assign(&t.TokenURL, e.TokenURL)
		assign(&t.ClientID, e.ClientID)
		assign(&t.Scope, e.Scope)
		assign(&t.Profile, e.Profile)
		assign(&t.People, e.People)
		assign(&t.NoGroups, e.NoGroups)
		assign(&t.Paused, e.Paused)
		assign(&t.OnLeave, e.OnLeave)
		assign(&t.Existing, e.Existing)
	}
	after := before
	apply(&after)
	if after.URL != before.URL || after.TokenURL != before.TokenURL || after.ClientID != before.ClientID {
		if e.Secret == nil {
			return before, invalid("secret", "another address or client needs its credential: give it again")
		}
	}
	if err := s.check(ctx, &after); err != nil {
		return before, err
	}
	sealed := before.Secret
	if e.Secret != nil {
		if sealed, err = s.seal(before.ID, *e.Secret); err != nil {
			return before, err
		}
	}
	return s.change(ctx, p, place{tenant, name}, directory.ActionTargetUpdate, func(x *txn.Tx, t *directory.Target) error {
		if t.ID != before.ID || t.URL != before.URL || t.TokenURL != before.TokenURL || t.ClientID != before.ClientID {
			return &directory.Error{Code: directory.Stale, Message: "the target was changed meanwhile: read it again"}
		}
		apply(t)
		if e.Secret != nil {
			t.Secret = sealed
		}
		if e.Groups != nil {
			t.Groups, err = groups(x.Reader, *e.Groups)
		}
		return err
	})
}

// Resume continues a target that is paused or in quarantine, and tries again what was parked.
func (s *Service) Resume(ctx context.Context, p directory.Principal, tenant directory.TenantID, name string) (directory.Target, error) {
	return s.change(ctx, p, place{tenant, name}, directory.ActionTargetResume, func(x *txn.Tx, t *directory.Target) error {
		t.Paused = false
		t.Resumes++
		state, _, err := txn.Get[directory.TargetState](x.Reader, directory.TargetStateKV, t.ID.String())
		if err == nil && !state.Quarantined.IsZero() {
			x.Event(directory.TargetRecovered, subject(t), nil)
		}
		return err
	})
}

// Delete removes a target. What the application has stays there. NotFound.
func (s *Service) Delete(ctx context.Context, p directory.Principal, tenant directory.TenantID, name string) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(x *txn.Tx) error {
		t, err := find(x.Reader, name)
		if err != nil {
			return err
		}
		line := x.Line(directory.ActionTargetDelete, subject(&t))
		line.Before = txn.Document(facts(&t))
		x.Audit(line)
		x.Event(directory.TargetDeleted, subject(&t), facts(&t))
		x.Unset(directory.TargetKV, t.Name)
		return nil
	})
}

// List gives the targets of a tenant, by name. NotFound for the tenant.
func (s *Service) List(ctx context.Context, p directory.Principal, tenant directory.TenantID) ([]View, error) {
	if _, err := txn.ForOperator(p, tenant); err != nil {
		return nil, err
	}
	var out []View
	err := s.txn.View(ctx, tenant, func(r store.Reader) error {
		out = nil
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		var keys []string
		err := txn.Each(r, directory.TargetKV, "", "", func(_ string, t *directory.Target) error {
			out = append(out, View{Target: withoutSecret(*t)})
			keys = append(keys, t.ID.String())
			return nil
		})
		if err != nil {
			return err
		}
		states, err := txn.GetAll[directory.TargetState](r, directory.TargetStateKV, keys)
		for i := range out {
			out[i].State = policy.ResumedTarget(&out[i].Target, states[keys[i]])
		}
		return err
	})
	return out, err
}

// Target gives one target. NotFound.
func (s *Service) Target(ctx context.Context, p directory.Principal, tenant directory.TenantID, name string) (View, error) {
	var out View
	if _, err := txn.ForOperator(p, tenant); err != nil {
		return out, err
	}
	err := s.txn.View(ctx, tenant, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		t, err := find(r, name)
		if err != nil {
			return err
		}
		state, _, err := txn.Get[directory.TargetState](r, directory.TargetStateKV, t.ID.String())
		out = View{Target: withoutSecret(t), State: policy.ResumedTarget(&t, state)}
		return err
	})
	return out, err
}

// Own gives a target with its sealed credential, for a run that an operator starts. NotFound.
func (s *Service) Own(ctx context.Context, p directory.Principal, tenant directory.TenantID, name string) (t directory.Target, err error) {
	if _, err := txn.ForOperator(p, tenant); err != nil {
		return t, err
	}
	err = s.txn.View(ctx, tenant, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		t, err = find(r, name)
		return err
	})
	return t, err
}

func withoutSecret(t directory.Target) directory.Target {
	t.Secret.Data = nil
	return t
}
