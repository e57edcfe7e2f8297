package push_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
	"drawbridge/policy"
)

// inbox is a chat program that takes messages.
type inbox struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	paths  []string
	signed bool
	status int
}

func newInbox(t *testing.T) *inbox {
	t.Helper()
	i := &inbox{status: http.StatusOK}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		i.bodies, i.paths, i.signed = append(i.bodies, string(body)), append(i.paths, r.URL.Path), i.signed || r.Header.Get("Webhook-Signature") != ""
		w.WriteHeader(i.status)
		_, _ = io.WriteString(w, "ok") // the sender sees if it fails
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *inbox) got() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]string{}, i.bodies...)
}

func (i *inbox) answers(status int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.status = status
}

// plainTexts are all strings of a JSON value under keys that are named text.
func plainTexts(t *testing.T, body string) string {
	t.Helper()
	var all []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				if text, ok := inner.(string); ok && name == "text" {
					all = append(all, text)
				}
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	walk(v)
	return strings.Join(all, "\n")
}

func TestC11AChannelTellsWhatNeedsAction(t *testing.T) {
	t.Parallel()
	for _, format := range []directory.WebhookFormat{directory.Slack, directory.Teams, directory.PlainJSON} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			k := start(t)
			k.NewTenant("acme", 100)
			p := k.NewIdP("acme", "acme-okta")
			in := newInbox(t)
			secret := k.create("ops", in.URL+"/services/T0/B0/hidden", func(d *webhooks.Draft) { d.Format = format })
			if secret != "" {
				t.Errorf("a channel has the secret %q", secret)
			}
			k.people(p, 3) // no operator needs to act
			k.until("the events were read", func() bool { return k.progress("ops").Backlog() == 0 || k.progress("ops").Delivery.Version > 0 })
			k.NewApplication("acme")
			k.NewIdP("acme", "acme-entra")
			k.until("a message", func() bool { return len(in.got()) == 1 })
			body := in.got()[0]
			if text := plainTexts(t, body); !strings.Contains(text, "token Portal") || strings.Contains(body, "user.created") {
				t.Errorf("%s", body)
			}
			if in.signed || in.paths[0] != "/services/T0/B0/hidden" {
				t.Errorf("signed %v, sent to %s", in.signed, in.paths[0])
			}
			// Its URL is shown nowhere: not in the record, not in the webhook, not in an error.
			view, err := k.Hooks.Webhook(t.Context(), k.Op, "ops")
			k.OK(err)
			for _, tenant := range []directory.TenantID{"acme", directory.Provider} {
				for _, a := range k.AuditOf(tenant) {
					if strings.Contains(string(a.After)+string(a.Before)+a.Reason, "hidden") {
						t.Errorf("%s has the URL: %s", a.Action, a.After)
					}
				}
			}
			if strings.Contains(view.URL, "hidden") || strings.Contains(k.logged.String(), "hidden") {
				t.Errorf("%+v\n%s", view, k.logged)
			}
			// The events of the next minutes go into one message.
			for _, id := range []string{"acme-one", "acme-two", "acme-three"} {
				k.NewIdP("acme", id)
			}
			k.Clock.Advance(policy.ChannelPause / 2)
			k.until("a round", func() bool { return true })
			if n := len(in.got()); n != 1 {
				t.Errorf("%d messages within the pause", n)
			}
			k.Clock.Advance(policy.ChannelPause)
			k.until("the second message", func() bool { return len(in.got()) == 2 })
			for _, id := range []string{"acme-one", "acme-two", "acme-three"} {
				if !strings.Contains(in.got()[1], id) {
					t.Errorf("%s is missing in %s", id, in.got()[1])
				}
			}
		})
	}
}

func TestC11AChannelThatFailsIsTriedAgainAndShown(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 100)
	in := newInbox(t)
	k.create("ops", in.URL+"/hidden", func(d *webhooks.Draft) {
		d.Format, d.Events = directory.Slack, []string{directory.AlertPattern, "connection.*"}
	})
	in.answers(http.StatusForbidden)
	k.NewIdP("acme", "acme-okta")
	k.until("the failure", func() bool { return k.progress("ops").Delivery.Error != "" })
	if d := k.progress("ops").Delivery; d.Error != "the receiver answered 403" || d.Attempts == 0 {
		t.Errorf("%+v", d)
	}
	in.answers(http.StatusOK)
	k.Clock.Advance(time.Minute)
	k.until("the message", func() bool { return k.progress("ops").Delivery.Delivered == 1 })
	// A channel that was archived wants nothing more.
	in.answers(http.StatusGone)
	k.NewIdP("acme", "acme-entra")
	k.Clock.Advance(2 * policy.ChannelPause)
	k.until("the end", func() bool { return !k.progress("ops").Delivery.Parked.IsZero() })
	if !strings.Contains(bridgetest.Kinds(k.EventsOf("acme", 0)), string(directory.WebhookParked)) {
		t.Error("no event says that it is parked")
	}
}

func TestC11AChannelIsChangedAndTested(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 100)
	old, in := newInbox(t), newInbox(t)
	k.create("ops", old.URL+"/old", func(d *webhooks.Draft) { d.Format = directory.Teams })
	k.until("the webhook is known", func() bool { return true })
	shown, to := old.URL, in.URL+"/new"
	_, err := k.Hooks.Update(t.Context(), k.Op, "ops", webhooks.Edit{URL: &shown}) // what a form shows of it changes nothing
	k.OK(err)
	if _, err := k.push.Test(t.Context(), k.Op, "ops"); err != nil || len(old.got()) != 1 || old.paths[0] != "/old" {
		t.Errorf("%v, %v", err, old.paths)
	}
	_, err = k.Hooks.Update(t.Context(), k.Op, "ops", webhooks.Edit{URL: &to})
	k.OK(err)
	attempt, err := k.push.Test(t.Context(), k.Op, "ops")
	k.OK(err)
	if got := in.got(); attempt.Error != "" || len(got) != 1 || in.paths[0] != "/new" || !strings.Contains(plainTexts(t, got[0]), "test of the channel ops") {
		t.Errorf("%+v, %v", attempt, got)
	}
	_, _, err = k.Hooks.Rotate(t.Context(), k.Op, "ops", 0)
	k.Fails(err, directory.Conflict, "")
	_, _, err = k.Hooks.Create(t.Context(), k.Op, webhooks.Draft{Name: "x", URL: in.URL, Format: "irc", All: true})
	k.Fails(err, directory.Invalid, "C11")
	_, _, err = k.Hooks.Create(t.Context(), k.Op, webhooks.Draft{Name: "x", URL: in.URL, Events: []string{directory.AlertPattern}, All: true})
	k.Fails(err, directory.Invalid, "E3")
}
