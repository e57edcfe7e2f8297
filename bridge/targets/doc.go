// Package targets has the verbs of targets: applications in which the users and groups of a tenant are kept as they are here (C16).
//
// It owns what a target is, its credential, whom it gets, and what was last sent to it. It does not send anything: package provision
// does that, and reports the result.
package targets
