package console

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

const (
	// mostTable and mostRows bound a table, mostCell a cell of it, all but the last in bytes.
	mostTable = 2 << 20
	mostRows  = 5000
	mostCell  = 1024
)

// columns are those of an export, in order. An import accepts the last three, but does not read them.
func columns() []string {
	return []string{"user_name", "email", "given_name", "family_name", "display_name", "external_id", "type", "state", "roles", "connection", "id"}
}

func (a *api) importRoutes() []operation {
	return []operation{
		{
			id: "import-users", method: http.MethodPost, path: "/tenants/{tenant}/users/import",
			right: directory.UserManage, body: 3 * mostTable,
			tag: "users", summary: "Import users from a table, or see what it would do",
			about: "Without expect it is a preview: nothing is written, and every row says what it would do and why not, seats included. With expect, the digest of a preview, all of it is done in one transaction, if it still comes to exactly that (409 otherwise). A row states what its cells have; an empty cell says nothing.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid, directory.TooLarge},
			do:    handle(a.importUsers),
		},
		{
			id: "export-users", method: http.MethodGet, path: "/tenants/{tenant}/users.csv",
			right: directory.UserRead,
			tag:   "users", summary: "Users as a table",
			about: "All users, or those that list-users finds with the same filters, without those that the identity provider deleted. The table can be imported again; unchanged it changes nothing. No cell is a formula to a spreadsheet.",
			codes: []directory.Code{directory.NotFound, directory.Invalid},
			do:    handle(a.exportUsers),
		},
	}
}

type importUsersInput struct {
	httpapi.TenantPath
	Body wire.ImportRequest
}

func (a *api) importUsers(ctx context.Context, p directory.Principal, in *importUsersInput) (*output[wire.ImportReport], error) {
	rows, err := parsePeople(in.Body.CSV)
	if err != nil {
		return nil, err
	}
	i, err := a.Bridge.ImportUsers(ctx, p, in.TenantID(), rows, bridge.ImportOptions{Invite: in.Body.Invite, Expect: in.Body.Expect, SkipRefused: in.Body.SkipRefused})
	if err != nil {
		return nil, err
	}
	return &output[wire.ImportReport]{importView(&i)}, nil
}

type exportUsersInput struct {
	httpapi.TenantPath
	UserFilter
}

func (a *api) exportUsers(ctx context.Context, p directory.Principal, in *exportUsersInput) (*httpapi.File, error) {
	where, err := a.userWhere(ctx, p, &in.UserFilter)
	if err != nil {
		return nil, err
	}
	rows := [][]string{columns()}
	var ids []directory.ID
	err = a.Bridge.PeopleTable(ctx, p, in.TenantID(), where, func(r bridge.ImportRow, u *directory.User) error {
		ids = append(ids, u.ID)
		rows = append(rows, []string{
			r.UserName, r.Email, r.GivenName, r.FamilyName, r.DisplayName, r.ExternalID, r.Type, r.State, "", strings.Clone(string(u.Connection)), u.ID.String(),
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	roles, err := a.Bridge.RolesOf(ctx, p, in.TenantID(), ids)
	if err != nil {
		return nil, err
	}
	at := slices.Index(columns(), "roles")
	for i, id := range ids {
		var names []string
		for _, role := range roles[id] {
			names = append(names, string(role.Name))
		}
		rows[i+1][at] = strings.Join(names, " ")
	}
	return table(in.Tenant+"-users", rows), nil
}

func importView(i *bridge.Import) wire.ImportReport {
	out := wire.ImportReport{
		Applied: i.Applied, Digest: i.Digest, Counts: map[string]int{}, Lines: make([]wire.ImportLine, 0, len(i.Lines)),
		Seats: wire.ImportSeats{Before: i.Before.Occupied, After: i.After.Occupied, Limit: i.After.Limit, Bought: i.Bought},
	}
	for effect, n := range i.Counts {
		out.Counts[string(effect)] = n
	}
	for n := range i.Lines {
		l := &i.Lines[n]
		line := wire.ImportLine{Line: l.Line, UserName: l.UserName, Effect: string(l.Effect), State: l.State, Rule: string(l.Rule), Field: l.Field, Message: l.Message}
		if !l.User.IsZero() {
			line.User = l.User.String()
		}
		for _, c := range l.Changes {
			line.Changes = append(line.Changes, wire.ImportChange{Field: c.Field, From: c.From, To: c.To})
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

func badTable(line int, format string, args ...any) error {
	message := "csv: " + fmt.Sprintf(format, args...)
	if line > 0 {
		message = fmt.Sprintf("csv, line %d: %s", line, fmt.Sprintf(format, args...))
	}
	return &directory.Error{Code: directory.Invalid, Field: "csv", Message: message}
}

// parsePeople reads a table of people: CSV (RFC 4180) in UTF-8, with or without a byte order mark, with commas, semicolons or tabs between
// the cells, whichever the first line has most of. A table that cannot be read is Invalid with its line, or TooLarge; an invalid row has a
// Problem, so that the others are still checked.
func parsePeople(text string) ([]bridge.ImportRow, error) {
	switch {
	case len(text) > mostTable:
		return nil, &directory.Error{Code: directory.TooLarge, Field: "csv", Message: fmt.Sprintf("the table has more than %d bytes: import it in parts", mostTable)}
	case !utf8.ValidString(text):
		return nil, badTable(0, "the table is not UTF-8: save it as CSV UTF-8")
	case strings.ContainsRune(text, 0):
		return nil, badTable(0, "the table contains NUL, so it is not CSV in UTF-8: save it as CSV UTF-8")
	}
	text = strings.TrimPrefix(text, "\ufeff")
	skipped := 0
	if first, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(strings.ToLower(first), "sep=") { // a spreadsheet's own note
		text, skipped = rest, 1
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator(text), -1, true
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, badTable(0, "the table is empty: the first line names the columns, %s", strings.Join(columns(), ", "))
	}
	if err != nil {
		return nil, unreadable(err, skipped)
	}
	where, err := header(head, skipped+1)
	if err != nil {
		return nil, err
	}
	width := len(head)
	var rows []bridge.ImportRow
	seen := map[string]int{}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, unreadable(err, skipped)
		}
		if !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			continue
		}
		if len(rows) == mostRows {
			return nil, &directory.Error{Code: directory.TooLarge, Field: "csv", Message: fmt.Sprintf("the table has more than %d rows: import it in parts", mostRows)}
		}
		line, _ := r.FieldPos(0)
		row := rowOf(cells, where, width)
		row.Line = line + skipped
		name := directory.UserNameKey(row.UserName)
		if other, twice := seen[name]; twice && row.Problem == "" {
			row.Problem = fmt.Sprintf("line %d has the same user_name", other)
		} else if name != "" {
			seen[name] = row.Line
		}
		rows = append(rows, row)
	}
}

func unreadable(err error, skipped int) error {
	var e *csv.ParseError
	if !errors.As(err, &e) {
		return badTable(0, "the table cannot be read")
	}
	what := "the cells cannot be told apart"
	if errors.Is(e.Err, csv.ErrQuote) || errors.Is(e.Err, csv.ErrBareQuote) {
		what = `there is a misplaced quotation mark: put the cell into quotation marks and write "" for each one in it; if the line looks right, one is open above it`
	}
	return badTable(e.Line+skipped, "%s", what)
}

// separator is the character between the cells of the first line.
func separator(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	best, most := ',', strings.Count(first, ",")
	for _, other := range ";\t" {
		if n := strings.Count(first, string(other)); n > most {
			best, most = other, n
		}
	}
	return best
}

// header finds the columns; their names may have capitals, spaces, hyphens or nothing where ours have underscores.
func header(head []string, line int) (map[string]int, error) {
	plain := func(name string) string {
		return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(strings.TrimSpace(name)))
	}
	known := map[string]string{"mail": "email", "firstname": "given_name", "lastname": "family_name", "usertype": "type"}
	for _, name := range columns() {
		known[plain(name)] = name
	}
	where := map[string]int{}
	for n, cell := range head {
		name, ok := known[plain(cell)]
		if !ok {
			return nil, badTable(line, "there is no column %q; the columns are %s", shortened(cell), strings.Join(columns(), ", "))
		}
		if _, twice := where[name]; twice {
			return nil, badTable(line, "the column %s occurs twice", name)
		}
		where[name] = n
	}
	if _, ok := where["user_name"]; !ok {
		if _, ok = where["email"]; !ok {
			return nil, badTable(line, "the column user_name is missing")
		}
	}
	return where, nil
}

func shortened(cell string) string {
	if len(cell) > 40 {
		return strings.ToValidUTF8(cell[:40], "") + "…"
	}
	return cell
}

func rowOf(cells []string, where map[string]int, width int) bridge.ImportRow {
	var row bridge.ImportRow
	raw := func(name string) string {
		at, ok := where[name]
		if !ok || at >= len(cells) {
			return ""
		}
		return harmful(cells[at])
	}
	cell := func(name string) string { return strings.TrimSpace(raw(name)) }
	for n, c := range cells {
		switch {
		case len(c) > mostCell:
			row.Problem = fmt.Sprintf("cell %d has more than %d bytes", n+1, mostCell)
		case n >= width && strings.TrimSpace(c) != "":
			row.Problem = fmt.Sprintf("the row has more cells than the %d of the first line", width)
		}
	}
	if len(cells) < width {
		row.Problem = fmt.Sprintf("the row has %d cells, the first line %d", len(cells), width)
	}
	if row.Problem != "" && len(raw("user_name")) > mostCell {
		return row
	}
	row.UserForm = bridge.UserForm{
		UserName: raw("user_name"), Email: cell("email"), GivenName: cell("given_name"), FamilyName: cell("family_name"), DisplayName: cell("display_name"),
		ExternalID: cell("external_id"), Type: strings.ToLower(cell("type")),
	}
	row.State = strings.ReplaceAll(strings.ToLower(cell("state")), " ", "_")
	row.Roles = strings.ToLower(cell("roles"))
	if strings.TrimSpace(row.UserName) == "" {
		row.UserName = row.Email
	}
	var known directory.State
	switch {
	case row.Problem != "":
	case strings.TrimSpace(row.UserName) == "":
		row.Problem = "user_name is empty"
	case row.State != "" && known.UnmarshalText([]byte(row.State)) != nil:
		row.Problem = fmt.Sprintf("there is no state %q: leave it empty, or write active, invited or suspended", shortened(row.State))
	}
	return row
}
