package console

import (
	"context"
	"net/http"
	"strings"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) linkRoutes() []operation {
	return []operation{
		{
			id: "get-link", method: http.MethodGet, path: "/links/{link}",
			open: true,
			tag:  "session", summary: "Say what a one-time link is for",
			about: "Does not use the link, so a program that opens the links of mails to scan them does no harm (rule O9).",
			codes: []directory.Code{directory.NotFound, directory.Throttled},
			do:    handle(a.getLink),
		},
		{
			id: "use-link", method: http.MethodPost, path: "/links/{link}",
			open: true,
			tag:  "session", summary: "Use a one-time link",
			about: "Registers the first Owner or an invited operator, sets a new password, removes a second factor, or confirms a new e-mail address. Works once (rule O9). Where no mail is sent, a new address is confirmed in a session of its operator, whose cookie or token the request shows (rule O10).",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Throttled, directory.Conflict, directory.Forbidden},
			do:    handle(a.useLink),
		},
	}
}

type getLinkInput struct {
	Link string `path:"link" minLength:"1" maxLength:"200" doc:"The secret of the link."`
}

type useLinkInput struct {
	Link string `path:"link" minLength:"1" maxLength:"200" doc:"The secret of the link."`
	Body wire.LinkUse
}

func (a *api) getLink(ctx context.Context, _ directory.Principal, in *getLinkInput) (*output[wire.LinkInfo], error) {
	v, err := a.Operators.Link(ctx, in.Link, clientOf(ctx))
	if err != nil {
		return nil, err
	}
	next := "POST a password to this address; then sign in"
	switch v.Kind {
	case directory.FirstOwner:
		next = "POST email, first_name, last_name and a password to this address; then sign in"
	case directory.FactorReset:
		next = "POST {} to this address: the second factor is gone then; sign in and enrol a new one"
	case directory.EmailChange:
		next = "POST {} to this address: you sign in with the new e-mail address from then on"
	}
	return &output[wire.LinkInfo]{wire.LinkInfo{Kind: string(v.Kind), Email: v.Email, Name: v.Name, Expires: v.Expires.UTC(), Next: next}}, nil
}

func (a *api) useLink(ctx context.Context, _ directory.Principal, in *useLinkInput) (*versioned[wire.Operator], error) {
	b := in.Body
	return showOperator(a.Operators.UseLink(ctx, in.Link, operators.LinkAnswer{
		Password: b.Password, Email: b.Email, FirstName: b.FirstName, LastName: b.LastName, SignedIn: a.sessionOwner(ctx),
	}, clientOf(ctx)))
}

// sessionOwner is the operator of the session of a request that needs no credential; zero: there is no valid session.
func (a *api) sessionOwner(ctx context.Context) directory.ID {
	secret := secretOf(responseOf(ctx))
	if secret == "" {
		return directory.ID{}
	}
	p, err := a.Operators.AuthenticateOperator(ctx, secret, clientOf(ctx))
	if err != nil || p.Access.AuthMethod != directory.BySession {
		return directory.ID{}
	}
	id, _ := directory.ParseID(p.Actor.ID)
	return id
}

func (a *api) linkView(v operators.View, link operators.OneTimeLink) wire.OperatorLink {
	out := wire.OperatorLink{Operator: operatorView(v), Kind: string(link.Link.Kind), MailedTo: link.Mailed, Link: link.Text, Expires: link.Link.Expires.UTC()}
	if link.Text != "" {
		out.URL = LinkURL(a.APIURL(), link.Text)
		if a.Console {
			out.URL = LinkPage(a.APIURL(), link.Text)
		}
	}
	return out
}

// LinkPage is the page of the console that opens a one-time link. The secret is after the #, so that no server, proxy or Referer header
// sees it. It is "" if the API is not on the network.
func LinkPage(base, link string) string {
	if base == "" {
		return ""
	}
	return strings.TrimRight(base, "/") + ConsolePrefix + "link#" + link
}

// LinkURL is where programs open and use a one-time link. It is "" if the API is not on the network.
func LinkURL(base, link string) string {
	if base == "" {
		return ""
	}
	return strings.TrimRight(base, "/") + prefix + "/links/" + link
}
