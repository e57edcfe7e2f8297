package console

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) accountRoutes() []operation {
	return []operation{
		{
			id: "get-me", method: http.MethodGet, path: "/me",
			right: directory.Self,
			tag:   "session", summary: "Show who asks, and what they may do",
			about: "The operator, how they signed in, and their rights, from which a console knows which buttons to show.",
			do:    handle(a.getMe),
		},
		{
			id: "change-password", method: http.MethodPut, path: "/me/password", status: noContent,
			right: directory.Self, human: true,
			tag: "session", summary: "Set one's own password",
			about: "All other sessions end.",
			codes: []directory.Code{directory.Conflict, directory.Invalid, directory.Throttled},
			do:    handle(a.changePassword),
		},
		{
			id: "list-my-sessions", method: http.MethodGet, path: "/me/sessions",
			right: directory.Self,
			tag:   "session", summary: "List where one is signed in",
			about: "Each with the address and the program that used it last (rule O9).",
			codes: []directory.Code{directory.Conflict},
			do:    handle(a.listMySessions),
		},
		{
			id: "end-my-session", method: http.MethodDelete, path: "/me/sessions/{session}", status: noContent,
			right: directory.Self, human: true,
			tag: "session", summary: "Sign out somewhere",
			about: "That session ends at once; ending the current one signs out (rule O9).",
			codes: []directory.Code{directory.NotFound, directory.Conflict},
			do:    handle(a.endMySession),
		},
		{
			id: "list-my-api-keys", method: http.MethodGet, path: "/me/api-keys",
			right: directory.Self,
			tag:   "session", summary: "List one's API keys",
			about: "Without their secrets, which are stored nowhere (rule O5).",
			codes: []directory.Code{directory.Conflict},
			do:    handle(a.listMyAPIKeys),
		},
		{
			id: "create-my-api-key", method: http.MethodPost, path: "/me/api-keys", status: created,
			right: directory.Self, fresh: true, human: true,
			tag: "session", summary: "Make an API key",
			about: "Access must have been granted (rule O5). The key may do what you may, and is shown in this answer and never again.",
			codes: []directory.Code{directory.Refused, directory.Invalid},
			do:    handle(a.createMyAPIKey),
		},
		{
			id: "revoke-my-api-key", method: http.MethodDelete, path: "/me/api-keys/{key}", status: noContent,
			right: directory.Self,
			tag:   "session", summary: "Revoke one's API key",
			about: "It is refused from this moment on (rule O5).",
			codes: []directory.Code{directory.NotFound, directory.Conflict},
			do:    handle(a.revokeMyAPIKey),
		},
	}
}

type changePasswordInput struct{ Body wire.PasswordChange }

type endMySessionInput struct {
	Session string `path:"session" maxLength:"40" doc:"The id of the session."`
}

type createMyAPIKeyInput struct{ Body wire.APIKeyCreate }

type revokeMyAPIKeyInput struct {
	Key string `path:"key" maxLength:"40" doc:"The id of the key."`
}

func (a *api) getMe(ctx context.Context, p directory.Principal, _ *struct{}) (*output[wire.Account], error) {
	out := wire.Account{
		AuthMethod: string(p.Access.AuthMethod), Role: string(p.Access.Role), EnrolOnly: p.Access.EnrolOnly,
		RecentProof: p.Access.RecentAuth || p.Access.AuthMethod != directory.BySession, Rights: a.rights(p.Access),
	}
	id, _, err := own(p)
	if err != nil { // the local operator has no account
		return answer(out, nil)
	}
	v, err := a.Operators.OperatorByID(ctx, p, id)
	if err != nil {
		return nil, err
	}
	view := operatorView(v)
	out.Operator = &view
	if p.Access.AuthMethod != directory.BySession {
		return answer(out, nil)
	}
	out.Changes = a.changesFromNow(ctx, p)
	all, err := a.Operators.Sessions(ctx, p, id)
	for i := range all {
		if all[i].Current {
			a.withSession(&out, all[i])
		}
	}
	return answer(out, err)
}

func (a *api) changePassword(ctx context.Context, p directory.Principal, in *changePasswordInput) (*httpapi.None, error) {
	return nil, a.Operators.ChangePassword(ctx, p, in.Body.Present, in.Body.Wanted, clientOf(ctx))
}

func (a *api) listMySessions(ctx context.Context, p directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.Session]], error) {
	id, _, err := own(p)
	if err != nil {
		return nil, err
	}
	return answer(a.sessions(ctx, p, id, *in))
}

func (a *api) endMySession(ctx context.Context, p directory.Principal, in *endMySessionInput) (*httpapi.None, error) {
	id, _, err := own(p)
	if err != nil {
		return nil, err
	}
	session, err := idOf(in.Session, "session")
	if err != nil {
		return nil, err
	}
	return nil, a.Operators.EndSessions(ctx, p, id, session)
}

func (a *api) listMyAPIKeys(ctx context.Context, p directory.Principal, in *httpapi.PageQuery) (*output[wire.Page[wire.APIKey]], error) {
	id, _, err := own(p)
	if err != nil {
		return nil, err
	}
	return answer(a.keys(ctx, p, id, *in))
}

func (a *api) createMyAPIKey(ctx context.Context, p directory.Principal, in *createMyAPIKeyInput) (*output[wire.APIKeyIssued], error) {
	var expires time.Time
	if in.Body.Expires != nil {
		expires = in.Body.Expires.UTC()
	}
	k, err := a.Operators.CreateAPIKey(ctx, p, in.Body.Label, expires)
	if err != nil {
		return nil, err
	}
	return &output[wire.APIKeyIssued]{wire.APIKeyIssued{Key: a.keyView(operators.APIKeyView{Key: k.Key}), Secret: k.Text}}, nil
}

func (a *api) revokeMyAPIKey(ctx context.Context, p directory.Principal, in *revokeMyAPIKeyInput) (*httpapi.None, error) {
	id, _, err := own(p)
	if err != nil {
		return nil, err
	}
	key, err := idOf(in.Key, "API key")
	if err != nil {
		return nil, err
	}
	return nil, a.Operators.RevokeAPIKey(ctx, p, id, key)
}

func (a *api) factorRoutes() []operation {
	return []operation{
		{
			id: "begin-mfa", method: http.MethodPost, path: "/me/mfa", status: created,
			right: directory.Self, fresh: true, human: true,
			tag: "session", summary: "Begin to enrol a second factor",
			about: "It counts when a code of it was confirmed.",
			codes: []directory.Code{directory.Conflict},
			do:    handle(a.beginMFA),
		},
		{
			id: "confirm-mfa", method: http.MethodPost, path: "/me/mfa/confirm",
			right: directory.Self, human: true,
			tag: "session", summary: "End the enrolment with a code",
			about: "Answers with the recovery codes, which are shown this once.",
			codes: []directory.Code{directory.Conflict, directory.Invalid, directory.Throttled},
			do:    handle(a.confirmMFA),
		},
		{
			id: "new-recovery-codes", method: http.MethodPost, path: "/me/mfa/recovery-codes",
			right: directory.Self, fresh: true, human: true,
			tag: "session", summary: "Make new recovery codes",
			about: "The old ones end.",
			codes: []directory.Code{directory.Conflict, directory.Invalid, directory.Throttled},
			do:    handle(a.newRecoveryCodes),
		},
		{
			id: "remove-mfa", method: http.MethodPost, path: "/me/mfa/remove", status: noContent,
			right: directory.Self, fresh: true, human: true,
			tag: "session", summary: "Remove one's second factor",
			about: "Where one is required, nothing but a new enrolment is open after it.",
			codes: []directory.Code{directory.Conflict, directory.Invalid, directory.Throttled},
			do:    handle(a.removeMFA),
		},
	}
}

type codeInput struct{ Body wire.CodeRequest }

func (a *api) beginMFA(ctx context.Context, p directory.Principal, _ *struct{}) (*output[wire.Enrolment], error) {
	e, err := a.Operators.BeginFactor(ctx, p, "Drawbridge")
	if err != nil {
		return nil, err
	}
	return &output[wire.Enrolment]{wire.Enrolment{Secret: e.Secret, URI: e.URI, QR: "data:image/png;base64," + base64.StdEncoding.EncodeToString(e.PNG), Text: e.Text}}, nil
}

func (a *api) confirmMFA(ctx context.Context, p directory.Principal, in *codeInput) (*output[wire.RecoveryCodes], error) {
	codes, err := a.Operators.ConfirmFactor(ctx, p, in.Body.Code, clientOf(ctx))
	if err != nil {
		return nil, err
	}
	return &output[wire.RecoveryCodes]{wire.RecoveryCodes{Codes: codes}}, nil
}

func (a *api) newRecoveryCodes(ctx context.Context, p directory.Principal, in *codeInput) (*output[wire.RecoveryCodes], error) {
	codes, err := a.Operators.NewRecoveryCodes(ctx, p, in.Body.Code, clientOf(ctx))
	if err != nil {
		return nil, err
	}
	return &output[wire.RecoveryCodes]{wire.RecoveryCodes{Codes: codes}}, nil
}

func (a *api) removeMFA(ctx context.Context, p directory.Principal, in *codeInput) (*httpapi.None, error) {
	return nil, a.Operators.RemoveFactor(ctx, p, in.Body.Code, clientOf(ctx))
}

func (a *api) sessions(ctx context.Context, p directory.Principal, operator directory.ID, q httpapi.PageQuery) (wire.Page[wire.Session], error) {
	var out []wire.Session
	all, err := a.Operators.Sessions(ctx, p, operator)
	if err != nil {
		return wire.Page[wire.Session]{}, err
	}
	for i := range all {
		s := &all[i].Session
		out = append(out, wire.Session{
			ID: s.ID.String(), Created: s.Created.UTC(), Expires: s.Expires.UTC(), LastUsed: httpapi.Time(all[i].Last),
			Address: s.Address, UserAgent: s.UserAgent, Current: all[i].Current,
		})
	}
	return httpapi.InOrder(out, q, func(s *wire.Session) string { return s.ID })
}

func (a *api) keys(ctx context.Context, p directory.Principal, operator directory.ID, q httpapi.PageQuery) (wire.Page[wire.APIKey], error) {
	all, err := a.Operators.APIKeys(ctx, p, operator)
	if err != nil {
		return wire.Page[wire.APIKey]{}, err
	}
	var out []wire.APIKey
	for i := range all {
		out = append(out, a.keyView(all[i]))
	}
	return httpapi.InOrder(out, q, func(k *wire.APIKey) string { return k.ID })
}

func (a *api) keyView(v operators.APIKeyView) wire.APIKey {
	k := v.Key
	out := wire.APIKey{
		ID: k.ID.String(), Label: k.Label, Prefix: k.Prefix, Status: "live", Created: k.Created.UTC(),
		Expires: httpapi.Time(k.Expires), Revoked: httpapi.Time(k.Revoked), LastUsed: httpapi.Time(v.Last), Address: v.Address,
	}
	switch {
	case !k.Revoked.IsZero():
		out.Status = "revoked"
	case !k.Live(a.Now()):
		out.Status = "expired"
	}
	return out
}
