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
	Token    string    `json:"token" doc:"A secret that opens the copy and nothing else. The identity provider's own credential opens it, too."`
	UserName string    `json:"user_name,omitempty" doc:"For HTTP Basic."`
	ClientID string    `json:"client_id,omitempty" doc:"For OAuth 2.0 client credentials."`
	TokenURL string    `json:"token_url,omitempty" doc:"For OAuth 2.0 client credentials."`
	Expires  time.Time `json:"expires" doc:"When the session ends at the latest. It ends earlier when it is not used."`
}
