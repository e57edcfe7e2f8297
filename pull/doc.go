// Package pull reads the directory of an identity provider that pushes nothing, and applies it with the verbs that a push would call.
//
// It owns a run: a complete snapshot of the directory, the plan that follows from comparing it with what the connection manages, and the
// order in which the plan is done. Nothing is removed without a complete snapshot (C15): a run whose snapshot fails, is empty or
// contradicts itself changes nothing and says why. A preview is the same run whose verbs decide and write nothing (E7).
//
// It does not own the rules (package policy decides inside the verbs), the requests to the identity provider (package google), or when a
// run is due (the job that package app makes of a Service).
package pull
