package wire

import (
	"time"

	"drawbridge/directory"
)

// Usage is the usage and cost of a tenant in a period: an estimate, never an invoice.
type Usage struct {
	Tenant         string  `json:"tenant"`
	TenantName     string  `json:"tenant_name"`
	CustomerNumber string  `json:"customer_number,omitempty" doc:"In the books of the provider."`
	Plan           string  `json:"plan"`
	From           string  `json:"from" format:"date"`
	To             string  `json:"to" format:"date" doc:"The last day, which counts too."`
	Days           int     `json:"days" doc:"Of the period."`
	Counted        int     `json:"counted" doc:"Days with a snapshot."`
	Late           int     `json:"late" doc:"Of those, taken late."`
	Last           string  `json:"last,omitempty" format:"date" doc:"The last day with a snapshot."`
	MemberDays     int     `json:"member_days"`
	GuestDays      int     `json:"guest_days"`
	SeatDays       int     `json:"seat_days" doc:"Sum of the billed seats of each day: members and the guests beyond those included."`
	Usage          float64 `json:"usage" doc:"Seat days divided by the days so far."`
	Projected      float64 `json:"projected" doc:"The same for the whole period, as if every day to come were like the last."`
	Cost           *Cost   `json:"cost,omitempty" doc:"Missing where the plan has no price."`
}

// Cost is the estimate of a period. Amounts are decimals with two places.
type Cost struct {
	Currency  string `json:"currency"`
	Flat      string `json:"flat" doc:"For any number of seats."`
	Base      string `json:"base" doc:"The seats of the first day."`
	Added     string `json:"added" doc:"Prorated: seats that came later."`
	Credited  string `json:"credited" doc:"Prorated: seats that fell away."`
	Total     string `json:"total" doc:"Flat, base and added less credited, of the days so far."`
	Projected string `json:"projected" doc:"Of the whole period."`
	Mixed     bool   `json:"mixed,omitempty" doc:"Some days have a price in another currency and are left out."`
}

// Snapshot is what a tenant is charged for on one local date.
type Snapshot = directory.Snapshot

// LedgerLine is one stay of a user on a billable seat.
type LedgerLine struct {
	User        string     `json:"user"`
	UserName    string     `json:"user_name"`
	Type        string     `json:"type" enum:"member,guest"`
	From        time.Time  `json:"from"`
	To          *time.Time `json:"to,omitempty" doc:"Missing: it is open."`
	Why         string     `json:"why,omitempty" doc:"It ended: suspended, deleted, converted."`
	ChargeDueBy time.Time  `json:"charge_due_by" doc:"48 hours after acceptance."`
	SeatDays    int        `json:"seat_days" doc:"Days of the period on which it was counted."`
}
