// Package jobs runs the work that is due because time has passed, without a request.
//
// A job proposes: it finds tenants that have something due and calls a verb of package bridge for each. The verb reads again
// inside its transaction, and policy decides. So a job may run twice, be run by hand, or be interrupted, and nothing
// is done twice or lost. The package owns when jobs run, and that a job never runs twice at the same time. It does not own
// what a job decides.
package jobs
