package wire

import "time"

// Idle lists seats and credentials that a tenant may not need.
type Idle struct {
	Tenant         string      `json:"tenant"`
	At             time.Time   `json:"at"`
	Summary        string      `json:"summary" doc:"In words."`
	IdleDays       int         `json:"idle_days" doc:"The setting. 0: no user is reported as idle."`
	Reported       bool        `json:"reported" doc:"The application has reported activity. Otherwise no user is reported as idle."`
	ReportedSince  string      `json:"reported_since,omitempty" doc:"The day of the first report." example:"2026-05-04"`
	ReportedLast   string      `json:"reported_last,omitempty" doc:"The day of the last one; people are idle up to it."`
	Stale          bool        `json:"stale" doc:"The last report is more than a week old."`
	Idle           []IdleUser  `json:"idle" nullable:"false" doc:"Users who occupy a seat and had no activity for idle_days; at most 1000, those first who were idle longest."`
	IdleCount      int         `json:"idle_count"`
	OrphanDays     int         `json:"orphan_days" doc:"The setting. 0: mentions are not noted."`
	NotedSince     string      `json:"noted_since,omitempty" doc:"From when on mentions were noted."`
	Unmentioned    []IdleUser  `json:"unmentioned" nullable:"false" doc:"Users whom the identity provider has not mentioned for orphan_days, although it sent requests; at most 1000."`
	Orphans        int         `json:"unmentioned_count"`
	Guests         int         `json:"guests"`
	IncludedGuests int         `json:"included_guests"`
	GuestsBeyond   int         `json:"guests_beyond" doc:"Guests who count as members."`
	Tokens         []IdleToken `json:"tokens" nullable:"false" doc:"Live credentials unused for 90 days."`
}

// IdleUser is a user who may not need the seat.
type IdleUser struct {
	ID         string `json:"id"`
	UserName   string `json:"user_name"`
	Type       string `json:"type" enum:"member,guest"`
	State      string `json:"state"`
	Connection string `json:"connection,omitempty"`
	Last       string `json:"last,omitempty" doc:"The day on which the user was last seen. Missing: none is known."`
	Since      string `json:"since" doc:"The day from which it is counted."`
	Days       int    `json:"days"`
}

// IdleToken is a live credential that has not been used for long.
type IdleToken struct {
	ID         string     `json:"id"`
	Connection string     `json:"connection,omitempty" doc:"Missing: the key of an application."`
	Name       string     `json:"name,omitempty"`
	Prefix     string     `json:"prefix"`
	Created    time.Time  `json:"created"`
	LastUsed   *time.Time `json:"last_used,omitempty"`
}
