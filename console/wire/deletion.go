package wire

import (
	"time"

	"drawbridge/directory"
)

// Deletion is a user whom auto-delete will delete if nothing changes.
type Deletion struct {
	User      string    `json:"user"`
	UserName  string    `json:"user_name"`
	Suspended time.Time `json:"suspended"`
	Due       time.Time `json:"due"`
}

// DeletionRequest asks an Owner to delete a user for good.
type DeletionRequest struct {
	ID        string          `json:"id"`
	User      string          `json:"user"`
	UserName  string          `json:"user_name" doc:"As it was when the request was filed."`
	Reason    string          `json:"reason"`
	By        directory.Actor `json:"by"`
	Created   time.Time       `json:"created"`
	Expires   time.Time       `json:"expires"`
	Status    string          `json:"status" enum:"pending,approved,rejected,expired,obsolete"`
	DecidedBy string          `json:"decided_by,omitempty"`
	DecidedAt *time.Time      `json:"decided_at,omitempty"`
	Answer    string          `json:"answer,omitempty"`
}

// DeletionRequestCreate files a request.
type DeletionRequestCreate struct {
	User   string `json:"user" minLength:"1" maxLength:"400" doc:"The id of the user, or the userName."`
	Reason string `json:"reason" minLength:"1" maxLength:"500"`
}

// DeletionDecision decides on a request.
type DeletionDecision struct {
	Answer string `json:"answer,omitempty" maxLength:"500"`
	Force  bool   `json:"force,omitempty" doc:"Of an approval: although the identity provider still says active (rule D2). The reason of the request is the reason."`
}
