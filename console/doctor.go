package console

import (
	"context"
	"net/http"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/doctor"
	"drawbridge/internal/httpapi"
)

func (a *api) doctorRoutes() []operation {
	return []operation{
		{
			id: "begin-doctor", method: http.MethodPost, path: "/connections/{connection}/doctor",
			right: directory.CredentialManage,
			tag:   "connections", summary: "Copy a connection for doctor",
			about: "Makes a copy with the same settings and without its people, on which doctor plays an identity provider. What is done on it is in no feed, metric, health state, alert, seat count or bill, and it is gone when the session ends (rule D7). It is refused while the connection is not served, because a trial would say nothing then.",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict},
			do:    handle(a.beginDoctor),
		},
		{
			id: "end-doctor", method: http.MethodDelete, path: "/connections/{connection}/doctor/{session}", status: noContent,
			right: directory.CredentialManage,
			tag:   "connections", summary: "End a doctor session",
			about: "Removes the copy and everything that was done on it. A session that has ended already is no error.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.endDoctor),
		},
		{
			id: "run-doctor", method: http.MethodPost, path: "/connections/{connection}/doctor/run",
			right: directory.CredentialManage,
			tag:   "connections", summary: "Let doctor play the identity provider",
			about: "The server makes a copy of the connection, plays everything that its identity provider sends against it, and answers when the conversation has ended. It shows the credential of the copy: whether the identity provider has the right one is not tried. Nothing is left (rule D7).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Conflict, directory.Unsupported, directory.Unavailable},
			do:    handle(a.runDoctor),
		},
	}
}

type endDoctorInput struct {
	ConnectionPath
	Session string `path:"session" maxLength:"100" doc:"The id of the session."`
}

func (a *api) beginDoctor(ctx context.Context, p directory.Principal, in *ConnectionPath) (*secret[wire.DoctorSession], error) {
	made, err := a.Doctor.Begin(ctx, p, in.id())
	if err != nil {
		return nil, err
	}
	return withSecret(a.doctorView(made)), nil
}

func (a *api) runDoctor(ctx context.Context, p directory.Principal, in *ConnectionPath) (*output[wire.Diagnosis], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	found, err := a.Examine(ctx, p, in.id())
	if err != nil {
		return nil, err
	}
	return answer(found, nil)
}

func (a *api) doctorView(s doctor.Session) wire.DoctorSession {
	out := wire.DoctorSession{
		ID: s.ID, Session: s.Secret, Slug: string(s.Connection), Type: string(s.Type), BaseURL: a.base(s.Connection), Auth: "bearer", Token: s.Credential.Text, Expires: s.Expires.UTC(),
	}
	switch id := string(s.Credential.Token.ID); s.Credential.Token.Kind {
	case directory.BasicSecret:
		out.Auth, out.UserName = "basic", id
	case directory.ClientSecret:
		out.Auth, out.ClientID, out.TokenURL = "oauth", id, a.tokenURL()
	}
	return out
}

func (a *api) endDoctor(ctx context.Context, p directory.Principal, in *endDoctorInput) (*httpapi.None, error) {
	return nil, a.Doctor.End(ctx, p, in.id(), in.Session)
}
