package wire

import "time"

// SignInMethods says how an operator can sign in to this server.
type SignInMethods struct {
	Password   bool         `json:"password" doc:"With e-mail address and password, at POST /session."`
	OIDC       *OIDCMethod  `json:"oidc,omitempty" doc:"Through an OpenID provider, at GET /session/oidc. Missing: not configured."`
	Forgot     bool         `json:"forgot" doc:"A forgotten password can be reset by mail, at POST /session/forgot."`
	FirstOwner bool         `json:"first_owner" doc:"There is no operator yet: use the one-time link that the server printed when it started."`
	Provider   Introduction `json:"provider" doc:"Who runs this installation."`
}

// OIDCMethod is an OpenID provider.
type OIDCMethod struct {
	Label string `json:"label" doc:"The name of the provider, for a button."`
}

// ForgotRequest asks for a link that sets a new password.
type ForgotRequest struct {
	Email string `json:"email" minLength:"3" maxLength:"254" example:"ada@msp.example"`
}

// ForgotAnswer is the same for every address.
type ForgotAnswer struct {
	Detail string `json:"detail"`
}

// LinkInfo says what a link is for.
type LinkInfo struct {
	Kind    string    `json:"kind" enum:"first_owner,invitation,password_reset,mfa_reset,email_change"`
	Email   string    `json:"email,omitempty"`
	Name    string    `json:"name,omitempty"`
	Expires time.Time `json:"expires"`
	Next    string    `json:"next" doc:"What to do with it."`
}

// LinkUse uses a link.
type LinkUse struct {
	Password  string `json:"password,omitempty" text:"any" maxLength:"800" doc:"At least 12 characters (rule O9). Not for mfa_reset and email_change."`
	Email     string `json:"email,omitempty" maxLength:"254" doc:"For first_owner alone."`
	FirstName string `json:"first_name,omitempty" maxLength:"100" doc:"For first_owner alone."`
	LastName  string `json:"last_name,omitempty" maxLength:"100" doc:"For first_owner alone."`
}

// SignInRequest opens a session.
type SignInRequest struct {
	Email    string `json:"email" minLength:"1" maxLength:"254"`
	Password string `json:"password" text:"any" minLength:"1" maxLength:"800"`
	Code     string `json:"code,omitempty" maxLength:"40" doc:"Of the second factor, or a recovery code. Asked for by 401 with the field code."`
}

// ProveRequest proves once more who one is.
type ProveRequest struct {
	Password string `json:"password" text:"any" minLength:"1" maxLength:"800"`
	Code     string `json:"code,omitempty" maxLength:"40"`
}

// Session is a browser or program in which an operator is signed in.
type Session struct {
	ID        string     `json:"id"`
	Created   time.Time  `json:"created"`
	Expires   time.Time  `json:"expires"`
	LastUsed  *time.Time `json:"last_used,omitempty"`
	Address   string     `json:"address,omitempty"`
	UserAgent string     `json:"user_agent,omitempty"`
	Current   bool       `json:"current"`
}
