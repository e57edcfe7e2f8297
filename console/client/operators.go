package client

import (
	"context"
	"net/http"
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
	Role          string     `json:"role" enum:"owner,administrator_billing,administrator,technician,help_desk,read_only"`
	AllTenants    bool       `json:"all_tenants" doc:"Future ones too."`
	Tenants       []string   `json:"tenants" nullable:"false" doc:"The scope, unless it is all tenants."`
	Status        string     `json:"status" enum:"pending,active,suspended"`
	MFARequired   bool       `json:"mfa_required" doc:"Of this operator, or of all."`
	MFAEnrolled   bool       `json:"mfa_enrolled"`
	RecoveryCodes int        `json:"recovery_codes" doc:"How many are left."`
	APIAccess     bool       `json:"api_access"`
	APIKeys       int        `json:"api_keys" doc:"Live ones."`
	Sessions      int        `json:"sessions" doc:"Live ones."`
	LastSignIn    *time.Time `json:"last_sign_in,omitempty"`
}

// OperatorPage is a page of the list of operators, with what is thin about it.
type OperatorPage struct {
	Items      []Operator `json:"items" nullable:"false"`
	Next       string     `json:"next,omitempty" doc:"Give this as cursor to get the next page. Missing on the last one."`
	RequireMFA bool       `json:"require_mfa" doc:"Required of everybody."`
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

// OperatorUpdate changes what it names and leaves the rest.
type OperatorUpdate struct {
	FirstName   *string   `json:"first_name,omitempty" minLength:"1" maxLength:"100" doc:"Of the person (rule O3)."`
	LastName    *string   `json:"last_name,omitempty" minLength:"1" maxLength:"100" doc:"Of the person (rule O3)."`
	Email       *string   `json:"email,omitempty" minLength:"3" maxLength:"254" doc:"What the person signs in with (rule O3)."`
	Role        *string   `json:"role,omitempty" enum:"owner,administrator_billing,administrator,technician,help_desk,read_only" doc:"What the operator may do (rule O1)."`
	AllTenants  *bool     `json:"all_tenants,omitempty" doc:"Future ones too (rule O2)."`
	Tenants     *[]string `json:"tenants,omitempty" maxItems:"10000" doc:"Takes the place of the whole list."`
	MFARequired *bool     `json:"mfa_required,omitempty" doc:"Whether a second factor is required (rule O6)."`
	APIAccess   *bool     `json:"api_access,omitempty" doc:"Turning it off revokes the keys at once."`
}

// OperatorLink is a one-time link: mailed to the operator, or shown this once.
type OperatorLink struct {
	Operator Operator  `json:"operator"`
	Kind     string    `json:"kind" enum:"first_owner,invitation,password_reset,mfa_reset"`
	MailedTo string    `json:"mailed_to,omitempty" doc:"The address to which the link goes. Missing where the link is shown."`
	Link     string    `json:"link,omitempty" doc:"The secret of the link. Give it to the person; it is kept nowhere. Missing where it is mailed."`
	URL      string    `json:"url,omitempty" doc:"Where the link is opened and used. Missing where it is mailed, and where the API is on the unix socket alone."`
	Expires  time.Time `json:"expires"`
}

// LinkRequest asks for a new link for an operator.
type LinkRequest struct {
	Kind     string `json:"kind" enum:"invitation,password_reset,mfa_reset"`
	ShowLink bool   `json:"show_link,omitempty" doc:"Show the link in the answer instead of mailing it, which only an Owner may. Where no mail is sent it is always shown."`
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
	Kind    string    `json:"kind" enum:"first_owner,invitation,password_reset,mfa_reset"`
	Email   string    `json:"email,omitempty"`
	Name    string    `json:"name,omitempty"`
	Expires time.Time `json:"expires"`
	Next    string    `json:"next" doc:"What to do with it."`
}

// LinkUse uses a link.
type LinkUse struct {
	Password  string `json:"password,omitempty" text:"any" maxLength:"800" doc:"At least 12 characters (rule O9). Not for mfa_reset."`
	Email     string `json:"email,omitempty" maxLength:"254" doc:"For first_owner alone."`
	FirstName string `json:"first_name,omitempty" maxLength:"100" doc:"For first_owner alone."`
	LastName  string `json:"last_name,omitempty" maxLength:"100" doc:"For first_owner alone."`
}

// ReasonRequest says why.
type ReasonRequest struct {
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// ProviderSettings hold for the whole installation.
type ProviderSettings struct {
	Version    uint64 `json:"version"`
	RequireMFA bool   `json:"require_mfa" doc:"A second factor is required of every operator, future ones too."`
}

// ProviderUpdate changes the settings of the installation.
type ProviderUpdate struct {
	RequireMFA *bool `json:"require_mfa,omitempty"`
}

// SignInRequest opens a session.
type SignInRequest struct {
	Email    string `json:"email" minLength:"1" maxLength:"254"`
	Password string `json:"password" text:"any" minLength:"1" maxLength:"800"`
	Code     string `json:"code,omitempty" maxLength:"40" doc:"Of the second factor, or a recovery code. Asked for by 401 with the field code."`
}

// ProveRequest shows once more who one is.
type ProveRequest struct {
	Password string `json:"password" text:"any" minLength:"1" maxLength:"800"`
	Code     string `json:"code,omitempty" maxLength:"40"`
}

// Account is whoever asks.
type Account struct {
	Operator  *Operator `json:"operator,omitempty" doc:"Missing for the local Owner."`
	Door      string    `json:"door" enum:"local,session,key" doc:"How they came in."`
	Role      string    `json:"role"`
	EnrolOnly bool      `json:"enrol_only" doc:"A second factor is required and missing; nothing else is open until it is there."`
	Fresh     bool      `json:"fresh" doc:"May do what wants a recent proof."`
	Rights    []string  `json:"rights" nullable:"false"`
	Expires   time.Time `json:"expires,omitzero" doc:"Of the session that was just opened."`
}

// Session is a place where somebody is signed in.
type Session struct {
	ID        string     `json:"id"`
	Created   time.Time  `json:"created"`
	Expires   time.Time  `json:"expires"`
	LastUsed  *time.Time `json:"last_used,omitempty"`
	Address   string     `json:"address,omitempty"`
	UserAgent string     `json:"user_agent,omitempty"`
	Current   bool       `json:"current"`
}

// PasswordChange sets one's own password.
type PasswordChange struct {
	Present string `json:"present" text:"any" minLength:"1" maxLength:"800"`
	Wanted  string `json:"wanted" text:"any" minLength:"1" maxLength:"800" doc:"At least 12 characters (rule O9)."`
}

// Enrolment is a second factor that waits for its first code.
type Enrolment struct {
	Secret string `json:"secret" doc:"To type in by hand."`
	URI    string `json:"uri"`
	QR     string `json:"qr" doc:"The URI as a picture, a data: URL with a PNG."`
	Text   string `json:"text" doc:"The same for a terminal."`
}

// CodeRequest shows a code of the second factor.
type CodeRequest struct {
	Code string `json:"code" minLength:"1" maxLength:"40"`
}

// RecoveryCodes are shown this once.
type RecoveryCodes struct {
	Codes []string `json:"codes" nullable:"false" doc:"Each opens the account once in the place of a code. They are kept nowhere."`
}

// APIKey is a credential for programs, without its secret.
type APIKey struct {
	ID       string     `json:"id"`
	Label    string     `json:"label,omitempty"`
	Prefix   string     `json:"prefix" doc:"The first four characters of the random part."`
	Status   string     `json:"status" enum:"live,expired,revoked"`
	Created  time.Time  `json:"created"`
	Expires  *time.Time `json:"expires,omitempty"`
	Revoked  *time.Time `json:"revoked,omitempty"`
	LastUsed *time.Time `json:"last_used,omitempty"`
	Address  string     `json:"address,omitempty"`
}

// APIKeyCreate asks for a key.
type APIKeyCreate struct {
	Label   string     `json:"label,omitempty" maxLength:"100"`
	Expires *time.Time `json:"expires,omitempty" doc:"Missing: never."`
}

// APIKeyIssued is a new key, shown this once.
type APIKeyIssued struct {
	Key    APIKey `json:"key"`
	Secret string `json:"secret" doc:"Send it as a Bearer token. It is kept nowhere."`
}

// Entry is an operator who works inside a tenant.
type Entry struct {
	Operator string    `json:"operator"`
	Name     string    `json:"name,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
}

// EntryRequest opens a context inside a tenant.
type EntryRequest struct {
	Reason  string `json:"reason,omitempty" maxLength:"500"`
	Minutes int    `json:"minutes,omitempty" minimum:"1" maximum:"720" doc:"When the context ends by itself (rule T5). Missing: 60."`
}

// RoleInfo is a row of the table of roles.
type RoleInfo struct {
	Role   directory.Role    `json:"role"`
	Title  string            `json:"title"`
	Rights []directory.Right `json:"rights" nullable:"false"`
}

func operatorPath(id string) string { return "/operators/" + seg(id) }

// Operators lists operators.
func (c *Client) Operators(ctx context.Context, l List) (OperatorPage, error) {
	return call[OperatorPage](ctx, c, http.MethodGet, "/operators", l.query(), "", nil)
}

// Operator shows one, by id or e-mail address.
func (c *Client) Operator(ctx context.Context, id string) (Operator, error) {
	return call[Operator](ctx, c, http.MethodGet, operatorPath(id), nil, "", nil)
}

// CreateOperator adds an operator; the link is mailed, or shown this once.
func (c *Client) CreateOperator(ctx context.Context, in OperatorCreate) (OperatorLink, error) {
	return call[OperatorLink](ctx, c, http.MethodPost, "/operators", nil, "", in)
}

// UpdateOperator changes an operator. etag "" means whatever its version.
func (c *Client) UpdateOperator(ctx context.Context, id, etag string, in OperatorUpdate) (Operator, error) {
	return call[Operator](ctx, c, http.MethodPatch, operatorPath(id), nil, etag, in)
}

// SuspendOperator ends sessions and keys at once.
func (c *Client) SuspendOperator(ctx context.Context, id, reason string) (Operator, error) {
	return call[Operator](ctx, c, http.MethodPost, operatorPath(id)+"/suspend", nil, "", ReasonRequest{reason})
}

// RestoreOperator ends a suspension.
func (c *Client) RestoreOperator(ctx context.Context, id string) (Operator, error) {
	return call[Operator](ctx, c, http.MethodPost, operatorPath(id)+"/restore", nil, "", nil)
}

// LinkOperator makes a new one-time link.
func (c *Client) LinkOperator(ctx context.Context, id string, in LinkRequest) (OperatorLink, error) {
	return call[OperatorLink](ctx, c, http.MethodPost, operatorPath(id)+"/links", nil, "", in)
}

// ForgotPassword asks for a mail with a link that sets a new password. The answer is the same whether or not there is such an
// operator, and no credential is needed.
func (c *Client) ForgotPassword(ctx context.Context, email string) (ForgotAnswer, error) {
	return call[ForgotAnswer](ctx, c, http.MethodPost, "/session/forgot", nil, "", ForgotRequest{email})
}

// OperatorSessions lists where an operator is signed in.
func (c *Client) OperatorSessions(ctx context.Context, id string) (Page[Session], error) {
	return whole[Session](ctx, c, operatorPath(id)+"/sessions", nil)
}

// EndOperatorSessions ends all of an operator's sessions.
func (c *Client) EndOperatorSessions(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, operatorPath(id)+"/sessions", nil, "", nil, nil)
}

// OperatorKeys lists the API keys of an operator.
func (c *Client) OperatorKeys(ctx context.Context, id string) (Page[APIKey], error) {
	return whole[APIKey](ctx, c, operatorPath(id)+"/api-keys", nil)
}

// RevokeOperatorKey ends a key at once.
func (c *Client) RevokeOperatorKey(ctx context.Context, id, key string) error {
	return c.do(ctx, http.MethodDelete, operatorPath(id)+"/api-keys/"+seg(key), nil, "", nil, nil)
}

// Provider shows the settings of the installation.
func (c *Client) Provider(ctx context.Context) (ProviderSettings, error) {
	return call[ProviderSettings](ctx, c, http.MethodGet, "/provider", nil, "", nil)
}

// UpdateProvider changes them.
func (c *Client) UpdateProvider(ctx context.Context, etag string, in ProviderUpdate) (ProviderSettings, error) {
	return call[ProviderSettings](ctx, c, http.MethodPatch, "/provider", nil, etag, in)
}

// Roles is the table of roles.
func (c *Client) Roles(ctx context.Context) (Page[RoleInfo], error) {
	return whole[RoleInfo](ctx, c, "/roles", nil)
}

// Link says what a link is for.
func (c *Client) Link(ctx context.Context, link string) (LinkInfo, error) {
	return call[LinkInfo](ctx, c, http.MethodGet, "/links/"+seg(link), nil, "", nil)
}

// UseLink uses a link, once.
func (c *Client) UseLink(ctx context.Context, link string, in LinkUse) (Operator, error) {
	return call[Operator](ctx, c, http.MethodPost, "/links/"+seg(link), nil, "", in)
}

// Me says who asks.
func (c *Client) Me(ctx context.Context) (Account, error) {
	return call[Account](ctx, c, http.MethodGet, "/me", nil, "", nil)
}

// CreateAPIKey makes a key of one's own.
func (c *Client) CreateAPIKey(ctx context.Context, in APIKeyCreate) (APIKeyIssued, error) {
	return call[APIKeyIssued](ctx, c, http.MethodPost, "/me/api-keys", nil, "", in)
}

// Enter opens a context inside a tenant.
func (c *Client) Enter(ctx context.Context, tenant string, in EntryRequest) (Entry, error) {
	return call[Entry](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/entry", nil, "", in)
}

// Leave ends it.
func (c *Client) Leave(ctx context.Context, tenant string) error {
	return c.do(ctx, http.MethodDelete, "/tenants/"+seg(tenant)+"/entry", nil, "", nil, nil)
}

// Inside lists who works inside a tenant.
func (c *Client) Inside(ctx context.Context, tenant string) (Page[Entry], error) {
	return whole[Entry](ctx, c, "/tenants/"+seg(tenant)+"/entries", nil)
}
