package bridge

import (
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// roleCheck is a user of this write whose roles by attribute may change (G4, C13).
type roleCheck struct {
	after directory.User // as the write leaves the user
	rules []directory.RoleRule
}

// noteRoles notes a user whose roles by attribute may be others after this write. before is nil for a new user.
func (t *tenantTx) noteRoles(before, after *directory.User) error {
	if after.Sent == nil && (before == nil || before.Sent == nil) {
		return nil // no mapping, so no rule
	}
	rules, had, err := t.roleRules(after.Connection)
	if err == nil && before != nil && before.Connection != after.Connection {
		_, had, err = t.roleRules(before.Connection)
		had = had || len(rules) > 0
	}
	if err != nil || !had && len(rules) == 0 {
		return err
	}
	if t.roleChecks == nil {
		t.roleChecks = map[directory.ID]roleCheck{}
	}
	t.roleChecks[after.ID] = roleCheck{*after, rules}
	return nil
}

// roleRules gives the rules of a connection after this write, and whether it has some before it.
func (t *tenantTx) roleRules(id directory.ConnectionID) (rules []directory.RoleRule, had bool, err error) {
	if id == "" {
		return nil, false, nil
	}
	c, _, err := txn.Optional(t.Reader.Connection(id))
	rules = c.AttributeMapping.RoleRules()
	had = len(rules) > 0
	for i := range t.Change.Connections {
		if t.Change.Connections[i].ID == id {
			rules = t.Change.Connections[i].AttributeMapping.RoleRules()
		}
	}
	return rules, had, err
}

// applyRoleRules makes the roles by attribute true for the users of this write.
func (t *tenantTx) applyRoleRules() error {
	if len(t.roleChecks) == 0 || t.finalises {
		return nil
	}
	has := map[directory.BuiltIn]map[directory.ID]bool{}
	for _, name := range directory.BuiltIns() {
		b, ok, err := t.builtIn(name)
		if err != nil {
			return err
		}
		if !ok || name == directory.TeamMembers {
			continue
		}
		has[name] = map[directory.ID]bool{}
		if len(t.roleChecks) > fewRoleChecks {
			err = t.Reader.Members(b.ID, directory.ID{}, func(m directory.Membership) error {
				has[name][m.Member.ID] = has[name][m.Member.ID] || m.ByAttribute()
				return nil
			})
		} else {
			for id := range t.roleChecks {
				of, failed := t.Reader.Memberships(b.ID, id)
				has[name][id] = slices.ContainsFunc(of, func(m directory.Membership) bool { return m.ByAttribute() })
				if failed != nil {
					err = failed
				}
			}
		}
		if err != nil {
			return err
		}
	}
	ids := make([]directory.ID, 0, len(t.roleChecks))
	for id := range t.roleChecks {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b directory.ID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range ids {
		if err := t.applyRoleRulesOf(id, has); err != nil {
			return err
		}
	}
	return nil
}

// fewRoleChecks is for how many users their own memberships are read, and not those of the built-in groups.
const fewRoleChecks = 10

func (t *tenantTx) applyRoleRulesOf(id directory.ID, has map[directory.BuiltIn]map[directory.ID]bool) error {
	check := t.roleChecks[id]
	u := check.after
	if u.Gone() { // they come back with the user, or go with the record
		return nil
	}
	var wanted []directory.BuiltIn
	if u.Sent != nil {
		wanted = policy.RolesByAttribute(check.rules, u.Sent)
	}
	who, granted := directory.Member{ID: id, Kind: directory.UserKind}, false
	for _, name := range directory.BuiltIns() {
		is, was := slices.Contains(wanted, name), has[name][id]
		b, ok, err := t.builtIn(name)
		if err != nil {
			return err
		}
		switch {
		case !ok || is == was:
		case is:
			granted = true
			err = t.grant(b, who, id)
		default:
			err = t.ungrant(b, who, id)
		}
		if err != nil {
			return err
		}
	}
	if granted && u.Type == directory.Guest {
		return t.guestGroups(&u, directory.ActionGroupMembers)
	}
	return nil
}
