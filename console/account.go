package console

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) accountRoutes() {
	handle(a, operation{
		id: "get-me", right: directory.Self, method: http.MethodGet, path: "/me", tag: "session", summary: "Show who asks, and what they may do",
		about: "The operator, how they came in, and their rights: what a console needs to know which buttons to show.",
	}, func(ctx context.Context, p directory.Principal, _ *struct{}) (*struct{ Body wire.Account }, error) {
		out := wire.Account{
			Door: string(p.Access.Door), Role: string(p.Access.Role), EnrolOnly: p.Access.EnrolOnly,
			Fresh: p.Access.Fresh, Rights: a.rights(p.Access),
		}
		if id, _, err := own(p); err == nil {
			v, err := a.Operators.OperatorByID(ctx, p, id)
			if err != nil {
				return nil, err
			}
			view := operatorView(v)
			out.Operator = &view
		}
		return &struct{ Body wire.Account }{out}, nil
	})

	type passwordInput struct{ Body wire.PasswordChange }
	handle(a, operation{
		id: "change-password", right: directory.Self, human: true, method: http.MethodPut, path: "/me/password", tag: "session", status: noContent,
		summary: "Set one's own password", about: "All other sessions end.",
		codes: []directory.Code{directory.Conflict, directory.Invalid, directory.Throttled},
	}, func(ctx context.Context, p directory.Principal, in *passwordInput) (*none, error) {
		return nil, a.Operators.ChangePassword(ctx, p, in.Body.Present, in.Body.Wanted, clientOf(callOf(ctx).response))
	})

	a.factorRoutes()

	type sessionsOutput struct{ Body wire.Page[wire.Session] }
	handle(a, operation{
		id: "list-my-sessions", right: directory.Self, method: http.MethodGet, path: "/me/sessions", tag: "session", summary: "List where one is signed in",
		about: "Each with the address and the program that used it last (rule O9).",
		codes: []directory.Code{directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *PageQuery) (*sessionsOutput, error) {
		id, _, err := own(p)
		if err != nil {
			return nil, err
		}
		page, err := a.sessions(ctx, p, id, *in)
		return &sessionsOutput{page}, err
	})
	type endInput struct {
		Session string `path:"session" maxLength:"40" doc:"The id of the session."`
	}
	handle(a, operation{
		id: "end-my-session", right: directory.Self, human: true, method: http.MethodDelete, path: "/me/sessions/{session}", tag: "session", status: noContent,
		summary: "Sign out somewhere",
		about:   "That session ends at once; ending the current one signs out (rule O9).",
		codes:   []directory.Code{directory.NotFound, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *endInput) (*none, error) {
		id, _, err := own(p)
		if err != nil {
			return nil, err
		}
		session, err := idOf(in.Session, "session")
		if err != nil {
			return nil, err
		}
		return nil, a.Operators.EndSessions(ctx, p, id, session)
	})

	type keysOutput struct{ Body wire.Page[wire.APIKey] }
	handle(a, operation{
		id: "list-my-api-keys", right: directory.Self, method: http.MethodGet, path: "/me/api-keys", tag: "session", summary: "List one's API keys",
		about: "Without their secrets, which are kept nowhere (rule O5).",
		codes: []directory.Code{directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *PageQuery) (*keysOutput, error) {
		id, _, err := own(p)
		if err != nil {
			return nil, err
		}
		page, err := a.keys(ctx, p, id, *in)
		return &keysOutput{page}, err
	})
	type createInput struct{ Body wire.APIKeyCreate }
	type createOutput struct{ Body wire.APIKeyIssued }
	handle(a, operation{
		id: "create-my-api-key", right: directory.Self, human: true, fresh: true, method: http.MethodPost, path: "/me/api-keys", tag: "session", status: created,
		summary: "Make an API key", about: "Access must have been granted (rule O5). The key may do what you may, and is shown in this answer and never again.",
		codes: []directory.Code{directory.Refused, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *createInput) (*createOutput, error) {
		var expires time.Time
		if in.Body.Expires != nil {
			expires = in.Body.Expires.UTC()
		}
		k, err := a.Operators.CreateAPIKey(ctx, p, in.Body.Label, expires)
		if err != nil {
			return nil, err
		}
		return &createOutput{wire.APIKeyIssued{Key: a.keyView(operators.APIKeyView{Key: k.Key}), Secret: k.Text}}, nil
	})
	type revokeInput struct {
		Key string `path:"key" maxLength:"40" doc:"The id of the key."`
	}
	handle(a, operation{
		id: "revoke-my-api-key", right: directory.Self, method: http.MethodDelete, path: "/me/api-keys/{key}", tag: "session", status: noContent,
		summary: "Revoke one's API key",
		about:   "It opens nothing from this moment on (rule O5).",
		codes:   []directory.Code{directory.NotFound, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *revokeInput) (*none, error) {
		id, _, err := own(p)
		if err != nil {
			return nil, err
		}
		key, err := idOf(in.Key, "API key")
		if err != nil {
			return nil, err
		}
		return nil, a.Operators.RevokeAPIKey(ctx, p, id, key)
	})
}

func (a *api) factorRoutes() {
	type enrolmentOutput struct{ Body wire.Enrolment }
	handle(a, operation{
		id: "begin-mfa", right: directory.Self, human: true, fresh: true, method: http.MethodPost, path: "/me/mfa", tag: "session", status: created,
		summary: "Begin to enrol a second factor", about: "It counts when a code of it was confirmed.", codes: []directory.Code{directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, _ *struct{}) (*enrolmentOutput, error) {
		e, err := a.Operators.BeginFactor(ctx, p, "Drawbridge")
		if err != nil {
			return nil, err
		}
		return &enrolmentOutput{wire.Enrolment{Secret: e.Secret, URI: e.URI, QR: "data:image/png;base64," + base64.StdEncoding.EncodeToString(e.PNG), Text: e.Text}}, nil
	})
	type codeInput struct{ Body wire.CodeRequest }
	type codesOutput struct{ Body wire.RecoveryCodes }
	handle(a, operation{
		id: "confirm-mfa", right: directory.Self, human: true, method: http.MethodPost, path: "/me/mfa/confirm", tag: "session",
		summary: "End the enrolment with a code", about: "Answers with the recovery codes, which are shown this once.",
		codes: []directory.Code{directory.Conflict, directory.Invalid, directory.Throttled},
	}, func(ctx context.Context, p directory.Principal, in *codeInput) (*codesOutput, error) {
		codes, err := a.Operators.ConfirmFactor(ctx, p, in.Body.Code, clientOf(callOf(ctx).response))
		if err != nil {
			return nil, err
		}
		return &codesOutput{wire.RecoveryCodes{Codes: codes}}, nil
	})
	handle(a, operation{
		id: "new-recovery-codes", right: directory.Self, human: true, fresh: true, method: http.MethodPost, path: "/me/mfa/recovery-codes", tag: "session",
		summary: "Make new recovery codes", about: "The old ones end.", codes: []directory.Code{directory.Conflict, directory.Invalid, directory.Throttled},
	}, func(ctx context.Context, p directory.Principal, in *codeInput) (*codesOutput, error) {
		codes, err := a.Operators.NewRecoveryCodes(ctx, p, in.Body.Code, clientOf(callOf(ctx).response))
		if err != nil {
			return nil, err
		}
		return &codesOutput{wire.RecoveryCodes{Codes: codes}}, nil
	})
	handle(a, operation{
		id: "remove-mfa", right: directory.Self, human: true, fresh: true, method: http.MethodPost, path: "/me/mfa/remove", tag: "session", status: noContent,
		summary: "Remove one's second factor", about: "Where one is required, nothing but a new enrolment is open after it.",
		codes: []directory.Code{directory.Conflict, directory.Invalid, directory.Throttled},
	}, func(ctx context.Context, p directory.Principal, in *codeInput) (*none, error) {
		return nil, a.Operators.RemoveFactor(ctx, p, in.Body.Code, clientOf(callOf(ctx).response))
	})
}

func (a *api) sessions(ctx context.Context, p directory.Principal, operator directory.ID, q PageQuery) (wire.Page[wire.Session], error) {
	var out []wire.Session
	all, err := a.Operators.Sessions(ctx, p, operator)
	if err != nil {
		return wire.Page[wire.Session]{}, err
	}
	for i := range all {
		s := &all[i].Session
		out = append(out, wire.Session{
			ID: s.ID.String(), Created: s.Created.UTC(), Expires: s.Expires.UTC(), LastUsed: stamp(all[i].Last),
			Address: s.Address, UserAgent: s.UserAgent, Current: all[i].Current,
		})
	}
	return inOrder(out, q, func(s *wire.Session) string { return s.ID })
}

func (a *api) keys(ctx context.Context, p directory.Principal, operator directory.ID, q PageQuery) (wire.Page[wire.APIKey], error) {
	all, err := a.Operators.APIKeys(ctx, p, operator)
	if err != nil {
		return wire.Page[wire.APIKey]{}, err
	}
	var out []wire.APIKey
	for i := range all {
		out = append(out, a.keyView(all[i]))
	}
	return inOrder(out, q, func(k *wire.APIKey) string { return k.ID })
}

func (a *api) keyView(v operators.APIKeyView) wire.APIKey {
	k := v.Key
	out := wire.APIKey{
		ID: k.ID.String(), Label: k.Label, Prefix: k.Prefix, Status: "live", Created: k.Created.UTC(),
		Expires: stamp(k.Expires), Revoked: stamp(k.Revoked), LastUsed: stamp(v.Last), Address: v.Address,
	}
	switch {
	case !k.Revoked.IsZero():
		out.Status = "revoked"
	case !k.Live(a.Now()):
		out.Status = "expired"
	}
	return out
}
