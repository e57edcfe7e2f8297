package policy

import (
	"fmt"

	"drawbridge/directory"
)

// MaxTransfer is how many users and groups one transfer moves at most. Their list is written in one transaction.
const MaxTransfer = 200_000

// CheckTransfer refuses to move the management of records between two connections of a tenant that are not both at work (C14).
func CheckTransfer(from, to *directory.Connection) *Refusal {
	if no := CheckTransferBack(from, to); no != nil {
		return no
	}
	switch {
	case from.ID == to.ID:
		return conflict("C14", "to", "the two connections are the same one")
	case to.AttributeMapping.Sets(directory.TargetUserName):
		return conflict("C14", "to", fmt.Sprintf("the attribute mapping of connection %[1]q sets userName, so its identity provider would not find the users by their names. Take that rule out (drawbridge connection attributes %[1]s --remove userName), move the users, and map userName again afterwards", to.ID))
	}
	return nil
}

// CheckTransferBack refuses to undo a transfer between two connections that are not both at work (C14).
func CheckTransferBack(from, to *directory.Connection) *Refusal {
	for _, c := range []*directory.Connection{from, to} {
		switch {
		case c.Ending != nil:
			return conflict("C14", "connection", fmt.Sprintf("connection %q is being disconnected: it neither gives nor takes users", c.ID))
		case c.Observing != nil:
			return conflict("C14", "connection", fmt.Sprintf("connection %q is in observe mode: promote or drop the observation first", c.ID))
		}
	}
	return nil
}

// CheckTransferSize refuses a transfer of more records than one transaction can list (C14).
func CheckTransferSize(records int) *Refusal {
	if records <= MaxTransfer {
		return nil
	}
	return conflict("C14", "scope", fmt.Sprintf("these are %d users and groups, and one transfer moves at most %d: move them in stages, group by group or by lists", records, MaxTransfer))
}

// TransferBusy refuses what would break a transfer that is not complete (C14).
func TransferBusy(open *directory.Transfer) *Refusal {
	return conflict("C14", "connection", fmt.Sprintf(
		"transfer %[1]s from %[2]s to %[3]s is not complete: complete it (drawbridge transfer continue %[2]s %[1]s), or give back what moved (drawbridge transfer undo %[2]s %[1]s)", open.ID, open.From, open.To))
}

// Transfer decides what becomes of a user whose management passes to another connection (C14). The user keeps everything but what the
// identity provider before knew of it: its externalId and its statement. The statement "active" stays, so that D2 stays in force.
func (s State) Transfer(before directory.User, to *directory.Connection) Decision {
	d := s.Unmanage(before)
	d.Because, d.Events = []directory.Rule{"C14", "L9"}, nil
	d.Why = fmt.Sprintf("management moved from connection %q to %q", before.Connection, to.ID)
	d.User.Connection, d.User.ExternalID = to.ID, ""
	if to.AttributeMapping != nil {
		d.User.Sent = before.Document
	}
	return d
}

// Untransfer decides what becomes of a user when a transfer is undone. What the second connection changed stays. What it said about the
// user stays in force as after a release.
func (s State) Untransfer(now directory.User, moved *directory.Moved, from *directory.Connection) Decision {
	d := s.Unmanage(now)
	d.Because, d.Events = []directory.Rule{"C14", "L9"}, nil
	d.Why = fmt.Sprintf("management given back from connection %q to %q", now.Connection, from.ID)
	d.User.Connection, d.User.ExternalID = from.ID, moved.ExternalID
	if !now.StatedAt.After(moved.At) {
		d.User.Statement, d.User.StatedAt = moved.Statement, moved.StatedAt
	}
	if from.AttributeMapping != nil {
		if d.User.Sent = moved.Sent; d.User.Sent == nil {
			d.User.Sent = now.Document
		}
	}
	return d
}

// TransferLeaves says what the connection that gives its records away meets afterwards (L9).
func TransferLeaves(from, to directory.ConnectionID) string {
	return fmt.Sprintf("Connection %q: every write to them is refused with 403 (L9), because connection %q manages them.", from, to)
}

// Staying is a kind of records of a transfer's scope that do not move.
type Staying string

// The values of Staying.
const (
	StayingOthers    Staying = "others"    // users whom another connection manages, or none
	StayingGone      Staying = "gone"      // users whom the identity provider deleted
	StayingGroups    Staying = "groups"    // groups that another connection manages, or none
	StayingResources Staying = "resources" // custom resources
)

// TransferStays says why n records do not move, and what that means (C14).
func TransferStays(what Staying, n int, from, to directory.ConnectionID) string {
	are, them, their := func(one, _ string) string { return "1 " + one + " stays" }, "it", "its name"
	if n != 1 {
		are, them, their = func(_, many string) string { return fmt.Sprintf("%d %s stay", n, many) }, "them", "one of their names"
	}
	switch what {
	case StayingOthers:
		return are("user of the selection", "users of the selection") + fmt.Sprintf(": connection %q does not manage %s.", from, them)
	case StayingGone:
		return are("deleted user", "deleted users") + fmt.Sprintf(" with connection %q, which deleted %s, until the end of the grace. If connection %q creates a user with %s, that is a new user with another id (L5).", from, them, to, their)
	case StayingGroups:
		return are("group", "groups") + fmt.Sprintf(": connection %q does not manage %s.", from, them)
	case StayingResources:
		return are("custom resource", "custom resources") + fmt.Sprintf(" with connection %q: only users and groups move. They become local when that connection is disconnected.", from)
	}
	return ""
}

// TransferDeleted says why a record of a transfer that was to move, or to be given back, could not.
const TransferDeleted = "deleted meanwhile"

// TransferMissed says why a record of a transfer that was to move, or to be given back, stayed: another decision came first.
func TransferMissed(owner, expected directory.ConnectionID) string {
	switch owner {
	case expected:
		return fmt.Sprintf("deleted by connection %q meanwhile, and kept in grace", expected)
	case "":
		return fmt.Sprintf("released from connection %q meanwhile", expected)
	}
	return fmt.Sprintf("connection %q manages it by now, and not %q", owner, expected)
}
