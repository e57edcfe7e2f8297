package console

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// OIDC is how operators sign in through an OpenID provider: authorisation code with PKCE, state and nonce.
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
	// Client sends requests to the provider; nil: http.DefaultClient.
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

const (
	// flowLife is how long a person may take at the provider, and maxFlows how many sign-ins may be under way at once.
	flowLife   = 10 * time.Minute
	maxFlows   = 1000
	flowCookie = "drawbridge_oidc"
	flowPath   = "/session/oidc"
)

// flow is a sign-in that is under way at the provider.
type flow struct {
	state, nonce, verifier string
	expires                time.Time
}

// oidcFlows keeps the sign-ins that are under way. A restart ends them, and the person begins again.
type oidcFlows struct {
	cfg *OIDC
	now func() time.Time

	mu       sync.Mutex
	provider *oidc.Provider
	flows    map[string]flow // by the secret in the browser's cookie
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
			about: "Redirects to the provider. There is no parameter that says where to go afterwards.",
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

func (a *api) beginOIDC(ctx context.Context, _ directory.Principal, _ *struct{}) (*redirectOutput, error) {
	config, err := a.oidc.oauth(ctx, a.APIURL())
	if err != nil {
		return nil, err
	}
	f := flow{state: oauth2.GenerateVerifier(), nonce: oauth2.GenerateVerifier(), verifier: oauth2.GenerateVerifier(), expires: a.Now().Add(flowLife)}
	browser := oauth2.GenerateVerifier()
	if err := a.oidc.begin(browser, f); err != nil {
		return nil, err
	}
	return &redirectOutput{
		Status:    http.StatusFound,
		Location:  config.AuthCodeURL(f.state, oidc.Nonce(f.nonce), oauth2.S256ChallengeOption(f.verifier)),
		SetCookie: a.flowCookie(ctx, browser, f.expires),
	}, nil
}

// callbackOutput is an account for a program, and a way to the console for a browser.
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

// oidcReason is what the sign-in page is told about a failure: never the message, which a link could then make up.
func oidcReason(err error) string {
	var e *directory.Error
	switch {
	case errors.As(err, &e) && e.Code == directory.Unauthorized && slices.Contains([]string{reasonFlow, reasonProvider, reasonEmail, reasonGroup}, e.Field):
		return e.Field
	case directory.CodeOf(err) == directory.Unauthorized:
		return reasonOperator
	}
	return reasonProvider
}

// oidcSession opens a session for the person who comes back from the provider.
func (a *api) oidcSession(ctx context.Context, in *endOIDCInput) (*accountOutput, error) {
	f, ok := a.oidc.end(in.Browser)
	if !ok || in.Error != "" || in.Code == "" || subtle.ConstantTimeCompare([]byte(f.state), []byte(in.State)) != 1 {
		return nil, noOIDC(reasonFlow, "the provider refused, or this sign-in was used already, took too long, or began in another browser: begin again", nil)
	}
	person, err := a.oidc.person(ctx, a.APIURL(), in.Code, f)
	if err != nil {
		return nil, err
	}
	s, err := a.Operators.SignInExternal(ctx, person.subject, person.email, person.role, clientOf(ctx))
	if err != nil {
		return nil, err
	}
	return a.signedIn(ctx, s), nil
}

func (a *api) flowCookie(ctx context.Context, secret string, expires time.Time) string {
	c := http.Cookie{ //nolint:gosec // it is Secure wherever the request came by HTTPS; plain HTTP is for the loopback
		Name: flowCookie, Value: secret, Path: prefix + flowPath, Expires: expires, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // the way back comes from another site
		Secure:   responseOf(ctx).Origin.Scheme == "https",
	}
	return c.String()
}

// The reasons why a sign-in through the provider failed. The sign-in page of the console shows a sentence for each.
const (
	reasonFlow     = "flow"     // refused there, too late, or begun in another browser
	reasonProvider = "provider" // its answer was wrong, or it does not answer
	reasonEmail    = "email"    // the address is not verified, or its domain is not allowed
	reasonGroup    = "group"    // no group gives a role
	reasonOperator = "operator" // there is no such operator, or the operator is suspended
)

func noOIDC(reason, message string, err error) error {
	return &directory.Error{Code: directory.Unauthorized, Field: reason, Rule: "O9", Message: message, Err: err}
}

func (d *oidcFlows) begin(browser string, f flow) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, old := range d.flows {
		if !d.now().Before(old.expires) {
			delete(d.flows, key)
		}
	}
	if len(d.flows) >= maxFlows {
		return &directory.Error{Code: directory.Throttled, RetryAfter: time.Minute, Message: "too many people are signing in: try again in a minute"}
	}
	d.flows[browser] = f
	return nil
}

// end removes a flow, so that it works once whatever comes of it.
func (d *oidcFlows) end(browser string) (flow, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.flows[browser]
	delete(d.flows, browser)
	return f, ok && d.now().Before(f.expires)
}

func (d *oidcFlows) client(ctx context.Context) context.Context {
	client := d.cfg.Client
	if client == nil {
		client = http.DefaultClient
	}
	bounded := *client
	bounded.Timeout = 15 * time.Second
	return oidc.ClientContext(ctx, &bounded)
}

// found gives the provider, whose configuration is fetched when it is first needed.
func (d *oidcFlows) found(ctx context.Context) (*oidc.Provider, error) {
	d.mu.Lock()
	known := d.provider
	d.mu.Unlock()
	if known != nil {
		return known, nil
	}
	// The provider fetches its keys again later, so it must outlive this request.
	p, err := oidc.NewProvider(d.client(context.WithoutCancel(ctx)), d.cfg.Issuer)
	if err != nil {
		return nil, &directory.Error{Code: directory.Unavailable, Message: "the OpenID provider does not answer: try again later, or sign in with a password", Err: err}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.provider = p
	return p, nil
}

func (d *oidcFlows) oauth(ctx context.Context, base string) (*oauth2.Config, error) {
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

// vouched is the person for whom the provider vouches.
type vouched struct {
	subject, email string
	role           directory.Role
}

// person turns a code into a person. Every failure is Unauthorized, but for a provider that does not answer.
func (d *oidcFlows) person(ctx context.Context, base, code string, f flow) (vouched, error) {
	config, err := d.oauth(ctx, base)
	if err != nil {
		return vouched{}, err
	}
	token, err := config.Exchange(d.client(ctx), code, oauth2.VerifierOption(f.verifier))
	if err != nil {
		return vouched{}, noOIDC(reasonProvider, "the OpenID provider did not accept the code: begin again", err)
	}
	raw, _ := token.Extra("id_token").(string)
	p, err := d.found(ctx)
	if err != nil {
		return vouched{}, err
	}
	id, err := p.Verifier(&oidc.Config{ClientID: d.cfg.ClientID, Now: d.now}).Verify(d.client(ctx), raw)
	if err != nil {
		return vouched{}, noOIDC(reasonProvider, "the OpenID provider's answer cannot be trusted: begin again", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.nonce)) != 1 {
		return vouched{}, noOIDC(reasonProvider, "the OpenID provider's answer belongs to another sign-in: begin again", nil)
	}
	var claims struct {
		Email    string   `json:"email"`
		Verified bool     `json:"email_verified"`
		Groups   []string `json:"groups"`
	}
	if err := id.Claims(&claims); err != nil {
		return vouched{}, noOIDC(reasonProvider, "the OpenID provider's answer cannot be read", err)
	}
	_, domain, _ := strings.Cut(claims.Email, "@")
	if !claims.Verified || !slices.ContainsFunc(d.cfg.Domains, func(allowed string) bool { return strings.EqualFold(allowed, domain) }) {
		return vouched{}, noOIDC(reasonEmail, "the e-mail address at the OpenID provider is not verified, or its domain may not sign in here", nil)
	}
	out := vouched{subject: d.cfg.Issuer + "\n" + id.Subject, email: claims.Email}
	if len(d.cfg.Groups) > 0 {
		if out.role = highestRole(d.cfg.Groups, claims.Groups); out.role == "" {
			return vouched{}, noOIDC(reasonGroup, "no group at the OpenID provider gives a role here: ask to be put into one", nil)
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
