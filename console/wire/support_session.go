package wire

import "time"

// SupportSession is the time that an operator works inside a tenant (rule T5).
type SupportSession struct {
	Operator string    `json:"operator"`
	Name     string    `json:"name,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
}

// SupportSessionRequest opens a support session.
type SupportSessionRequest struct {
	Reason  string `json:"reason,omitempty" maxLength:"500"`
	Minutes int    `json:"minutes,omitempty" minimum:"1" maximum:"720" doc:"When the session ends by itself (rule T5). Missing: 60."`
}
