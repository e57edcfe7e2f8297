// Package mail sends one mail of the outbox to an SMTP server, with STARTTLS or TLS. It owns the templates, which make text and HTML, and
// is the home of the mail library.
//
// It decides nothing: package bridge/notify says when a mail is sent, and what happens to one that could not be sent. A server that hangs,
// refuses, or never stops talking costs one bounded attempt.
package mail
