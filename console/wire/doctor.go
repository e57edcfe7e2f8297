package wire

import "time"

// DoctorSession is a copy of a connection for doctor to play an identity provider on (rule D7). Requests to the base URL belong to it if
// they name the session in the header Drawbridge-Doctor.
type DoctorSession struct {
	ID       string    `json:"id" doc:"Ends the session."`
	Session  string    `json:"session" doc:"The value of the header Drawbridge-Doctor. It is shown this once."`
	Slug     string    `json:"slug" doc:"The connection."`
	Type     string    `json:"type"`
	BaseURL  string    `json:"base_url"`
	Auth     string    `json:"auth" enum:"bearer,basic,oauth" doc:"How the identity provider authenticates."`
	Token    string    `json:"secret" doc:"A secret that opens the copy and nothing else. The identity provider's own credential opens it, too."`
	UserName string    `json:"user_name,omitempty" doc:"For HTTP Basic."`
	ClientID string    `json:"client_id,omitempty" doc:"For OAuth 2.0 client credentials."`
	TokenURL string    `json:"token_url,omitempty" doc:"For OAuth 2.0 client credentials."`
	Expires  time.Time `json:"expires" doc:"When the session ends at the latest. It ends earlier when it is not used."`
}

// Diagnosis is the result of doctor on a connection.
type Diagnosis struct {
	As         string       `json:"as" doc:"The identity provider that was played."`
	Title      string       `json:"title" doc:"Its name."`
	URL        string       `json:"url" doc:"The base URL."`
	Credential string       `json:"credential" enum:"given,own" doc:"given: the identity provider's own. own: that of the copy."`
	Passed     int          `json:"passed"`
	Failed     int          `json:"failed"`
	Skipped    int          `json:"skipped" doc:"What they need was not made."`
	Steps      []DoctorStep `json:"steps" nullable:"false"`
}

// DoctorStep is one step of a diagnosis.
type DoctorStep struct {
	Phase    string   `json:"phase"`
	Name     string   `json:"name"`
	Method   string   `json:"method"`
	URL      string   `json:"url,omitempty"`
	Status   int      `json:"status,omitempty"`
	Millis   float64  `json:"milliseconds"`
	OK       bool     `json:"ok"`
	Skipped  string   `json:"skipped,omitempty" doc:"Why it was not played."`
	Problems []string `json:"problems,omitempty"`
	Console  string   `json:"console,omitempty" doc:"What the administrator sees of it at the identity provider."`
	Rule     string   `json:"rule,omitempty" doc:"The rule, or the section of the RFC, that demands it."`
}
