package webhooks_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

func start(t *testing.T, changes ...func(*bridgetest.Config)) *bridgetest.Kit {
	t.Helper()
	ring, err := credential.NewRing(bytes.Repeat([]byte{7}, credential.SealKeySize))
	if err != nil {
		t.Fatal(err)
	}
	return bridgetest.Start(t, append([]func(*bridgetest.Config){func(c *bridgetest.Config) { c.Seal = ring }}, changes...)...)
}

// scoped is an Administrator with these tenants.
func scoped(k *bridgetest.Kit, tenants ...directory.TenantID) directory.Principal {
	return directory.Principal{
		Actor:  directory.Actor{Kind: directory.ByOperator, ID: k.Clock.NewID().String(), Name: "Ada"},
		Access: directory.Access{Role: directory.RoleAdmin, Scope: directory.Scope{Tenants: tenants}},
	}
}

func draft(name string, tenants ...directory.TenantID) webhooks.Draft {
	return webhooks.Draft{Name: name, URL: "https://hooks.example.com/in?token=hidden", Tenants: tenants, All: len(tenants) == 0}
}

// startScoped makes webhooks inside the scope of Ada, who may see acme alone, outside it, and both.
func startScoped(t *testing.T) (k *bridgetest.Kit, ada directory.Principal) {
	t.Helper()
	k = start(t)
	for _, id := range []string{"acme", "birch", "cedar"} {
		k.NewTenant(id, 10)
	}
	for name, tenants := range map[string][]directory.TenantID{"own": {"acme"}, "shared": {"acme", "birch"}, "foreign": {"birch"}, "every": nil} {
		_, _, err := k.Hooks.Create(t.Context(), k.Op, draft(name, tenants...))
		k.OK(err)
	}
	return k, scoped(k, "acme")
}

// A webhook with a tenant outside the scope cannot be changed. One without a tenant inside the scope does not exist. No tenant outside the
// scope is named (O10).
func TestO10WebhooksRespectScope(t *testing.T) {
	t.Parallel()
	k, ada := startScoped(t)
	ctx, nobody := t.Context(), scoped(k)
	list, err := k.Hooks.List(ctx, ada)
	k.OK(err)
	var seen []string
	for _, v := range list {
		seen = append(seen, fmt.Sprint(v.Name, v.Shown, strings.Contains(v.URL, "hidden")))
		if len(v.Secret.Data) > 0 {
			t.Errorf("%s shows its secret", v.Name)
		}
	}
	if got := strings.Join(seen, " "); got != "every[] false own[acme] true shared[acme] false" {
		t.Errorf("Ada sees %s", got)
	}
	if list, err := k.Hooks.List(ctx, nobody); err != nil || len(list) != 0 {
		t.Errorf("an operator without tenants sees %v, %v", list, err)
	}
	url, events, paused := "https://other.example.com/", []string{"user.*"}, true
	for name, want := range map[string]directory.Code{"own": "", "shared": directory.Forbidden, "every": directory.Forbidden, "foreign": directory.NotFound, "none": directory.NotFound} {
		_, err := k.Hooks.Webhook(ctx, ada, name)
		if seen := want != directory.NotFound; (err == nil) != seen {
			t.Errorf("show %s: %v", name, err)
		}
		for what, do := range map[string]func() error{
			"update": func() error {
				_, err := k.Hooks.Update(ctx, ada, name, webhooks.Edit{URL: &url, Events: &events, Paused: &paused})
				return err
			},
			"resume": func() error { _, err := k.Hooks.Resume(ctx, ada, name); return err },
			"rotate": func() error { _, _, err := k.Hooks.Rotate(ctx, ada, name, time.Hour); return err },
			"own":    func() error { _, err := k.Hooks.Own(ctx, ada, name); return err },
			"replay": func() error {
				_, err := k.Hooks.Replay(ctx, ada, name, "acme", webhooks.Position{From: 1})
				return err
			},
		} {
			if err := do(); directory.CodeOf(err) != want && (err != nil || want != "") {
				t.Errorf("%s %s: %v, want %q", what, name, err, want)
			}
		}
		if want != "" {
			if err := k.Hooks.Delete(ctx, ada, name); directory.CodeOf(err) != want {
				t.Errorf("delete %s: %v, want %q", name, err, want)
			}
		}
	}
}

// An operator cannot attach a webhook to a tenant outside the scope, when creating or changing it. Such a tenant looks like a missing one (O10).
func TestO10WebhooksDoNotLeaveTheScope(t *testing.T) {
	t.Parallel()
	k, ada := startScoped(t)
	ctx, idp := t.Context(), directory.Principal{Actor: directory.Actor{Kind: directory.ByIdP, ID: "x"}, Access: k.Op.Access}
	all := true
	more := []directory.TenantID{"acme", "birch"}
	for what, do := range map[directory.Code]func() error{
		directory.Forbidden: func() error { _, err := k.Hooks.Update(ctx, ada, "own", webhooks.Edit{All: &all}); return err },
		directory.NotFound: func() error {
			_, err := k.Hooks.Update(ctx, ada, "own", webhooks.Edit{Tenants: &more})
			return err
		},
	} {
		k.Fails(do(), what, map[directory.Code]directory.Rule{directory.Forbidden: "O10"}[what])
	}
	_, _, err := k.Hooks.Create(ctx, ada, draft("new", "birch"))
	foreign := k.Fails(err, directory.NotFound, "")
	_, _, err = k.Hooks.Create(ctx, ada, draft("new", "nowhere"))
	missing := k.Fails(err, directory.NotFound, "")
	if strings.ReplaceAll(foreign.Message, "birch", "nowhere") != missing.Message {
		t.Errorf("a foreign tenant and a missing one differ: %q, %q", foreign.Message, missing.Message)
	}
	_, _, err = k.Hooks.Create(ctx, ada, draft("new"))
	k.Fails(err, directory.Forbidden, "O10")
	_, _, err = k.Hooks.Create(ctx, idp, draft("new", "acme"))
	k.Fails(err, directory.Forbidden, "")
	if p, err := k.Hooks.Progress(ctx, ada, "shared"); err != nil || len(p) != 1 || p[0].Tenant != "acme" {
		t.Errorf("%+v, %v", p, err)
	}
	_, err = k.Hooks.Replay(ctx, ada, "own", "birch", webhooks.Position{From: 1})
	k.Fails(err, directory.NotFound, "")
}

func TestInvalidDraftsAreRefused(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 10)
	for field, d := range map[string]webhooks.Draft{
		"name":    {Name: "Not a name", URL: "https://a.example/", Tenants: []directory.TenantID{"acme"}},
		"events":  {Name: "a", URL: "https://a.example/", Tenants: []directory.TenantID{"acme"}, Events: []string{"nothing.*"}},
		"tenants": {Name: "a", URL: "https://a.example/"},
	} {
		_, _, err := k.Hooks.Create(t.Context(), k.Op, d)
		if e := k.Fails(err, directory.Invalid, map[string]directory.Rule{"events": "E3"}[field]); e.Field != field {
			t.Errorf("%s: the field is %s", field, e.Field)
		}
	}
	_, _, err := k.Hooks.Create(t.Context(), k.Op, draft("a", "acme"))
	k.OK(err)
	_, _, err = k.Hooks.Create(t.Context(), k.Op, draft("a", "acme"))
	k.Fails(err, directory.Conflict, "")
	k.OK(k.Write(t.Context(), k.Op, func(tx *txn.Tx) error {
		tx.Audit(tx.Line("webhook.create", directory.Subject{Kind: "webhook"}))
		for i := range policy.MaxWebhooks - 1 {
			if err := tx.Set(directory.WebhookKV, fmt.Sprint("w", i), directory.Webhook{ID: tx.NewID(), Version: 1}); err != nil {
				return err
			}
		}
		return nil
	}))
	_, _, err = k.Hooks.Create(t.Context(), k.Op, draft("one-more", "acme"))
	k.Fails(err, directory.Conflict, "")
}

// The secret is sealed in the store, and is in no record. When the key of the installation changes, the secret is sealed again.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	old, fresh := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{8}, 32)
	k := start(t)
	k.NewTenant("acme", 10)
	_, secret, err := k.Hooks.Create(t.Context(), k.Op, draft("a", "acme"))
	k.OK(err)
	w, err := k.Hooks.Own(t.Context(), k.Op, "a")
	k.OK(err)
	keys, err := k.Hooks.Keys(t.Context(), &w)
	k.OK(err)
	if !strings.HasPrefix(secret, "whsec_") || len(keys) != 1 || len(keys[0]) != 32 || bytes.Contains(w.Secret.Data, keys[0]) {
		t.Errorf("%s, %v", secret, keys)
	}
	for _, line := range k.AuditOf(directory.Provider) {
		if text := string(line.After); strings.Contains(text, "whsec") || strings.Contains(text, "hidden") {
			t.Errorf("an audit line has %s", text)
		}
	}
	for _, e := range k.EventsOf(directory.Provider, 0) {
		if text := string(e.Data); strings.Contains(text, "whsec") || strings.Contains(text, "hidden") || strings.Contains(text, "acme") && e.Kind == directory.WebhookCreated {
			t.Errorf("an event has %s", text)
		}
	}
	with := func(keys ...[]byte) *webhooks.Service {
		ring, err := credential.NewRing(keys...)
		k.OK(err)
		return webhooks.New(webhooks.Config{Txn: k.Txn, Write: k.Write, Random: bytes.NewReader(bytes.Repeat([]byte{9}, 1000)), Seal: ring})
	}
	_, err = with(fresh).Keys(t.Context(), &w)
	k.Fails(err, directory.Unavailable, "")
	again, err := with(fresh, old).Keys(t.Context(), &w)
	k.OK(err)
	w, err = k.Hooks.Own(t.Context(), k.Op, "a")
	k.OK(err)
	alone, err := with(fresh).Keys(t.Context(), &w)
	k.OK(err)
	if !bytes.Equal(again[0], keys[0]) || !bytes.Equal(alone[0], keys[0]) {
		t.Error("the secret is another one")
	}
}

// A webhook of audit lines needs who may read them: the right to the trails, and for those of the installation all tenants. It takes all
// lines, and a webhook of events takes none.
func TestWebhooksOfAuditLinesNeedTheRightToReadThem(t *testing.T) {
	t.Parallel()
	k := start(t)
	ctx := t.Context()
	k.NewTenant("acme", 10)
	lines := func(name string, home bool, tenants ...directory.TenantID) webhooks.Draft {
		d := draft(name, tenants...)
		d.Format, d.Installation, d.All = directory.SignedAudit, home, len(tenants) == 0 && !home
		return d
	}
	create := func(p directory.Principal, d webhooks.Draft) error {
		_, _, err := k.Hooks.Create(ctx, p, d)
		return err
	}
	reader, blind := scoped(k, "acme"), scoped(k, "acme")
	blind.Access.Role = directory.RoleHelpDesk
	k.OK(create(reader, lines("own", false, "acme")))
	k.Fails(create(reader, lines("home", true, "acme")), directory.Forbidden, "O10")
	k.Fails(create(blind, lines("blind", false, "acme")), directory.Forbidden, "O1")
	d := lines("some", false, "acme")
	d.Events = []string{"user.*"}
	k.Fails(create(k.Op, d), directory.Invalid, "E3")
	d = draft("events", "acme")
	d.Installation = true
	k.Fails(create(k.Op, d), directory.Invalid, "")
	k.OK(create(k.Op, lines("installation", true)))

	url, yes, no := "https://elsewhere.example.com/", true, false
	update := func(p directory.Principal, name string, e webhooks.Edit) error {
		_, err := k.Hooks.Update(ctx, p, name, e)
		return err
	}
	k.Fails(update(blind, "own", webhooks.Edit{URL: &url}), directory.Forbidden, "O1") // it would send the lines there
	k.Fails(update(reader, "own", webhooks.Edit{Installation: &yes}), directory.Forbidden, "O10")
	k.Fails(update(reader, "installation", webhooks.Edit{URL: &url}), directory.NotFound, "")
	k.OK(update(k.Op, "own", webhooks.Edit{Installation: &yes}))
	k.Fails(update(reader, "own", webhooks.Edit{URL: &url}), directory.Forbidden, "O10")
	tenants := []directory.TenantID{"acme"}
	k.OK(update(k.Op, "own", webhooks.Edit{Tenants: &tenants}))
	if v, err := k.Hooks.Webhook(ctx, k.Op, "own"); err != nil || !v.Attached(directory.Provider) || len(v.Shown) != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	k.OK(update(k.Op, "own", webhooks.Edit{Installation: &no}))
	k.Fails(update(k.Op, "installation", webhooks.Edit{Installation: &no}), directory.Invalid, "")
	if p, err := k.Hooks.Progress(ctx, reader, "own"); err != nil || len(p) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

// The URL of a webhook is sealed in the store. One that an older version stored is sealed at the next occasion, and sealed again when the key
// of the installation changes. Without its key, its host is shown and nothing is sent.
func TestURLsAreSealed(t *testing.T) {
	t.Parallel()
	const whole = "https://hooks.example.com/in?token=hidden"
	old, fresh := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{8}, 32)
	k := start(t)
	ctx := t.Context()
	k.NewTenant("acme", 10)
	stored := func(name string) (w directory.Webhook, text string) {
		t.Helper()
		k.OK(k.Store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
			value, err := r.KV(directory.WebhookKV, name)
			text = string(value.Value)
			return errors.Join(err, json.Unmarshal(value.Value, &w))
		}))
		return w, text
	}
	with := func(keys ...[]byte) *webhooks.Service {
		ring, err := credential.NewRing(keys...)
		k.OK(err)
		return webhooks.New(webhooks.Config{Txn: k.Txn, Write: k.Write, Random: rand.Reader, Seal: ring})
	}
	target := func(s *webhooks.Service, name string) (string, error) {
		w, _ := stored(name)
		url, _, err := s.Target(ctx, &w)
		return url, err
	}
	_, _, err := k.Hooks.Create(ctx, k.Op, draft("new", "acme"))
	k.OK(err)
	if _, text := stored("new"); strings.Contains(text, "hidden") || !strings.Contains(text, "https://hooks.example.com") {
		t.Errorf("the store has %s", text)
	}
	// A record as an older version wrote it.
	w, _ := stored("new")
	w.Name, w.URL, w.Address = "old", whole, nil
	k.OK(k.Write(ctx, k.Op, func(tx *txn.Tx) error {
		tx.Audit(tx.Line("webhook.create", directory.Subject{Kind: "webhook"}))
		return tx.Set(directory.WebhookKV, w.Name, w)
	}))
	if url, err := target(with(fresh), "new"); directory.CodeOf(err) != directory.Unavailable {
		t.Errorf("%s, %v", url, err)
	}
	for _, s := range []*webhooks.Service{k.Hooks, with(fresh, old), with(fresh)} {
		all, err := s.All(ctx)
		k.OK(err)
		k.OK(s.Reseal(ctx, all))
		for _, name := range []string{"old", "new"} {
			if _, text := stored(name); strings.Contains(text, "hidden") {
				t.Errorf("the store has %s", text)
			}
			if url, err := target(s, name); err != nil || url != whole {
				t.Errorf("%s: %s, %v", name, url, err)
			}
			if v, err := s.Webhook(ctx, k.Op, name); err != nil || v.URL != whole || v.Address != nil {
				t.Errorf("%s is shown as %s, %v", name, v.URL, err)
			}
		}
	}
	if v, err := with(old).Webhook(ctx, k.Op, "new"); err != nil || v.URL != "https://hooks.example.com" {
		t.Errorf("without its key it is shown as %s, %v", v.URL, err)
	}
	other := whole + "2"
	_, err = with(fresh).Update(ctx, k.Op, "new", webhooks.Edit{Paused: new(bool)})
	k.OK(err)
	if url, err := target(with(fresh), "new"); err != nil || url != whole {
		t.Errorf("after a change of something else it is %s, %v", url, err)
	}
	s := webhooks.New(webhooks.Config{
		Txn: k.Txn, Write: k.Write, Random: rand.Reader, Seal: func() credential.Ring { r, _ := credential.NewRing(fresh); return r }(),
		CheckURL: func(context.Context, string, string) error { return nil },
	})
	_, err = s.Update(ctx, k.Op, "new", webhooks.Edit{URL: &other})
	k.OK(err)
	if url, err := target(s, "new"); err != nil || url != other {
		t.Errorf("after its change it is %s, %v", url, err)
	}
	for _, line := range k.AuditOf(directory.Provider) {
		if text := string(line.After) + string(line.Before); strings.Contains(text, "hidden") {
			t.Errorf("an audit line has %s", text)
		}
	}
}
