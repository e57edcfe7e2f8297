package pull_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/google/googletest"
	"drawbridge/policy"
	"drawbridge/pull"
)

// A company over time: people, groups, a rename, a suspension, a deletion.
func TestPullFollowsGoogle(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	ada := b.account.Add("ada@acme.example", "Ada", "Lovelace", nil)
	bob := b.account.Add("bob@acme.example", "Bob", "Byron", googletest.Person{"archived": true})
	team, all := b.account.AddGroup("team@acme.example", "Team"), b.account.AddGroup("all@acme.example", "All")
	b.account.Join(team, ada)
	b.account.Join(team, bob)
	b.account.Join(team, "guest@elsewhere.example")
	b.account.Join(all, team)

	preview, err := b.pull.Sync(t.Context(), b.Op, "acme-google", directory.RunDry)
	b.OK(err)
	if n := b.written(); preview.Outcome != pull.Complete || b.user(ada) != nil || preview.Count.Created != 3 || preview.Count.GroupsCreated != 2 || preview.Count.Joined != 3 {
		t.Fatalf("preview %+v, written %d", preview, n)
	}
	out := b.sync(pull.Complete)
	if out.Count.Created != preview.Count.Created || out.Count.GroupsCreated != 2 || out.Count.Joined != 3 || out.Count.Outside != 1 {
		t.Fatalf("%+v", out)
	}
	b.is(ada, "active")
	b.is(bob, "suspended")
	if _, name, members := b.group(team); name != "Team" || !slices.Equal(members, []string{ada, bob}) {
		t.Errorf("%s %v", name, members)
	}
	if _, _, members := b.group(all); !slices.Equal(members, []string{team}) {
		t.Errorf("nested: %v", members)
	}
	if h := b.health(); h.State != directory.Healthy {
		t.Errorf("%+v", h)
	}

	id := b.user(ada).ID
	b.account.Set(ada, googletest.Person{"primaryEmail": "ada.king@acme.example"})
	b.account.Set(bob, googletest.Person{"archived": false})
	b.later(pull.Complete)
	if u := b.user(ada); u.ID != id || u.UserName != "ada.king@acme.example" || !slices.Contains(u.Emails, "ada@acme.example") {
		t.Errorf("renamed: %+v", u)
	}
	b.is(bob, "active")

	b.account.Set(ada, googletest.Person{"suspended": true})
	b.account.Delete(bob)
	out = b.later(pull.Complete)
	b.is(ada, "suspended")
	b.is(bob, "gone")
	if out.Count.Suspended != 1 || out.Count.Deleted != 1 {
		t.Errorf("%+v", out.Count)
	}
	b.account.Set(ada, googletest.Person{"suspended": false})
	b.account.Restore(bob)
	out = b.later(pull.Complete)
	b.is(ada, "active")
	b.is(bob, "active")
	if out.Count.Reactivated != 1 || out.Count.Restored != 1 || b.user(ada).ID != id {
		t.Errorf("%+v", out.Count)
	}
}

// companySize is how many people the company of TestUnchangedCompanyCausesNoWrite has. With 10000 it takes a minute.
var companySize = flag.Int("company", 600, "people in the company of TestUnchangedCompanyCausesNoWrite")

// For a company that has not changed there is no write, and for 10,000 people and 200 groups at most 260 requests.
func TestUnchangedCompanyCausesNoWrite(t *testing.T) {
	t.Parallel()
	people, groups := *companySize, *companySize/50
	b := newBench(t)
	b.connect()
	ids := b.fill(people - 1)
	for i := range groups {
		g := b.account.AddGroup(fmt.Sprintf("g%03d@acme.example", i), fmt.Sprintf("Group %d", i))
		for j := range 50 {
			b.account.Join(g, ids[(i*37+j)%len(ids)])
		}
	}
	first := b.sync(pull.Complete)
	if first.Count.Created != people || first.Count.GroupsCreated != groups || first.Count.Joined != groups*50 || first.Count.Refused != 0 {
		t.Fatalf("%+v", first)
	}
	before := b.written()
	second := b.later(pull.Complete)
	if second.Requests > people/500+groups+40 || second.Count.Unchanged != people || second.Count.GroupsUnchanged != groups || len(second.Items) != 0 {
		t.Errorf("%d requests, %+v", second.Requests, second.Count)
	}
	if after := b.written(); after != before {
		t.Errorf("an unchanged company made %d audit lines and events", after-before)
	}
	t.Logf("first: %d requests; second: %d requests", first.Requests, second.Requests)
}

// A fault in a listing voids the run: no user loses anything, and the connection shows the reason.
func TestFaultVoidsARun(t *testing.T) {
	t.Parallel()
	at := func(kind string, page int, fault *googletest.Fault) func(*bench) {
		return func(b *bench) {
			b.account.SetFault(func(c googletest.Call) *googletest.Fault {
				if c.Kind == kind && c.Page == page {
					return fault
				}
				return nil
			})
		}
	}
	for name, c := range map[string]struct {
		set   func(*bench)
		words []string
	}{
		"503 at page 2":         {at("users", 2, googletest.Unavailable()), []string{"out of order"}},
		"503 at the deleted":    {at("deleted", 1, googletest.Unavailable()), []string{"out of order"}},
		"503 at groups":         {at("groups", 1, googletest.Unavailable()), []string{"out of order"}},
		"503 at members":        {at("members", 1, googletest.Unavailable()), []string{"out of order"}},
		"quota":                 {at("members", 1, googletest.Quota("quotaExceeded")), []string{"quota", "acme-project"}},
		"an expired page token": {at("users", 2, &googletest.Fault{Expire: true}), []string{"page token"}},
		"no users":              {at("users", 1, &googletest.Fault{Empty: true}), []string{"no users", "empty list"}},
		"a short list":          {at("users", 1, &googletest.Fault{Body: `{"kind":"admin#directory#users","users":[{"id":"x","primaryEmail":"x@acme.example"}]}`}), []string{"lacks " + admin}},
		"no groups":             {at("groups", 1, &googletest.Fault{Empty: true}), []string{"no groups", "none in the setting google.groups"}},
		"no members":            {at("members", 1, &googletest.Fault{Empty: true}), []string{"lists none of them"}},
		"revoked delegation":    {func(b *bench) { b.account.SetScopes() }, []string{"Manage Domain Wide Delegation"}},
		"revoked key":           {func(b *bench) { b.account.RevokeKeys() }, []string{"Service Accounts"}},
		"no admin":              {func(b *bench) { b.account.SetAdmin("other@acme.example") }, []string{"Admin roles"}},
		"proxy":                 {at("users", 1, &googletest.Fault{Body: "<html>"}), []string{"google.endpoint"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.connect()
			ids := b.fill(b.many(strings.Contains(name, "page 2") || strings.Contains(name, "page token")))
			team := b.account.AddGroup("team@acme.example", "Team")
			b.account.Join(team, ids[0])
			b.sync(pull.Complete)
			// A person really leaves: the void run must not do even that.
			b.account.Set(ids[1], googletest.Person{"suspended": true})
			c.set(b)
			out := b.later(pull.Voided)
			contains(t, out.Reason, append(c.words, "nothing was changed")...)
			if h := b.health(); h.State != directory.Failing || !strings.Contains(h.Why, c.words[0]) {
				t.Errorf("health %+v", h)
			}
			for range 3 { // again and again
				b.later(pull.Voided)
			}
			for _, id := range ids {
				b.is(id, "active")
			}
			if _, _, members := b.group(team); len(members) != 1 {
				t.Errorf("members: %v", members)
			}
			b.account.SetFault(nil)
			b.account.SetAdmin(admin)
			b.account.SetScopes("https://www.googleapis.com/auth/admin.directory.user.readonly", "https://www.googleapis.com/auth/admin.directory.group.readonly", "https://www.googleapis.com/auth/admin.directory.group.member.readonly")
			if name == "revoked key" {
				b.OK(b.Pulls().SetCredential(t.Context(), b.Op, "acme-google", bridge.PullCredential{Text: b.account.NewKey("acme-project")}))
			}
			b.later(pull.Complete)
			b.is(ids[1], "suspended")
			if h := b.health(); h.State != directory.Healthy {
				t.Errorf("health %+v", h)
			}
		})
	}
}

// The pull reads a person who is only missing in the list by id, and the person stays. A person who does not exist is removed after two
// runs.
func TestMissingPersonIsAskedFor(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	ids := b.fill(3)
	team := b.account.AddGroup("team@acme.example", "Team")
	b.account.Join(team, ids[0])
	b.account.AddGroup("other@acme.example", "Other")
	b.sync(pull.Complete)

	skip := func(c googletest.Call) *googletest.Fault {
		if c.Kind == "users" {
			return &googletest.Fault{Skip: true} // the admin is not the first by address? see below
		}
		return nil
	}
	b.account.Set(ids[0], googletest.Person{"primaryEmail": "aaa@acme.example"}) // the first of the list
	b.later(pull.Complete)
	b.account.SetFault(skip)
	for range 3 {
		out := b.later(pull.Complete)
		if out.Count.Unlisted != 1 || out.Count.Deleted != 0 {
			t.Fatalf("%+v", out.Count)
		}
	}
	b.is(ids[0], "active")
	if _, _, members := b.group(team); len(members) != 1 {
		t.Errorf("members %v", members)
	}
	b.account.SetFault(nil)

	b.account.Delete(ids[1])
	b.account.Purge(ids[1]) // no list has the user, and Google does not know the id
	b.account.DeleteGroup(team)
	if out := b.later(pull.Complete); out.Count.Missing != 2 {
		t.Fatalf("%+v", out.Count)
	}
	b.is(ids[1], "active")
	out := b.sync(pull.Complete) // too soon: Google's lists may still lag
	if out.Count.Missing != 2 {
		t.Fatalf("%+v", out.Count)
	}
	b.is(ids[1], "active")
	out = b.later(pull.Complete)
	b.is(ids[1], "gone")
	if found, _, _ := b.group(team); found || out.Count.GroupsDeleted != 1 {
		t.Errorf("the group is there: %+v", out.Count)
	}
}

// The brake judges the removals of a run together, before the first one.
func TestBrakeJudgesTheWholeRun(t *testing.T) {
	t.Parallel()
	for _, mode := range []directory.BrakeMode{directory.BrakeHold, directory.BrakeAlert} {
		b := newBench(t)
		b.connect()
		b.Override("acme", func(o *directory.Overrides) { o.Brake = &mode })
		ids := b.fill(40)
		b.sync(pull.Complete)
		for _, id := range ids[:15] {
			b.account.Set(id, googletest.Person{"suspended": true, "name": map[string]any{"fullName": "New Name"}})
		}
		preview, err := b.pull.Sync(t.Context(), b.Op, "acme-google", directory.RunDry)
		b.OK(err)
		last := b.LastEvent("acme")
		out := b.later(pull.Complete)
		kinds := bridgetest.Kinds(b.EventsOf("acme", last))
		if preview.Count.Held != out.Count.Held || preview.Count.Suspended != out.Count.Suspended || preview.Count.Updated != out.Count.Updated {
			t.Errorf("preview %+v, run %+v", preview.Count, out.Count)
		}
		if mode == directory.BrakeAlert {
			if out.Count.Suspended != 15 || strings.Count(kinds, string(directory.BrakeAlerted)) != 1 || !strings.HasPrefix(kinds, string(directory.BrakeAlerted)) {
				t.Errorf("%+v %s", out.Count, kinds)
			}
			continue
		}
		if out.Count.Held != 15 || out.Count.Suspended != 0 || strings.Count(kinds, string(directory.BrakeHeld)) != 1 {
			t.Fatalf("%+v %s", out.Count, kinds)
		}
		for _, id := range ids {
			b.is(id, "active")
		}
		if b.user(ids[0]).DisplayName() != "New Name" {
			t.Error("what is no removal was not written")
		}
		before := b.written()
		if out := b.later(pull.Complete); out.Count.Held != 15 || b.written() != before {
			t.Errorf("held again: %+v, %d lines", out.Count, b.written()-before)
		}
		b.account.Set(ids[0], googletest.Person{"suspended": false}) // it was a mistake
		b.later(pull.Complete)
		held, err := b.HeldRemovals().List(t.Context(), b.Op, "acme", "acme-google")
		b.OK(err)
		if len(held) != 14 {
			t.Errorf("%d held", len(held))
		}
		_, err = b.HeldRemovals().Release(t.Context(), b.Op, "acme", "acme-google", nil)
		b.OK(err)
		b.later(pull.Complete)
		b.is(ids[0], "active")
		b.is(ids[1], "suspended")
	}
}

// Another person who gets the address of a former user inherits nothing.
func TestReusedAddressInheritsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	old := b.account.Add("sam@acme.example", "Sam", "Old", nil)
	team := b.account.AddGroup("team@acme.example", "Team")
	b.account.Join(team, old)
	b.sync(pull.Complete)
	id := b.user(old).ID
	b.account.Delete(old)
	fresh := b.account.Add("sam@acme.example", "Sam", "New", nil)
	out := b.later(pull.Complete)
	b.is(old, "gone")
	if u := b.user(fresh); u != nil {
		t.Errorf("the newcomer has the record %s", u.ID)
	}
	if out.Count.Refused != 1 || out.Items[len(out.Items)-1].Rule != "L5" {
		t.Errorf("%+v", out)
	}
	before := b.written()
	if out := b.later(pull.Complete); out.Count.Refused != 1 || b.written() != before {
		t.Errorf("a refusal that stays is written again: %+v", out.Count)
	}
	b.OK(b.RemoveUser(t.Context(), b.Op, "acme", id, directory.Removal{Force: true, Reason: "has left"}))
	b.later(pull.Complete)
	u := b.user(fresh)
	if u == nil || u.ID == id || u.State != directory.Active {
		t.Fatalf("%+v", u)
	}
	// The address of a live user moves on within one run.
	b.account.Set(fresh, googletest.Person{"primaryEmail": "sam.new@acme.example"})
	b.account.Set(fresh, googletest.Person{"emails": []any{}, "aliases": []any{}})
	third := b.account.Add("sam@acme.example", "Sam", "Third", nil)
	b.later(pull.Complete)
	if x := b.user(third); x == nil || x.ID == u.ID || b.user(fresh).UserName != "sam.new@acme.example" {
		t.Errorf("%+v", x)
	}
}

// The rules of a push hold: seats, adoption, manual suspension.
func TestPullObeysTheRulesOfAPush(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.NewTenant("acme", 3)
	b.connection("acme-google")
	byHand := b.Op
	byHand.Tenant = "acme"
	local := b.NewUser(byHand, bridgetest.Person{Name: "user00000@acme.example"})
	ids := b.fill(4)
	preview, err := b.pull.Sync(t.Context(), b.Op, "acme-google", directory.RunDry)
	b.OK(err)
	out := b.sync(pull.Complete)
	if out.Count.Adopted != 1 || out.Count.Created != 2 || out.Count.Refused != 2 || preview.Count.Created != 2 || preview.Count.Refused != 2 {
		t.Fatalf("%+v\npreview %+v", out, preview.Count)
	}
	if u := b.user(ids[0]); u == nil || u.ID != local.User.ID {
		t.Errorf("not adopted: %+v", u)
	}
	if h := b.health(); h.State != directory.Healthy || !strings.Contains(h.Error, "3 of 3 seats") {
		t.Errorf("%+v", h)
	}
	// An operator's suspension stays until Google says something new about the person.
	_, _, err = b.SuspendUser(t.Context(), b.Op, "acme", b.user(ids[0]).ID, bridge.SuspendOrder{Reason: "lost laptop"})
	b.OK(err)
	b.later(pull.Complete) // a seat is free: one of the two waiting
	b.is(ids[0], "suspended")
	b.account.Set(ids[0], googletest.Person{"name": map[string]any{"fullName": "X Y"}})
	b.later(pull.Complete)
	b.is(ids[0], "suspended")
	// The last owner stays.
	b.OK(nil)
}

// Nested groups are kept or flattened. A cycle is cut, and its groups are named.
func TestNestedGroupsAreKeptOrFlattened(t *testing.T) {
	t.Parallel()
	for _, way := range []directory.NestedGroups{directory.KeepNested, directory.FlattenNested} {
		b := newBench(t)
		b.connect(reads(func(p *directory.GooglePull) { p.Nested = way }))
		ids := b.fill(3)
		a, c, d := b.account.AddGroup("a@acme.example", "Same"), b.account.AddGroup("c@acme.example", "Same"), b.account.AddGroup("d@acme.example", "D")
		b.account.Join(a, c)
		b.account.Join(c, d)
		b.account.Join(d, a)
		b.account.Join(a, ids[0])
		b.account.Join(c, ids[1])
		b.account.Join(d, ids[2])
		out := b.sync(pull.Complete)
		_, name, members := b.group(a)
		want := []string{ids[0], c}
		if way == directory.FlattenNested {
			want = slices.Clone(ids)
		} else if out.Count.Skipped != 1 || !strings.Contains(out.Items[0].Detail, "circle") {
			t.Errorf("%+v", out)
		}
		slices.Sort(want)
		if name != "Same (a@acme.example)" || !slices.Equal(members, want) {
			t.Errorf("%s: %s %v, want %v", way, name, members, want)
		}
		before := b.written()
		if b.later(pull.Complete); b.written() != before {
			t.Errorf("%s: %d lines for nothing", way, b.written()-before)
		}
	}
}

func TestSelectedUsersAndGroupsAreRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect(reads(func(p *directory.GooglePull) {
		p.Query, p.Groups = "orgUnitPath='/Sales'", []string{"sales@acme.example"}
	}))
	in := b.account.Add("in@acme.example", "I", "N", googletest.Person{"orgUnitPath": "/Sales"})
	two := b.account.Add("two@acme.example", "T", "W", googletest.Person{"orgUnitPath": "/Sales"})
	out := b.account.Add("out@acme.example", "O", "T", nil)
	sales, other := b.account.AddGroup("sales@acme.example", "Sales"), b.account.AddGroup("other@acme.example", "Other")
	for _, id := range []string{in, two, out} {
		b.account.Join(sales, id)
	}
	b.sync(pull.Complete)
	b.is(in, "active")
	b.is(out, "unknown")
	if found, _, _ := b.group(other); found {
		t.Error("a group that is not named was read")
	}
	if _, _, members := b.group(sales); !slices.Equal(members, []string{in, two}) {
		t.Errorf("%v", members)
	}
	b.account.Set(in, googletest.Person{"orgUnitPath": "/"})
	b.later(pull.Complete)
	b.is(in, "active")
	b.later(pull.Complete)
	b.is(in, "suspended")
	b.account.Set(in, googletest.Person{"orgUnitPath": "/Sales"})
	b.later(pull.Complete)
	b.is(in, "active")
	b.account.Set(in, googletest.Person{"orgUnitPath": "/"})
	b.account.Set(two, googletest.Person{"orgUnitPath": "/"})
	contains(t, b.later(pull.Voided).Reason, "no user matches the setting google.query")
	b.account.DeleteGroup(sales)
	b.account.Set(in, googletest.Person{"orgUnitPath": "/Sales"})
	contains(t, b.later(pull.Voided).Reason, "sales@acme.example", "the setting google.groups")
}

// Attributes arrive as the table in docs/google.md says.
func TestAttributesAreThoseOfTheManual(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	boss := b.account.Add("boss@acme.example", "B", "S", nil)
	ada := b.account.Add("ada@acme.example", "Ada", "Lovelace", googletest.Person{
		"name":               map[string]any{"givenName": "Ada", "familyName": "Lovelace", "fullName": "Ada Lovelace", "displayName": "Ada L."},
		"emails":             []any{map[string]any{"address": "ada@acme.example", "primary": true}, map[string]any{"address": "ada@home.example", "type": "home"}, map[string]any{"address": "ada@acme.example.test-google-a.com"}},
		"aliases":            []any{"al@acme.example"},
		"nonEditableAliases": []any{"ada@acme.example.test-google-a.com"},
		"phones":             []any{map[string]any{"value": "+44 1", "type": "mobile", "primary": true}, map[string]any{"value": "+44 2", "type": "custom", "customType": "desk"}},
		"organizations":      []any{map[string]any{"name": "Acme", "title": "Countess", "department": "Engines", "costCenter": "42", "primary": true}},
		"relations":          []any{map[string]any{"value": "boss@acme.example", "type": "manager"}},
		"externalIds":        []any{map[string]any{"value": "E7", "type": "organization"}},
		"addresses":          []any{map[string]any{"type": "work", "locality": "London", "countryCode": "GB"}},
		"languages":          []any{map[string]any{"languageCode": "fr", "preference": "not_preferred"}, map[string]any{"languageCode": "en-GB", "preference": "preferred"}},
		"customSchemas":      map[string]any{"Badge": map[string]any{"number": 7}},
	})
	b.sync(pull.Complete)
	b.later(pull.Complete) // the boss is known now
	u := b.user(ada)
	text := string(u.Document)
	contains(t, text, `"userName":"ada@acme.example"`, `"displayName":"Ada L."`, `"formatted":"Ada Lovelace"`, `"title":"Countess"`, `"preferredLanguage":"en-GB"`,
		`{"value":"ada@acme.example","type":"work","primary":true}`, `{"value":"ada@home.example","type":"home"}`, `{"value":"al@acme.example","type":"other"}`,
		`"+44 1"`, `"mobile"`, `"employeeNumber":"E7"`, `"costCenter":"42"`, `"organization":"Acme"`, `"department":"Engines"`, `"value":"`+b.user(boss).ID.String()+`"`,
		`"locality":"London"`, `"country":"GB"`)
	if strings.Contains(text, "test-google-a") || strings.Contains(text, "Badge") {
		t.Error(text)
	}
	before := b.written()
	if b.later(pull.Complete); b.written() != before {
		t.Error("written again")
	}
}

// Fields of a custom schema of Google are read into the extension of the company with the same name, and one is mapped. Fields that
// the extension lacks are left out, and so is a schema without an extension.
func TestCustomSchemasBecomeExtensions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	const urn = pull.CustomSchema + "HR"
	_, err := b.EditSchemas(t.Context(), b.Op, "acme", bridge.SchemaEdit{Do: func([]directory.CustomSchema) ([]directory.CustomSchema, error) {
		return []directory.CustomSchema{{ResourceType: "User", Definition: directory.Document(`{"id":"` + urn + `","name":"HR","attributes":[
			{"name":"grade","type":"string","multiValued":false},{"name":"level","type":"integer","multiValued":false},
			{"name":"remote","type":"boolean","multiValued":false},{"name":"skills","type":"string","multiValued":true}]}`)}}, nil
	}})
	b.OK(err)
	fields := func(grade string, more ...string) googletest.Person {
		hr := map[string]any{"grade": grade, "level": 7, "remote": true, "skills": []any{map[string]any{"type": "work", "value": "Go"}, map[string]any{"value": "SQL"}}}
		for _, name := range more {
			hr[name] = "x"
		}
		return googletest.Person{"customSchemas": map[string]any{"HR": hr, "Badge": map[string]any{"number": 7}}}
	}
	ada := b.account.Add("ada@acme.example", "Ada", "Lovelace", fields("Senior", "secret"))
	b.sync(pull.Complete)
	u := b.user(ada)
	if u == nil {
		t.Fatal("the person was not created")
	}
	contains(t, string(u.Document), `"`+urn+`":{`, `"grade":"Senior"`, `"level":7`, `"remote":true`, `"skills":["Go","SQL"]`)
	if text := string(u.Document); strings.Contains(text, "secret") || strings.Contains(text, "Badge") {
		t.Error(text)
	}
	_, err = b.EditConnection(t.Context(), b.Op, "acme-google", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.AttributeMapping = &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetUserType, Source: urn + ":grade"}}}
		return c, nil
	})
	b.OK(err)
	before := b.written()
	if b.later(pull.Complete); b.written() != before {
		t.Error("an unchanged person was written")
	}
	b.account.Set(ada, fields("Principal"))
	b.later(pull.Complete)
	if got := b.user(ada).Document.Value("userType"); got != "Principal" {
		t.Errorf("the mapped grade is %v", got)
	}
}

// With a mapping, Google's id stays the externalId, and a number of the company is the userName.
func TestMappingChoosesTheUserName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	number := func(value string) googletest.Person {
		return googletest.Person{"externalIds": []any{map[string]any{"value": value, "type": "organization"}}, "organizations": []any{map[string]any{"title": "Boss", "primary": true}}}
	}
	ada := b.account.Add("ada@acme.example", "Ada", "Lovelace", number("E1"))
	bob := b.account.Add("bob@acme.example", "Bob", "Byron", number("E2"))
	b.account.Set(b.adminID, number("E0"))
	b.sync(pull.Complete)
	_, err := b.EditConnection(t.Context(), b.Op, "acme-google", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.AttributeMapping = &directory.AttributeMapping{Attributes: []directory.AttributeRule{
			{Target: directory.TargetUserName, Source: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"},
			{Target: directory.TargetUserType, Source: "title"},
		}}
		return c, nil
	})
	b.OK(err)
	if u := b.user(ada); u.UserName != "E1" || u.Document.Value("userType") != "Boss" {
		t.Errorf("the mapping makes %s", u.Document)
	}
	before := b.written()
	if b.later(pull.Complete); b.written() != before {
		t.Error("an unchanged person was written")
	}
	eve := b.account.Add("eve@acme.example", "Eve", "Evans", number("E3"))
	b.account.Set(ada, number("E2")) // the two swap their numbers
	b.account.Set(bob, number("E4"))
	b.later(pull.Complete)
	for id, want := range map[string]string{ada: "E2", bob: "E4", eve: "E3"} {
		if u := b.user(id); u == nil || u.UserName != want || u.ExternalID != id {
			t.Errorf("want %s, got %+v", want, u)
		}
	}
	b.account.Set(eve, googletest.Person{"externalIds": []any{}, "suspended": true})
	b.later(pull.Complete)
	b.is(eve, "suspended") // although the mapping has no userName for her
}

// People who were moved here from another connection are found by their addresses, and get Google's id (C14). A run names those whom Google
// does not have, because no later run can remove them.
func TestMovedPeopleAreFoundByAddress(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	b.sync(pull.Complete)
	okta := b.NewIdP("acme", "acme-okta")
	before := b.NewUser(okta, bridgetest.Person{Name: "ada@acme.example", External: "o1"}).User
	b.NewUser(okta, bridgetest.Person{Name: "ghost@acme.example", External: "o2"})
	ada := b.account.Add("ada@acme.example", "Ada", "Lovelace", nil)
	scope := bridge.TransferScope{All: true}
	plan, err := b.Transfers().Preview(t.Context(), b.Op, "acme-okta", "acme-google", scope)
	b.OK(err)
	_, err = b.Transfers().Start(t.Context(), b.Op, bridge.TransferOrder{From: "acme-okta", To: "acme-google", Scope: scope, Digest: plan.Digest}, time.Hour)
	b.OK(err)
	named := func(r pull.Result) {
		t.Helper()
		if r.Count.Skipped != 1 || !slices.ContainsFunc(r.Items, func(i pull.Item) bool {
			return i.Action == "user.skip" && i.Name == "ghost@acme.example" && strings.Contains(i.Detail, "Google has no user with this address")
		}) {
			t.Errorf("the run does not name who is not at Google: %+v", r.Items)
		}
	}
	named(b.later(pull.Complete))
	written := b.written()
	named(b.later(pull.Complete))
	if b.written() != written {
		t.Error("a run that only names a user wrote something")
	}
	if u := b.user(ada); u == nil || u.ID != before.ID || u.Connection != "acme-google" || u.ExternalID != ada || !u.Active() {
		t.Errorf("after the run the user is %+v", u)
	}
}

// The same person on two pages, and lists that lag, cause no duplicate.
func TestListsThatLagCauseNoDuplicate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	ids := b.fill(1005)
	b.account.SetFault(func(c googletest.Call) *googletest.Fault {
		if c.Kind == "users" {
			return &googletest.Fault{Duplicate: true}
		}
		return nil
	})
	out := b.sync(pull.Complete)
	if out.Count.Created != 1006 || out.Count.Duplicates != 2 || out.Count.Refused != 0 {
		t.Fatalf("%+v", out.Count)
	}
	b.account.SetFault(nil)
	b.account.SetLate(2, ids[0], googletest.Person{"suspended": true})
	b.later(pull.Complete)
	b.is(ids[0], "active")
	b.later(pull.Complete)
	b.later(pull.Complete)
	b.is(ids[0], "suspended")
}

// Two connections cannot read one directory.
func TestDirectoryHasOneConnection(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	again := bridge.ConnectionDraft{
		ID: "acme-two", Tenant: "acme", Type: directory.GoogleDirectory, Google: &directory.GooglePull{Admin: "other@acme.example"},
		Credential: bridge.PullCredential{Text: b.account.NewKey("p")},
	}
	_, _, err := b.CreateConnection(t.Context(), b.Op, again)
	no := b.Fails(err, directory.Conflict, "L9")
	contains(t, no.Message, "acme-google", "google.query")
	b.sync(pull.Complete)
	again.Google = &directory.GooglePull{Admin: admin, Customer: googletest.Customer}
	_, _, err = b.CreateConnection(t.Context(), b.Op, again)
	b.OK(err)
	out, err := b.pull.Sync(t.Context(), b.Op, "acme-two", directory.RunApply)
	b.OK(err)
	if out.Outcome != pull.Voided || !strings.Contains(out.Reason, "acme-google") || !strings.Contains(out.Reason, googletest.Customer) {
		t.Errorf("%+v", out)
	}
}

// The key is sealed in the store, is sealed again when the key of the installation changes, and is in no bundle, journal or result.
func TestKeyIsSealed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	b.fill(1)
	out := b.sync(pull.Complete)
	if text := fmt.Sprintf("%+v %+v", out, b.journal); strings.Contains(text, "PRIVATE") {
		t.Error("the key is in the result or the journal")
	}
	for _, a := range b.AuditOf("acme") {
		if strings.Contains(string(a.After)+string(a.Before)+a.Reason, "PRIVATE") {
			t.Errorf("the key is in the audit trail: %s", a.Action)
		}
	}
	// Another key of the installation, with the old one beside it.
	moved, err := bridgetest.New(bridgetest.Config{
		Store: b.Store, Now: b.Clock.Now, NewID: b.Clock.NewID, Random: zero{}, Plans: policy.ShippedPlans(), Defaults: policy.DefaultSettings(), Seal: seal(t, 2, 1),
	})
	b.OK(err)
	p, err := moved.Pulls().Begin(t.Context(), b.Op, "acme-google")
	b.OK(err)
	text, err := moved.Pulls().Credential(t.Context(), p)
	b.OK(err)
	contains(t, string(text), "PRIVATE KEY")
	// Now the old key is not needed any more; and it does not open it any more.
	_, err = b.Pulls().Credential(t.Context(), p)
	b.Fails(err, directory.Unavailable, "")
	contains(t, b.later(pull.Voided).Reason, "sealing key")
}

type zero struct{}

func (zero) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 7
	}
	return len(b), nil
}

// A rule that refuses one member of a group does not refuse the others.
func TestRefusedMemberDoesNotBlockOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect(func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Guests", Guest: true}}
	})
	ids := b.fill(8)
	guests, team := b.account.AddGroup("guests@acme.example", "Guests"), b.account.AddGroup("zteam@acme.example", "Team")
	b.account.Join(guests, ids[3])
	for _, id := range ids {
		b.account.Join(team, id)
	}
	out := b.sync(pull.Complete)
	_, _, members := b.group(team)
	if len(members) != 7 || slices.Contains(members, ids[3]) || out.Count.Refused != 1 {
		t.Errorf("%d members, %+v", len(members), out.Count)
	}
	b.later(pull.Complete)
	before := b.written()
	if out := b.later(pull.Complete); b.written() != before || out.Count.Refused != 1 {
		t.Errorf("%d lines, %+v", b.written()-before, out.Count)
	}
}

// many is more than a page of people, or a few.
func (*bench) many(page bool) int {
	if page {
		return 510
	}
	return 5
}

// A run that ends in the middle leaves nothing half done. The next run continues.
func TestStoppedRunContinues(t *testing.T) {
	t.Parallel()
	for after := range 12 {
		b := newBench(t)
		b.connect()
		ids := b.fill(6)
		team := b.account.AddGroup("team@acme.example", "Team")
		for _, id := range ids[:4] {
			b.account.Join(team, id)
		}
		b.sync(pull.Complete)
		b.account.Set(ids[0], googletest.Person{"suspended": true})
		b.account.Delete(ids[1])
		b.account.Set(ids[2], googletest.Person{"primaryEmail": "new.name@acme.example"})
		late := []string{b.account.Add("x@acme.example", "X", "X", nil), b.account.Add("y@acme.example", "Y", "Y", nil)}
		crew := b.account.AddGroup("crew@acme.example", "Crew")
		b.account.Join(crew, late[0])
		b.account.Join(crew, team)
		b.account.Leave(team, ids[3])
		b.Clock.Advance(11 * time.Minute)

		ctx, kill := context.WithCancel(t.Context())
		b.mu.Lock()
		n := 0
		b.noted = func() {
			if n++; n > after {
				kill()
			}
		}
		b.mu.Unlock()
		out, err := b.pull.Sync(ctx, b.Op, "acme-google", directory.RunApply)
		kill()
		b.OK(err)
		b.mu.Lock()
		b.noted = nil
		b.mu.Unlock()
		if out.Outcome == pull.Stopped {
			if h := b.health(); h.State != directory.Failing {
				t.Errorf("after %d: %+v", after, h)
			}
		}
		b.later(pull.Complete)
		b.is(ids[0], "suspended")
		b.is(ids[1], "gone")
		b.is(late[0], "active")
		b.is(late[1], "active")
		if u := b.user(ids[2]); u.UserName != "new.name@acme.example" {
			t.Errorf("after %d: %s", after, u.UserName)
		}
		if _, _, members := b.group(team); !slices.Equal(members, []string{ids[0], ids[2]}) {
			t.Errorf("after %d: %v", after, members)
		}
		if _, _, members := b.group(crew); !slices.Equal(members, []string{late[0], team}) {
			t.Errorf("after %d: %v", after, members)
		}
		if after == 0 && out.Outcome != pull.Stopped {
			t.Error("the run was not stopped")
		}
	}
}
