package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// BulkVerb is an action on many users at once.
type BulkVerb string

// The values of BulkVerb.
const (
	BulkSuspend BulkVerb = "suspend"
	BulkRelease BulkVerb = "release"
	BulkConvert BulkVerb = "convert"
	BulkConfirm BulkVerb = "confirm"
	BulkInvite  BulkVerb = "invite" // another link to those who are invited
	BulkDelete  BulkVerb = "delete"
)

// action is the action of the audit lines of the verb.
func (v BulkVerb) action() directory.Action {
	switch v {
	case BulkSuspend:
		return directory.ActionUserSuspend
	case BulkRelease:
		return directory.ActionUserRelease
	case BulkConvert:
		return directory.ActionUserConvert
	case BulkConfirm:
		return directory.ActionUserConfirm
	case BulkInvite:
		return directory.ActionUserInvite
	case BulkDelete:
		return directory.ActionUserDelete
	}
	return ""
}

// mostBulk is the maximum number of users of one bulk action.
const mostBulk = 500

// BulkDraft is an action on many users.
type BulkDraft struct {
	Verb   BulkVerb
	Users  []string // ids or userNames
	Mode   directory.SuspensionMode
	Reason string
	Type   directory.UserType // of BulkConvert

	Expect      string // the Digest of a preview: the action is done if it still has that effect. "": a preview, which writes nothing
	SkipRefused bool   // act on the other users if some are refused
}

// BulkEffect is what becomes of one user.
type BulkEffect string

// The values of BulkEffect.
const (
	BulkChanges BulkEffect = "change"
	BulkNothing BulkEffect = "unchanged"
	BulkRefuses BulkEffect = "refuse"
)

// BulkRow is what becomes of one user.
type BulkRow struct {
	User     directory.ID // zero: there is no such user
	UserName string       // or the name from the draft, if there is no such user
	Effect   BulkEffect
	State    string // afterwards; "" for a user who is deleted or refused
	Type     string
	Notice   Notice // of a preview: what happens later
	Denial
}

// Bulk is what an action does, or has done.
type Bulk struct {
	Rows          []BulkRow
	Counts        map[BulkEffect]int
	Before, After policy.Seats
	Digest        string // of the whole effect: an action with the same digest has the same effect
	Applied       bool
}

// BulkUsers does one action to many users, one after the other, each by the decision for a single user. So a preview knows every refusal,
// also by seats or the last Owner; it drops the result. With Expect, all is done in one transaction, or nothing: Conflict with Field expect
// if the effect has changed since, and with Field skip_refused if users are refused. NotFound, Invalid.
func (s *Service) BulkUsers(ctx context.Context, p directory.Principal, tenant directory.TenantID, d BulkDraft) (Bulk, error) {
	p, err := txn.ForOperator(p, tenant)
	if err == nil {
		err = d.check()
	}
	if err != nil {
		return Bulk{}, err
	}
	var out Bulk
	if d.Expect == "" {
		err = s.read(ctx, p, func(r store.Reader) error {
			t := s.begin(r, p, s.instant())
			out, err = t.bulk(&d)
			return err
		})
		return out, err
	}
	err = s.write(ctx, p, func(t *tenantTx) error {
		if out, err = t.bulk(&d); err != nil {
			return err
		}
		refused := out.Counts[BulkRefuses]
		switch {
		case out.Digest != d.Expect:
			return &directory.Error{Code: directory.Conflict, Field: "expect", Message: "the effect is another one than that of the preview: users, seats or settings have changed; look at a new preview"}
		case refused > 0 && !d.SkipRefused:
			return &directory.Error{Code: directory.Conflict, Field: "skip_refused", Message: fmt.Sprintf("%d of %d users are refused, so nothing was done: leave them out, or do the others with skip_refused", refused, len(out.Rows))}
		}
		out.Applied = true
		t.recordBulk(&d, &out)
		return nil
	})
	if err != nil {
		return Bulk{}, err
	}
	return out, nil
}

func (d *BulkDraft) check() error {
	invalid := func(field, message string) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: message}
	}
	switch {
	case len(d.Users) == 0 || len(d.Users) > mostBulk:
		return invalid("users", fmt.Sprintf("name 1 to %d users", mostBulk))
	case d.Mode != "" && d.Mode != directory.Yield && d.Mode != directory.Hold:
		return invalid("mode", "mode is yield or hold")
	case d.Mode != "" && d.Verb != BulkSuspend:
		return invalid("mode", "mode belongs to a suspension")
	}
	return policy.CheckText("reason", d.Reason, 0, 500)
}

// recordBulk writes an audit line for each user whom a rule refused (E1). Changed users have lines of their own.
func (t *tenantTx) recordBulk(d *BulkDraft, b *Bulk) {
	for i := range b.Rows {
		row := &b.Rows[i]
		if row.Effect != BulkRefuses || row.Rule == "" {
			continue
		}
		line := t.Line(d.Verb.action(), directory.Subject{Kind: string(directory.UserKind), Name: row.UserName})
		if !row.User.IsZero() {
			line.Subject.ID = row.User.String()
		}
		line.Outcome, line.Rule, line.Reason = directory.WasDenied, row.Rule, row.Message
		t.Audit(line)
	}
}

// bulk decides user by user. The partial changes of a refused user are dropped.
func (t *tenantTx) bulk(d *BulkDraft) (Bulk, error) {
	if err := t.load(); err != nil {
		return Bulk{}, err
	}
	out := Bulk{Counts: map[BulkEffect]int{}, Before: t.state.Seats(), Rows: make([]BulkRow, 0, len(d.Users))}
	seen := map[directory.ID]bool{}
	for _, ref := range d.Users {
		row := BulkRow{UserName: ref, Effect: BulkNothing}
		denial, err := t.attempt(func() error {
			u, err := findUser(t.Reader, ref)
			if err != nil {
				return err
			}
			row.User, row.UserName = u.ID, strings.Clone(u.UserName)
			if seen[u.ID] {
				return nil
			}
			return t.bulkUser(d, &u, &row)
		})
		if err != nil {
			return out, err
		}
		if seen[row.User] {
			continue
		}
		if denial != nil {
			row = BulkRow{User: row.User, UserName: row.UserName, Effect: BulkRefuses, Denial: *denial}
		}
		if !row.User.IsZero() {
			seen[row.User] = true
		}
		out.Counts[row.Effect]++
		out.Rows = append(out.Rows, row)
	}
	out.After = t.state.Seats()
	out.Digest = out.digest(d)
	return out, nil
}

// bulkUser does the action to one user.
func (t *tenantTx) bulkUser(d *BulkDraft, u *directory.User, row *BulkRow) error {
	if d.Verb == BulkDelete {
		before, err := t.openUser(u.ID)
		if err != nil {
			return err
		}
		row.Effect = BulkChanges
		return t.removeUserByPerson(&before, directory.Removal{Reason: d.Reason})
	}
	done, notice, err := t.oneOfBulk(d, u.ID)
	if err != nil {
		return err
	}
	if d.Verb == BulkSuspend && d.Expect == "" {
		before := u.Clone()
		forecasts, err := t.s.forecasts(changedUser{Reader: t.Reader, before: &before, after: &done.User}, &done.User)
		if err != nil {
			return err
		}
		notice = Notice(policy.NextSync(&done.User, forecasts))
	}
	row.Notice, row.State, row.Type = notice, done.User.State.String(), done.User.Type.String()
	if done.Effect == Changed {
		row.Effect = BulkChanges
	}
	return nil
}

func (t *tenantTx) oneOfBulk(d *BulkDraft, id directory.ID) (UserResult, Notice, error) {
	if d.Verb == BulkConvert {
		return t.convert(id, d.Type)
	}
	before, err := t.openUser(id)
	if err != nil {
		return UserResult{}, "", err
	}
	switch d.Verb {
	case BulkSuspend:
		out, err := t.suspend(&before, SuspendOrder{Mode: d.Mode, Reason: d.Reason})
		return out, "", err
	case BulkRelease:
		out, err := t.release(&before)
		return out, "", err
	case BulkConfirm:
		out, err := t.applyUserDecision(directory.ActionUserConfirm, &before, t.state.Confirm(before), nil, Changed)
		return out, "", err
	case BulkInvite:
		if before.State != directory.Invited {
			return UserResult{}, "", &directory.Error{Code: directory.Conflict, Field: "user", Rule: "L1", Message: "only those who are invited get another link; this user is " + before.State.String()}
		}
		if err := t.inviteAgain(&before); err != nil {
			return UserResult{}, "", err
		}
		return UserResult{User: before.Clone(), Effect: Changed}, "", nil
	case BulkConvert, BulkDelete:
	}
	return UserResult{}, "", &directory.Error{Code: directory.Internal, Message: "no bulk action is called " + string(d.Verb)}
}

// digest is the same for the same effect: what is done, and to whom, but not the words of refusals.
func (b *Bulk) digest(d *BulkDraft) string {
	h := sha256.New()
	field := func(text string) { _, _ = fmt.Fprintf(h, "%d:%s\n", len(text), text) } // writing to a hash never fails
	for _, text := range []string{string(d.Verb), string(d.Mode), d.Reason, d.Type.String()} {
		field(text)
	}
	for i := range b.Rows {
		row := &b.Rows[i]
		for _, text := range []string{row.User.String(), string(row.Effect), row.State, row.Type, string(row.Rule)} {
			field(text)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Denial says why a part of a write is not done. The zero Denial means that nothing was refused.
type Denial struct {
	Rule    directory.Rule // "" if no rule decided
	Field   string
	Message string
}

// attempt runs a part of a write. If the part is refused, its changes are dropped and the rest of the write continues.
func (t *tenantTx) attempt(part func() error) (*Denial, error) {
	begun, change := *t, t.Change
	err := part()
	var no *txn.Refusal
	var known *directory.Error
	switch {
	case err == nil:
		return nil, nil //nolint:nilnil // it was not refused
	case errors.As(err, &no):
		*t, t.Change = begun, change
		return &Denial{Rule: no.No.Rule, Field: no.No.Field, Message: no.No.Message}, nil
	case errors.As(err, &known) && slices.Contains([]directory.Code{directory.NotFound, directory.Invalid, directory.Conflict, directory.Refused, directory.Unsupported}, known.Code):
		*t, t.Change = begun, change
		return &Denial{Rule: known.Rule, Field: known.Field, Message: known.Message}, nil
	}
	return nil, err
}
