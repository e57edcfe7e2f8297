// Package mail takes one mail of the outbox to an SMTP server, with STARTTLS or TLS. It renders the mail from a template, as
// text and as HTML, and is the home of the mail library.
//
// It decides nothing: package bridge/notify says when a mail is sent, and what becomes of one that could not be sent. A server that
// hangs, that refuses, or that talks without end costs one bounded attempt.
package mail
