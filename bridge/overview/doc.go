// Package overview owns the questions that operators ask about all tenants at once: lists of tenants and connections, the search for people,
// the inbox, open alerts, and the gauges of tenants. It also puts together everything about one tenant.
//
// It writes nothing. It does not own what a tenant, a connection or a seat is at a glance: package bridge computes that.
package overview
