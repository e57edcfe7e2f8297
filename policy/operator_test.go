package policy_test

import (
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

// operatorNamed reads "role scope", and "+mfa" at the end.
func operatorNamed(t *testing.T, text string) directory.Operator {
	t.Helper()
	parts := strings.Fields(text)
	if len(parts) < 2 {
		t.Fatalf("an operator is a role and a scope: %q", text)
	}
	o := directory.Operator{ID: directory.ID{7}, Role: directory.Role(parts[0]), MFARequired: len(parts) > 2 && parts[2] == "+mfa"}
	if err := policy.CheckRole(o.Role); err != nil {
		t.Fatal(err)
	}
	switch parts[1] {
	case "all":
		o.Scope.All = true
	case "none":
	default:
		for tenant := range strings.SplitSeq(parts[1], ",") {
			o.Scope.Tenants = append(o.Scope.Tenants, directory.TenantID(tenant))
		}
	}
	return o
}

func TestO10ManageOperatorCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name                string
		By, On, Becomes     string
		Self, Local, Unseen bool
		Then                string
	}
	for _, c := range cases[testCase](t, "operator_acts.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			by := directory.Principal{
				Actor:  directory.Actor{Kind: directory.ByOperator, ID: "local"},
				Access: directory.Access{Role: directory.RoleOwner, Scope: directory.Scope{All: true}, AuthMethod: directory.ByLocal},
			}
			if !c.Local {
				caller := operatorNamed(t, c.By)
				by.Actor.ID = directory.ID{8}.String()
				by.Access = directory.Access{Role: caller.Role, Scope: caller.Scope, AuthMethod: directory.BySession}
			}
			var before *directory.Operator
			after := directory.Operator{}
			if c.On != "" {
				o := operatorNamed(t, c.On)
				before, after = &o, o
				if c.Self {
					by.Actor.ID = o.ID.String()
				}
				if policy.SeesOperator(by, before) == c.Unseen {
					t.Errorf("seen: %v", c.Unseen)
				}
			}
			if c.Becomes != "" {
				after = operatorNamed(t, c.Becomes)
			}
			no := policy.ManageOperator(by, before, &after)
			switch {
			case c.Then == "" && no != nil:
				t.Errorf("refused: %+v", no)
			case c.Then == "":
			case no == nil:
				t.Errorf("allowed, want %q", c.Then)
			case no.Code != directory.Forbidden || !strings.Contains(no.Message, c.Then):
				t.Errorf("refusal %+v, want %q", no, c.Then)
			case strings.Contains(no.Message, "birch"):
				t.Errorf("the refusal names a tenant: %q", no.Message)
			}
		})
	}
}

func TestO10OperatorsCannotResetTheirOwnFactorByLink(t *testing.T) {
	t.Parallel()
	o := operatorNamed(t, "owner all")
	self := directory.Principal{Actor: directory.Actor{Kind: directory.ByOperator, ID: o.ID.String()}}
	other := directory.Principal{Actor: directory.Actor{Kind: directory.ByOperator, ID: directory.ID{8}.String()}}
	if policy.ResetFactor(self, &o) == nil || policy.ResetFactor(other, &o) != nil {
		t.Error("a link that takes a second factor away is for another operator to give")
	}
}

func TestO10RequireOfAllNeedsAllTenants(t *testing.T) {
	t.Parallel()
	if policy.RequireOfAll(directory.Access{Scope: directory.Scope{Tenants: []directory.TenantID{"acme"}}}) == nil {
		t.Error("an operator of one tenant changes what is required of all")
	}
	if no := policy.RequireOfAll(directory.Access{Scope: directory.Scope{All: true}}); no != nil {
		t.Errorf("refused: %+v", no)
	}
}

func TestO7OperatorsCannotEndTheirOwnAccount(t *testing.T) {
	t.Parallel()
	o := directory.Operator{ID: directory.ID{7}}
	by := directory.Principal{Actor: directory.Actor{Kind: directory.ByOperator, ID: o.ID.String()}}
	if no := policy.DeleteOperator(by, &o); no == nil || no.Rule != "O7" {
		t.Errorf("%+v", no)
	}
	by.Actor.ID = "local"
	if no := policy.DeleteOperator(by, &o); no != nil {
		t.Errorf("%+v", no)
	}
}
