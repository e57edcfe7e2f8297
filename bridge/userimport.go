package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// ImportRow is a row of a table of people.
type ImportRow struct {
	Line int // of the file
	UserForm
	State   string // as the table says; "" nothing
	Roles   string // names of built-in groups, as an export has them; "" says nothing
	Problem string // why the row cannot be read; "" it can
}

// ImportEffect is what a row does.
type ImportEffect string

// The values of ImportEffect.
const (
	ImportCreates     ImportEffect = "create"
	ImportInvites     ImportEffect = "invite" // creates an invited user, or sends another link
	ImportUpdates     ImportEffect = "update"
	ImportReactivates ImportEffect = "reactivate"
	ImportNothing     ImportEffect = "unchanged"
	ImportRefuses     ImportEffect = "refuse"
)

// ImportLine is the result of a row.
type ImportLine struct {
	Line     int
	UserName string
	Effect   ImportEffect
	User     directory.ID // zero: no user yet
	State    string       // afterwards; "" for a row that is refused
	Changes  []ImportChange

	// Only for a refused row.
	Rule    directory.Rule // "" if no rule decided
	Field   string
	Message string
}

// ImportChange is a value that a row changes.
type ImportChange struct{ Field, From, To string }

// Import is what a table does, or has done.
type Import struct {
	Lines         []ImportLine
	Counts        map[ImportEffect]int
	Before, After policy.Seats
	Bought        int    // seats that are bought for it (B2)
	Digest        string // of the whole effect: an import with the same digest has the same effect
	Applied       bool
}

// ImportOptions say how a table is read.
type ImportOptions struct {
	Invite      bool   // new users are invited, whatever the tenant's onboarding; a user with an expired link gets another
	Expect      string // the Digest of a preview: the table is applied if it still has that effect. "": a preview, which writes nothing
	SkipRefused bool   // apply the other rows if some are refused
}

// ImportUsers reads a table of people into a tenant. Each row runs through the same decisions as a single user would, one after the other,
// so a preview shows every refusal, including those for seats. A preview discards its result. With Expect all of
// it is done in one transaction, or nothing: Conflict with Field expect if the effect has changed since the preview, and with Field
// skip_refused if rows are refused. A user that a connection manages is refused (L9). NotFound, Invalid.
func (s *Service) ImportUsers(ctx context.Context, p directory.Principal, tenant directory.TenantID, rows []ImportRow, o ImportOptions) (Import, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return Import{}, err
	}
	var out Import
	if o.Expect == "" {
		err = s.read(ctx, p, func(r store.Reader) error {
			t := s.begin(r, p, s.instant())
			out, err = t.importUsers(rows, o)
			return err
		})
		return out, err
	}
	err = s.write(ctx, p, func(t *tenantTx) error {
		if out, err = t.importUsers(rows, o); err != nil {
			return err
		}
		refused := out.Counts[ImportRefuses]
		switch {
		case out.Digest != o.Expect:
			return &directory.Error{Code: directory.Conflict, Field: "expect", Message: "the effect differs from the preview: users, seats, settings or the table have changed; look at a new preview"}
		case refused > 0 && !o.SkipRefused:
			return &directory.Error{Code: directory.Conflict, Field: "skip_refused", Message: fmt.Sprintf("%d of %d rows are refused, so nothing was done: fix them, or apply the others with skip_refused", refused, len(rows))}
		}
		out.Applied = true
		if len(t.Change.Users)+len(t.Change.KVs)+refused == 0 {
			return nil
		}
		t.recordImport(&out)
		return nil
	})
	if err != nil {
		return Import{}, err
	}
	return out, nil
}

// recordImport writes the audit line about the whole table, and one for each row that a rule refused (E1).
func (t *tenantTx) recordImport(i *Import) {
	line := t.Line(directory.ActionUserImport, tenantSubject(&t.tenant))
	counts := directory.Attributes{}
	for _, effect := range []ImportEffect{ImportCreates, ImportInvites, ImportUpdates, ImportReactivates, ImportNothing, ImportRefuses} {
		if n := i.Counts[effect]; n > 0 {
			counts = append(counts, directory.Attribute{Name: string(effect), Value: txn.Number(n)})
		}
	}
	line.After = txn.Document(append(counts, directory.Attribute{Name: "digest", Value: i.Digest}))
	t.Audit(line)
	for n := range i.Lines {
		l := &i.Lines[n]
		if l.Effect != ImportRefuses || l.Rule == "" {
			continue
		}
		denied := t.Line(directory.ActionUserImport, directory.Subject{Kind: string(directory.UserKind), Name: l.UserName})
		if !l.User.IsZero() {
			denied.Subject.ID = l.User.String()
		}
		denied.Outcome, denied.Rule, denied.Reason = directory.WasDenied, l.Rule, fmt.Sprintf("line %d: %s", l.Line, l.Message)
		t.Audit(denied)
	}
}

// importUsers decides row by row. It discards the partial changes of a refused row.
func (t *tenantTx) importUsers(rows []ImportRow, o ImportOptions) (Import, error) {
	if err := t.load(); err != nil {
		return Import{}, err
	}
	if o.Invite {
		t.state.Settings.Onboarding = directory.OnboardInvite
	}
	out := Import{Counts: map[ImportEffect]int{}, Before: t.state.Seats(), Lines: make([]ImportLine, 0, len(rows))}
	bought := t.state.Purchased
	for n := range rows {
		var line ImportLine
		denial, err := t.attempt(func() (err error) {
			line, err = t.importRow(&rows[n], o)
			return err
		})
		if err != nil {
			return out, err
		}
		if denial != nil {
			line.Rule, line.Field, line.Message = denial.Rule, denial.Field, denial.Message
			line.Effect, line.State, line.Changes = ImportRefuses, "", nil
		}
		line.Line = rows[n].Line
		if line.UserName == "" {
			line.UserName = strings.TrimSpace(rows[n].UserName)
		}
		out.Counts[line.Effect]++
		out.Lines = append(out.Lines, line)
	}
	out.After, out.Bought = t.state.Seats(), t.state.Purchased-bought
	out.Digest = out.digest(o)
	return out, nil
}

func (t *tenantTx) importRow(row *ImportRow, o ImportOptions) (ImportLine, error) {
	if row.Problem != "" {
		return ImportLine{}, &directory.Error{Code: directory.Invalid, Message: row.Problem}
	}
	d := row.UserForm
	found, ok, err := txn.Optional(t.Reader.UserByName(d.UserName))
	if err == nil && !ok && d.UserName != strings.TrimSpace(d.UserName) {
		d.UserName = strings.TrimSpace(d.UserName)
		found, ok, err = txn.Optional(t.Reader.UserByName(d.UserName))
	}
	if err != nil {
		return ImportLine{}, err
	}
	if !ok {
		return t.importNew(row, d)
	}
	before, err := t.openUser(found.ID)
	if err != nil {
		return ImportLine{}, err
	}
	return t.importOld(row, d, &before, o)
}

// importNew creates a user.
func (t *tenantTx) importNew(row *ImportRow, d UserForm) (ImportLine, error) {
	line := ImportLine{Effect: ImportCreates}
	if err := t.importRoles(row.Roles, directory.ID{}); err != nil {
		return line, err
	}
	onboarding := t.state.Settings.Onboarding
	defer func() { t.state.Settings.Onboarding = onboarding }()
	no := false
	switch row.State {
	case "":
	case directory.Active.String():
		if onboarding == directory.OnboardInvite {
			return line, wrongState("this tenant invites new people: leave the state empty, or write invited")
		}
	case directory.Invited.String():
		t.state.Settings.Onboarding = directory.OnboardInvite
	case directory.Suspended.String():
		d.Active = &no
	default:
		return line, wrongState("no user can begin as " + row.State + ": leave the state empty, or write active, invited or suspended")
	}
	if t.state.Settings.Onboarding == directory.OnboardInvite && !t.s.mail {
		return line, noInvitations()
	}
	made, err := t.createUser(func(before *directory.User) (directory.UserDraft, error) {
		return d.writeTo(before, t.state.Settings.GuestUserTypes)
	})
	if err != nil {
		return line, err
	}
	if made.User.State == directory.Invited {
		line.Effect = ImportInvites
	}
	line.State, line.User = made.User.State.String(), directory.ID{} // the id is given when it is done
	for _, c := range changes(UserForm{}, UserFormOf(&made.User)) {
		if c.Field != "user_name" {
			line.Changes = append(line.Changes, c)
		}
	}
	return line, sameType(&d, &made.User)
}

// importOld changes a user.
func (t *tenantTx) importOld(row *ImportRow, d UserForm, before *directory.User, o ImportOptions) (ImportLine, error) {
	line := ImportLine{Effect: ImportNothing, UserName: strings.Clone(before.UserName), User: before.ID, State: before.State.String()}
	was := UserFormOf(before)
	d.UserName = was.UserName
	line.Changes = changes(was, d)
	again := o.Invite && before.State == directory.Invited && (t.state.Invitation == nil || !t.state.Invitation.Live(t.Now))
	back, err := importState(row.State, before.State)
	if err == nil {
		err = t.importRoles(row.Roles, before.ID)
	}
	if err != nil {
		return line, err
	}
	if len(line.Changes) == 0 && !again && !back {
		return line, nil
	}
	if before.Connection != "" {
		return line, t.Refuse(&policy.Refusal{
			Code: directory.Refused, Rule: "L9",
			Message: fmt.Sprintf("connection %q manages this user: make the change in the identity provider, or take the user away from the connection first", before.Connection),
		}, directory.ActionUserImport, userSubject(before))
	}
	after := *before
	if len(line.Changes) > 0 || back {
		if back {
			d.Active = &back
		}
		done, err := t.editUser(before.ID, directory.Precondition{}, func(before *directory.User) (directory.UserDraft, error) {
			return d.writeTo(before, t.state.Settings.GuestUserTypes)
		})
		if err != nil {
			return line, err
		}
		after = done.User
		line.Effect = ImportUpdates
		if back {
			line.Effect = ImportReactivates
		}
	}
	if after.State == directory.Invited && (again || back) {
		line.Effect = ImportInvites
	}
	if again && after.State == directory.Invited && len(line.Changes) == 0 {
		if err := t.inviteAgain(&after); err != nil {
			return line, err
		}
	}
	line.State = after.State.String()
	return line, sameType(&d, &after)
}

// inviteAgain sends another link to a user whose link has expired.
func (t *tenantTx) inviteAgain(u *directory.User) error {
	if !t.s.mail {
		return noInvitations()
	}
	i := directory.UserInvitation{}
	if t.state.Invitation != nil {
		i = *t.state.Invitation
	}
	to, no := policy.InvitationAddress(u)
	if no != nil {
		return t.Refuse(no, directory.ActionUserInvite, userSubject(u))
	}
	if err := t.invite(u, &i, to); err != nil {
		return err
	}
	line := t.Line(directory.ActionUserInvite, userSubject(u))
	line.Rule, line.After = "L1", txn.Document(directory.Attributes{{Name: "to", Value: to}})
	t.Audit(line)
	return nil
}

// importState says whether a row reactivates a user, and refuses every other change of state.
func importState(wanted string, is directory.State) (back bool, err error) {
	switch {
	case wanted == "" || wanted == is.String():
		return false, nil
	case wanted == directory.Active.String() && is == directory.Suspended:
		return true, nil
	case wanted == directory.Suspended.String():
		return false, wrongState("a table cannot suspend a user: suspend the user by itself (drawbridge user suspend)")
	}
	return false, wrongState("a table does not make " + is.String() + " users " + wanted)
}

// importRoles refuses a row that names other roles than the user has. user is zero for a new user.
func (t *tenantTx) importRoles(wanted string, user directory.ID) error {
	if wanted == "" {
		return nil
	}
	var is []string
	if !user.IsZero() {
		roles, err := rolesOf(t.Reader, user)
		if err != nil {
			return err
		}
		for _, role := range roles {
			is = append(is, string(role.Name))
		}
	}
	slices.Sort(is)
	if slices.Equal(is, slices.Sorted(slices.Values(strings.Fields(wanted)))) {
		return nil
	}
	return &directory.Error{Code: directory.Invalid, Field: "roles", Message: "a table does not change roles: leave the cell empty, and change roles in the built-in groups (drawbridge group add)"}
}

func wrongState(message string) error {
	return &directory.Error{Code: directory.Invalid, Field: "state", Message: message}
}

// sameType refuses a row that asks for another type than the rules give.
func sameType(d *UserForm, u *directory.User) error {
	if d.Type == "" || d.Type == u.Type.String() {
		return nil
	}
	return &directory.Error{Code: directory.Conflict, Field: "type", Rule: "B4", Message: fmt.Sprintf("the row says %s, and the user is a %s by a mapped group or the domain of the address", d.Type, u.Type)}
}

// changes are the values that d states and that differ from those of was.
func changes(was, d UserForm) []ImportChange {
	var out []ImportChange
	for _, f := range []struct{ field, from, to string }{
		{"user_name", was.UserName, d.UserName},
		{"email", was.Email, d.Email},
		{"given_name", was.GivenName, d.GivenName},
		{"family_name", was.FamilyName, d.FamilyName},
		{"display_name", was.DisplayName, d.DisplayName},
		{"external_id", was.ExternalID, d.ExternalID},
		{"type", was.Type, d.Type},
	} {
		if f.to != "" && f.to != f.from {
			out = append(out, ImportChange{f.field, strings.Clone(f.from), strings.Clone(f.to)}) // they outlive the transaction
		}
	}
	return out
}

// digest is the same for the same effect: the action and user of each row, and the number of added seats, but not the texts of refusals.
func (i *Import) digest(o ImportOptions) string {
	h := sha256.New()
	field := func(text string) { _, _ = fmt.Fprintf(h, "%d:%s\n", len(text), text) } // a hash never fails
	field(strconv.FormatBool(o.Invite))
	field(strconv.Itoa(i.Bought))
	for n := range i.Lines {
		l := &i.Lines[n]
		for _, text := range []string{strconv.Itoa(l.Line), l.UserName, string(l.Effect), l.User.String(), l.State, string(l.Rule), strconv.Itoa(len(l.Changes))} {
			field(text)
		}
		for _, c := range l.Changes {
			field(c.Field)
			field(c.From)
			field(c.To)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// PeopleTable gives the rows of an export of the users of a tenant that where accepts, in the order of their ids, without those that the
// identity provider deleted. A nil where accepts all.
func (s *Service) PeopleTable(ctx context.Context, p directory.Principal, tenant directory.TenantID, where directory.Expr, yield func(ImportRow, *directory.User) error) error {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return err
	}
	return s.read(ctx, p, func(r store.Reader) error {
		if _, err := r.Tenant(); err != nil {
			return err
		}
		_, err := r.Users(directory.Query{Where: where, Count: int(^uint(0) >> 1)}, func(u *directory.User, _ []directory.GroupRef) error {
			row := ImportRow{UserForm: UserFormOf(u), State: u.State.String()}
			row.UserName = strings.Clone(u.UserName)
			for _, text := range row.texts() {
				*text = strings.Clone(*text)
			}
			return yield(row, u)
		})
		return err
	})
}
