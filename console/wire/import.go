package wire

// ImportRequest is a table of people.
type ImportRequest struct {
	CSV         string `json:"csv" minLength:"1" maxLength:"4194304" text:"any" doc:"CSV in UTF-8, at most 2 MiB and 5000 rows, with commas, semicolons or tabs. The first line names the columns: user_name, email, given_name, family_name, display_name, external_id, type, state; connection and id may be there and are not read."`
	Invite      bool   `json:"invite,omitempty" doc:"New users are invited, whatever the tenant's onboarding; a user with an expired invitation gets another."`
	Expect      string `json:"expect,omitempty" maxLength:"64" doc:"The digest of a preview: apply the table if it still comes to exactly that. Missing: a preview, which writes nothing."`
	SkipRefused bool   `json:"skip_refused,omitempty" doc:"Apply the other rows where some are refused. Missing: then nothing is done."`
}

// ImportReport is the effect of a table, or of its preview.
type ImportReport struct {
	Applied bool           `json:"applied"`
	Digest  string         `json:"digest" doc:"Names this very effect; give it as expect to apply it."`
	Counts  map[string]int `json:"counts" doc:"How many rows create, invite, update, reactivate, leave unchanged or are refused."`
	Seats   ImportSeats    `json:"seats"`
	Lines   []ImportLine   `json:"lines" nullable:"false"`
}

// ImportSeats is the effect of a table on the seats.
type ImportSeats struct {
	Before int `json:"before" doc:"Occupied."`
	After  int `json:"after"`
	Limit  int `json:"limit" doc:"0: none."`
	Bought int `json:"bought,omitempty" doc:"Seats that are bought for it, where seats_on_limit is grow."`
}

// ImportLine is what comes of a row.
type ImportLine struct {
	Line     int            `json:"line" doc:"Of the table; the first line names the columns."`
	UserName string         `json:"user_name"`
	User     string         `json:"user,omitempty" doc:"The id, of an existing user."`
	Effect   string         `json:"effect" enum:"create,invite,update,reactivate,unchanged,refuse"`
	State    string         `json:"state,omitempty" doc:"Afterwards."`
	Changes  []ImportChange `json:"changes,omitempty"`
	Rule     string         `json:"rule,omitempty" doc:"The rule that refuses the row."`
	Field    string         `json:"field,omitempty" doc:"The column at fault."`
	Message  string         `json:"message,omitempty" doc:"Why the row is refused."`
}

// ImportChange is a value that a row changes.
type ImportChange struct {
	Field string `json:"field"`
	From  string `json:"from,omitempty"`
	To    string `json:"to"`
}
