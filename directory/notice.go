package directory

import "time"

// DeletionNotice is the last notice that was given about a user whom auto-delete will delete (D5).
type DeletionNotice struct {
	Suspended time.Time `json:"suspended"` // the suspension that it was about
	Step      int       `json:"step"`      // 7 or 1 days before
	At        time.Time `json:"at"`
}

// TokenNotice is the last notice that was given about a credential that expires (C2).
type TokenNotice struct {
	Expires time.Time `json:"expires"` // the expiry that it was about
	Step    int       `json:"step"`    // 30, 14, 7 or 1 days before
}
