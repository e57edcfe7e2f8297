package console

import (
	"context"
	"net/http"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

type accountOutput struct {
	SetCookie string `header:"Set-Cookie"`
	Body      wire.Account
}

func (a *api) sessionRoutes() {
	type signInInput struct{ Body wire.SignInRequest }
	handle(a, operation{
		id: "sign-in", open: true, method: http.MethodPost, path: "/session", tag: "session", status: created, summary: "Sign in",
		about: "Opens a session in a cookie. 401 with the field code means that the password was right and a code of the second factor is needed. Every other failure looks the same, whether or not there is such an account (rule O9).",
		codes: []directory.Code{directory.Throttled, directory.Invalid},
	}, func(ctx context.Context, _ directory.Principal, in *signInInput) (*accountOutput, error) {
		w := callOf(ctx).response
		s, err := a.Operators.SignIn(ctx, in.Body.Email, in.Body.Password, in.Body.Code, clientOf(w))
		if err != nil {
			return nil, err
		}
		return a.signedIn(ctx, s), nil
	})

	handle(a, operation{
		id: "sign-out", right: directory.Self, human: true, method: http.MethodDelete, path: "/session", tag: "session", summary: "Sign out",
		about:  "The session ends at once, and the cookie with it (rule O9).",
		status: noContent,
		codes:  []directory.Code{directory.Conflict, directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, _ *struct{}) (*struct {
		SetCookie string `header:"Set-Cookie"`
	}, error,
	) {
		id, session, err := own(p)
		if err == nil {
			err = a.Operators.EndSessions(ctx, p, id, session)
		}
		if err != nil {
			return nil, err
		}
		return &struct {
			SetCookie string `header:"Set-Cookie"`
		}{a.cookie(ctx, "", time.Time{})}, nil
	})

	type proveInput struct{ Body wire.ProveRequest }
	handle(a, operation{
		id: "prove-session", right: directory.Self, human: true, method: http.MethodPost, path: "/session/prove", tag: "session", status: noContent,
		summary: "Prove again who you are", about: "Dangerous operations want a proof that is at most ten minutes old.",
		codes: []directory.Code{directory.Conflict, directory.Throttled, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *proveInput) (*none, error) {
		return nil, a.Operators.ProveAgain(ctx, p, in.Body.Password, in.Body.Code, clientOf(callOf(ctx).response))
	})

	type forgotInput struct{ Body wire.ForgotRequest }
	type forgotOutput struct{ Body wire.ForgotAnswer }
	handle(a, operation{
		id: "forgot-password", open: true, method: http.MethodPost, path: "/session/forgot", tag: "session", status: accepted, summary: "Ask for a link that sets a new password",
		about: "Answers the same, and takes as long, whether or not there is such an operator. An active operator who signs in with a password gets a mail with a link that works once, within an hour; " +
			"one every fifteen minutes at most (rule O9).",
		codes: []directory.Code{directory.Throttled, directory.Invalid, directory.Unsupported},
	}, func(ctx context.Context, _ directory.Principal, in *forgotInput) (*forgotOutput, error) {
		if err := a.Operators.ForgotPassword(ctx, in.Body.Email, clientOf(callOf(ctx).response)); err != nil {
			return nil, err
		}
		return &forgotOutput{wire.ForgotAnswer{Detail: "If an operator who signs in with a password has this address, a mail with a link is on its way."}}, nil
	})

	type linkPath struct {
		Link string `path:"link" minLength:"1" maxLength:"200" doc:"The secret of the link."`
	}
	type linkInfoOutput struct{ Body wire.LinkInfo }
	handle(a, operation{
		id: "get-link", open: true, method: http.MethodGet, path: "/links/{link}", tag: "session", summary: "Say what a one-time link is for",
		about: "Does not use it: programs that look at links in mails do no harm (rule O9).", codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, _ directory.Principal, in *linkPath) (*linkInfoOutput, error) {
		v, err := a.Operators.Link(ctx, in.Link)
		if err != nil {
			return nil, err
		}
		next := "POST a password to this address; then sign in"
		switch v.Kind {
		case directory.FirstOwner:
			next = "POST email, first_name, last_name and a password to this address; then sign in"
		case directory.FactorReset:
			next = "POST {} to this address: the second factor is gone then; sign in and enrol a new one"
		}
		return &linkInfoOutput{wire.LinkInfo{Kind: string(v.Kind), Email: v.Email, Name: v.Name, Expires: v.Expires.UTC(), Next: next}}, nil
	})
	type useInput struct {
		Link string `path:"link" minLength:"1" maxLength:"200" doc:"The secret of the link."`
		Body wire.LinkUse
	}
	handle(a, operation{
		id: "use-link", open: true, method: http.MethodPost, path: "/links/{link}", tag: "session", summary: "Use a one-time link",
		about: "Registers the first Owner or an invited operator, sets a new password, or takes a second factor away. Works once (rule O9).",
		codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Throttled, directory.Conflict},
	}, func(ctx context.Context, _ directory.Principal, in *useInput) (*operatorOutput, error) {
		b := in.Body
		return showOperator(a.Operators.UseLink(ctx, in.Link, operators.LinkAnswer{
			Password: b.Password, Email: b.Email, FirstName: b.FirstName, LastName: b.LastName,
		}, clientOf(callOf(ctx).response)))
	})
}

// own is the account and the session of whoever asks.
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
	return &accountOutput{
		SetCookie: a.cookie(ctx, s.Secret, s.Session.Expires),
		Body: wire.Account{
			Operator: &view, Door: string(directory.BySession), Role: view.Role, EnrolOnly: s.EnrolOnly, Fresh: true,
			Rights: a.rights(directory.Access{Role: directory.Role(view.Role), EnrolOnly: s.EnrolOnly}), Expires: s.Session.Expires.UTC(),
		},
	}
}

// cookie is the cookie of a session; with no secret it ends.
func (a *api) cookie(ctx context.Context, secret string, expires time.Time) string {
	c := http.Cookie{ //nolint:gosec // it is Secure wherever the request came by HTTPS; plain HTTP is for the loopback
		Name: cookieName, Value: secret, Path: "/", Expires: expires, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: callOf(ctx).response.Origin.Scheme == "https",
	}
	if secret == "" {
		c.MaxAge = -1
	}
	return c.String()
}

// rights are what a role may do, as far as it is open.
func (a *api) rights(access directory.Access) []string {
	out := []string{}
	for _, right := range a.Operators.RightsOf(access.Role) {
		if !access.EnrolOnly || right == directory.Self {
			out = append(out, string(right))
		}
	}
	return out
}
