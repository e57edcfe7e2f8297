package google

import (
	"context"
	"net/url"
)

// Finding is one step of a check of a connection.
type Finding struct {
	Name    string
	OK      bool
	Skipped string // why it was not tried
	Problem string // what to do, in the words of Google's consoles
	Warning string // what may not be meant although it works
	Kind    Kind
}

// Check tests what a run needs, one thing after the other: the key, the subject, the delegation of each scope, and the rights of the
// subject. It reads at most one user, one group and its members. customer is Google's id of the company, "" if no user could be read.
func (c *Client) Check(ctx context.Context) (out []Finding, customer string) {
	add := func(name string, err error) bool {
		f := Finding{Name: name, OK: err == nil}
		if err != nil {
			f.Problem, f.Kind = err.Error(), kindOf(err)
		}
		out = append(out, f)
		return err == nil
	}
	skip := func(name, why string) { out = append(out, Finding{Name: name, Skipped: why}) }

	allowed := map[string]bool{}
	for _, scope := range Scopes() {
		_, err := c.fetchToken(ctx, []string{scope})
		if err != nil && kindOf(err) == Delegation {
			err = &Error{Kind: Delegation, Message: "in " + delegationPage + " the client ID " + c.clientID() + " lacks the scope " + scope, Err: err}
		}
		allowed[scope] = add("delegation of "+scope, err)
		if err != nil && kindOf(err) != Delegation { // key, subject or clock: every scope would fail in the same way
			for _, name := range []string{"read users", "read groups", "read members"} {
				skip(name, "there is no access token")
			}
			return out, ""
		}
	}
	if !allowed[ScopeUsers] || !allowed[ScopeGroups] || !allowed[ScopeMembers] {
		for _, name := range []string{"read users", "read groups", "read members"} {
			skip(name, "a scope is missing, and Google gives a token for all of them or none")
		}
		return out, ""
	}
	one := func(path, fields string, to page) error {
		return c.get(ctx, path, url.Values{"customer": {c.cfg.Customer}, "maxResults": {"1"}, "fields": {"kind," + fields}}, &checked{to})
	}
	people, teams := &users{}, &groups{}
	add("read users", one("users", "users(id,primaryEmail,customerId)", people))
	if len(people.Users) > 0 {
		customer = people.Users[0].CustomerID
	}
	switch {
	case !add("read groups", one("groups", "groups(id,email)", teams)):
		skip("read members", "the groups cannot be read")
		return out, customer
	case len(teams.Groups) == 0:
		skip("read members", "there is no group to try it on")
		return out, customer
	}
	add("read members", c.get(ctx, "groups/"+url.PathEscape(teams.Groups[0].ID)+"/members", url.Values{"maxResults": {"1"}, "fields": {"kind,members(id,email,type)"}}, &checked{&members{}}))
	return out, customer
}

func kindOf(err error) Kind {
	for _, k := range []Kind{BadKey, BadSetting, Delegation, Subject, APIDisabled, Clock, Exhausted, PageExpired, NotThere, Malformed, Unreachable, Inconsistent} {
		if IsKind(err, k) {
			return k
		}
	}
	return Unexplained
}
