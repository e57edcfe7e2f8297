// Package siem sends the lines of the audit trails to a SIEM (E6): as JSON lines to a writer, and as syslog messages over TLS.
//
// It owns the formats, the connection, and when a line counts as taken. Package bridge/record owns the trails and keeps the position in
// each of them; package policy decides when to try again.
//
// Lines are sent at least once, and in order within a trail. A position is stored only after its lines were taken. Syslog has no
// acknowledgement: there a line counts as taken when the connection has lived on for Sink.Settle after it. If the connection breaks
// before, or the process ends, the lines are sent again.
package siem
