package push

import (
	"encoding/json"
	"fmt"
	"time"

	"drawbridge/directory"
)

// longestBody is the maximum size of the body of a request. The data of a larger event is left out; it is in the feed.
const longestBody = 20_000

// The types of messages that are not events.
const (
	gapType  directory.EventKind = "feed.gap"
	lineType directory.EventKind = "audit.line"
	testType directory.EventKind = "webhook.test"
)

// message is what one request says.
type message struct {
	id   string
	seq  uint64
	kind directory.EventKind
	body []byte
}

// envelope is the body of a request, in the format of the Standard Webhooks.
type envelope struct {
	Type      directory.EventKind `json:"type"`
	Timestamp time.Time           `json:"timestamp"`
	Data      any                 `json:"data"`
}

// eventData is an event as the feed has it.
type eventData struct {
	*directory.Event
	Truncated bool `json:"truncated,omitempty"`
}

// eventMessage makes the message of an event.
func eventMessage(e *directory.Event) (message, error) {
	m := message{id: e.WebhookID(), seq: e.Seq, kind: e.Kind}
	var err error
	m.body, err = json.Marshal(envelope{e.Kind, e.Time.UTC(), eventData{Event: e}})
	if err == nil && len(m.body) > longestBody {
		thin := *e
		thin.Data = nil
		m.body, err = json.Marshal(envelope{e.Kind, e.Time.UTC(), eventData{Event: &thin, Truncated: true}})
	}
	return m, err
}

// lineData is an audit line as drawbridge audit export writes it.
type lineData struct {
	*directory.Audit
	Truncated bool `json:"truncated,omitempty"`
}

// lineMessage makes the message of an audit line.
func lineMessage(a *directory.Audit) (message, error) {
	m := message{id: a.WebhookID(), seq: a.Seq, kind: lineType}
	var err error
	m.body, err = json.Marshal(envelope{lineType, a.Time.UTC(), lineData{Audit: a}})
	if err == nil && len(m.body) > longestBody {
		thin := *a
		thin.Before, thin.After = nil, nil
		m.body, err = json.Marshal(envelope{lineType, a.Time.UTC(), lineData{Audit: &thin, Truncated: true}})
	}
	return m, err
}

// gapMessage says that events are missing, because they were no longer kept when their turn came.
func gapMessage(tenant directory.TenantID, from, to uint64, now time.Time) (message, error) {
	body, err := json.Marshal(envelope{gapType, now.UTC(), map[string]any{"tenant": tenant, "from": from, "to": to}})
	return message{id: fmt.Sprintf("evt_%s_gap_%d_%d", tenant, from, to), seq: to, kind: gapType, body: body}, err
}

// testMessage is the message by which an operator tests a webhook.
func testMessage(w *directory.Webhook, id directory.ID, now time.Time) (message, error) {
	body, err := json.Marshal(envelope{testType, now.UTC(), map[string]any{"webhook": w.Name}})
	if w.Channel() {
		body, err = notice{Title: "Drawbridge: test of the channel " + w.Name, Lines: []line{}}.body(w.Format)
	}
	return message{id: "test_" + id.String(), kind: testType, body: body}, err
}
