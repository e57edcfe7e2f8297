package bridge_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

const workAddress = `emails[type eq "work"].value`

// sentUser is a user as an identity provider sends one.
func sentUser(name, address string, more ...directory.Attribute) directory.UserEdit {
	return func(*directory.User) (directory.UserDraft, error) {
		a := directory.Attributes{{Name: "schemas", Value: []any{"urn:ietf:params:scim:schemas:core:2.0:User"}}, {Name: "userName", Value: name}}
		d := directory.UserDraft{UserName: name}
		if address != "" {
			a = append(a, directory.Attribute{Name: "emails", Value: []any{directory.Attributes{{Name: "value", Value: address}, {Name: "type", Value: "work"}}}})
			d.Emails = []string{address}
		}
		a = append(a, more...)
		d.UserType = a.String("userType")
		d.ExternalID = a.String("externalId")
		d.Document = a.Document()
		return d, nil
	}
}

// mapTo sets the attribute mapping of a connection and signs its identity provider in again.
func (k *kit) mapTo(p directory.Principal, m *directory.AttributeMapping) (directory.Principal, error) {
	c, err := k.EditConnection(bg, k.Op, p.Connection.ID, directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.AttributeMapping = m
		return c, nil
	})
	if err == nil {
		p.Connection = c
	}
	return p, err
}

func nameFromAddress() *directory.AttributeMapping {
	return &directory.AttributeMapping{Attributes: []directory.AttributeRule{
		{Target: directory.TargetUserName, Source: workAddress},
		{Target: directory.TargetUserType, Source: "title", Default: "Employee"},
	}}
}

func (k *kit) find(p directory.Principal, attribute, value string) []string {
	k.T.Helper()
	var out []string
	path := directory.Path{Name: attribute}
	q := directory.Query{Count: 9, Where: directory.Compare{Path: path, Op: directory.Equal, Type: directory.Text, Value: directory.FoldAs(path, value, directory.Equal)}}
	_, err := k.ListUsers(bg, p, q, func(u *directory.User, _ []directory.GroupRef) error {
		out = append(out, strings.Clone(u.UserName))
		return nil
	})
	k.OK(err)
	return out
}

func TestC13IdentityProviderReadsWhatItSent(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) { d.Attributes = nameFromAddress() })
	other := k.NewIdP(acme, "acme-entra")
	made, err := k.CreateUser(bg, okta, sentUser("ann", "ann@acme.example"))
	k.OK(err)
	if made.User.UserName != "ann" || made.User.Document.Value("userType") != nil {
		t.Errorf("the answer of a POST is %s", made.User.Document)
	}
	got, err := k.User(bg, okta, made.User.ID)
	k.OK(err)
	if got.User.UserName != "ann" || string(got.User.Document) != string(made.User.Document) {
		t.Errorf("a GET gives %s", got.User.Document)
	}
	everybody, err := k.User(bg, other, made.User.ID)
	k.OK(err)
	if everybody.User.UserName != "ann@acme.example" || everybody.User.Document.Value("userType") != "Employee" {
		t.Errorf("others see %s", everybody.User.Document)
	}
	for who, p := range map[string]directory.Principal{"ann": okta, "ann@acme.example": other} {
		if found := fmt.Sprint(k.find(p, "userName", who)); found != "["+who+"]" {
			t.Errorf("userName eq %q finds %s", who, found)
		}
	}
	if found := k.find(okta, "userName", "ann@acme.example"); found != nil {
		t.Errorf("what was not sent finds %q", found)
	}
	if found := k.find(okta, "userType", "Employee"); found != nil {
		t.Errorf("a userType that was not sent finds %q", found)
	}
	// A PATCH composes on what was sent.
	patched := k.ChangeUser(okta, made.User.ID, bridgetest.SetTitle("Boss"))
	if patched.User.UserName != "ann" || patched.User.Document.Value("title") != "Boss" {
		t.Errorf("the answer of a PATCH is %s", patched.User.Document)
	}
	everybody, err = k.User(bg, other, made.User.ID)
	k.OK(err)
	if everybody.User.UserName != "ann@acme.example" || everybody.User.Document.Value("userType") != "Boss" {
		t.Errorf("after the PATCH others see %s", everybody.User.Document)
	}
	again, err := k.EditUser(bg, okta, made.User.ID, directory.Precondition{}, sentUser("ann", "ann@acme.example", directory.Attribute{Name: "title", Value: "Boss"}))
	k.OK(err)
	if again.Effect != bridge.Unchanged {
		t.Errorf("a PUT of the same is %s", again.Effect)
	}
	// What the identity provider reads is unique, and so is what it becomes.
	_, err = k.CreateUser(bg, okta, sentUser("ann", "second@acme.example"))
	k.Fails(err, directory.Conflict, "")
	_, err = k.CreateUser(bg, okta, sentUser("second", "ANN@acme.example"))
	k.Fails(err, directory.Conflict, "")
	_, err = k.CreateUser(bg, okta, sentUser("third", ""))
	k.Fails(err, directory.Refused, "C13")
	k.OK(k.ReleaseManagement(bg, k.Op, acme, directory.UserKind, made.User.ID))
	released, err := k.User(bg, okta, made.User.ID)
	k.OK(err)
	if released.User.UserName != "ann@acme.example" || released.User.Sent != nil {
		t.Errorf("after the release the user is %+v", released.User)
	}
}

func TestC13MappingIsAppliedWithoutTheIdentityProvider(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	okta := k.NewIdP(acme, "acme-okta")
	local, err := k.CreateUser(bg, k.operatorAt(acme), sentUser("local@acme.example", ""))
	k.OK(err)
	ann, err := k.CreateUser(bg, okta, sentUser("ann", "ann@acme.example"))
	k.OK(err)
	ben, err := k.CreateUser(bg, okta, sentUser("ben@acme.example", "ben@acme.example", directory.Attribute{Name: "title", Value: "Boss"}))
	k.OK(err)
	m := &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetUserName, Source: workAddress}}}
	before := k.auditLines(acme)

	trial, err := k.TryMapping(bg, k.Op, "acme-okta", bridge.MappingTry{Mapping: m, Limit: 10})
	k.OK(err)
	if trial.Users != 2 || trial.Changed != 1 || trial.Refused != 0 || trial.Refusal != "" || trial.Items[0].Attributes[0].Value != "ann@acme.example" || trial.Items[0].Attributes[0].Before != "ann" {
		t.Errorf("the trial says %+v", trial)
	}
	if after := k.auditLines(acme); after != before {
		t.Errorf("a trial writes %d audit lines", after-before)
	}
	mapped, err := k.mapTo(okta, m)
	k.OK(err)
	one, err := k.User(bg, k.operatorAt(acme), ann.User.ID)
	k.OK(err)
	two, err := k.User(bg, k.operatorAt(acme), ben.User.ID)
	k.OK(err)
	if one.User.UserName != "ann@acme.example" || one.User.Version != 2 || two.User.Version != 1 || two.User.Sent == nil {
		t.Errorf("after the mapping they are %+v, %+v", one.User, two.User)
	}
	if after := k.auditLines(acme); after != before+2 {
		t.Errorf("the mapping writes %d audit lines, want one for the connection and one for the user who changes", after-before)
	}
	// A request that was admitted under the old mapping is sent again.
	_, err = k.EditUser(bg, okta, ann.User.ID, directory.Precondition{}, bridgetest.SetTitle("Boss"))
	k.Fails(err, directory.Unavailable, "C13")
	k.ChangeUser(mapped, ann.User.ID, bridgetest.SetTitle("Boss"))

	for name, rule := range map[string]directory.AttributeRule{
		"two users of the connection": {Target: directory.TargetUserName, Source: "title"},
		"a user of nobody":            {Target: directory.TargetUserName, Source: "externalId"},
	} {
		if name == "a user of nobody" {
			k.ChangeUser(mapped, ann.User.ID, setAttribute("externalId", "local@acme.example"))
			k.ChangeUser(mapped, ben.User.ID, setAttribute("externalId", "x"))
		}
		merging := &directory.AttributeMapping{Attributes: []directory.AttributeRule{rule}}
		trial, err := k.TryMapping(bg, k.Op, "acme-okta", bridge.MappingTry{Mapping: merging, Limit: 10})
		k.OK(err)
		_, err = k.mapTo(okta, merging)
		no := k.Fails(err, directory.Conflict, "C13")
		if trial.Refusal != no.Message || !strings.Contains(no.Message, "ann") {
			t.Errorf("%s: the trial says %q, and saving %q", name, trial.Refusal, no.Message)
		}
	}
	if c, err := k.User(bg, k.operatorAt(acme), local.User.ID); err != nil || c.User.UserName != "local@acme.example" {
		t.Errorf("the local user is %+v, %v", c.User, err)
	}
	_, err = k.mapTo(mapped, &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetUserName, Source: "nickName"}}})
	if no := k.Fails(err, directory.Conflict, "C13"); !strings.Contains(no.Message, "refuses 2 users") || !strings.Contains(no.Message, "ben@acme.example") {
		t.Errorf("a source without values: %s", no.Message)
	}
	if _, err = k.mapTo(mapped, nil); err != nil {
		t.Fatal(err)
	}
	one, err = k.User(bg, k.operatorAt(acme), ann.User.ID)
	k.OK(err)
	if one.User.UserName != "ann" || one.User.Sent != nil || one.User.Document.Value("title") != "Boss" {
		t.Errorf("without the mapping the user is %s", one.User.Document)
	}
}

func TestC13MappedUsersMaySwapNames(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	okta := k.NewIdP(acme, "acme-okta")
	for _, who := range [][2]string{{"a@acme.example", "b@acme.example"}, {"b@acme.example", "a@acme.example"}} {
		_, err := k.CreateUser(bg, okta, sentUser(who[0], who[1]))
		k.OK(err)
	}
	_, err := k.mapTo(okta, &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetUserName, Source: workAddress}}})
	k.OK(err)
}

func TestC13IdentityProviderCanAlwaysDeprovision(t *testing.T) {
	t.Parallel()
	k := start(t)
	domains := []string{"acme.example"}
	acme := k.NewTenant("acme", 50, func(o *directory.Overrides) { o.MemberDomains = &domains })
	m := nameFromAddress()
	m.OutsideDomains = directory.OutsideRefuse
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) { d.Attributes = m })
	_, err := k.CreateUser(bg, okta, sentUser("eve", "eve@else.example"))
	if no := k.Fails(err, directory.Refused, "C13"); !strings.Contains(no.Message, "acme.example") {
		t.Error(no.Message)
	}
	ben, err := k.CreateUser(bg, okta, sentUser("ben", "ben@acme.example"))
	k.OK(err)
	ann, err := k.CreateUser(bg, okta, sentUser("ann", "ann@acme.example"))
	k.OK(err)
	no := false
	for name, address := range map[string]string{"no address": "", "a foreign address": "ann@else.example", "the address of another user": "ben@acme.example"} {
		write := func(active *bool) (bridge.UserResult, error) {
			return k.EditUser(bg, okta, ann.User.ID, directory.Precondition{}, func(before *directory.User) (directory.UserDraft, error) {
				d, err := sentUser("ann", address)(before)
				d.Active = active
				return d, err
			})
		}
		if _, err := write(nil); err == nil {
			t.Errorf("%s: the write is not refused", name)
		}
		out, err := write(&no)
		k.OK(err)
		seen, err := k.User(bg, k.operatorAt(acme), ann.User.ID)
		k.OK(err)
		if out.User.Active() || seen.User.UserName != "ann@acme.example" || len(out.User.Emails) > 0 != (address != "") {
			t.Errorf("%s: the user is %+v, seen as %+v", name, out.User, seen.User)
		}
		yes := true
		if _, err := write(&yes); err == nil {
			t.Errorf("%s: the user may come back", name)
		}
		k.ChangeUser(okta, ann.User.ID, func(before *directory.User) (directory.UserDraft, error) {
			d, err := sentUser("ann", "ann@acme.example")(before)
			d.Active = &yes
			return d, err
		})
	}
	k.OK(k.DeleteUser(bg, okta, ben.User.ID, directory.Precondition{}))
}

// TestC13MappingsAreConsistent plays random writes and changes of the mapping on a connection. What its identity provider reads is always
// what it wrote, and what others see is always what the mapping makes of that.
func TestC13MappingsAreConsistent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		k := start(t)
		acme := k.NewTenant("acme", 50)
		p := k.NewIdP(acme, "acme-okta")
		sent := map[directory.ID]directory.Document{}
		var ids []directory.ID
		sources := []string{"", "userName", workAddress, "title", "externalId"}
		draw := func(what string, from ...string) string { return rapid.SampledFrom(from).Draw(rt, what) }
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			edit := sentUser(draw("name", "a", "b", "c", "d"), draw("address", "", "a", "b", "x@y.example"),
				directory.Attribute{Name: "title", Value: draw("title", "a", "b", "Boss")}, directory.Attribute{Name: "externalId", Value: draw("external", "1", "2", "c")})
			draft, err := edit(nil)
			k.OK(err)
			switch step := draw("step", "create", "edit", "title", "map", "suspend"); {
			case step == "create":
				if out, err := k.CreateUser(bg, p, edit); err == nil {
					if out.Effect == bridge.Created {
						ids = append(ids, out.User.ID)
					}
					sent[out.User.ID] = draft.Document
				}
			case step == "map":
				m := &directory.AttributeMapping{}
				for _, target := range directory.MappingTargets() {
					if source := draw(string(target), sources...); source != "" {
						m.Attributes = append(m.Attributes, directory.AttributeRule{Target: target, Source: source})
					}
				}
				trial, err := k.TryMapping(bg, k.Op, "acme-okta", bridge.MappingTry{Mapping: m, Limit: 9})
				k.OK(err)
				after, err := k.mapTo(p, m)
				if (err == nil) != (trial.Refusal == "") {
					rt.Fatalf("the trial says %q, and saving %v", trial.Refusal, err)
				}
				if err == nil {
					p = after
				}
			case len(ids) == 0:
			default:
				id := rapid.SampledFrom(ids).Draw(rt, "user")
				switch step {
				case "title":
					edit = bridgetest.SetTitle(draw("new title", "a", "b", "Boss"))
				case "suspend":
					edit = bridgetest.SetActive(rapid.Bool().Draw(rt, "active"))
				}
				if out, err := k.EditUser(bg, p, id, directory.Precondition{}, edit); err == nil {
					if step == "edit" && out.User.Document.Value("title") != draft.Document.Value("title") {
						rt.Fatalf("a PUT answers %s", out.User.Document)
					}
					sent[id] = out.User.Document
				}
			}
			checkMappings(rt, k, p, sent)
		}
	})
}

func checkMappings(t *rapid.T, k *kit, p directory.Principal, sent map[directory.ID]directory.Document) {
	m := p.Connection.AttributeMapping
	for id, document := range sent {
		read, err := k.User(bg, p, id)
		if err != nil {
			t.Fatal(err)
		}
		if string(read.User.Document) != string(document) {
			t.Fatalf("sent was %s, and the identity provider reads %s", document, read.User.Document)
		}
		name, _ := document.Value("userName").(string)
		if found := k.find(p, "userName", name); len(found) != 1 || !strings.EqualFold(found[0], name) {
			t.Fatalf("userName eq %q finds %q", name, found)
		}
		seen, err := k.User(bg, k.operatorAt(p.Tenant), id)
		if err != nil {
			t.Fatal(err)
		}
		if (m == nil) != (seen.User.Sent == nil) {
			t.Fatalf("with the mapping %+v, Sent is %s", m, seen.User.Sent)
		}
		want := document
		if m != nil {
			u := read.User
			text, _ := document.Value("userType").(string)
			mapped := policy.MapUser(m, policy.DefaultSettings(), directory.UserDraft{UserName: u.UserName, Emails: u.Emails, UserType: text, Document: document})
			if want = mapped.User.Document; mapped.Refuse != nil || !seen.User.Active() {
				continue // a user without access keeps what could not be mapped
			}
		}
		if !sameAttributes(seen.User.Document, want) {
			t.Fatalf("the mapping makes %s, and others see %s", want, seen.User.Document)
		}
	}
}

func sameAttributes(x, y directory.Document) bool {
	a, err := x.Attributes()
	if err != nil {
		return false
	}
	b, err := y.Attributes()
	return err == nil && directory.EqualValues(a, b)
}

func setAttribute(name, value string) directory.UserEdit {
	return bridgetest.Patch(func(d *directory.UserDraft) {
		a, _ := d.Document.Attributes()
		a.Set(name, value)
		d.Document = a.Document()
		if name == "externalId" {
			d.ExternalID = value
		}
	})
}

func (k *kit) operatorAt(tenant directory.TenantID) directory.Principal {
	p := k.Op
	p.Tenant = tenant
	return p
}

func (k *kit) auditLines(tenant directory.TenantID) int {
	k.T.Helper()
	var n uint64
	k.OK(k.Store.View(bg, tenant, nil, func(r store.Reader) (err error) {
		_, n, err = r.Audit(0, 0)
		return err
	}))
	return int(n)
}

// A dry run of a mapping maps the users once, in one View, and shows the result.
func TestDryRunMapsOnce(t *testing.T) {
	t.Parallel()
	var views atomic.Int64
	k := start(t, bridgetest.CountViews(&views))
	okta := k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"})
	before := views.Load()
	trial, err := k.TryMapping(bg, k.Op, "acme-okta", bridge.MappingTry{Mapping: &directory.AttributeMapping{
		Attributes: []directory.AttributeRule{{Target: directory.TargetUserType, Constant: "Employee"}},
	}, Limit: 5})
	k.OK(err)
	if trial.Users != 1 || trial.Changed != 1 || trial.Refusal != "" {
		t.Errorf("the trial is %+v", trial)
	}
	if opened := views.Load() - before; opened != 1 {
		t.Errorf("the trial opened %d Views", opened)
	}
}

// TestC13AMappingOfTooManyUsersIsRefused changes nothing, and a trial says so. One user can be tried all the same.
func TestC13AMappingOfTooManyUsersIsRefused(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewIdP(k.NewTenant("acme", 0), "acme-okta")
	ids := k.CrowdOf("acme", "acme-okta", policy.MaxMapped+1)
	mapping := &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetUserType, Constant: "Employee"}}}
	trial, err := k.TryMapping(bg, k.Op, "acme-okta", bridge.MappingTry{Mapping: mapping, Limit: 5})
	k.OK(err)
	if trial.Users != len(ids) || len(trial.Items) != 0 || !strings.Contains(trial.Refusal, "20001 users") {
		t.Errorf("the trial is %+v", trial)
	}
	_, err = k.EditConnection(bg, k.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.AttributeMapping = mapping
		return c, nil
	})
	k.Fails(err, directory.Conflict, "C13")
	if trial, err = k.TryMapping(bg, k.Op, "acme-okta", bridge.MappingTry{Mapping: mapping, User: ids[7], Limit: 5}); err != nil || len(trial.Items) != 1 || !trial.Items[0].Changes {
		t.Errorf("one user: %+v, %v", trial, err)
	}
	_, err = k.EditConnection(bg, k.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Paused = true // nothing else is refused
		return c, nil
	})
	k.OK(err)
}
