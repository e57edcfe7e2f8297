package console

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"drawbridge/bridge/webhooks"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// defaultOverlap is how long an old secret of a webhook also signs.
const defaultOverlap = 24 * time.Hour

func (a *api) webhookRoutes() []operation {
	read := func(id, path, summary, about string, do httpapi.Handler) operation {
		return operation{
			id: id, method: http.MethodGet, path: path, right: directory.WebhookRead, tag: "webhooks", summary: summary, about: about,
			codes: []directory.Code{directory.NotFound, directory.Invalid}, do: do,
		}
	}
	post := func(id, path, summary, about string, do httpapi.Handler) operation {
		return operation{
			id: id, method: http.MethodPost, path: path, right: directory.WebhookManage, tag: "webhooks", summary: summary, about: about,
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Conflict}, do: do,
		}
	}
	const one = "/webhooks/{webhook}"
	create := post("create-webhook", "/webhooks", "Make a webhook", "Events of the named tenants are pushed to it from now on, in order and at least once (rule E3). The secret is shown in this answer and never again. With the format audit it gets audit lines instead. With a format of a channel, events that need action go to people in Slack, Teams or elsewhere.", handle(a.createWebhook))
	create.status, create.codes = created, append(create.codes, directory.Refused, directory.Unavailable)
	rotate := post("rotate-webhook", one+"/rotate", "Give a webhook a new secret", "The secret is shown in this answer and never again. The one before it signs as well for some time, so that the receiver can be changed without an outage.", handle(a.rotateWebhook))
	rotate.codes = append(rotate.codes, directory.Unavailable)
	replay := post("replay-webhook", one+"/replay", "Deliver events again", "The cursor of one tenant moves back, and all events from there on are sent again, with the ids that they had.", handle(a.replayWebhook))
	replay.codes = append(replay.codes, directory.Expired, directory.Refused)
	skip := post("skip-webhook-event", one+"/skip", "Pass over an event", "For one event that the receiver cannot take. It is named in the audit trail and not sent again.", handle(a.skipWebhookEvent))
	skip.codes = append(skip.codes, directory.Refused)
	return []operation{
		read("list-webhooks", "/webhooks", "List webhooks", "Those that get events of a tenant in your scope.", handle(a.listWebhooks)),
		create,
		read("get-webhook", one, "Show a webhook", "Without its secret.", handle(a.getWebhook)),
		{
			id: "update-webhook", method: http.MethodPatch, path: one, right: directory.WebhookManage, tag: "webhooks", summary: "Change a webhook",
			about: "A tenant that is new sends what happens from now on; one that is no longer named sends nothing more.",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Conflict}, do: handle(a.updateWebhook),
		},
		{
			id: "delete-webhook", method: http.MethodDelete, path: one, status: noContent, right: directory.WebhookManage, tag: "webhooks", summary: "Delete a webhook",
			about: "Nothing more is sent to it.", codes: []directory.Code{directory.NotFound, directory.Conflict}, do: handle(a.deleteWebhook),
		},
		rotate,
		post("resume-webhook", one+"/resume", "Resume a webhook", "It continues at the event where it was paused or parked.", handle(a.resumeWebhook)),
		post("test-webhook", one+"/test", "Send a test message", "Signed like an event, of the type webhook.test, and at once. The answer says what the receiver answered.", handle(a.testWebhook)),
		replay, skip,
		read("list-webhook-progress", one+"/progress", "Show how far events were delivered", "For each tenant in your scope.", handle(a.listWebhookProgress)),
		read("list-webhook-deliveries", one+"/deliveries", "List the last attempts", "The newest first, at most 25 of each tenant in your scope.", handle(a.listWebhookDeliveries)),
	}
}

// signedEvents is the format of a webhook that is no channel.
const signedEvents = "events"

// installation is how the deliveries of the installation's audit lines are named. No tenant can have this slug.
const installation = "_installation"

// deliveryOf is the tenant of a delivery by its name.
func deliveryOf(name string) directory.TenantID {
	if name == installation {
		return directory.Provider
	}
	return directory.TenantID(name)
}

// deliveryName is the name of the deliveries of a tenant.
func deliveryName(tenant directory.TenantID) string { return cmp.Or(string(tenant), installation) }

func formatOf(text string) directory.WebhookFormat {
	if text == signedEvents {
		return directory.SignedEvents
	}
	return directory.WebhookFormat(text)
}

// WebhookPath is the webhook in a path.
type WebhookPath struct {
	Webhook string `path:"webhook" maxLength:"40" doc:"The name of the webhook." example:"portal"`
}

type (
	createWebhookInput struct {
		Body wire.WebhookCreate
	}
	updateWebhookInput struct {
		WebhookPath
		VersionHeader
		PreviewQuery
		Body wire.WebhookUpdate
	}
	// webhookActionInput is an action without a body.
	webhookActionInput struct {
		WebhookPath
		PreviewQuery
	}
	rotateWebhookInput struct {
		WebhookPath
		Body wire.WebhookRotate
	}
	replayWebhookInput struct {
		WebhookPath
		Body wire.WebhookReplay
	}
	skipWebhookInput struct {
		WebhookPath
		Body wire.WebhookSkip
	}
	webhookProgressPage struct {
		WebhookPath
		httpapi.PageQuery
		Tenant string `query:"tenant" maxLength:"40" doc:"Only this tenant. Missing: all of the scope."`
		Status string `query:"status" enum:"active,failing,paused,parked" doc:"Only tenants with this status."`
	}
	webhookDeliveryPage struct {
		WebhookPath
		httpapi.PageQuery
		Tenant string    `query:"tenant" maxLength:"40" doc:"Only this tenant. Missing: all of the scope."`
		Failed bool      `query:"failed" doc:"Only attempts that the receiver did not take."`
		Kind   string    `query:"kind" maxLength:"100" doc:"Only events of this kind."`
		From   time.Time `query:"from" doc:"Not before."`
		To     time.Time `query:"to" doc:"Before."`
	}
)

// wants reports whether an attempt is to be listed.
func (in *webhookDeliveryPage) wants(a *directory.Attempt) bool {
	return (!in.Failed || a.Error != "") && (in.Kind == "" || in.Kind == string(a.Kind)) && !a.At.Before(in.From) && (in.To.IsZero() || a.At.Before(in.To))
}

func (a *api) listWebhooks(ctx context.Context, p directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.Webhook]], error) {
	all, err := a.Webhooks.List(ctx, p)
	if err != nil {
		return nil, err
	}
	totals, err := a.Webhooks.Totals(ctx, p, all)
	if err != nil {
		return nil, err
	}
	entries := make([]wire.Webhook, 0, len(all))
	for i := range all {
		entries = append(entries, a.webhookView(&all[i], totals[all[i].ID]))
	}
	return answer(httpapi.Sorted(entries, *in, httpapi.Ascending, func(w wire.Webhook) httpapi.Position { return httpapi.Position{ID: w.Name} }))
}

// webhookOf reads a webhook as the API shows it.
func (a *api) webhookOf(ctx context.Context, p directory.Principal, name string) (wire.Webhook, error) {
	v, err := a.Webhooks.Webhook(ctx, p, name)
	if err != nil {
		return wire.Webhook{}, err
	}
	totals, err := a.Webhooks.Totals(ctx, p, []webhooks.View{v})
	return a.webhookView(&v, totals[v.ID]), err
}

func (a *api) showWebhook(ctx context.Context, p directory.Principal, name string, err error) (*versioned[wire.Webhook], error) {
	if err != nil {
		return nil, err
	}
	out, err := a.webhookOf(ctx, p, name)
	if err != nil {
		return nil, err
	}
	return withVersion(out.Version, out), nil
}

func (a *api) getWebhook(ctx context.Context, p directory.Principal, in *WebhookPath) (*versioned[wire.Webhook], error) {
	return a.showWebhook(ctx, p, in.Webhook, nil)
}

func (a *api) createWebhook(ctx context.Context, p directory.Principal, in *createWebhookInput) (*secret[wire.IssuedWebhook], error) {
	w, text, err := a.Webhooks.Create(ctx, p, webhooks.Draft{
		Name: in.Body.Name, Format: formatOf(in.Body.Format), URL: in.Body.URL, Events: in.Body.Events, Tenants: tenantIDs(in.Body.Tenants), All: in.Body.All,
		Installation: in.Body.Installation,
	})
	if err != nil {
		return nil, err
	}
	v := a.Webhooks.ViewOf(p, w)
	return withSecret(wire.IssuedWebhook{Webhook: a.webhookView(&v, webhooks.Total{}), Secret: text}), nil
}

func (a *api) updateWebhook(ctx context.Context, p directory.Principal, in *updateWebhookInput) (*versioned[wire.Webhook], error) {
	edit := webhooks.Edit{URL: in.Body.URL, Events: in.Body.Events, All: in.Body.All, Paused: in.Body.Paused, Installation: in.Body.Installation}
	if in.Body.Tenants != nil {
		ids := tenantIDs(*in.Body.Tenants)
		edit.Tenants = &ids
	}
	_, err := a.Webhooks.Update(ctx, p, in.Webhook, edit)
	return a.showWebhook(ctx, p, in.Webhook, err)
}

func (a *api) deleteWebhook(ctx context.Context, p directory.Principal, in *webhookActionInput) (*httpapi.None, error) {
	return nil, a.Webhooks.Delete(ctx, p, in.Webhook)
}

func (a *api) rotateWebhook(ctx context.Context, p directory.Principal, in *rotateWebhookInput) (*secret[wire.IssuedWebhook], error) {
	overlap := defaultOverlap
	if hours := in.Body.OverlapHours; hours != nil {
		overlap = time.Duration(*hours) * time.Hour
	}
	_, text, err := a.Webhooks.Rotate(ctx, p, in.Webhook, overlap)
	if err != nil {
		return nil, err
	}
	out, err := a.webhookOf(ctx, p, in.Webhook)
	if err != nil {
		return nil, err
	}
	return withSecret(wire.IssuedWebhook{Webhook: out, Secret: text}), nil
}

func (a *api) resumeWebhook(ctx context.Context, p directory.Principal, in *webhookActionInput) (*versioned[wire.Webhook], error) {
	_, err := a.Webhooks.Resume(ctx, p, in.Webhook)
	return a.showWebhook(ctx, p, in.Webhook, err)
}

func (a *api) testWebhook(ctx context.Context, p directory.Principal, in *WebhookPath) (*output[wire.WebhookAttempt], error) {
	attempt, err := a.TestWebhook(ctx, p, in.Webhook)
	return answer(attemptView(nil, &attempt), err)
}

func (a *api) replayWebhook(ctx context.Context, p directory.Principal, in *replayWebhookInput) (*output[wire.WebhookProgress], error) {
	at := webhooks.Position{From: in.Body.From}
	if in.Body.Since != nil {
		at.Since = *in.Body.Since
	}
	out, err := a.Webhooks.Replay(ctx, p, in.Webhook, deliveryOf(in.Body.Tenant), at)
	return answer(progressView(&directory.Webhook{}, &out), err)
}

func (a *api) skipWebhookEvent(ctx context.Context, p directory.Principal, in *skipWebhookInput) (*output[wire.WebhookProgress], error) {
	out, err := a.Webhooks.Skip(ctx, p, in.Webhook, deliveryOf(in.Body.Tenant), in.Body.Seq)
	return answer(progressView(&directory.Webhook{}, &out), err)
}

// webhookProgress reads the progress of one tenant, or of all that p sees for "".
func (a *api) webhookProgress(ctx context.Context, p directory.Principal, name, tenant string) (webhooks.View, []webhooks.Progress, error) {
	v, err := a.Webhooks.Webhook(ctx, p, name)
	if err != nil {
		return v, nil, err
	}
	all, err := a.Webhooks.Progress(ctx, p, name)
	if tenant == "" || err != nil {
		return v, all, err
	}
	for i := range all {
		if all[i].Tenant == deliveryOf(tenant) {
			return v, all[i : i+1], nil
		}
	}
	return v, nil, &directory.Error{Code: directory.NotFound, Field: "tenant", Message: fmt.Sprintf("webhook %s gets no events of a tenant %q", name, tenant)}
}

func (a *api) listWebhookProgress(ctx context.Context, p directory.Principal, in *webhookProgressPage) (*output[wire.Page[wire.WebhookProgress]], error) {
	v, all, err := a.webhookProgress(ctx, p, in.Webhook, in.Tenant)
	if err != nil {
		return nil, err
	}
	entries := make([]wire.WebhookProgress, 0, len(all))
	for i := range all {
		if view := progressView(&v.Webhook, &all[i]); in.Status == "" || view.Status == in.Status {
			entries = append(entries, view)
		}
	}
	return answer(httpapi.Sorted(entries, in.PageQuery, httpapi.Ascending, func(w wire.WebhookProgress) httpapi.Position { return httpapi.Position{ID: w.Tenant} }))
}

func (a *api) listWebhookDeliveries(ctx context.Context, p directory.Principal, in *webhookDeliveryPage) (*output[wire.Page[wire.WebhookAttempt]], error) {
	_, all, err := a.webhookProgress(ctx, p, in.Webhook, in.Tenant)
	if err != nil {
		return nil, err
	}
	entries := []wire.WebhookAttempt{}
	for i := range all {
		for j := range all[i].Delivery.Recent {
			if attempt := &all[i].Delivery.Recent[j]; in.wants(attempt) {
				entries = append(entries, attemptView(&all[i], attempt))
			}
		}
	}
	return answer(httpapi.Sorted(entries, in.PageQuery, httpapi.Descending, func(w wire.WebhookAttempt) httpapi.Position {
		return httpapi.Position{Key: w.At.UTC().Format("2006-01-02T15:04:05.000000000"), ID: fmt.Sprintf("%s %020d %06d", w.Tenant, w.Seq, w.Attempt)}
	}))
}

func (a *api) webhookView(v *webhooks.View, total webhooks.Total) wire.Webhook {
	out := wire.Webhook{
		Name: v.Name, ID: v.ID.String(), Version: v.Version, Format: cmp.Or(string(v.Format), signedEvents), URL: v.URL, Events: append([]string{}, v.Events...), All: v.All, Installation: v.Attached(directory.Provider), Tenants: []string{}, TenantNames: []string{},
		Status: "active", Created: v.Created.UTC(), Modified: v.Modified.UTC(), SecretCreated: v.Secret.Created.UTC(),
		Backlog: total.Backlog, Failing: total.Failing, FailingSince: httpapi.Time(total.FailingSince), Success: httpapi.Time(total.Success),
		SentDay: total.Sent.Until(a.Now()).Sum(), TakenDay: total.Taken.Until(a.Now()).Sum(),
	}
	for _, id := range v.Shown {
		out.Tenants = append(out.Tenants, string(id))
		out.TenantNames = append(out.TenantNames, cmp.Or(total.Names[id], string(id)))
	}
	if v.OldSecret != nil {
		out.OldSecretUntil = httpapi.Time(v.OldUntil)
	}
	switch {
	case total.Parked || !v.Parked.IsZero():
		out.Status = "parked"
	case v.Paused:
		out.Status = "paused"
	case total.Failing > 0:
		out.Status = "failing"
	}
	if out.Status == "parked" || out.Status == "failing" {
		out.Reason = total.Error
	}
	return out
}

func progressView(w *directory.Webhook, p *webhooks.Progress) wire.WebhookProgress {
	d := &p.Delivery
	out := wire.WebhookProgress{
		Tenant: deliveryName(p.Tenant), TenantName: p.Name, Status: "active", Cursor: d.Cursor, Last: p.Last, Backlog: p.Backlog(), Delivered: d.Delivered,
		Success: httpapi.Time(d.Success), FailingSince: httpapi.Time(d.FailingSince), Attempts: d.Attempts, Next: httpapi.Time(d.Next), Error: d.Error,
	}
	if recent := d.Recent; !d.FailingSince.IsZero() && len(recent) > 0 {
		out.FailingEvent = recent[len(recent)-1].Seq
	}
	switch {
	case !w.Parked.IsZero() || !d.Parked.IsZero():
		out.Status = "parked"
	case w.Paused:
		out.Status = "paused"
	case !d.FailingSince.IsZero():
		out.Status = "failing"
	}
	return out
}

// attemptView shows an attempt to deliver an event. Without a delivery it is a test.
func attemptView(of *webhooks.Progress, a *directory.Attempt) wire.WebhookAttempt {
	out := wire.WebhookAttempt{
		Seq: a.Seq, Kind: string(a.Kind), ID: a.ID, At: a.At.UTC(), Millis: a.Took.Milliseconds(), Attempt: a.Attempt,
		Status: a.Status, OK: a.Error == "", Error: a.Error, Answer: a.Answer,
	}
	if of != nil {
		out.Tenant, out.TenantName = deliveryName(of.Tenant), of.Name
	}
	return out
}
