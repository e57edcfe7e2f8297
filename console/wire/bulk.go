package wire

// BulkRequest names the users of a bulk action.
type BulkRequest struct {
	Users       []string `json:"users" minItems:"1" maxItems:"500" maxLength:"400" doc:"Ids or userNames. One that is named twice counts once."`
	Mode        string   `json:"mode,omitempty" enum:"yield,hold" doc:"Of a suspension (rule L4). Missing: as the tenant says."`
	Reason      string   `json:"reason,omitempty" maxLength:"500" doc:"For the audit trail."`
	Expect      string   `json:"expect,omitempty" maxLength:"64" doc:"The digest of a preview. Missing: this is a preview."`
	SkipRefused bool     `json:"skip_refused,omitempty" doc:"Do it although users are refused, without them."`
}

// BulkConvert names the users who become guests or members.
type BulkConvert struct {
	BulkRequest
	Type string `json:"type" enum:"member,guest"`
}

// BulkReport is the effect of a bulk action, or of its preview.
type BulkReport struct {
	Applied bool           `json:"applied" doc:"false: this is a preview, and nothing was written."`
	Digest  string         `json:"digest" doc:"Of what is done, and to whom: give it as expect to do exactly that."`
	Counts  map[string]int `json:"counts" doc:"How many users there are with each effect: change, unchanged, refuse."`
	Seats   PreviewSeats   `json:"seats"`
	Rows    []BulkRow      `json:"rows" nullable:"false" doc:"In the order of the request."`
}

// BulkRow is what becomes of one user.
type BulkRow struct {
	User     string `json:"user,omitempty" doc:"The id. Missing: there is no such user."`
	UserName string `json:"user_name" doc:"As in the request, if there is no such user."`
	Effect   string `json:"effect" enum:"change,unchanged,refuse"`
	State    string `json:"state,omitempty" doc:"Afterwards. Missing for users who are deleted or refused."`
	Type     string `json:"type,omitempty" doc:"Afterwards, likewise."`
	Notice   string `json:"notice,omitempty" doc:"Of a preview: what happens later, such as at the next sync."`
	Rule     string `json:"rule,omitempty" doc:"Of a refusal, if a rule refuses."`
	Field    string `json:"field,omitempty"`
	Detail   string `json:"detail,omitempty" doc:"Of a refusal: why, and what to do."`
}
