package txn

import (
	"drawbridge/directory"
	"drawbridge/policy"
)

// Refusal is the error of a decision that a rule refused. Run records it before the caller gets the error of the rule.
type Refusal struct {
	No         *policy.Refusal
	Action     directory.Action
	Subject    directory.Subject
	Deviations []string
	Keep       *directory.Change // written in spite of the refusal: state, audit lines and events; nil: nothing
}

func (e *Refusal) Error() string { return e.No.Message }

// Refuse makes a refusal of policy the error that ends the decision. nil stays nil.
func (t *Tx) Refuse(no *policy.Refusal, action directory.Action, subject directory.Subject) error {
	if no == nil {
		return nil
	}
	return &Refusal{No: no, Action: action, Subject: subject}
}

// HoldBack notes that a rule refused a part of a write whose other parts are done. It is counted like a refusal.
func (t *Tx) HoldBack(rule directory.Rule) { t.heldBack = rule }

// Refused reports whether a rule refused the decision, so that the Change holds the record of that and nothing else.
func (t *Tx) Refused() bool { return t.refusal != nil }

// recordRefusal replaces the Change by the record of the refusal: the audit line and the event. A conflict of unique values, which no rule
// decided, is not recorded, because identity providers cause them all day.
func (t *Tx) recordRefusal() {
	e := t.refusal
	t.Change = directory.Change{}
	if e.No.Rule == "" {
		return
	}
	line := t.Line(e.Action, e.Subject)
	line.Outcome, line.Rule, line.Reason, line.Deviations = directory.WasDenied, e.No.Rule, e.No.Message, e.Deviations
	t.Audit(line)
	kind := directory.WriteRefused
	data := directory.Attributes{
		{Name: "action", Value: e.Action}, {Name: "rule", Value: string(e.No.Rule)}, {Name: "reason", Value: e.No.Message},
	}
	if e.No.Rule == "B2" {
		kind = directory.SeatRefused
		data = append(data, directory.Attribute{Name: "occupied", Value: Number(e.No.Occupied)}, directory.Attribute{Name: "limit", Value: Number(e.No.Limit)})
	}
	t.Event(kind, e.Subject, data)
	if e.Keep != nil {
		t.Change.KVs = append(t.Change.KVs, e.Keep.KVs...)
		t.Change.Audit = append(t.Change.Audit, e.Keep.Audit...)
		t.Change.Events = append(t.Change.Events, e.Keep.Events...)
	}
}
