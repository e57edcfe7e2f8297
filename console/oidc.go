package console

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
	"drawbridge/internal/limit"
)

// OIDC configures sign-in through an OpenID provider: authorisation code with PKCE, state and nonce.
type OIDC struct {
	Issuer       string
	Label        string // the name of the provider, for people; "": the host of Issuer
	ClientID     string
	ClientSecret string
	// Domains are those whose e-mail addresses are trusted; at least one.
	Domains []string
	// Groups give roles. A person gets the highest role of their groups, and without any role cannot sign in. Empty: the operator's
	// role does not change.
	Groups []GroupRole
	// Client sends requests to the provider. It bounds the time and the size of an answer.
	Client *http.Client
}

// label is the name of the provider.
func (o *OIDC) label() string {
	if o.Label != "" {
		return o.Label
	}
	if u, err := url.Parse(o.Issuer); err == nil && u.Host != "" {
		return u.Host
	}
	return o.Issuer
}

// GroupRole gives a role to the members of a group of the OpenID provider.
type GroupRole struct {
	Group string
	Role  directory.Role
}

// The requests to the provider that clients without a credential may cause at once.
const (
	exchanges     = 16
	exchangesEach = 4 // by one network
	// providerPause is how long the provider is not asked after it did not answer.
	providerPause = 5 * time.Second
)

// oidcProvider is the OpenID provider. Its configuration is fetched when it is first needed.
type oidcProvider struct {
	cfg   *OIDC
	now   func() time.Time
	slots *limit.Slots[netip.Prefix]

	mu     sync.Mutex // held while the provider is asked, so that only one request at a time asks
	known  *oidc.Provider
	failed time.Time // when it did not answer last
	err    error     // why
}

func newOIDCProvider(cfg *OIDC, now func() time.Time) *oidcProvider {
	return &oidcProvider{cfg: cfg, now: now, slots: limit.NewSlots[netip.Prefix](exchangesEach, exchanges)}
}

type redirectOutput struct {
	Status    int
	Location  string `header:"Location"`
	SetCookie string `header:"Set-Cookie"`
}

func (a *api) oidcRoutes() []operation {
	if a.OIDC == nil {
		return nil
	}
	return []operation{
		{
			id: "begin-oidc", method: http.MethodGet, path: flowPath, status: http.StatusFound,
			open: true,
			tag:  "session", summary: "Sign in through the OpenID provider",
			about: "Redirects to the provider. There is no parameter that says where to go afterwards. With fresh the provider is asked to ask the person again, as a proof before a dangerous action.",
			codes: []directory.Code{directory.Throttled},
			do:    handle(a.beginOIDC),
		},
		{
			id: "end-oidc", method: http.MethodGet, path: flowPath + "/callback",
			open: true,
			tag:  "session", summary: "Come back from the OpenID provider",
			about: "Opens a session for the operator with the verified e-mail address, and from then on for the same subject (rule O9). A browser is sent on to the console if that is served; after a failure, to its sign-in page with the reason after the #.",
			codes: []directory.Code{directory.Throttled},
			do:    handle(a.endOIDC),
		},
	}
}

type beginOIDCInput struct {
	Fresh bool `query:"fresh" doc:"Ask the person again, also if they are signed in at the provider."`
}

type endOIDCInput struct {
	Code  string `query:"code" maxLength:"4000"`
	State string `query:"state" maxLength:"200"`
	// Providers send more parameters, which are ignored.
	Error       string `query:"error" maxLength:"200"`
	Description string `query:"error_description" maxLength:"2000"`
	ErrorURI    string `query:"error_uri" maxLength:"2000"`
	Issuer      string `query:"iss" maxLength:"2000"`
	Session     string `query:"session_state" maxLength:"2000"`
	Scope       string `query:"scope" maxLength:"2000"`
	AuthUser    string `query:"authuser" maxLength:"200"`
	Domain      string `query:"hd" maxLength:"200"`
	Prompt      string `query:"prompt" maxLength:"200"`
	Browser     string `cookie:"drawbridge_oidc"`
	Accept      string `header:"Accept" text:"any" maxLength:"2000" doc:"text/html: answer with a redirect to the console."`
}

func (a *api) beginOIDC(ctx context.Context, _ directory.Principal, in *beginOIDCInput) (*redirectOutput, error) {
	config, err := a.oidc.oauth(ctx, a.APIURL())
	if err != nil {
		return nil, err
	}
	f, cookie, err := a.flows.begin(a.Now(), flow{Fresh: in.Fresh})
	if err != nil {
		return nil, err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)}
	if in.Fresh {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return &redirectOutput{
		Status:    http.StatusFound,
		Location:  config.AuthCodeURL(f.State, options...),
		SetCookie: a.flowCookie(ctx, cookie, f.Expires),
	}, nil
}

// callbackOutput is an account for a program, and a redirect to the console for a browser.
type callbackOutput struct {
	Status    int
	Location  string `header:"Location"`
	SetCookie string `header:"Set-Cookie"`
	Body      *wire.Account
}

func (a *api) endOIDC(ctx context.Context, _ directory.Principal, in *endOIDCInput) (*callbackOutput, error) {
	out, err := a.oidcSession(ctx, in)
	if !a.Console || !strings.Contains(in.Accept, "text/html") {
		if err != nil {
			return nil, err
		}
		return &callbackOutput{Status: http.StatusOK, SetCookie: out.SetCookie, Body: &out.Body}, nil
	}
	if err != nil {
		httpapi.CallOf(ctx).Note(err)
		return &callbackOutput{Status: http.StatusSeeOther, Location: ConsolePrefix + "sign-in#oidc=" + oidcReason(err)}, nil
	}
	return &callbackOutput{Status: http.StatusSeeOther, Location: ConsolePrefix, SetCookie: out.SetCookie}, nil
}

// oidcReason is the reason that the sign-in page gets about a failure. It is never a message, because a link could then contain a forged one.
func oidcReason(err error) string {
	var e *directory.Error
	switch {
	case errors.As(err, &e) && e.Code == directory.Unauthorized && slices.Contains([]string{reasonFlow, reasonProvider, reasonEmail, reasonGroup, reasonProof}, e.Field):
		return e.Field
	case directory.CodeOf(err) == directory.Unauthorized:
		return reasonOperator
	}
	return reasonProvider
}

// oidcSession opens a session for the person who returns from the provider.
func (a *api) oidcSession(ctx context.Context, in *endOIDCInput) (*accountOutput, error) {
	from := limit.Network(clientOf(ctx).Address)
	f, ok := a.flows.end(in.Browser, from, a.Now())
	if !ok || in.Error != "" || in.Code == "" || subtle.ConstantTimeCompare([]byte(f.State), []byte(in.State)) != 1 {
		return nil, noOIDC(reasonFlow, "the provider refused, or this sign-in was used already, took too long, or began in another browser: begin again", nil)
	}
	if !a.oidc.slots.Enter(from) {
		return nil, &directory.Error{Code: directory.Throttled, RetryAfter: time.Second, Message: "too many sign-ins through the OpenID provider at once: begin again in a moment"}
	}
	defer a.oidc.slots.Leave(from)
	person, err := a.oidc.person(ctx, a.APIURL(), in.Code, f)
	if err != nil {
		return nil, err
	}
	s, err := a.Operators.SignInExternal(ctx, person, clientOf(ctx))
	if err != nil {
		return nil, err
	}
	return a.signedIn(ctx, s), nil
}

// The reasons why a sign-in through the provider failed. The sign-in page of the console shows a sentence for each.
const (
	reasonFlow     = "flow"     // refused there, too late, or begun in another browser
	reasonProvider = "provider" // its answer was wrong, or it does not answer
	reasonEmail    = "email"    // the address is not verified, or its domain is not allowed
	reasonGroup    = "group"    // no group gives a role
	reasonProof    = "proof"    // the provider did not ask the person again
	reasonOperator = "operator" // the operator does not exist or is suspended
)

func noOIDC(reason, message string, err error) error {
	return &directory.Error{Code: directory.Unauthorized, Field: reason, Rule: "O9", Message: message, Err: err}
}

func (d *oidcProvider) client(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, d.cfg.Client)
}

// found gives the provider. After a failure it is not asked again for a few seconds.
func (d *oidcProvider) found(ctx context.Context) (*oidc.Provider, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known != nil {
		return d.known, nil
	}
	if !limit.Within(d.failed, d.now(), providerPause) {
		// The provider fetches its keys again later, so it must outlive this request.
		d.known, d.err = oidc.NewProvider(d.client(context.WithoutCancel(ctx)), d.cfg.Issuer)
		d.failed = d.now()
	}
	if d.err != nil {
		return nil, &directory.Error{Code: directory.Unavailable, RetryAfter: providerPause, Message: "the OpenID provider does not answer: try again later, or sign in with a password", Err: d.err}
	}
	return d.known, nil
}

func (d *oidcProvider) oauth(ctx context.Context, base string) (*oauth2.Config, error) {
	p, err := d.found(ctx)
	if err != nil {
		return nil, err
	}
	return &oauth2.Config{
		ClientID: d.cfg.ClientID, ClientSecret: d.cfg.ClientSecret, Endpoint: p.Endpoint(),
		RedirectURL: strings.TrimRight(base, "/") + prefix + flowPath + "/callback",
		Scopes:      []string{oidc.ScopeOpenID, "email", "profile"},
	}, nil
}

// person turns a code into a person. Every failure is Unauthorized, except that of a provider that does not answer.
func (d *oidcProvider) person(ctx context.Context, base, code string, f flow) (operators.External, error) {
	config, err := d.oauth(ctx, base)
	if err != nil {
		return operators.External{}, err
	}
	token, err := config.Exchange(d.client(ctx), code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return operators.External{}, noOIDC(reasonProvider, "the OpenID provider did not accept the code: begin again", err)
	}
	raw, _ := token.Extra("id_token").(string)
	p, err := d.found(ctx)
	if err != nil {
		return operators.External{}, err
	}
	id, err := p.Verifier(&oidc.Config{ClientID: d.cfg.ClientID, Now: d.now}).Verify(d.client(ctx), raw)
	if err != nil {
		return operators.External{}, noOIDC(reasonProvider, "the OpenID provider's answer cannot be trusted: begin again", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1 {
		return operators.External{}, noOIDC(reasonProvider, "the OpenID provider's answer belongs to another sign-in: begin again", nil)
	}
	var claims struct {
		Email    string   `json:"email"`
		Verified bool     `json:"email_verified"`
		Groups   []string `json:"groups"`
		Asked    int64    `json:"auth_time"` // when the person was asked last; 0: the provider does not say
	}
	if err := id.Claims(&claims); err != nil {
		return operators.External{}, noOIDC(reasonProvider, "the OpenID provider's answer cannot be read", err)
	}
	// OpenID Connect Core, 3.1.2.1: if max_age is sent, the answer has auth_time.
	if f.Fresh && (claims.Asked == 0 || time.Unix(claims.Asked, 0).Before(f.Expires.Add(-flowLife-clockSkew))) {
		return operators.External{}, noOIDC(reasonProof, "the OpenID provider did not ask again who you are, or does not say that it did: sign out there and begin again, or set a password here", nil)
	}
	_, domain, _ := strings.Cut(claims.Email, "@")
	if !claims.Verified || !slices.ContainsFunc(d.cfg.Domains, func(allowed string) bool { return strings.EqualFold(allowed, domain) }) {
		return operators.External{}, noOIDC(reasonEmail, "the e-mail address at the OpenID provider is not verified, or its domain may not sign in here", nil)
	}
	out := operators.External{Subject: d.cfg.Issuer + "\n" + id.Subject, Email: claims.Email}
	if claims.Asked > 0 {
		out.Asked = time.Unix(claims.Asked, 0)
	}
	if len(d.cfg.Groups) > 0 {
		if out.Role = highestRole(d.cfg.Groups, claims.Groups); out.Role == "" {
			return operators.External{}, noOIDC(reasonGroup, "no group at the OpenID provider gives a role here: ask to be put into one", nil)
		}
	}
	return out, nil
}

// highestRole is the highest role that the groups of a person give, "" for none.
func highestRole(table []GroupRole, groups []string) directory.Role {
	for _, role := range directory.Roles() {
		for _, row := range table {
			if row.Role == role && slices.Contains(groups, row.Group) {
				return role
			}
		}
	}
	return ""
}
