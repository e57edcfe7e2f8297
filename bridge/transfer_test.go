package bridge_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
	"drawbridge/store/storetest"
)

// managed says who manages each user and group of a tenant, with what the connection knows of them.
func (k *kit) managed(tenant directory.TenantID) []string {
	k.T.Helper()
	var out []string
	k.OK(k.Store.View(bg, tenant, nil, func(r store.Reader) error {
		out = nil
		_, err := r.Users(directory.Query{Count: 1000, Gone: true}, func(u *directory.User, _ []directory.GroupRef) error {
			attributes, err := u.Document.Attributes()
			slices.SortFunc(attributes, func(x, y directory.Attribute) int { return strings.Compare(x.Name, y.Name) })
			out = append(out, fmt.Sprintf("%s %s %s %s %s %s %s", u.UserName, u.Connection, u.ExternalID, u.Statement, u.State, attributes.Document(), u.Sent))
			return err
		})
		if err != nil {
			return err
		}
		_, err = r.Groups(directory.Query{Count: 1000}, func(g *directory.Group, _ []directory.Member) error {
			out = append(out, fmt.Sprintf("%s %s %s %d", g.DisplayName, g.Connection, g.ExternalID, g.Members))
			return nil
		})
		return err
	}))
	slices.Sort(out)
	return out
}

// twoProviders is a tenant with two connections; the first manages two users, one of them suspended, and a group.
func twoProviders(k *kit) (acme directory.TenantID, okta, entra directory.Principal, ann, ben directory.User, sales directory.Group) {
	acme = k.NewTenant("acme", 50)
	okta, entra = k.NewIdP(acme, "acme-okta"), k.NewIdP(acme, "acme-entra", func(d *bridge.ConnectionDraft) { d.Type = directory.Entra })
	ann = k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test", External: "o1"}).User
	ben = k.NewUser(okta, bridgetest.Person{Name: "ben@acme.test", External: "o2"}).User
	k.ChangeUser(okta, ben.ID, bridgetest.SetActive(false))
	k.NewUser(entra, bridgetest.Person{Name: "eve@acme.test", External: "e9"})
	sales = k.NewGroup(okta, "Sales", bridgetest.Add(ann.ID))
	return acme, okta, entra, ann, ben, sales
}

// move starts a transfer from acme-okta to acme-entra.
func (k *kit) move(scope bridge.TransferScope, digest string) (bridge.TransferResult, error) {
	return k.Transfers().Start(bg, k.Op, bridge.TransferOrder{From: "acme-okta", To: "acme-entra", Scope: scope, Digest: digest}, time.Hour)
}

// begun previews a transfer of all and does only its first piece.
func (k *kit) begun() bridge.TransferResult {
	k.T.Helper()
	plan, err := k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", bridge.TransferScope{All: true})
	k.OK(err)
	begun, err := k.Transfers().Start(bg, k.Op, bridge.TransferOrder{From: "acme-okta", To: "acme-entra", Scope: bridge.TransferScope{All: true}, Digest: plan.Digest}, -1)
	k.OK(err)
	if begun.Done || begun.Pending == 0 {
		k.T.Fatalf("after one piece, the transfer is %+v", begun)
	}
	return begun
}

func TestC14MovesInStagesAndBack(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, okta, entra, ann, ben, sales := twoProviders(k)
	before := k.managed(acme)
	k.Clock.Advance(time.Minute)

	scope := bridge.TransferScope{Group: sales.ID}
	plan, err := k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", scope)
	k.OK(err)
	if plan.Users != 1 || plan.Groups != 1 || plan.Scope != "group Sales" || !strings.Contains(plan.NextFrom, "403") || !strings.Contains(plan.Items[0].Next, `"acme-entra"`) {
		t.Errorf("the preview is %+v", plan)
	}
	if got := k.managed(acme); !slices.Equal(got, before) {
		t.Errorf("a preview changed something:\n%s", strings.Join(got, "\n"))
	}
	_, err = k.move(scope, "other")
	k.Fails(err, directory.Conflict, "C14")
	event := k.LastEvent(acme)
	done, err := k.move(scope, plan.Digest)
	k.OK(err)
	if !done.Done || done.Transfer.Moved != 2 || done.Pending != 0 || len(done.Left) != 0 {
		t.Errorf("the transfer is %+v", done)
	}
	told := 0
	for _, e := range k.EventsOf(acme, event) {
		if e.Kind == directory.UserAdopted && e.Subject.ID == ann.ID.String() {
			told++
		}
	}
	if told != 1 {
		t.Errorf("%d events tell that Ann moved", told)
	}
	// As the preview said, the first provider is refused, and the second one writes.
	_, err = k.EditUser(bg, okta, ann.ID, directory.Precondition{}, bridgetest.SetTitle("Boss"))
	k.Fails(err, directory.Refused, "L9")
	k.ChangeUser(entra, ann.ID, bridgetest.Person{Name: "ann@acme.test", External: "e1"}.Draft)
	if u, err := k.User(bg, okta, ben.ID); err != nil || u.User.Connection != "acme-okta" {
		t.Errorf("Ben moved, too: %+v, %v", u.User, err)
	}

	k.Clock.Advance(time.Minute)
	undone, err := k.Transfers().Undo(bg, k.Op, "acme-okta", done.Transfer.ID, time.Hour)
	k.OK(err)
	if !undone.Done || undone.Transfer.Phase != directory.TransferUndone || undone.Transfer.Moved != 0 {
		t.Errorf("the undone transfer is %+v", undone)
	}
	if got := k.managed(acme); !slices.Equal(got, before) {
		t.Errorf("after the undoing:\n%s\nbefore:\n%s", strings.Join(got, "\n"), strings.Join(before, "\n"))
	}
	_, err = k.Transfers().Undo(bg, k.Op, "acme-okta", done.Transfer.ID, time.Hour)
	k.Fails(err, directory.Conflict, "C14")

	list := bridge.TransferScope{Users: []string{"ben@acme.test", "nobody@acme.test", "eve@acme.test", ben.ID.String()}}
	plan, err = k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", list)
	k.OK(err)
	if plan.Users != 1 || len(plan.Stays) != 1 || plan.Stays[0].What != policy.StayingOthers || !slices.Equal(plan.Unknown, []string{"nobody@acme.test"}) {
		t.Errorf("the preview of a list is %+v", plan)
	}
	for _, wrong := range []bridge.TransferScope{{}, {All: true, Group: sales.ID}, {All: true, Users: []string{"x"}}} {
		_, err = k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", wrong)
		k.Fails(err, directory.Invalid, "C14")
	}
	_, err = k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-okta", bridge.TransferScope{All: true})
	k.Fails(err, directory.Conflict, "C14")
	k.NewIdP(k.NewTenant("other", 5), "other-okta")
	_, err = k.Transfers().Preview(bg, k.Op, "acme-okta", "other-okta", bridge.TransferScope{All: true})
	k.Fails(err, directory.NotFound, "")
}

func TestC14RefusedRecordsStay(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	okta := k.NewIdP(acme, "acme-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Bosses", Grants: directory.Owners}}
	})
	k.NewIdP(acme, "acme-entra")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann@acme.test"}).User
	k.NewGroup(okta, "Bosses", bridgetest.Add(ann.ID))
	plan, err := k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", bridge.TransferScope{All: true})
	k.OK(err)
	done, err := k.move(bridge.TransferScope{All: true}, plan.Digest)
	k.OK(err)
	if !done.Done || done.Transfer.Moved != 1 || len(done.Left) != 1 || done.Left[0].Name != "Bosses" {
		t.Errorf("the last Owner is by a mapped group: %+v", done)
	}
	all, err := k.Transfers().List(bg, k.Op, "acme-entra")
	k.OK(err)
	if len(all) != 1 || all[0].Transfer.From != "acme-okta" {
		t.Errorf("the list is %+v", all)
	}
}

// TestC14KillAtEveryCommit kills the process at every commit of a transfer and of its undoing, before and after it. The job of another
// process goes on, and the result is that of a run without a kill.
func TestC14KillAtEveryCommit(t *testing.T) {
	t.Parallel()
	scope := bridge.TransferScope{All: true}
	var moved []string
	for name, undo := range map[string]bool{"transfer": false, "undo": true} {
		commits := -1
		for n := 0; n != commits; n++ {
			for _, after := range []bool{false, true} {
				k := start(t)
				acme, _, _, _, _, _ := twoProviders(k)
				before := k.managed(acme)
				k.Clock.Advance(time.Minute)
				plan, err := k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", scope)
				k.OK(err)
				life := &storetest.Life{}
				dying, _ := k.Process(life)
				began := func(b *bridge.Service) (bridge.TransferResult, error) {
					return b.Transfers().Start(bg, k.Op, bridge.TransferOrder{From: "acme-okta", To: "acme-entra", Scope: scope, Digest: plan.Digest}, time.Hour)
				}
				want := before
				if undo {
					done, err := began(k.Bridge)
					k.OK(err)
					life.EndAt(storetest.End{Commit: n, After: after})
					_, _ = dying.Bridge.Transfers().Undo(bg, k.Op, "acme-okta", done.Transfer.ID, time.Hour)
				} else {
					life.EndAt(storetest.End{Commit: n, After: after})
					_, _ = began(dying.Bridge)
				}
				if !life.Ended() {
					commits = n + 1
				}
				_, err = k.Transfers().Resume(bg, directory.JobPrincipal("transfer"), acme, directory.RunApply)
				k.OK(err)
				all, err := k.Transfers().List(bg, k.Op, "acme-okta")
				k.OK(err)
				switch {
				case undo && all[0].Transfer.Phase == directory.TransferMoved: // killed before it began
					_, err = k.Transfers().Undo(bg, k.Op, "acme-okta", all[0].Transfer.ID, time.Hour)
					k.OK(err)
				case !undo && len(all) == 0:
					_, err = began(k.Bridge)
					k.OK(err)
				}
				if !undo {
					if moved == nil {
						moved = k.managed(acme)
					}
					want = moved
				}
				if got := k.managed(acme); !slices.Equal(got, want) {
					t.Fatalf("%s, killed at commit %d:\n%s\nwant:\n%s", name, n, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		}
		t.Logf("%s: killed at %d commits", name, commits-1)
	}
}

// TestC14RandomTransfers plays random writes of two identity providers and random transfers. A complete transfer moves exactly what its
// preview counted; undone at once, everything is managed as before.
func TestC14RandomTransfers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		k := start(t)
		acme, okta, entra, ann, ben, sales := twoProviders(k)
		ids := []directory.ID{ann.ID, ben.ID}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			k.Clock.Advance(time.Minute)
			p, to := okta, entra
			if rapid.Bool().Draw(rt, "entra") {
				p, to = entra, okta
			}
			switch rapid.SampledFrom([]string{"create", "active", "title", "delete", "transfer", "transfer"}).Draw(rt, "step") {
			case "create":
				if out, err := k.CreateUser(bg, p, bridgetest.Person{Name: fmt.Sprintf("u%d@acme.test", len(ids)), External: fmt.Sprint("x", len(ids))}.Draft); err == nil {
					ids = append(ids, out.User.ID)
				}
			case "active":
				_, _ = k.EditUser(bg, p, rapid.SampledFrom(ids).Draw(rt, "user"), directory.Precondition{}, bridgetest.SetActive(rapid.Bool().Draw(rt, "active")))
			case "title":
				_, _ = k.EditUser(bg, p, rapid.SampledFrom(ids).Draw(rt, "user"), directory.Precondition{}, bridgetest.SetTitle("Boss"))
			case "delete":
				_ = k.DeleteUser(bg, p, rapid.SampledFrom(ids).Draw(rt, "user"), directory.Precondition{})
			case "transfer":
				scope := rapid.SampledFrom([]bridge.TransferScope{{All: true}, {Group: sales.ID}, {Users: []string{"ann@acme.test", ben.ID.String()}}}).Draw(rt, "scope")
				k.transfers(rt, acme, p.Connection.ID, to.Connection.ID, scope)
			}
		}
	})
}

func (k *kit) transfers(rt *rapid.T, acme directory.TenantID, from, to directory.ConnectionID, scope bridge.TransferScope) {
	before := k.managed(acme)
	plan, err := k.Transfers().Preview(bg, k.Op, from, to, scope)
	k.OK(err)
	done, err := k.Transfers().Start(bg, k.Op, bridge.TransferOrder{From: from, To: to, Scope: scope, Digest: plan.Digest}, time.Duration(rapid.IntRange(-1, 0).Draw(rt, "budget")))
	if plan.Users+plan.Groups == 0 {
		if directory.CodeOf(err) != directory.Conflict {
			rt.Fatalf("there is nothing to move, and it says %v", err)
		}
		return
	}
	k.OK(err)
	for !done.Done {
		done, err = k.Transfers().Continue(bg, k.Op, from, done.Transfer.ID, -1)
		k.OK(err)
	}
	if done.Transfer.Moved != plan.Users+plan.Groups || len(done.Left) > 0 {
		rt.Fatalf("previewed %d and %d, moved %+v", plan.Users, plan.Groups, done)
	}
	if !rapid.Bool().Draw(rt, "undo") {
		return
	}
	k.Clock.Advance(time.Minute)
	done, err = k.Transfers().Undo(bg, k.Op, from, done.Transfer.ID, time.Hour)
	k.OK(err)
	if got := k.managed(acme); !slices.Equal(got, before) {
		rt.Fatalf("after the undoing:\n%s\nbefore:\n%s", strings.Join(got, "\n"), strings.Join(before, "\n"))
	}
}

// The preview names what does not move, with the reason. A custom resource stays, and so does a user whom the identity provider deleted.
func TestC14PreviewNamesWhatStays(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, okta, entra, ann, _, _ := twoProviders(k)
	_, err := k.EditSchemas(bg, k.Op, acme, bridge.SchemaEdit{Do: func([]directory.CustomSchema) ([]directory.CustomSchema, error) {
		return []directory.CustomSchema{{ResourceType: "Device", Endpoint: "/Devices", Definition: directory.Document(`{}`)}}, nil
	}})
	k.OK(err)
	_, err = k.CreateResource(bg, okta, "Device", device("s1"))
	k.OK(err)
	local := k.NewGroup(entra, "Mixed", bridgetest.Add(ann.ID))
	gone := k.NewUser(okta, bridgetest.Person{Name: "gone@acme.test", External: "o8"}).User
	k.OK(k.DeleteUser(bg, okta, gone.ID, directory.Precondition{}))

	plan, err := k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", bridge.TransferScope{All: true})
	k.OK(err)
	said := ""
	for _, s := range plan.Stays {
		said += s.Reason + "\n"
	}
	for _, want := range []string{"1 deleted user stays with connection \"acme-okta\"", "new user with another id (L5)", "1 custom resource stays with connection \"acme-okta\""} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in:\n%s", want, said)
		}
	}
	done, err := k.move(bridge.TransferScope{All: true}, plan.Digest)
	k.OK(err)
	if done.Transfer.Moved != 3 || done.Transfer.Left != 0 {
		t.Errorf("the transfer is %+v", done)
	}
	again := k.NewUser(entra, bridgetest.Person{Name: "gone@acme.test", External: "e8"}).User // as the preview says
	if again.ID == gone.ID {
		t.Error("the deleted user was restored by the other connection")
	}
	plan, err = k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", bridge.TransferScope{Group: local.ID})
	k.OK(err)
	if len(plan.Stays) != 2 || plan.Stays[1].What != policy.StayingGroups || plan.Users+plan.Groups != 0 {
		t.Errorf("the preview of a group of the other connection is %+v", plan)
	}
	_, err = k.move(bridge.TransferScope{Group: local.ID}, plan.Digest)
	k.Fails(err, directory.Conflict, "C14")
}

// A verb that would break an open transfer is refused with a sentence that says what to do. After the transfer it works.
func TestC14OpenTransferRefusesConflictingVerbs(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, _, _, _, _, _ := twoProviders(k)
	k.NewIdP(acme, "acme-third")
	begun := k.begun()
	preview, err := k.Disconnects().Preview(bg, k.Op, "acme-entra", directory.Finalise, bridge.PeoplePage{})
	k.OK(err)
	tries := map[string]func() error{
		"disconnect": func() error {
			_, err := k.Disconnects().Disconnect(bg, k.Op, "acme-entra", bridge.DisconnectOrder{Mode: directory.Finalise, Digest: preview.Digest})
			return err
		},
		"map attributes": func() error {
			_, err := k.EditConnection(bg, k.Op, "acme-entra", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
				c.AttributeMapping = &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetUserType, Source: "title"}}}
				return c, nil
			})
			return err
		},
		"delete the tenant": func() error {
			preview, err := k.PreviewTenantDeletion(bg, k.Op, acme)
			k.OK(err)
			_, err = k.DeleteTenant(bg, k.Op, acme, bridge.DeletionOrder{Name: preview.Tenant.Name, Expect: preview.Digest, Reason: "test"})
			return err
		},
		"another transfer": func() error {
			scope := bridge.TransferScope{Users: []string{"eve@acme.test"}}
			plan, err := k.Transfers().Preview(bg, k.Op, "acme-entra", "acme-third", scope)
			k.OK(err)
			_, err = k.Transfers().Start(bg, k.Op, bridge.TransferOrder{From: "acme-entra", To: "acme-third", Scope: scope, Digest: plan.Digest}, time.Hour)
			return err
		},
	}
	for name, try := range tries {
		t.Run(name, func(t *testing.T) {
			err := try()
			k.Fails(err, directory.Conflict, "C14")
			for _, want := range []string{"drawbridge transfer continue acme-okta " + begun.Transfer.ID.String(), "drawbridge transfer undo acme-okta"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
	_, err = k.Transfers().Continue(bg, k.Op, "acme-entra", begun.Transfer.ID, time.Hour)
	no := k.Fails(err, directory.NotFound, "") // it is not from that connection, whose list has it
	if !strings.Contains(no.Message, `from connection "acme-okta" to "acme-entra"`) {
		t.Error(no.Message)
	}
	for done := begun; !done.Done; {
		done, err = k.Transfers().Continue(bg, k.Op, "acme-okta", begun.Transfer.ID, time.Hour)
		k.OK(err)
	}
	k.OK(tries["map attributes"]())
	k.OK(tries["another transfer"]())
}

// If another decision about a record commits first, the record is not moved, and the result says why.
func TestC14EarlierDecisionsWin(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewIdP(acme, "acme-entra")
	for i := range 101 {
		k.NewUser(okta, bridgetest.Person{Name: fmt.Sprintf("u%d@acme.test", i), External: fmt.Sprint("o", i)})
	}
	sales := k.NewGroup(okta, "Sales")
	begun := k.begun() // a hundred users
	if begun.Transfer.Moved != 100 || begun.Pending != 2 {
		t.Fatalf("after one piece, the transfer is %+v", begun)
	}
	last, err := k.FindUser(bg, k.Op, acme, "u100@acme.test")
	k.OK(err)
	k.OK(k.ReleaseManagement(bg, k.Op, acme, directory.UserKind, last))
	k.OK(k.DeleteGroup(bg, okta, sales.ID, directory.Precondition{}))
	done, err := k.Transfers().Continue(bg, k.Op, "acme-okta", begun.Transfer.ID, time.Hour)
	k.OK(err)
	if len(done.Left) != 2 || done.Transfer.Left != 2 || !strings.Contains(done.Left[0].Reason, "released from connection") || done.Left[1].Reason != "deleted meanwhile" {
		t.Errorf("the result is %+v", done)
	}
	first, err := k.FindUser(bg, k.Op, acme, "u0@acme.test")
	k.OK(err)
	k.OK(k.ReleaseManagement(bg, k.Op, acme, directory.UserKind, first))
	undone, err := k.Transfers().Undo(bg, k.Op, "acme-okta", begun.Transfer.ID, time.Hour)
	k.OK(err)
	if !undone.Done || undone.Transfer.Moved != 0 || len(undone.Left) != 1 || undone.Left[0].Name != "u0@acme.test" {
		t.Errorf("after the undoing: %+v", undone)
	}
}

// Neither a long list nor many users are moved in one transaction. The record of a transfer ends with the connection.
func TestC14MovesInSmallTransactions(t *testing.T) {
	t.Parallel()
	m := &measured{}
	k := start(t, func(c *bridgetest.Config) { m.Store, c.Store = c.Store, m })
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewIdP(acme, "acme-entra")
	k.CrowdOf(acme, okta.Connection.ID, 1700)
	plan, err := k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", bridge.TransferScope{All: true})
	k.OK(err)
	m.most = 0
	done, err := k.move(bridge.TransferScope{All: true}, plan.Digest)
	k.OK(err)
	if done.Transfer.Moved != 1700 {
		t.Errorf("the transfer is %+v", done)
	}
	preview, err := k.Disconnects().Preview(bg, k.Op, "acme-okta", directory.Finalise, bridge.PeoplePage{})
	k.OK(err)
	_, err = k.Disconnects().Disconnect(bg, k.Op, "acme-okta", bridge.DisconnectOrder{Mode: directory.Finalise, Digest: preview.Digest})
	k.OK(err)
	if m.most > 1001 {
		t.Errorf("one transaction wrote %d records", m.most)
	}
	k.OK(k.Store.View(bg, acme, nil, func(r store.Reader) error {
		for _, kind := range []directory.KVKind{directory.TransferKV, directory.MovedKV} {
			err := r.KVs(kind, "", "", func(m directory.KV) error { t.Errorf("%s %s was left behind", kind, m.Key); return nil })
			if err != nil {
				return err
			}
		}
		return nil
	}))
	all, err := k.Transfers().List(bg, k.Op, "acme-entra")
	k.OK(err)
	if len(all) != 0 {
		t.Errorf("the other connection lists %+v", all)
	}
}

func TestC14ExplanationNamesTheTransfer(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, _, _, ann, _, _ := twoProviders(k)
	plan, err := k.Transfers().Preview(bg, k.Op, "acme-okta", "acme-entra", bridge.TransferScope{All: true})
	k.OK(err)
	_, err = k.move(bridge.TransferScope{All: true}, plan.Digest)
	k.OK(err)
	why, err := k.WhyUser(bg, k.Op, acme, ann.ID)
	k.OK(err)
	if why.Won == nil || why.Won.Rule != "C14" || why.Won.Reason != `management moved from connection "acme-okta" to "acme-entra"` {
		t.Errorf("what won is %+v", why.Won)
	}
}

// between runs something right before a transaction.
type between struct {
	store.Store
	do func()
}

func (b *between) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
	return b.Store.Update(ctx, tenant, want, decide)
}

// Another process moves a piece, or completes the transfer, after this one has read and before it writes.
func TestC14AnotherProcessDoesAPiece(t *testing.T) {
	t.Parallel()
	b := &between{}
	k := start(t, func(c *bridgetest.Config) { b.Store, c.Store = c.Store, b })
	acme := k.NewTenant("acme", 0)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewIdP(acme, "acme-entra")
	k.NewUsers(okta, 150)
	begun := k.begun()
	id := begun.Transfer.ID
	both := func() bridge.TransferResult {
		for _, budget := range []time.Duration{-1, time.Hour} {
			b.do = func() {
				_, err := k.Transfers().Continue(bg, k.Op, "acme-okta", id, budget)
				k.OK(err)
			}
			_, err := k.Transfers().Continue(bg, k.Op, "acme-okta", id, -1)
			k.OK(err)
		}
		out, err := k.Transfers().Continue(bg, k.Op, "acme-okta", id, time.Hour)
		k.OK(err)
		return out
	}
	done := both()
	if done.Transfer.Moved != 150 || done.Pending != 0 || done.Transfer.Left != 0 || done.Transfer.Phase != directory.TransferMoved {
		t.Errorf("the transfer is %+v", done)
	}
	_, err := k.Transfers().Undo(bg, k.Op, "acme-okta", id, -1)
	k.OK(err)
	undone := both()
	if undone.Transfer.Moved != 0 || undone.Transfer.Kept != 0 || undone.Transfer.Phase != directory.TransferUndone {
		t.Errorf("the undone transfer is %+v", undone)
	}
}
