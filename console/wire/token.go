package wire

import "time"

// Token is a credential of a connection, without its secret.
type Token struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind" enum:"bearer,basic,client_secret,access_token"`
	Prefix    string     `json:"prefix" doc:"The first four characters of the random part."`
	Status    string     `json:"status" enum:"live,expired,revoked"`
	Created   time.Time  `json:"created"`
	Expires   *time.Time `json:"expires,omitempty"`
	Revoked   *time.Time `json:"revoked,omitempty"`
	LastUsed  *time.Time `json:"last_used,omitempty"`
	Address   string     `json:"address,omitempty" doc:"Of the client that used it last."`
	UserAgent string     `json:"user_agent,omitempty"`
}

// TokenCreate asks for a new credential of a connection.
type TokenCreate struct {
	Auth    string     `json:"auth,omitempty" enum:"bearer,basic,oauth" doc:"The kind of credential (rule C4). Missing: the kind of the newest credential of the connection, or bearer."`
	Expires *time.Time `json:"expires,omitempty" doc:"Missing: never."`
	Overlap int        `json:"overlap_seconds,omitempty" minimum:"0" maximum:"31536000" doc:"How long the older credentials stay live (rule C2). 0: until they are revoked."`
	Replace string     `json:"replace,omitempty" maxLength:"100" doc:"The id of the credential that is revoked to make room. Two of a kind may be live: without this a third one is refused (rule C2)."`
}
