package pull_test

import (
	"slices"
	"testing"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/google/googletest"
	"drawbridge/pull"
)

// outer makes a group with two people of another group that is in it, and of which only the outer one is read.
func outer(b *bench) (ids []string, team, inner string) {
	b.T.Helper()
	b.connect(reads(func(p *directory.GooglePull) {
		p.Nested, p.Groups = directory.FlattenNested, []string{"team@acme.example"}
	}))
	ids = b.fill(3)
	team, inner = b.account.AddGroup("team@acme.example", "Team"), b.account.AddGroup("inner@acme.example", "Inner")
	b.account.Join(team, inner)
	b.account.Join(team, ids[0])
	b.account.Join(inner, ids[1])
	b.account.Join(inner, ids[2])
	b.sync(pull.Complete)
	if _, _, members := b.group(team); !slices.Equal(members, ids) {
		b.T.Fatalf("members %v", members)
	}
	return ids, team, inner
}

// One answer of Google about a group in another one takes no person out of the outer group: Google must say so in two runs.
func TestNestedGroupThatCannotBeReadTakesNoPersonOut(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*googletest.Fault{
		"not there": {Status: 404, Reason: "notFound", Message: "Resource Not Found: groupKey"},
		"forbidden": {Status: 403, Reason: "forbidden", Message: "Not Authorized to access this resource/api"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ids, team, inner := outer(b)
			b.account.SetFault(func(c googletest.Call) *googletest.Fault {
				if c.Key == inner {
					return fault
				}
				return nil
			})
			late := b.account.Add("late@acme.example", "Late", "Comer", nil)
			b.account.Join(team, late)
			all := append(slices.Clone(ids), late)
			b.later(pull.Complete)
			if _, _, members := b.group(team); !slices.Equal(members, all) {
				t.Errorf("after one run the members are %v, want %v", members, all)
			}
			b.account.SetFault(nil)
			b.later(pull.Complete)
			b.account.SetFault(func(c googletest.Call) *googletest.Fault {
				if c.Key == inner {
					return fault
				}
				return nil
			})
			b.later(pull.Complete)
			if _, _, members := b.group(team); !slices.Equal(members, all) {
				t.Errorf("after a run that could read the group, one more that cannot leaves %v, want %v", members, all)
			}
			if out := b.later(pull.Complete); out.Count.Outside != 1 {
				t.Errorf("%+v", out.Count)
			}
			if _, _, members := b.group(team); !slices.Equal(members, []string{ids[0], late}) {
				t.Errorf("after two runs the members are %v", members)
			}
		})
	}
}

// A listing without members of a group in another one voids the run, as for a group that is read itself.
func TestEmptyNestedGroupVoidsARun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ids, team, inner := outer(b)
	b.account.SetFault(func(c googletest.Call) *googletest.Fault {
		if c.Kind == "members" && c.Key == inner {
			return &googletest.Fault{Empty: true}
		}
		return nil
	})
	out := b.later(pull.Voided)
	contains(t, out.Reason, "inner@acme.example", "lists none of them")
	if _, _, members := b.group(team); !slices.Equal(members, ids) {
		t.Errorf("members %v", members)
	}
}

// A listing that has fewer members than Google counts takes no member out before a second run has seen it, too.
func TestShortListOfMembersIsConfirmed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	ids := b.fill(3)
	team := b.account.AddGroup("team@acme.example", "Team")
	for _, id := range ids {
		b.account.Join(team, id)
	}
	b.sync(pull.Complete)
	b.account.SetFault(func(c googletest.Call) *googletest.Fault { return &googletest.Fault{Skip: c.Kind == "members"} })
	b.later(pull.Complete)
	if _, _, members := b.group(team); !slices.Equal(members, ids) {
		t.Errorf("a listing that lacks a member took it out: %v", members)
	}
	b.account.SetFault(nil)
	b.later(pull.Complete)
	b.account.Leave(team, ids[1])
	b.later(pull.Complete)
	if _, _, members := b.group(team); !slices.Equal(members, []string{ids[0], ids[2]}) {
		t.Errorf("a member who left is still there: %v", members)
	}
}

// A value that cannot be written keeps no person active whom Google suspended.
func TestSuspensionOfAPersonWithAnInvalidValue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	const urn = pull.CustomSchema + "HR"
	_, err := b.EditSchemas(t.Context(), b.Op, "acme", bridge.SchemaEdit{Do: func([]directory.CustomSchema) ([]directory.CustomSchema, error) {
		return []directory.CustomSchema{{ResourceType: "User", Definition: directory.Document(`{"id":"` + urn + `","name":"HR","attributes":[{"name":"level","type":"integer","multiValued":false}]}`)}}, nil
	}})
	b.OK(err)
	level := func(value any) map[string]any { return map[string]any{"HR": map[string]any{"level": value}} }
	ada := b.account.Add("ada@acme.example", "Ada", "Lovelace", googletest.Person{"customSchemas": level(7)})
	bob := b.account.Add("bob@acme.example", "Bob", "Byron", googletest.Person{"customSchemas": level(7)})
	b.sync(pull.Complete)
	b.account.Set(ada, googletest.Person{"customSchemas": level("seven"), "suspended": true})
	b.account.Set(bob, googletest.Person{"customSchemas": level("seven")})
	out := b.later(pull.Complete)
	b.is(ada, "suspended")
	b.is(bob, "active")
	if out.Count.Skipped != 2 || out.Count.Suspended != 1 {
		t.Errorf("%+v", out.Count)
	}
	before := b.written()
	if b.later(pull.Complete); b.written() != before {
		t.Error("a person who is suspended already was written again")
	}
}
