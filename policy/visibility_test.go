package policy_test

import (
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestO10OperatorsSeeRecordsInTheirScope(t *testing.T) {
	t.Parallel()
	id := func(n byte) directory.ID { return directory.ID{n} }
	in := operatorNamed(t, "technician acme")
	both := operatorNamed(t, "technician acme,birch")
	out := operatorNamed(t, "technician birch")
	in.ID, both.ID, out.ID = id(1), id(2), id(3)
	in.Email, both.Email, out.Email = "in@x.test", "both@x.test", "out@x.test"
	all := []directory.Operator{in, both, out}
	by := directory.Principal{
		Actor:  directory.Actor{Kind: directory.ByOperator, ID: id(9).String()},
		Access: directory.Access{Role: directory.RoleAdmin, Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}},
	}
	local := directory.Actor{Kind: directory.ByOperator, ID: "local"}
	operator := func(n byte) directory.Subject { return directory.Subject{Kind: "operator", ID: id(n).String()} }
	for _, c := range []struct {
		name string
		line directory.Audit
		want bool
	}{
		{"an operator in the scope", directory.Audit{Actor: local, Subject: operator(1)}, true},
		{"one who has a tenant outside, too", directory.Audit{Actor: local, Subject: operator(2)}, true},
		{"one outside", directory.Audit{Actor: local, Subject: operator(3)}, false},
		{"one who is not there", directory.Audit{Actor: local, Subject: operator(7)}, false},
		{"a failed sign-in of an unknown address", directory.Audit{Subject: directory.Subject{Kind: "operator"}}, true},
		{"done by one outside", directory.Audit{Actor: directory.Actor{Kind: directory.ByOperator, ID: id(3).String()}, Subject: operator(1)}, false},
		{"a scope that names a tenant outside", directory.Audit{Actor: local, Subject: operator(2), After: directory.Document(`{"scope":{"tenants":["acme","birch"]}}`)}, false},
		{"a scope that named one", directory.Audit{Actor: local, Subject: operator(1), Before: directory.Document(`{"scope":{"tenants":["birch"]}}`), After: directory.Document(`{"scope":{"tenants":["acme"]}}`)}, false},
		{"a subscription", directory.Audit{Actor: local, Subject: operator(2), After: directory.Document(`{"subscription":{"kinds":["user.*"],"tenants":["birch"]}}`)}, false},
		{"the key of one in the scope", directory.Audit{Actor: local, Subject: directory.Subject{Kind: "api_key", ID: "k"}, After: directory.Document(`{"operator":"` + id(1).String() + `"}`)}, true},
		{"the key of one outside", directory.Audit{Actor: local, Subject: directory.Subject{Kind: "api_key", ID: "k"}, After: directory.Document(`{"operator":"` + id(3).String() + `"}`)}, false},
		{"a link of an older release, which does not say whose it is", directory.Audit{Subject: directory.Subject{Kind: "link", ID: "l"}}, false},
		{"a tenant in the scope", directory.Audit{Actor: local, Subject: directory.Subject{Kind: "tenant", ID: "acme"}}, true},
		{"a tenant outside", directory.Audit{Actor: local, Subject: directory.Subject{Kind: "tenant", ID: "birch"}}, false},
		{"the installation", directory.Audit{Subject: directory.Subject{Kind: "tenant"}}, true},
		{"a mail to one outside", directory.Audit{Actor: local, Subject: directory.Subject{Kind: "mail", ID: "m", Name: "OUT@x.test"}}, false},
		{"a mail about a tenant outside", directory.Audit{Actor: local, Subject: directory.Subject{Kind: "mail", ID: "m", Name: "in@x.test"}, After: directory.Document(`{"kind":"notice","tenant":"birch"}`)}, false},
		{"a setting of the installation", directory.Audit{Actor: local, Subject: directory.Subject{Kind: "provider", ID: "settings"}}, true},
		{"a refused request", directory.Audit{Actor: local, Subject: directory.Subject{Kind: "request", ID: "list-operators"}}, true},
		{"a refused request about something", directory.Audit{Actor: local, Subject: directory.Subject{Kind: "request", ID: "get-operator", Name: "/api/v1/operators/out@x.test"}}, false},
		{"what is not known", directory.Audit{Actor: local, Subject: directory.Subject{Kind: "novelty", ID: "x"}}, false},
		{"a document that cannot be read", directory.Audit{Actor: local, Subject: operator(1), After: directory.Document(`{`)}, false},
	} {
		v := policy.NewVisibility(by, all)
		if got := v.Line(&c.line); got != c.want {
			t.Errorf("%s: line shown %v", c.name, got)
		}
		event := directory.Event{Actor: c.line.Actor, Subject: c.line.Subject, Data: c.line.After}
		if got := v.Event(&event); len(c.line.Before) == 0 && got != c.want {
			t.Errorf("%s: event shown %v", c.name, got)
		}
		wide := by
		wide.Access.Scope = directory.Scope{All: true}
		if !policy.NewVisibility(wide, all).Line(&c.line) {
			t.Errorf("%s: hidden from an operator of all tenants", c.name)
		}
	}
	v := policy.NewVisibility(by, all)
	for _, c := range []struct {
		name string
		mail directory.Mail
		want bool
	}{
		{"to one in the scope", directory.Mail{Operator: id(1), To: "in@x.test"}, true},
		{"to one outside", directory.Mail{Operator: id(3), To: "out@x.test"}, false},
		{"about a tenant outside", directory.Mail{Operator: id(1), Tenant: "birch"}, false},
		{"about a tenant in the scope", directory.Mail{To: "a@acme.test", Tenant: "acme"}, true},
		{"to the address of one outside", directory.Mail{To: "Out@x.test"}, false},
	} {
		if got := v.Mail(&c.mail); got != c.want {
			t.Errorf("a mail %s: shown %v", c.name, got)
		}
	}
}

// Only an operator with a scope may miss a record. The server itself and an operator of all companies see all records.
func TestO10OnlyAScopeHidesRecords(t *testing.T) {
	t.Parallel()
	operator := directory.Actor{Kind: directory.ByOperator, ID: "op"}
	for _, c := range []struct {
		name string
		by   directory.Principal
		want bool
	}{
		{"an operator of a company", directory.Principal{Actor: operator, Access: directory.Access{Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}}}, true},
		{"an operator without a company", directory.Principal{Actor: operator}, true},
		{"an operator of all companies", directory.Principal{Actor: operator, Access: directory.Access{Scope: directory.Scope{All: true}}}, false},
		{"the server itself", directory.Principal{Actor: directory.Actor{Kind: directory.BySystem}}, false},
	} {
		if got := policy.NewVisibility(c.by, nil).Limited(); got != c.want {
			t.Errorf("%s: limited %v", c.name, got)
		}
	}
	if (policy.Visibility{}).Limited() {
		t.Error("the zero Visibility is limited")
	}
}

// A mail is shown to whom its tenant and its reader are shown (O10).
func TestO10MailsAreShownInTheScope(t *testing.T) {
	t.Parallel()
	in, out := operatorNamed(t, "technician acme"), operatorNamed(t, "technician birch")
	in.ID, out.ID, in.Email, out.Email = directory.ID{1}, directory.ID{2}, "in@x.test", "out@x.test"
	all := []directory.Operator{in, out}
	by := directory.Principal{
		Actor:  directory.Actor{Kind: directory.ByOperator, ID: directory.ID{9}.String()},
		Access: directory.Access{Role: directory.RoleAdmin, Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}},
	}
	everybody := by
	everybody.Access.Scope = directory.Scope{All: true}
	for _, c := range []struct {
		name string
		mail directory.Mail
		want bool
	}{
		{"about a tenant in the scope", directory.Mail{Tenant: "acme", To: "x@x.test"}, true},
		{"about a tenant outside", directory.Mail{Tenant: "birch", To: "x@x.test"}, false},
		{"to an operator in the scope", directory.Mail{Tenant: directory.Provider, Operator: in.ID}, true},
		{"to an operator outside", directory.Mail{Tenant: directory.Provider, Operator: out.ID}, false},
		{"to the address of one outside", directory.Mail{Tenant: directory.Provider, To: "OUT@x.test"}, false},
	} {
		if got := policy.NewVisibility(by, all).Mail(&c.mail); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
		if !policy.NewVisibility(everybody, all).Mail(&c.mail) {
			t.Errorf("%s: hidden from an operator of all tenants", c.name)
		}
	}
	// Numbers and booleans name no tenant; a document that cannot be read is not shown.
	line := directory.Audit{Subject: directory.Subject{Kind: "provider", ID: "settings"}, After: directory.Document(`{"tenant":7,"on":true,"none":null}`)}
	if v := policy.NewVisibility(by, all); !v.Line(&line) {
		t.Error("a number is taken for a tenant")
	}
	line.After = directory.Document(`{"tenant":`)
	if v := policy.NewVisibility(by, all); v.Line(&line) {
		t.Error("a damaged document is shown")
	}
}
