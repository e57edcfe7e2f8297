package policy

import (
	"fmt"
	"time"

	"drawbridge/directory"
)

// Said is a statement about a user, with its author.
type Said struct {
	By   directory.Actor
	What string // "active", "inactive", "deleted", "suspended", "accepted"
	At   time.Time
	Text string
}

// Why gives what was said about a user, by whom and when (L8). Which rule decided last is in the audit trail, and what the next sync
// will do is a Forecast.
func (s State) Why(u *directory.User) (said []Said) {
	if u.Connection == "" && u.Statement == directory.SaidActive {
		said = append(said, Said{
			By: directory.Actor{Kind: directory.ByIdP}, What: string(u.Statement), At: u.StatedAt,
			Text: "an identity provider last said: active; the user was released from it afterwards",
		})
	} else if u.Connection != "" && u.Statement != "" && u.Statement != directory.SaidNothing {
		said = append(said, Said{
			By: directory.Actor{Kind: directory.ByIdP, ID: string(u.Connection)}, What: string(u.Statement), At: u.StatedAt,
			Text: fmt.Sprintf("connection %q last said: %s", u.Connection, u.Statement),
		})
	}
	if v := u.Suspension; v != nil {
		mode := ""
		if v.By.Kind != directory.ByIdP || v.Mode != "" {
			mode = ", which yields to the next sync"
			if s.Mode(u) == directory.Hold {
				mode = ", which holds until an operator releases it"
			}
		}
		said = append(said, Said{By: v.By, What: "suspended", At: v.At, Text: person(v.By) + " suspended the user" + because(v.Reason) + mode})
	}
	if !u.AcceptedAt.IsZero() {
		said = append(said, Said{
			By: directory.Actor{Kind: directory.ByPolicy, ID: "B6"}, What: "accepted", At: u.AcceptedAt,
			Text: "the seat is charged from here on (B6)",
		})
	}
	if i := s.Invitation; i != nil && u.State == directory.Invited {
		said = append(said, Said{By: i.By, What: "invited", At: i.At, Text: person(i.By) + " invited the user at " + i.To + until(i, s.Now)})
	}
	return said
}

// Recover decides about the start of a recovery (L6): the user keeps the seat, which is billed.
func (s State) Recover(before directory.User) Decision {
	d := Decision{User: before}
	d.because("L6")
	switch before.State {
	case directory.Recovery:
	case directory.Active:
		d.User.State = directory.Recovery
		d.event(directory.UserRecovering)
	default:
		d.Refuse = conflict("L6", "state", fmt.Sprintf("only an active user can be recovered, and this one is %s: %s", before.State, untilActive(before.State)))
	}
	return d
}

// untilActive says what must happen before a user in another state becomes active.
func untilActive(state directory.State) string {
	switch state {
	case directory.Invited:
		return "the user must accept the invitation first"
	case directory.AwaitingConfirmation:
		return "confirm the user first"
	}
	return "release the suspension first"
}

// Recovered decides about the end of a recovery (L6).
func (s State) Recovered(before directory.User) Decision {
	d := Decision{User: before}
	d.because("L6")
	switch before.State {
	case directory.Active:
	case directory.Recovery:
		d.User.State = directory.Active
		d.event(directory.UserRecovered)
	default:
		d.Refuse = conflict("L6", "state", fmt.Sprintf("no recovery is under way; the user is %s", before.State))
	}
	return d
}

// until says how long the link of an invitation works.
func until(i *directory.UserInvitation, now time.Time) string {
	switch i.StatusAt(now) {
	case directory.InvitationExpired:
		return "; the link expired on " + i.Expires.UTC().Format("2006-01-02 15:04 MST") + ": send another"
	case directory.InvitationEnded:
		return "; the link works no more: send another"
	case directory.InvitationSent, directory.InvitationAccepted:
	}
	if i.Expires.IsZero() {
		return ""
	}
	return "; the link works until " + i.Expires.UTC().Format("2006-01-02 15:04 MST")
}

func onboardingSource(plan directory.Plan) string {
	if plan.Onboarding != "" {
		return "plan"
	}
	return "default"
}
