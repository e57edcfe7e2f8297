package wire

import "time"

// Entry is an operator who works inside a tenant.
type Entry struct {
	Operator string    `json:"operator"`
	Name     string    `json:"name,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
}

// EntryRequest opens a context inside a tenant.
type EntryRequest struct {
	Reason  string `json:"reason,omitempty" maxLength:"500"`
	Minutes int    `json:"minutes,omitempty" minimum:"1" maximum:"720" doc:"When the context ends by itself (rule T5). Missing: 60."`
}
