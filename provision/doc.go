// Package provision keeps the users and groups of tenants in applications that speak SCIM as they are here (C16).
//
// It owns the requests: what is sent for a person or group (render), the minimum of changes (plan), how an application is read (client),
// what an answer means, and in which order things happen (run). Package bridge/targets owns which targets there are, whom they get, and
// what was last sent. Package policy decides when to try again, when to park one person, and when the whole target is quarantined.
//
// It works with state, not with events: an event only says that something in the tenant changed. A run compares the records of the tenant
// with what was last sent, and sends the difference. So a thousand changes of a person are one request, the order of events does not
// matter, and a crash loses nothing: the next run compares again. A search precedes each POST. It finds a record that the application made
// although its answer was not stored.
package provision
