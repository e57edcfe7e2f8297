package webhooks

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// Draft describes a new webhook.
type Draft struct {
	Name    string
	Format  directory.WebhookFormat
	URL     string
	Events  []string // none: all; of a channel: those that need action
	Tenants []directory.TenantID
	All     bool
	// Installation: it gets the audit lines of the installation, too. Only for directory.SignedAudit.
	Installation bool
}

// Edit is what an operator changes; nil leaves it unchanged.
type Edit struct {
	URL     *string
	Events  *[]string
	Tenants *[]directory.TenantID // it goes to these and no others
	All     *bool
	Paused  *bool
	// Installation: whether it gets the audit lines of the installation.
	Installation *bool
}

// View is a webhook as an operator sees it.
type View struct {
	directory.Webhook                      // without secrets
	Shown             []directory.TenantID // the tenants of the scope that it names
}

// subject names a webhook in records.
func subject(w *directory.Webhook) directory.Subject {
	return directory.Subject{Kind: "webhook", ID: w.ID.String(), Name: w.Name}
}

// Host is the part of a URL that may be shown and logged: a path may have a secret.
func Host(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// facts are the fields of a webhook in audit lines. The tenants are in audit lines of their own trails.
func facts(w *directory.Webhook) directory.Attributes {
	events := make([]any, len(w.Events))
	for i, pattern := range w.Events {
		events[i] = pattern
	}
	out := directory.Attributes{
		{Name: "host", Value: Host(w.URL)},
		{Name: "events", Value: events},
		{Name: "all", Value: w.All},
		{Name: "attached", Value: txn.Number(len(w.Tenants))},
		{Name: "paused", Value: w.Paused},
		{Name: "parked", Value: !w.Parked.IsZero()},
	}
	if w.Format != directory.SignedEvents {
		out = append(out, directory.Attribute{Name: "format", Value: string(w.Format)})
	}
	if w.Attached(directory.Provider) {
		out = append(out, directory.Attribute{Name: "installation", Value: true})
	}
	return out
}

// Create makes a webhook that gets events from now on. The secret is shown here and never again; a channel has none. Invalid, NotFound for a tenant,
// Forbidden O10, Conflict for a name that is taken or when there are 200; Unavailable without a sealing key. ViewOf is what may be shown.
func (s *Service) Create(ctx context.Context, p directory.Principal, d Draft) (w directory.Webhook, secret string, err error) {
	if p, err = txn.ForOperator(p, directory.Provider); err != nil {
		return w, "", err
	}
	w = directory.Webhook{ID: s.txn.NewID(), Name: d.Name, Version: 1, Format: d.Format, URL: d.URL, Events: sorted(d.Events)}
	if err := cmp.Or(policy.CheckName(d.Name), policy.CheckWebhookFormat(d.Format), policy.CheckWebhookEvents(d.Format, d.Events)); err != nil {
		return w, "", err
	}
	if err := s.checkURL(ctx, "url", d.URL); err != nil {
		return w, "", err
	}
	starts, err := s.starts(ctx, p, audience{w.Format, d.Tenants, d.All, d.Installation})
	if err != nil {
		return w, "", err
	}
	w.Tenants = map[directory.TenantID]directory.Attachment{}
	for id := range starts {
		w.Tenants[id] = directory.Attachment{}
	}
	if err := policy.ReadsAudit(p, &w); err != nil {
		return w, "", err
	}
	w.Tenants = nil
	if w.Channel() {
		w.URL, w.Secret, err = s.sealURL(w.ID, d.URL)
	} else {
		secret, w.Secret, err = s.newSecret(w.ID)
		if err == nil {
			w.URL, w.Address, err = s.sealAddress(w.ID, d.URL)
		}
	}
	if err != nil {
		return w, "", err
	}
	err = s.write(ctx, p, func(t *txn.Tx) error {
		taken, n := false, 0
		err := txn.Each(t.Reader, directory.WebhookKV, "", "", func(name string, _ *directory.Webhook) error {
			taken = taken || name == w.Name
			n++
			return nil
		})
		switch {
		case err != nil:
			return err
		case taken:
			return &directory.Error{Code: directory.Conflict, Field: "name", Message: "there is a webhook named " + w.Name + " already"}
		case n >= policy.MaxWebhooks:
			return &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("there are %d webhooks, which is the most: delete one that is not used", n)}
		}
		w.Created, w.Modified = t.Now, t.Now
		w.Tenants, w.All = attach(&directory.Webhook{Version: w.Version}, starts, t), d.All
		line := t.Line(directory.ActionWebhookCreate, subject(&w))
		line.After = txn.Document(facts(&w))
		t.Audit(line)
		t.Event(directory.WebhookCreated, subject(&w), facts(&w))
		return t.Set(directory.WebhookKV, w.Name, w)
	})
	if err != nil {
		return w, "", err
	}
	return w, secret, nil
}

// change decides about a webhook that the caller may change, and writes it with its audit line and event.
func (s *Service) change(ctx context.Context, p directory.Principal, name string, action directory.Action, decide func(*txn.Tx, *directory.Webhook) error) (w directory.Webhook, err error) {
	pre := p.If
	if p, err = txn.ForOperator(p, directory.Provider); err != nil {
		return w, err
	}
	err = s.write(ctx, p, func(t *txn.Tx) error {
		if w, err = find(t.Reader, p, name); err != nil {
			return err
		}
		if err := policy.ManageWebhook(p, &w); err != nil {
			return err
		}
		if err := pre.Check(w.Version); err != nil {
			return err
		}
		before, was := txn.Document(facts(&w)), w
		was.Tenants = maps.Clone(w.Tenants)
		w.Version++
		if err := decide(t, &w); err != nil {
			return err
		}
		if err := noteDetached(t, &was, &w); err != nil {
			return err
		}
		w.Modified = txn.Later(t.Now, w.Modified)
		line := t.Line(action, subject(&w))
		line.Before, line.After, line.Reason = before, txn.Document(facts(&w)), w.Reason
		t.Audit(line)
		t.Event(directory.WebhookUpdated, subject(&w), facts(&w))
		return t.Set(directory.WebhookKV, w.Name, w)
	})
	return withoutSecrets(w), err
}

// Update changes a webhook. The events of added tenants are sent from now on, and those of removed tenants no longer.
// NotFound, Invalid, Stale, Forbidden O10.
func (s *Service) Update(ctx context.Context, p directory.Principal, name string, e Edit) (directory.Webhook, error) {
	before, err := s.webhook(ctx, p, name)
	if err != nil {
		return before, err
	}
	if before.Channel() && e.URL != nil && *e.URL == before.URL { // what was shown of it
		e.URL = nil
	}
	if e.URL != nil {
		if err := s.checkURL(ctx, "url", *e.URL); err != nil {
			return before, err
		}
	}
	if e.Events != nil {
		if err := policy.CheckWebhookEvents(before.Format, *e.Events); err != nil {
			return before, err
		}
	}
	starts, err := s.newStarts(ctx, p, &before, e)
	if err != nil {
		return before, err
	}
	own, err := s.installationEdit(ctx, p, &before, e)
	if err != nil {
		return before, err
	}
	var sealed *directory.SealedCredential
	var address *directory.SealedCredential
	if e.URL != nil {
		var host string
		if before.Channel() {
			var secret directory.SealedCredential
			host, secret, err = s.sealURL(before.ID, *e.URL)
			sealed = &secret
		} else {
			host, address, err = s.sealAddress(before.ID, *e.URL)
		}
		if err != nil {
			return before, err
		}
		e.URL = &host
	}
	return s.change(ctx, p, name, directory.ActionWebhookUpdate, func(t *txn.Tx, w *directory.Webhook) error {
		if w.ID != before.ID {
			return noWebhook(name)
		}
		if starts != nil {
			w.Tenants = attach(w, starts, t)
			w.All = e.All != nil && *e.All
		}
		if err := own.apply(w, t); err != nil {
			return err
		}
		assign(&w.URL, e.URL)
		assign(&w.Secret, sealed)
		if address != nil {
			w.Address = address
		}
		assign(&w.Paused, e.Paused)
		if e.Events != nil {
			w.Events = sorted(*e.Events)
		}
		return nil
	})
}

func assign[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Resume continues a webhook that is paused or parked, at the event where it stopped, and clears its failures.
func (s *Service) Resume(ctx context.Context, p directory.Principal, name string) (directory.Webhook, error) {
	return s.change(ctx, p, name, directory.ActionWebhookResume, func(t *txn.Tx, w *directory.Webhook) error {
		w.Paused, w.Parked, w.Reason = false, time.Time{}, ""
		w.Resumes++
		w.ResumedBy = t.Principal.Actor
		return nil
	})
}

// Delete removes a webhook. Its name is then free for another webhook with another secret. NotFound, Forbidden O10.
func (s *Service) Delete(ctx context.Context, p directory.Principal, name string) error {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *txn.Tx) error {
		w, err := find(t.Reader, p, name)
		if err != nil {
			return err
		}
		if err := policy.ManageWebhook(p, &w); err != nil {
			return err
		}
		line := t.Line(directory.ActionWebhookDelete, subject(&w))
		line.Before = txn.Document(facts(&w))
		t.Audit(line)
		t.Event(directory.WebhookDeleted, subject(&w), facts(&w))
		t.Unset(directory.WebhookKV, w.Name)
		if err := noteDetached(t, &w, nil); err != nil {
			return err
		}
		p.Report.Say("Nothing more is sent to it. Events that wait are not delivered.")
		return nil
	})
}

// List gives the webhooks that p sees, by name.
func (s *Service) List(ctx context.Context, p directory.Principal) ([]View, error) {
	all, err := s.All(ctx)
	var out []View
	for i := range all {
		if policy.SeesWebhook(p, &all[i]) {
			out = append(out, s.ViewOf(p, all[i]))
		}
	}
	return out, err
}

// Webhook gives one webhook. NotFound.
func (s *Service) Webhook(ctx context.Context, p directory.Principal, name string) (View, error) {
	w, err := s.webhook(ctx, p, name)
	if err != nil {
		return View{}, err
	}
	return s.ViewOf(p, w), nil
}

// Own gives a webhook that p may manage, with its sealed secrets. NotFound, Forbidden O10.
func (s *Service) Own(ctx context.Context, p directory.Principal, name string) (directory.Webhook, error) {
	w, err := s.webhook(ctx, p, name)
	if err != nil {
		return w, err
	}
	err = policy.ManageWebhook(p, &w)
	return w, err
}

// ViewOf is a webhook as p sees it. Its whole URL is shown to who may change it.
func (s *Service) ViewOf(p directory.Principal, w directory.Webhook) View {
	v := View{Webhook: withoutSecrets(w), Shown: []directory.TenantID{}}
	v.URL = Host(w.URL)
	if policy.ManageWebhook(p, &w) == nil && !w.Channel() {
		if whole, err := s.address(&w); err == nil { // without its key, the host is shown
			v.URL = whole
		}
	}
	if w.All {
		return v
	}
	for _, id := range slices.Sorted(maps.Keys(w.Tenants)) {
		if id != directory.Provider && policy.Sees(p, id) {
			v.Shown = append(v.Shown, id)
		}
	}
	return v
}

func withoutSecrets(w directory.Webhook) directory.Webhook {
	w.Secret.Data, w.Address = nil, nil
	if w.OldSecret != nil {
		old := *w.OldSecret
		old.Data = nil
		w.OldSecret = &old
	}
	return w
}
