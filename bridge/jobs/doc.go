// Package jobs is the clock of Drawbridge: what is done because time has passed and not because somebody asked.
//
// A job proposes: it looks which tenants have something due and calls a verb of package bridge for each; the verb reads again
// inside its transaction, and policy decides. So a job may be run twice, at once by hand, or ended in the middle, and nothing
// is done twice or lost. The package owns when jobs run, and that one job never runs beside itself.
package jobs
