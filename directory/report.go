package directory

import (
	"slices"
	"strings"
)

// Run says whether a run does its work, or only reports what it would do.
type Run uint8

// The values of Run.
const (
	RunApply Run = iota
	RunDry
)

// Dry reports whether nothing is to be written.
func (r Run) Dry() bool { return r == RunDry }

// Report is the effect of a write or of its preview. It is filled if the Principal carries one.
type Report struct {
	// DryRun decides and writes nothing. A rule that refuses gives its error, and the refusal is not recorded.
	DryRun bool

	Lines  []Audit // as they were written to the audit trail, or would be
	Events []Event
	Seats  *SeatsEffect // nil: the write has nothing to do with seats
	Notice string       // a sentence about what happens later, such as at the next sync
}

// SeatsEffect is what a write does to the occupied seats of a tenant.
type SeatsEffect struct {
	Before, After int
	Limit         int // 0: none
}

// Dry reports whether the write is only to be decided.
func (r *Report) Dry() bool { return r != nil && r.DryRun }

// Note records what a Change does. It keeps no memory of a store.
func (r *Report) Note(c *Change) {
	if r == nil {
		return
	}
	for i := range c.Audit {
		line := c.Audit[i]
		line.Subject = line.Subject.clone()
		line.Reason = strings.Clone(line.Reason)
		line.Before, line.After = slices.Clone(line.Before), slices.Clone(line.After)
		r.Lines = append(r.Lines, line)
	}
	for i := range c.Events {
		e := c.Events[i]
		e.Subject, e.Data = e.Subject.clone(), slices.Clone(e.Data)
		r.Events = append(r.Events, e)
	}
}

// Say sets the notice.
func (r *Report) Say(notice string) {
	if r != nil {
		r.Notice = notice
	}
}

func (s Subject) clone() Subject {
	return Subject{Kind: strings.Clone(s.Kind), ID: strings.Clone(s.ID), Name: strings.Clone(s.Name)}
}
