package wire

import "time"

// AppKey is the key of a downstream application, without its secret.
type AppKey struct {
	ID        string     `json:"id"`
	Tenant    string     `json:"tenant"`
	Name      string     `json:"name" doc:"The application."`
	Prefix    string     `json:"prefix" doc:"The first four characters of the random part."`
	Status    string     `json:"status" enum:"live,expired,revoked"`
	Created   time.Time  `json:"created"`
	Expires   *time.Time `json:"expires,omitempty"`
	Revoked   *time.Time `json:"revoked,omitempty"`
	LastUsed  *time.Time `json:"last_used,omitempty"`
	Address   string     `json:"address,omitempty" doc:"Of the client that used it last."`
	UserAgent string     `json:"user_agent,omitempty"`
}

// AppKeyCreate asks for a new key.
type AppKeyCreate struct {
	Name    string     `json:"name" minLength:"1" maxLength:"100" doc:"The application." example:"Customer portal"`
	Expires *time.Time `json:"expires,omitempty" doc:"Missing: never."`
}

// IssuedAppKey is a new key, shown once.
type IssuedAppKey struct {
	ID      string     `json:"id" doc:"Names the key when it is to be revoked."`
	Tenant  string     `json:"tenant"`
	Name    string     `json:"name"`
	Key     string     `json:"secret" doc:"The secret itself, sent as a bearer token. It is kept nowhere."`
	BaseURL string     `json:"base_url" doc:"The URL of the tenant's application API, to which /events, /access and /people are appended."`
	Expires *time.Time `json:"expires,omitempty" doc:"Missing: never."`
}
