package wire

import (
	"time"

	"drawbridge/directory"
)

// Operator is a person of the provider who administers.
type Operator struct {
	ID            string     `json:"id"`
	Version       uint64     `json:"version"`
	Created       time.Time  `json:"created"`
	Modified      time.Time  `json:"modified"`
	FirstName     string     `json:"first_name"`
	LastName      string     `json:"last_name"`
	Email         string     `json:"email"`
	NewEmail      string     `json:"new_email,omitempty" doc:"Replaces email once it is confirmed from there (rule O10). Missing: there is none."`
	Role          string     `json:"role" enum:"owner,administrator_billing,administrator,technician,help_desk,read_only"`
	AllTenants    bool       `json:"all_tenants" doc:"Future ones too."`
	Tenants       []string   `json:"tenants" nullable:"false" doc:"The scope, unless it is all tenants. Only tenants in your own scope are shown."`
	Beyond        bool       `json:"beyond_your_scope,omitempty" doc:"The operator has tenants outside your own scope, so that you can do nothing to them (rule O10)."`
	Status        string     `json:"status" enum:"pending,active,suspended"`
	MFARequired   bool       `json:"mfa_required" doc:"Of this operator, or of all."`
	MFAEnrolled   bool       `json:"mfa_enrolled"`
	RecoveryCodes int        `json:"recovery_codes" doc:"How many are left."`
	APIAccess     bool       `json:"api_access"`
	APIKeys       int        `json:"api_keys" doc:"Live ones."`
	Sessions      int        `json:"sessions" doc:"Live ones."`
	LastSignIn    *time.Time `json:"last_sign_in,omitempty"`
}

// OperatorPage is a page of the list of operators, with risks of the whole list.
type OperatorPage struct {
	Items      []Operator `json:"items" nullable:"false"`
	Next       string     `json:"next,omitempty" doc:"Give this as cursor to get the next page. Missing on the last one."`
	RequireMFA bool       `json:"require_mfa" doc:"Required of all operators."`
	Warnings   []string   `json:"warnings" nullable:"false" doc:"Only one Owner, for example (rule O8)."`
}

// OperatorCreate adds an operator.
type OperatorCreate struct {
	FirstName   string   `json:"first_name" minLength:"1" maxLength:"100" doc:"Of the person (rule O3)."`
	LastName    string   `json:"last_name" minLength:"1" maxLength:"100" doc:"Of the person (rule O3)."`
	Email       string   `json:"email" minLength:"3" maxLength:"254" doc:"Where the link of the invitation goes, and what the person signs in with (rule O3)." example:"ada@msp.example"`
	Role        string   `json:"role" enum:"owner,administrator_billing,administrator,technician,help_desk,read_only" doc:"What the operator may do (rule O1)."`
	AllTenants  bool     `json:"all_tenants,omitempty" doc:"Future ones too (rule O2)."`
	Tenants     []string `json:"tenants,omitempty" maxItems:"10000" doc:"The scope (rule O2). Missing: none."`
	MFARequired bool     `json:"mfa_required,omitempty" doc:"Whether a second factor is required (rule O6)."`
	APIAccess   bool     `json:"api_access,omitempty" doc:"Whether the operator may make API keys (rule O5). Missing: off."`
	ShowLink    bool     `json:"show_link,omitempty" doc:"Show the link in the answer instead of mailing it, which only an Owner may. Where no mail is sent it is always shown."`
}

// OperatorUpdate changes the fields that it has and leaves the others.
type OperatorUpdate struct {
	FirstName     *string   `json:"first_name,omitempty" minLength:"1" maxLength:"100" doc:"Of the person (rule O3)."`
	LastName      *string   `json:"last_name,omitempty" minLength:"1" maxLength:"100" doc:"Of the person (rule O3)."`
	Email         *string   `json:"email,omitempty" minLength:"3" maxLength:"254" doc:"What the person signs in with (rule O3). A new one takes effect once it is confirmed from there; the present one cancels the change (rule O10)."`
	Role          *string   `json:"role,omitempty" enum:"owner,administrator_billing,administrator,technician,help_desk,read_only" doc:"What the operator may do (rule O1)."`
	AllTenants    *bool     `json:"all_tenants,omitempty" doc:"Future ones too (rule O2)."`
	Tenants       *[]string `json:"tenants,omitempty" maxItems:"10000" doc:"Replaces the whole list."`
	AddTenants    []string  `json:"add_tenants,omitempty" maxItems:"10000" doc:"Tenants that come into the scope; the others stay in it (rule O2)."`
	RemoveTenants []string  `json:"remove_tenants,omitempty" maxItems:"10000" doc:"Tenants that leave the scope; the others stay in it (rule O2)."`
	MFARequired   *bool     `json:"mfa_required,omitempty" doc:"Whether a second factor is required (rule O6)."`
	APIAccess     *bool     `json:"api_access,omitempty" doc:"Turning it off revokes the keys at once."`
}

// OperatorLink is a one-time link: mailed to the operator, or shown only once.
type OperatorLink struct {
	Operator Operator  `json:"operator"`
	Kind     string    `json:"kind" enum:"first_owner,invitation,password_reset,mfa_reset,email_change"`
	MailedTo string    `json:"mailed_to,omitempty" doc:"The address to which the link goes. Missing where the link is shown."`
	Link     string    `json:"secret,omitempty" doc:"The secret of the link. Give it to the person; it is kept nowhere. Missing where it is mailed."`
	URL      string    `json:"url,omitempty" doc:"Where the link is opened and used. Missing where it is mailed, and where the API is on the unix socket alone."`
	Expires  time.Time `json:"expires"`
}

// LinkRequest asks for a new link for an operator.
type LinkRequest struct {
	Kind     string `json:"kind" enum:"invitation,password_reset,mfa_reset,email_change" doc:"email_change confirms new_email."`
	ShowLink bool   `json:"show_link,omitempty" doc:"Show the link in the answer instead of mailing it, which only an Owner may. Where no mail is sent it is always shown."`
}

// ReasonRequest says why.
type ReasonRequest struct {
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// ProviderSettings apply to the whole installation.
type ProviderSettings struct {
	Version    uint64 `json:"version"`
	RequireMFA bool   `json:"require_mfa" doc:"A second factor is required of every operator, future ones too."`
	Introduction
}

// Introduction is how the provider introduces itself, in the console, in mails and on the page of an invitation.
type Introduction struct {
	Name    string `json:"name,omitempty" maxLength:"100" doc:"As people know the provider."`
	Support string `json:"support,omitempty" maxLength:"254" doc:"The e-mail address at which it helps."`
	Logo    string `json:"logo,omitempty" doc:"Which logo there is; another one has another mark. Empty: none. GET /provider/logo.png?mark= is the picture."`
}

// ProviderUpdate changes the settings of the installation.
type ProviderUpdate struct {
	RequireMFA *bool   `json:"require_mfa,omitempty" doc:"By itself, without the others."`
	Name       *string `json:"name,omitempty" maxLength:"100" doc:"Empty: none."`
	Support    *string `json:"support,omitempty" maxLength:"254" doc:"An e-mail address. Empty: none."`
	Logo       *string `json:"logo,omitempty" text:"any" maxLength:"349528" doc:"A PNG or JPEG file in base64, of at most 256 KiB and 1024 pixels a side. It is kept as a PNG that fits 480 × 160 pixels. Empty: none."`
}

// RoleInfo is a row of the table of roles.
type RoleInfo struct {
	Role   directory.Role    `json:"role"`
	Title  string            `json:"title"`
	Rights []directory.Right `json:"rights" nullable:"false"`
}
