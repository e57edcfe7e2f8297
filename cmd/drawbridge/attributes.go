package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

// attributeFlags are the flags that describe a change of an attribute mapping.
type attributeFlags struct {
	set, constant, fallback, remove []string
	role, removeRole                []string
	outside                         string
	clear                           bool
}

func connectionAttributes(t *terminal) *cobra.Command {
	var in attributeFlags
	var try bool
	var user string
	cmd := &cobra.Command{
		Use:   "attributes CONNECTION",
		Short: "Map attributes of users: show, try or change the mapping",
		Long: `Says which attribute that the identity provider sends becomes userName, email (the address of type work), userType or
department. A source is the path of an attribute: name.familyName, emails[type eq "work"].value, or the URN of an extension, a
colon and an attribute. Without flags the mapping is shown. With --try the change is tried on the users of the connection, or on
--user, and nothing is saved. --role grants a built-in group to users who have a role or an entitlement. A change is applied to all users of the connection at once, or refused as a whole (rule C13).`,
		Example: `  drawbridge connection attributes acme-okta
  drawbridge connection attributes acme-okta --set 'userName=emails[type eq "work"].value' --try
  drawbridge connection attributes acme-okta --set userType=title --default userType=Employee --try --user ada@acme.example
  drawbridge connection attributes acme-okta --constant department=Sales --outside-domains refuse
  drawbridge connection attributes acme-okta --role administrators=roles:Admin --role owners=entitlements:billing
  drawbridge connection attributes acme-okta --clear`,
		Args: arguments("CONNECTION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if user != "" && !try {
				return usage(cmd.CommandPath(), "--user is for --try")
			}
			now, err := t.client().Connection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			mapping, err := in.change(cmd.CommandPath(), now.AttributeMapping)
			if err != nil {
				return err
			}
			if try {
				trial, err := t.client().TryMapping(cmd.Context(), args[0], wire.MappingTry{Mapping: mapping, User: user})
				if err != nil {
					return err
				}
				return t.print(trial, func() { t.mappingTrial(trial) })
			}
			if in.changes() {
				if now, err = t.client().UpdateConnection(cmd.Context(), args[0], wire.ETag(now.Version), wire.ConnectionUpdate{AttributeMapping: &mapping}); err != nil {
					return err
				}
			}
			shown := cmp.Or(now.AttributeMapping, &wire.AttributeMapping{Attributes: []wire.AttributeRule{}})
			return t.print(shown, func() { t.attributeMapping(args[0], shown) })
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&in.set, "set", nil, "TARGET=SOURCE: the target becomes the value at the source")
	f.StringArrayVar(&in.constant, "constant", nil, "TARGET=VALUE: the target is this for everybody (userType, department)")
	f.StringArrayVar(&in.fallback, "default", nil, "TARGET=VALUE: for users without a value at the source (userType, department)")
	f.StringArrayVar(&in.remove, "remove", nil, "TARGET that is not mapped any more")
	f.StringArrayVar(&in.role, "role", nil, "GROUP=roles:VALUE or GROUP=entitlements:VALUE: users with this value are in the built-in group (owners, administrators, security, provision_managers)")
	f.StringArrayVar(&in.removeRole, "remove-role", nil, "such a rule that is not wanted any more")
	f.StringVar(&in.outside, "outside-domains", "", "users with no address in member_domains: refuse, or guest as the tenant says")
	f.BoolVar(&in.clear, "clear", false, "begin with an empty mapping")
	f.BoolVar(&try, "try", false, "say what the mapping would do, and save nothing")
	f.StringVar(&user, "user", "", "with --try: one user of the tenant, by id or userName")
	return cmd
}

func (f *attributeFlags) changes() bool {
	return f.clear || f.outside != "" || len(f.set)+len(f.constant)+len(f.fallback)+len(f.remove)+len(f.role)+len(f.removeRole) > 0
}

// change gives the mapping that the flags describe.
func (f *attributeFlags) change(command string, now *wire.AttributeMapping) (wire.AttributeMapping, error) {
	out := wire.AttributeMapping{Attributes: []wire.AttributeRule{}}
	if now != nil && !f.clear {
		out.Attributes, out.Roles, out.OutsideDomains = slices.Clone(now.Attributes), slices.Clone(now.Roles), now.OutsideDomains
	}
	if err := f.changeRoles(command, &out); err != nil {
		return out, err
	}
	rule := func(target string) *wire.AttributeRule {
		at := slices.IndexFunc(out.Attributes, func(r wire.AttributeRule) bool { return r.Target == target })
		if at < 0 {
			at = len(out.Attributes)
			out.Attributes = append(out.Attributes, wire.AttributeRule{Target: target})
		}
		return &out.Attributes[at]
	}
	for _, target := range f.remove {
		out.Attributes = slices.DeleteFunc(out.Attributes, func(r wire.AttributeRule) bool { return r.Target == target })
	}
	for _, flag := range []struct {
		name   string
		values []string
		put    func(*wire.AttributeRule, string)
	}{
		{"set", f.set, func(r *wire.AttributeRule, text string) { r.Source, r.Constant = text, "" }},
		{"constant", f.constant, func(r *wire.AttributeRule, text string) { *r = wire.AttributeRule{Target: r.Target, Constant: text} }},
		{"default", f.fallback, func(r *wire.AttributeRule, text string) { r.Default = text }},
	} {
		for _, text := range flag.values {
			target, value, ok := strings.Cut(text, "=")
			if !ok || target == "" || value == "" {
				return out, usage(command, "--%s is TARGET=VALUE, such as userType=Employee; not %q", flag.name, text)
			}
			flag.put(rule(target), value)
		}
	}
	switch f.outside {
	case "":
	case "refuse":
		out.OutsideDomains = "refuse"
	case "guest":
		out.OutsideDomains = ""
	default:
		return out, usage(command, "--outside-domains is refuse or guest; not %q", f.outside)
	}
	return out, nil
}

// changeRoles adds and removes the rules for roles.
func (f *attributeFlags) changeRoles(command string, m *wire.AttributeMapping) error {
	for _, flag := range []struct {
		name   string
		values []string
		put    func(wire.RoleRule)
	}{
		{"remove-role", f.removeRole, func(r wire.RoleRule) {
			m.Roles = slices.DeleteFunc(m.Roles, func(have wire.RoleRule) bool { return have == r })
		}},
		{"role", f.role, func(r wire.RoleRule) {
			if !slices.Contains(m.Roles, r) {
				m.Roles = append(m.Roles, r)
			}
		}},
	} {
		for _, text := range flag.values {
			grants, from, ok := strings.Cut(text, "=")
			source, value, colon := strings.Cut(from, ":")
			if !ok || !colon || grants == "" || value == "" {
				return usage(command, "--%s is GROUP=roles:VALUE or GROUP=entitlements:VALUE, such as administrators=roles:Admin; not %q", flag.name, text)
			}
			flag.put(wire.RoleRule{Source: source, Value: value, Grants: grants})
		}
	}
	return nil
}

func (t *terminal) attributeMapping(connection string, m *wire.AttributeMapping) {
	if len(m.Attributes)+len(m.Roles) == 0 && m.OutsideDomains == "" {
		t.say("%s maps no attributes: users are what its identity provider sends.", connection)
		return
	}
	rows := [][]cell{}
	for _, r := range m.Attributes {
		rows = append(rows, cells(r.Target, orDash(printable(r.Source)), orDash(printable(r.Constant)), orDash(printable(r.Default))))
	}
	if len(rows) > 0 {
		t.table([]string{"TARGET", "SOURCE", "CONSTANT", "DEFAULT"}, rows)
	}
	for _, r := range m.Roles {
		t.say("%s %q grants %s.", r.Source, printable(r.Value), r.Grants)
	}
	if m.OutsideDomains != "" {
		t.say("Users with no address in the domains of the company are refused.")
	}
}

func (t *terminal) mappingTrial(trial wire.MappingTrial) {
	rows := [][]cell{}
	for i := range trial.Items {
		u := &trial.Items[i]
		for _, a := range u.Attributes {
			rows = append(rows, cells(printable(u.UserName), a.Target, orDash(printable(a.Before)), orDash(printable(a.Value)), orDash(printable(a.From))))
		}
	}
	if len(rows) > 0 {
		t.table([]string{"USER", "ATTRIBUTE", "NOW", "THEN", "FROM"}, rows)
	}
	for i := range trial.Items {
		if u := &trial.Items[i]; u.Refused != "" {
			t.say("%s would be refused: %s", printable(u.UserName), printable(u.Refused))
		}
	}
	for i := range trial.Items {
		if u := &trial.Items[i]; len(u.Roles) > 0 {
			t.say("%s would be in %s.", printable(u.UserName), strings.Join(u.Roles, ", "))
		}
	}
	for _, m := range trial.Missing {
		t.say("No value at %s: %d of %d users.", printable(m.Source), m.Users, trial.Users)
	}
	t.say("Users tried: %d. Would change: %d. Would be refused: %d. Nothing was changed.", trial.Users, trial.Changed, trial.Refused)
	if trial.Refusal != "" {
		t.say("It cannot be saved: %s", printable(trial.Refusal))
	}
}
