package push

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"drawbridge/directory"
	"drawbridge/policy"
)

const (
	// digestSize is how many events are read for one message to a channel.
	digestSize = 2000
	// digestLines is how many of them it describes; it counts the others.
	digestLines = 20
	// lineLength is how long the text of one of them is.
	lineLength = 140
	// noticesType is the type of the messages in the list of attempts.
	noticesType directory.EventKind = "notices"
)

// digest is the events that one message to a channel is about.
type digest struct {
	tenant directory.TenantID
	events []*directory.Event
	missed uint64 // events that were not kept until their turn
}

// notice is a message for people. It is also the message of the format json.
type notice struct {
	Type   string             `json:"type"` // notices
	Tenant directory.TenantID `json:"tenant,omitempty"`
	Title  string             `json:"title"`
	Lines  []line             `json:"notices"`
	More   int                `json:"more"`             // events that Lines leaves out
	Missed uint64             `json:"missed,omitempty"` // events that were not kept until their turn
}

// line is an event in it.
type line struct {
	Seq  uint64              `json:"seq"`
	At   time.Time           `json:"at"`
	Kind directory.EventKind `json:"kind"`
	Text string              `json:"text"`
	By   string              `json:"by"`
}

// message makes the message of a digest. last is the number of the last event that was read for it.
func (d *digest) message(format directory.WebhookFormat, last uint64) (message, error) {
	n := notice{Tenant: d.tenant, Title: fmt.Sprintf("Drawbridge: %d notices about %s", len(d.events), d.tenant), Lines: []line{}, Missed: d.missed}
	if len(d.events) == 1 {
		n.Title = "Drawbridge: " + string(d.events[0].Kind) + " at " + string(d.tenant)
	}
	for _, e := range d.events[:min(len(d.events), digestLines)] {
		by := e.Actor.Name
		if by == "" {
			by = e.Actor.ID
		}
		n.Lines = append(n.Lines, line{e.Seq, e.Time.UTC(), e.Kind, shown(policy.NoticeText(e)), shown(string(e.Actor.Kind) + " " + by)})
	}
	n.More = len(d.events) - len(n.Lines)
	body, err := n.body(format)
	id := fmt.Sprintf("evt_%s_notices_%d", d.tenant, last)
	return message{id: id, seq: last, kind: noticesType, body: body}, err
}

// shown makes a text of other people fit for one line.
func shown(text string) string {
	return directory.Truncate(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text), lineLength)
}

// texts are the lines of the message.
func (n notice) texts() []string {
	var out []string
	for _, l := range n.Lines {
		out = append(out, fmt.Sprintf("%s  %s  %s (%s)", l.At.Format("2006-01-02 15:04"), l.Kind, l.Text, l.By))
	}
	if n.More > 0 {
		out = append(out, fmt.Sprintf("and %d more (drawbridge events tail %s)", n.More, n.Tenant))
	}
	if n.Missed > 0 {
		out = append(out, fmt.Sprintf("%d events were not kept until they could be sent", n.Missed))
	}
	return out
}

// body is the message in a format. Texts of other people are never read as markup: they are in elements for plain text.
func (n notice) body(format directory.WebhookFormat) ([]byte, error) {
	type object = map[string]any
	switch format {
	case directory.Slack:
		blocks := []object{{"type": "header", "text": object{"type": "plain_text", "text": n.Title, "emoji": false}}}
		for _, text := range n.texts() {
			blocks = append(blocks, object{"type": "section", "text": object{"type": "plain_text", "text": text, "emoji": false}})
		}
		return json.Marshal(object{"text": strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(n.Title), "blocks": blocks})
	case directory.Teams:
		text := func(text string, bold bool) object {
			run := object{"type": "TextRun", "text": text}
			if bold {
				run["weight"] = "Bolder"
			}
			return object{"type": "RichTextBlock", "inlines": []object{run}}
		}
		card := []object{text(n.Title, true)}
		for _, line := range n.texts() {
			card = append(card, text(line, false))
		}
		return json.Marshal(object{"type": "message", "attachments": []object{{
			"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil,
			"content": object{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": card},
		}}})
	}
	n.Type = string(noticesType)
	return json.Marshal(n)
}
