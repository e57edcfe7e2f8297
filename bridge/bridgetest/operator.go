package bridgetest

import (
	"errors"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
)

// Phrase is the password of every operator of a test.
const Phrase = "a good long sentence"

// Home is where operators sign in from.
func Home() credential.Client {
	return credential.Client{Address: "192.0.2.1", UserAgent: "test", Request: "req-2"}
}

// NewOperator adds an operator who has registered.
func (k *Kit) NewOperator(email string, role directory.Role, tenants ...directory.TenantID) directory.Operator {
	k.T.Helper()
	_, link, err := k.CreateOperator(k.T.Context(), k.Op, operators.Draft{FirstName: "A", LastName: "B", Email: email, Role: role, Scope: directory.Scope{Tenants: tenants}, ShowLink: true})
	k.OK(err)
	v, err := k.UseLink(k.T.Context(), link.Text, operators.LinkAnswer{Password: Phrase}, Home())
	k.OK(err)
	return v.Operator
}

// SignInAs opens a session and gives who it is, as a request would.
func (k *Kit) SignInAs(email, code string) (directory.Principal, string) {
	k.T.Helper()
	s, err := k.SignIn(k.T.Context(), email, Phrase, code, Home())
	k.OK(err)
	p, err := k.AuthenticateOperator(k.T.Context(), s.Secret, Home())
	k.OK(err)
	return p, s.Secret
}

// Denied checks the code of an error, and its rule unless rule is "".
func (k *Kit) Denied(err error, code directory.Code, rule directory.Rule) {
	k.T.Helper()
	var e *directory.Error
	if !errors.As(err, &e) || e.Code != code || rule != "" && e.Rule != rule {
		k.T.Fatalf("got %v, want %s %s", err, code, rule)
	}
}
