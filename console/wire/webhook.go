package wire

import "time"

// Webhook is an endpoint of another system that events are pushed to, without its secret.
type Webhook struct {
	Name         string    `json:"name"`
	ID           string    `json:"id"`
	Version      uint64    `json:"version" doc:"The ETag."`
	Format       string    `json:"format" enum:"events,audit,slack,teams,json" doc:"events: signed events for a program. audit: signed audit lines for a program. The others are channels, whose messages are for people."`
	URL          string    `json:"url" doc:"Only scheme and host of a channel, and for an operator who may not change it."`
	Events       []string  `json:"events" nullable:"false" doc:"Kinds of event; user.* for all that begin so. Empty: all."`
	All          bool      `json:"all" doc:"It gets the events of all tenants, future ones too."`
	Installation bool      `json:"installation" doc:"It gets the audit lines of the installation, too."`
	Tenants      []string  `json:"tenants" nullable:"false" doc:"The tenants of your scope whose events it gets, unless it gets those of all."`
	TenantNames  []string  `json:"tenant_names" nullable:"false" doc:"Their names, in the same order; the slug of one whose name is not known."`
	Status       string    `json:"status" enum:"active,failing,paused,parked" doc:"failing: the last attempt failed, and it is tried again. parked: it was given up, for one tenant at least, until an operator resumes it."`
	Reason       string    `json:"reason,omitempty" doc:"Why it is failing or parked."`
	Created      time.Time `json:"created"`
	Modified     time.Time `json:"modified"`

	SecretCreated  time.Time  `json:"secret_created" doc:"When the present secret was made."`
	OldSecretUntil *time.Time `json:"old_secret_until,omitempty" doc:"Until when the secret before it signs as well."`

	Backlog      uint64     `json:"backlog" doc:"Events of your scope that were not delivered yet, wanted or not."`
	Failing      int        `json:"failing" doc:"Tenants of your scope whose next event was tried and not taken."`
	FailingSince *time.Time `json:"failing_since,omitempty"`
	Success      *time.Time `json:"last_success,omitempty"`
	SentDay      uint64     `json:"sent_24h" doc:"Attempts in the last 24 hours, of your scope."`
	TakenDay     uint64     `json:"taken_24h" doc:"Of those, the ones that the receiver accepted."`
}

// WebhookCreate asks for a webhook.
type WebhookCreate struct {
	Name         string   `json:"name" minLength:"1" maxLength:"40" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" doc:"a-z, 0-9 and hyphen. It cannot be changed." example:"portal"`
	URL          string   `json:"url" minLength:"1" maxLength:"2048" doc:"Where events are sent: HTTPS at a public address, or what outbound.allow opens." example:"https://hooks.example.com/drawbridge"`
	Format       string   `json:"format,omitempty" enum:"events,audit,slack,teams,json" doc:"audit: the lines of audit trails, signed, for a program; needs who may read them. slack: an incoming webhook of Slack. teams: a workflow of Microsoft Teams that takes a webhook request. json: a plain JSON object. These are channels: their messages are for people, and their URL is sealed. Missing: events, signed, for a program."`
	Events       []string `json:"events,omitempty" maxItems:"100" doc:"Kinds of event; user.* for all that begin so. Missing: all; of a channel those that need action. A channel also knows alert, for all that raise an alert." example:"[\"user.*\"]"`
	Tenants      []string `json:"tenants,omitempty" maxItems:"1000" doc:"The tenants whose events it gets."`
	All          bool     `json:"all,omitempty" doc:"It gets the events of all tenants, future ones too. Needs an operator who has all of them."`
	Installation bool     `json:"installation,omitempty" doc:"With the format audit: the audit lines of the installation, too. Needs an operator who has all tenants."`
}

// WebhookUpdate changes a webhook. Missing fields stay unchanged.
type WebhookUpdate struct {
	URL          *string   `json:"url,omitempty" minLength:"1" maxLength:"2048"`
	Events       *[]string `json:"events,omitempty" maxItems:"100" doc:"Replaces the kinds of event. Empty: all."`
	Tenants      *[]string `json:"tenants,omitempty" maxItems:"1000" doc:"Replaces the tenants. A new one sends what happens from now on."`
	All          *bool     `json:"all,omitempty" doc:"true: all tenants."`
	Installation *bool     `json:"installation,omitempty" doc:"Whether it gets the audit lines of the installation, too."`
	Paused       *bool     `json:"paused,omitempty" doc:"true: nothing is sent until it is resumed; the events wait in the feed."`
}

// IssuedWebhook is a webhook with its secret, which is shown only once.
type IssuedWebhook struct {
	Webhook
	Secret string `json:"secret" doc:"Verifies the signatures (Standard Webhooks). It is shown this once. Empty for a channel, which has none."`
}

// WebhookRotate asks for a new secret.
type WebhookRotate struct {
	OverlapHours *int `json:"overlap_hours,omitempty" minimum:"0" maximum:"168" doc:"How long the present secret signs as well. Missing: 24."`
}

// WebhookProgress is how far the events of one tenant were delivered.
type WebhookProgress struct {
	Tenant       string     `json:"tenant" doc:"_installation: the audit lines of the installation."`
	TenantName   string     `json:"tenant_name,omitempty" doc:"Missing: the installation."`
	Status       string     `json:"status" enum:"active,failing,paused,parked"`
	Cursor       uint64     `json:"cursor" doc:"The number of the last event that was delivered, or passed over because it is not wanted."`
	Last         uint64     `json:"last" doc:"The number of the last event that there is."`
	Backlog      uint64     `json:"backlog"`
	Delivered    uint64     `json:"delivered" doc:"Events, since the webhook was attached."`
	Success      *time.Time `json:"last_success,omitempty"`
	FailingSince *time.Time `json:"failing_since,omitempty"`
	FailingEvent uint64     `json:"failing_event,omitempty" doc:"The number of the event that the receiver does not take."`
	Attempts     int        `json:"attempts" doc:"Failed ones, of that event."`
	Next         *time.Time `json:"next_attempt,omitempty"`
	Error        string     `json:"error,omitempty"`
}

// WebhookAttempt is one request to a webhook. The last 25 of each tenant are kept.
type WebhookAttempt struct {
	Tenant     string    `json:"tenant,omitempty" doc:"Missing: a test."`
	TenantName string    `json:"tenant_name,omitempty" doc:"Missing: a test, or the installation."`
	Seq        uint64    `json:"seq" doc:"The number of the event; 0: a test."`
	Kind       string    `json:"kind"`
	ID         string    `json:"id" doc:"The header webhook-id, the same with each attempt."`
	At         time.Time `json:"at"`
	Millis     int64     `json:"millis" doc:"How long it took."`
	Attempt    int       `json:"attempt"`
	Status     int       `json:"status" doc:"Of HTTP; 0: there was no answer."`
	OK         bool      `json:"ok"`
	Error      string    `json:"error,omitempty"`
	Answer     string    `json:"answer,omitempty" doc:"The begin of the body of the answer."`
}

// WebhookReplay says from where on events are delivered again.
type WebhookReplay struct {
	Tenant string     `json:"tenant" minLength:"1" maxLength:"40" doc:"Whose events. _installation: the audit lines of the installation."`
	From   uint64     `json:"from,omitempty" maximum:"9007199254740991" doc:"The number of the first event. Or give since."`
	Since  *time.Time `json:"since,omitempty" doc:"The time of the first event. Or give from."`
}

// WebhookSkip names the event to skip.
type WebhookSkip struct {
	Tenant string `json:"tenant" minLength:"1" maxLength:"40" doc:"Whose event. _installation: an audit line of the installation."`
	Seq    uint64 `json:"seq" minimum:"1" maximum:"9007199254740991" doc:"The number of the event that fails."`
}
