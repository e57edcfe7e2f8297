// Package notify tells people by mail what happened, and takes mails to the mail server.
//
// It owns which events become a mail, how events are gathered into one, and the outbox: when a mail is tried, tried again, parked or
// dropped. It does not own what raises a notice or an alert (policy), what an operator is subscribed to (bridge/operators), the text of
// a mail (bridge/mail), or the links in it: they are made when the mail goes out, by bridge/operators for operators and by the
// LinkMakers of its Config for all others.
package notify
