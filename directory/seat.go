package directory

import (
	"maps"
	"time"
)

// Usage counts what a tenant has. The store keeps it like an index.
type Usage struct {
	Users     [UserTypes][States]int // users by type and state, without those that the IdP deleted
	Gone      int                    // users that the IdP deleted and that are kept in grace (D4)
	Groups    int                    // groups that are not built in
	Resources map[Kind]int           // custom resources by type; nil if there are none
}

// Add adds n to the counter of u.
func (c *Usage) Add(u *User, n int) {
	if u.Gone() {
		c.Gone += n
		return
	}
	c.Users[u.Type][u.State] += n
}

// Visible is how many users SCIM sees.
func (c *Usage) Visible() int {
	n := 0
	for _, byState := range c.Users {
		for _, count := range byState {
			n += count
		}
	}
	return n
}

// Day is a date of the calendar without a zone, as 2026-03-08. Days compare as texts.
type Day string

// DayOf is the date of t in the zone of t.
func DayOf(t time.Time) Day { return Day(t.Format(time.DateOnly)) }

// Time is midnight UTC of d. ok is false if d is not a date.
func (d Day) Time() (at time.Time, ok bool) {
	at, err := time.Parse(time.DateOnly, string(d))
	return at, err == nil
}

// Add is the day n days after d. A d that is not a date stays as it is.
func (d Day) Add(n int) Day {
	at, ok := d.Time()
	if !ok {
		return d
	}
	return DayOf(at.AddDate(0, 0, n))
}

// Until is how many days there are from d to to, to not counted; negative if to is before d.
func (d Day) Until(to Day) int {
	from, ok := d.Time()
	end, too := to.Time()
	if !ok || !too {
		return 0
	}
	return int(end.Sub(from).Hours() / 24)
}

// SeatInterval is a line of the ledger: one user on one billable seat, from acceptance to suspension or deletion (B6).
type SeatInterval struct {
	User     ID        `json:"user"`
	UserName string    `json:"user_name"` // as it was when the stay began
	Type     UserType  `json:"type"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to,omitzero"`  // zero: it is open
	Why      string    `json:"why,omitzero"` // it ended: "suspended", "deleted" or "converted"
}

// Held reports whether the seat was taken at the instant t.
func (s *SeatInterval) Held(t time.Time) bool {
	return !s.From.After(t) && (s.To.IsZero() || t.Before(s.To))
}

// Snapshot is what a tenant is charged for on one local date (B7).
type Snapshot struct {
	Day     Day       `json:"day"`
	At      time.Time `json:"at"`    // the instant that was counted
	Taken   time.Time `json:"taken"` // when it was written
	Late    bool      `json:"late,omitempty"`
	Zone    string    `json:"zone"`
	Plan    string    `json:"plan"`
	Members int       `json:"members"` // billable members
	Guests  int       `json:"guests"`
	Billed  int       `json:"billed"` // members and guests beyond those included (B3)
	Limit   int       `json:"limit"`  // 0: none

	// The price of the day, so that a later change of the catalogue does not change the past.
	FlatPrice float64 `json:"flat_price,omitempty"` // a month
	SeatPrice float64 `json:"seat_price,omitempty"` // a billed seat and month
	Currency  string  `json:"currency,omitempty"`
}

// Clone is a copy that shares no memory with c.
func (c Usage) Clone() Usage {
	c.Resources = maps.Clone(c.Resources)
	return c
}
