package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

type accountOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      wire.Account
}

func (a *api) sessionRoutes() []operation {
	return []operation{
		{
			id: "sign-in", method: http.MethodPost, path: "/session", status: created,
			open: true,
			tag:  "session", summary: "Sign in",
			about: "Opens a session in a cookie. 401 with the field code means that the password was right and a code of the second factor is needed. Every other failure looks the same, whether or not there is such an account (rule O9).",
			codes: []directory.Code{directory.Throttled, directory.Invalid},
			do:    handle(a.signIn),
		},
		{
			id: "list-sign-in-methods", method: http.MethodGet, path: "/session/methods",
			open: true,
			tag:  "session", summary: "List the ways to sign in",
			about: "What a sign-in page can offer on this server (rule O9).",
			do:    handle(a.listSignInMethods),
		},
		{
			id: "sign-out", method: http.MethodDelete, path: "/session", status: noContent,
			right: directory.Self, human: true,
			tag: "session", summary: "Sign out",
			about: "The session ends at once, and the cookie with it (rule O9).",
			codes: []directory.Code{directory.Conflict, directory.NotFound},
			do:    handle(a.signOut),
		},
		{
			id: "prove-session", method: http.MethodPost, path: "/session/prove", status: noContent,
			right: directory.Self, human: true,
			tag: "session", summary: "Prove again who you are",
			about: "Dangerous operations need a proof that is at most ten minutes old.",
			codes: []directory.Code{directory.Conflict, directory.Throttled, directory.Invalid},
			do:    handle(a.proveSession),
		},
		{
			id: "forgot-password", method: http.MethodPost, path: "/session/forgot", status: accepted,
			open: true,
			tag:  "session", summary: "Ask for a link that sets a new password",
			about: "Answers the same, and takes as long, whether or not there is such an operator. An active operator who signs in with a password gets a mail with a link that works once, within an hour; one every fifteen minutes at most (rule O9).",
			codes: []directory.Code{directory.Throttled, directory.Invalid, directory.Unsupported},
			do:    handle(a.forgotPassword),
		},
	}
}

type signInInput struct{ Body wire.SignInRequest }

func (a *api) listSignInMethods(ctx context.Context, _ directory.Principal, _ *struct{}) (*output[wire.SignInMethods], error) {
	m, err := a.Operators.SignInMethods(ctx)
	if err != nil {
		return nil, err
	}
	out := wire.SignInMethods{Password: true, Forgot: m.Forgot, FirstOwner: m.FirstOwner, Provider: wire.Introduction{Name: m.Name, Support: m.Support, Logo: m.Logo}}
	if a.OIDC != nil {
		out.OIDC = &wire.OIDCMethod{Label: a.OIDC.label()}
	}
	return answer(out, nil)
}

type proveSessionInput struct{ Body wire.ProveRequest }

type forgotPasswordInput struct{ Body wire.ForgotRequest }

func (a *api) signIn(ctx context.Context, _ directory.Principal, in *signInInput) (*accountOutput, error) {
	s, err := a.Operators.SignIn(ctx, in.Body.Email, in.Body.Password, in.Body.Code, clientOf(ctx))
	if err != nil {
		return nil, err
	}
	return a.signedIn(ctx, s), nil
}

type signOutOutput struct {
	SetCookie string `header:"Set-Cookie"`
}

func (a *api) signOut(ctx context.Context, p directory.Principal, _ *struct{}) (*signOutOutput, error) {
	id, session, err := own(p)
	if err == nil {
		err = a.Operators.EndSessions(ctx, p, id, session)
	}
	if err != nil {
		return nil, err
	}
	return &signOutOutput{a.cookie(ctx, "", time.Time{})}, nil
}

func (a *api) proveSession(ctx context.Context, p directory.Principal, in *proveSessionInput) (*httpapi.None, error) {
	return nil, a.Operators.Reauthenticate(ctx, p, in.Body.Password, in.Body.Code, clientOf(ctx))
}

func (a *api) forgotPassword(ctx context.Context, _ directory.Principal, in *forgotPasswordInput) (*output[wire.ForgotAnswer], error) {
	if err := a.Operators.ForgotPassword(ctx, in.Body.Email, clientOf(ctx)); err != nil {
		return nil, err
	}
	return &output[wire.ForgotAnswer]{wire.ForgotAnswer{Detail: "If an operator who signs in with a password has this address, a mail with a link is on its way."}}, nil
}

// own is the account and the session of the caller.
func own(p directory.Principal) (account, session directory.ID, err error) {
	account, ok := directory.ParseID(p.Actor.ID)
	if !ok {
		return account, session, &directory.Error{Code: directory.Conflict, Message: "the local operator has no account: sign in over the network, or name an operator"}
	}
	session, _ = directory.ParseID(string(p.Token))
	return account, session, nil
}

func (a *api) signedIn(ctx context.Context, s operators.SignedIn) *accountOutput {
	view := operatorView(s.Operator)
	access := directory.Access{Role: directory.Role(view.Role), EnrolOnly: s.EnrolOnly}
	account := wire.Account{
		Operator: &view, AuthMethod: string(directory.BySession), Role: view.Role, EnrolOnly: s.EnrolOnly, Rights: a.rights(access),
		Changes: a.changesFromNow(ctx, directory.Principal{Actor: directory.Actor{Kind: directory.ByOperator}, Access: access}),
	}
	a.withSession(&account, s.View)
	return &accountOutput{SetCookie: a.cookie(ctx, s.Secret, s.Session.Expires), Body: account}
}

// withSession puts the times of a session into an account.
func (a *api) withSession(out *wire.Account, s operators.SessionView) {
	out.Expires, out.IdleUntil, out.ProvedUntil = httpapi.Time(s.Session.Expires), httpapi.Time(s.IdleUntil), httpapi.Time(s.ProvedUntil)
	out.RecentProof = a.Now().Before(s.ProvedUntil)
}

// cookie is the cookie of a session; without a secret it deletes the cookie.
func (a *api) cookie(ctx context.Context, secret string, expires time.Time) string {
	c := http.Cookie{ //nolint:gosec // it is Secure if the request came by HTTPS; plain HTTP is for the loopback
		Name: cookieOf(responseOf(ctx)), Value: secret, Path: "/", Expires: expires, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: responseOf(ctx).Origin.Scheme == "https",
	}
	if secret == "" {
		c.MaxAge = -1
	}
	return c.String()
}

// rights are what an operator may do.
func (a *api) rights(access directory.Access) []string {
	out := []string{}
	for _, right := range a.Operators.RightsOf(access.Role) {
		if !access.EnrolOnly || right == directory.Self {
			out = append(out, string(right))
		}
	}
	return out
}
