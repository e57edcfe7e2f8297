package targets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// longestSecret is how long a bearer token or client secret may be.
const longestSecret = 8192

// Draft describes a new target.
type Draft struct {
	Name, URL                 string
	Profile                   directory.TargetProfile // "": generic
	TokenURL, ClientID, Scope string
	Secret                    string                 // the bearer token, or with TokenURL the secret of ClientID
	People                    directory.TargetPeople // "": all
	Tenants                   []directory.TenantID   // that it is attached to
	All                       bool                   // it is attached to every tenant, including future ones; Tenants is empty
	Groups                    []string               // of each of the tenants, by id or display name; none: everybody, and all groups
	NoGroups                  bool
	OnLeave                   directory.TargetLeave   // "": deactivate
	Existing                  directory.TargetPresent // "": adopt
	Mapping                   []directory.TargetRule
	Paused                    bool
}

// Edit is what an operator changes; nil leaves it unchanged.
type Edit struct {
	URL, TokenURL, ClientID, Scope, Secret *string
	Profile                                *directory.TargetProfile
	People                                 *directory.TargetPeople
	NoGroups, Paused, All                  *bool
	OnLeave                                *directory.TargetLeave
	Existing                               *directory.TargetPresent
	Mapping                                *[]directory.TargetRule
}

// View is a target as an operator sees it.
type View struct {
	directory.Target         // without its credential; the URLs without a path if the operator may not change it
	Shares           []Share // with the tenants of the scope, by slug
}

// Share is how far a target is with one tenant.
type Share struct {
	Tenant directory.TenantID
	Name   string // of the tenant
	directory.TargetShare
	State directory.TargetState
	Last  uint64 // the number of the last event of the tenant
}

// host is the part of a URL that may be in records: a path may have a secret.
func host(text string) string {
	u, err := url.Parse(text)
	if err != nil || text == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// facts are the fields of a target in audit lines and events. The tenants are in audit lines of their own trails.
func facts(t *directory.Target) directory.Attributes {
	mapping := make([]any, len(t.Mapping))
	for i, r := range t.Mapping {
		mapping[i] = directory.Attributes{{Name: "attribute", Value: r.Attribute}, {Name: "source", Value: r.Source}, {Name: "constant", Value: r.Constant}}
	}
	return directory.Attributes{
		{Name: "host", Value: host(t.URL)},
		{Name: "profile", Value: string(t.Profile)},
		{Name: "people", Value: string(t.People)},
		{Name: "noGroups", Value: t.NoGroups},
		{Name: "onLeave", Value: string(t.OnLeave)},
		{Name: "existing", Value: string(t.Existing)},
		{Name: "mapping", Value: mapping},
		{Name: "paused", Value: t.Paused},
		{Name: "attached", Value: txn.Number(len(t.Tenants))},
		{Name: "all", Value: t.All != nil},
		{Name: "tokenHost", Value: host(t.TokenURL)},
		{Name: "clientId", Value: t.ClientID},
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

// check refuses a target that cannot be right. It does not look at the tenants.
func (s *Service) check(ctx context.Context, t *directory.Target) error {
	err := errors.Join(
		policy.CheckName(t.Name),
		one("profile", t.Profile, directory.TargetProfiles()...),
		one("people", t.People, directory.EveryoneSent, directory.MembersSent, directory.GuestsSent),
		one("on_leave", t.OnLeave, directory.LeaveDeactivate, directory.LeaveDelete),
		one("existing", t.Existing, directory.AdoptPresent, directory.RefusePresent),
		policy.CheckTargetMapping(t.Mapping),
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

func defaulted[T ~string](value, otherwise T) T {
	if value == "" {
		return otherwise
	}
	return value
}

// Create makes a target, whose first run for each of its tenants begins at once. Invalid, NotFound for a tenant, Conflict for a name that is
// taken, when there are 200, or for a tenant that has ten; Unavailable without a sealing key.
func (s *Service) Create(ctx context.Context, p directory.Principal, d Draft) (directory.Target, error) {
	t := directory.Target{
		ID: s.txn.NewID(), Name: d.Name, Version: 1, URL: d.URL, Profile: defaulted(d.Profile, directory.GenericTarget), TokenURL: d.TokenURL, ClientID: d.ClientID,
		Scope: d.Scope, People: defaulted(d.People, directory.EveryoneSent), NoGroups: d.NoGroups, OnLeave: defaulted(d.OnLeave, directory.LeaveDeactivate),
		Existing: defaulted(d.Existing, directory.AdoptPresent), Mapping: d.Mapping, Paused: d.Paused,
	}
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return t, err
	}
	if err := s.check(ctx, &t); err != nil {
		return t, err
	}
	offers, err := s.offersOf(ctx, p, &d)
	if err != nil {
		return t, err
	}
	if t.Secret, err = s.seal(t.ID, d.Secret); err != nil {
		return t, err
	}
	err = s.write(ctx, p, func(x *txn.Tx) error {
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
		t.Created, t.Modified, t.All = x.Now, x.Now, nil
		if d.All {
			t.All = &directory.TargetShare{At: x.Now, Version: t.Version, By: x.Principal.Actor}
		}
		if err := attach(x, &t, offers); err != nil {
			return err
		}
		line := x.Line(directory.ActionTargetCreate, subject(&t))
		line.After = txn.Document(facts(&t))
		x.Audit(line)
		x.Event(directory.TargetCreated, subject(&t), facts(&t))
		return x.Set(directory.TargetKV, t.Name, t)
	})
	return withoutSecret(t), err
}

// change decides about a target that p may manage, and writes it with its audit line and event.
func (s *Service) change(ctx context.Context, p directory.Principal, name string, action directory.Action, decide func(*txn.Tx, *directory.Target) error) (t directory.Target, err error) {
	pre := p.If
	if p, err = txn.ForOperator(p, directory.Provider); err != nil {
		return t, err
	}
	err = s.write(ctx, p, func(x *txn.Tx) error {
		if t, err = find(x.Reader, name); err != nil {
			return err
		}
		if !policy.SeesTarget(p, &t) {
			return noTarget(name)
		}
		if err := policy.ManageTarget(p, &t); err != nil {
			return err
		}
		if err := pre.Check(t.Version); err != nil {
			return err
		}
		before, secret, was := txn.Document(facts(&t)), t.Secret.Data, t
		t.Version++
		if err := decide(x, &t); err != nil {
			return err
		}
		if err := noteDetached(x, &was, &t); err != nil {
			return err
		}
		t.Modified = txn.Later(x.Now, t.Modified)
		line := x.Line(action, subject(&t))
		line.Before, line.After = before, txn.Document(facts(&t))
		if !bytes.Equal(secret, t.Secret.Data) {
			line.Reason = "its credential was replaced"
		}
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
// NotFound, Invalid, Stale, Forbidden O10.
func (s *Service) Update(ctx context.Context, p directory.Principal, name string, e Edit) (directory.Target, error) {
	before, err := s.Own(ctx, p, name)
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
		assign(&t.Mapping, e.Mapping)
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
	if e.All != nil && *e.All {
		if err := allTenants(p); err != nil {
			return before, err
		}
	}
	sealed := before.Secret
	if e.Secret != nil {
		if sealed, err = s.seal(before.ID, *e.Secret); err != nil {
			return before, err
		}
	}
	return s.change(ctx, p, name, directory.ActionTargetUpdate, func(x *txn.Tx, t *directory.Target) error {
		if t.ID != before.ID || t.URL != before.URL || t.TokenURL != before.TokenURL || t.ClientID != before.ClientID {
			return &directory.Error{Code: directory.Stale, Message: "the target was changed meanwhile: read it again"}
		}
		apply(t)
		if e.Secret != nil {
			t.Secret = sealed
		}
		switch {
		case e.All == nil || *e.All == (t.All != nil):
			return nil
		case !*e.All:
			t.All = nil
			return nil
		}
		t.All = &directory.TargetShare{At: x.Now, Version: t.Version, By: x.Principal.Actor}
		return attach(x, t, nil)
	})
}

// Resume continues a target that is paused or in quarantine, and tries again what was parked, for all its tenants.
func (s *Service) Resume(ctx context.Context, p directory.Principal, name string) (directory.Target, error) {
	return s.change(ctx, p, name, directory.ActionTargetResume, func(x *txn.Tx, t *directory.Target) error {
		t.Paused = false
		t.Resumes++
		t.ResumedBy = x.Principal.Actor
		return nil
	})
}

// Delete removes a target. What the application has stays there. NotFound, Forbidden O10.
func (s *Service) Delete(ctx context.Context, p directory.Principal, name string) error {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(x *txn.Tx) error {
		t, err := find(x.Reader, name)
		if err != nil {
			return err
		}
		if !policy.SeesTarget(p, &t) {
			return noTarget(name)
		}
		if err := policy.ManageTarget(p, &t); err != nil {
			return err
		}
		line := x.Line(directory.ActionTargetDelete, subject(&t))
		line.Before = txn.Document(facts(&t))
		x.Audit(line)
		x.Event(directory.TargetDeleted, subject(&t), facts(&t))
		x.Unset(directory.TargetKV, t.Name)
		return noteDetached(x, &t, &directory.Target{})
	})
}

// List gives the targets that p sees, by name.
func (s *Service) List(ctx context.Context, p directory.Principal) ([]View, error) {
	all, err := s.targets(ctx)
	if err != nil {
		return nil, err
	}
	return s.views(ctx, p, slices.DeleteFunc(all, func(t directory.Target) bool { return !policy.SeesTarget(p, &t) }))
}

// Target gives one target. NotFound.
func (s *Service) Target(ctx context.Context, p directory.Principal, name string) (View, error) {
	t, err := s.visible(ctx, p, name)
	if err != nil {
		return View{}, err
	}
	out, err := s.views(ctx, p, []directory.Target{t})
	if err != nil {
		return View{}, err
	}
	return out[0], nil
}

// views gives targets as p sees them, with the tenants of the scope that are served.
func (s *Service) views(ctx context.Context, p directory.Principal, all []directory.Target) ([]View, error) {
	out := make([]View, len(all))
	shown := map[directory.TenantID]bool{}
	every := false
	for i := range all {
		every = every || all[i].All != nil
		for tenant := range all[i].Tenants {
			shown[tenant] = true
		}
	}
	tenants := slices.Sorted(maps.Keys(shown))
	if every {
		tenants = nil
	}
	stored := map[Orphan]directory.TargetState{}
	last := map[directory.TenantID]present{}
	if every || len(tenants) > 0 {
		err := s.store.TenantKVs(ctx, directory.TargetStateKV, tenants, func(tenant directory.TenantID, kv directory.KV) error {
			state, err := txn.Value[directory.TargetState](kv)
			stored[Orphan{tenant, strings.Clone(kv.Key)}] = state
			return err
		})
		if err != nil {
			return nil, err
		}
		if last, err = s.served(ctx, tenants); err != nil {
			return nil, err
		}
		maps.DeleteFunc(last, func(tenant directory.TenantID, _ present) bool { return !policy.Sees(p, tenant) })
	}
	for i := range all {
		t := &all[i]
		out[i].Target = withoutSecret(*t)
		if policy.ManageTarget(p, t) != nil { // a path may have a secret
			out[i].URL, out[i].TokenURL = host(t.URL), host(t.TokenURL)
		}
		for _, tenant := range attachedTo(t, last) {
			if n, ok := last[tenant]; ok {
				state, _, _ := policy.AttachedState(t, tenant, stored[Orphan{tenant, t.ID.String()}])
				share, _ := t.Share(tenant)
				out[i].Shares = append(out[i].Shares, Share{Tenant: tenant, Name: n.name, TargetShare: share, State: state, Last: n.last})
			}
		}
	}
	return out, nil
}

func withoutSecret(t directory.Target) directory.Target {
	t.Secret.Data = nil
	return t
}
