// Package push delivers the events of tenants to webhooks (E3): it reads the feed after the cursor of each webhook and tenant, signs and
// sends one event after the other, and moves the cursor.
//
// It owns the requests: their format, their signature, how many are sent at a time, and what an answer means. Package bridge/webhooks owns
// which events were delivered, and who may change a webhook. Package policy decides when to try again and when to give up.
//
// A delivery happens at least once and in order: the cursor moves after the receiver has accepted an event, and there is only one request
// at a time for a webhook and tenant. Each webhook has its own slots, so a slow or dead one delays no other.
package push
