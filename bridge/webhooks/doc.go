// Package webhooks has the verbs of webhooks: endpoints of other systems that events of tenants are pushed to (E3, C11).
//
// It owns what a webhook is, who may change it, its secrets, and how far each tenant's events were delivered to it. It does not send
// anything: package push does that, and reports the result.
package webhooks
