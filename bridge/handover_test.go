package bridge_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/bundle"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/store"
)

func signing(t testing.TB) (ed25519.PublicKey, func(*bridgetest.Config)) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return public, func(c *bridgetest.Config) { c.Signing, c.Software, c.Region = private, "drawbridge test", "eu" }
}

// company makes a tenant with records of every kind.
func (k *kit) company(tenant string) directory.TenantID {
	k.T.Helper()
	acme := k.NewTenant(tenant, 0, func(o *directory.Overrides) { mode := directory.BrakeHold; o.Brake = &mode })
	_, err := k.EditTenant(bg, k.Op, acme, directory.Precondition{}, func(t directory.Tenant) (directory.Tenant, error) {
		t.DataRegion = "eu"
		return t, nil
	})
	k.OK(err)
	okta := k.NewIdP(acme, tenant+"-okta", func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "Admins", Grants: directory.Administrators}}
	})
	ids := k.staff(okta, 20)
	k.NewGroup(okta, "Admins", bridgetest.Add(ids[:3]...))
	k.NewGroup(okta, "Staff <&> é", bridgetest.Add(ids...))
	k.deactivate(okta, ids[10:18]) // some are held
	k.owner(acme, "boss@"+tenant+".example")
	gone := k.NewUser(pointed(k.Op, acme), bridgetest.Person{Name: "gone@acme.example"}).User.ID
	_, _, err = k.SuspendUser(bg, k.Op, acme, gone, bridge.SuspendOrder{Reason: "left <&> é"})
	k.OK(err)
	_, err = k.RequestDeletion(bg, k.Op, acme, gone, "left")
	k.OK(err)
	k.OK(k.RemoveUser(bg, k.Op, acme, gone, directory.Removal{}))
	k.Clock.Advance(48 * time.Hour)
	_, err = k.TakeSnapshots(bg, directory.JobPrincipal("snapshot"), acme, directory.RunApply)
	k.OK(err)
	return acme
}

// everything reads a tenant record by record, as texts that can be compared.
func (k *kit) everything(tenant directory.TenantID) map[string][]string {
	k.T.Helper()
	out := map[string][]string{}
	put := func(kind string, v any) {
		text, err := json.Marshal(v)
		k.OK(err)
		out[kind] = append(out[kind], string(text))
	}
	k.OK(k.Store.View(bg, tenant, nil, func(r store.Reader) error {
		_, err := r.Users(directory.Query{Count: math.MaxInt, Gone: true}, func(u *directory.User, _ []directory.GroupRef) error {
			put("users", u)
			of, err := r.MembershipsOf(u.ID)
			put("memberships", of)
			return err
		})
		k.OK(err)
		_, err = r.Groups(directory.Query{Count: math.MaxInt, BuiltIn: true, Members: true}, func(g *directory.Group, m []directory.Member) error {
			put("groups", g)
			put("members", m)
			return nil
		})
		k.OK(err)
		for _, kind := range []directory.KVKind{directory.SeatKV, directory.SeatPastKV, directory.SnapshotKV, directory.HeldKV, directory.BrakeKV} {
			k.OK(r.KVs(kind, "", "", func(m directory.KV) error { put("memos", m); return nil }))
		}
		stones, err := r.Tombstones(directory.ID{}, 1000)
		k.OK(err)
		put("tombstones", stones)
		requests, err := r.DeletionRequests()
		k.OK(err)
		put("requests", requests)
		connections, err := r.Connections()
		k.OK(err)
		for i := range connections {
			put("connections", connections[i])
		}
		usage, err := r.Usage()
		k.OK(err)
		put("usage", usage)
		for after := uint64(0); ; {
			told, _, err := r.Events(after, 500)
			k.OK(err)
			if len(told) == 0 {
				break
			}
			for i := range told {
				put("events", told[i])
			}
			after = told[len(told)-1].Seq
		}
		for after := uint64(0); ; {
			lines, _, err := r.Audit(after, 500)
			k.OK(err)
			if len(lines) == 0 {
				break
			}
			for i := range lines {
				put("audit", lines[i])
			}
			after = lines[len(lines)-1].Seq
		}
		return nil
	}))
	return out
}

func (k *kit) unlink(tenant directory.TenantID) []byte {
	k.T.Helper()
	got, err := k.Handovers().Unlink(bg, k.Op, tenant, "moved")
	k.OK(err)
	if got.Status != directory.TenantUnlinked {
		k.T.Fatalf("tenant %+v", got)
	}
	var b bytes.Buffer
	sum, err := k.Handovers().WriteBundle(bg, k.Op, tenant, &b)
	k.OK(err)
	var again bytes.Buffer
	same, err := k.Handovers().WriteBundle(bg, k.Op, tenant, &again)
	k.OK(err)
	if sum != same || !bytes.Equal(b.Bytes(), again.Bytes()) {
		k.T.Error("the bundle of a tenant in which nothing changes is another one the second time")
	}
	return b.Bytes()
}

func TestT6HandedOverTenantIsTheSame(t *testing.T) {
	t.Parallel()
	key, sign := signing(t)
	there := start(t, sign)
	acme := there.company("acme")
	text := there.unlink(acme)
	want := there.everything(acme)

	_, own := signing(t)
	here := start(t, own)
	_, err := here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{})
	here.Fails(err, directory.Refused, "T2")
	trust := []string{bundle.PublicKey(key)}
	looked, err := here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{Trust: trust, Dry: true})
	here.OK(err)
	if looked.Done || looked.Tenant != "acme" || looked.Manifest.Lines[bundle.Users] != 21 || looked.Seats.Members == 0 {
		t.Errorf("looked %+v", looked)
	}
	_, err = here.Tenant(bg, "acme")
	here.Fails(err, directory.NotFound, "")
	done, err := here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{Trust: trust})
	here.OK(err)
	if !done.Done || !slices.Equal(done.Connections, []directory.ConnectionID{"acme-okta"}) {
		t.Errorf("linked %+v", done)
	}
	got := here.everything("acme")
	got["audit"], got["events"] = got["audit"][:len(got["audit"])-1], got["events"][:len(got["events"])-1] // tenant.link
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records differ (-there +here):\n%s", diff)
	}
	report, err := here.VerifyAudit(bg, here.Op, "acme", nil)
	here.OK(err)
	if report.Broken != 0 || report.Chain.Checked != uint64(len(want["audit"]))+1 {
		t.Errorf("audit %+v", report)
	}
	checked, ok := here.Store.(interface {
		Check(ctx context.Context) ([]string, error)
	})
	if !ok {
		t.Fatal("the store cannot be checked")
	}
	findings, err := checked.Check(bg)
	here.OK(err)
	if len(findings) > 0 {
		t.Errorf("check: %v", findings)
	}
	// The imported tenant works: with a new credential the identity provider continues with the people that it knows.
	secret, err := here.RotateToken(bg, here.Op, "acme-okta", bridge.TokenOptions{})
	here.OK(err)
	okta, err := here.Authenticate(bg, "acme-okta", bridge.Credential{Secret: secret.Text}, credential.Client{})
	here.OK(err)
	if out := here.NewUser(pointed(okta, "acme"), bridgetest.Person{Name: "new@acme.example"}); out.User.Connection != "acme-okta" {
		t.Errorf("user %+v", out.User)
	}
	// Not twice, not under another name, not where it came from.
	_, err = here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{Trust: trust})
	if e := here.Fails(err, directory.Conflict, ""); e.Field != "connection" {
		t.Errorf("%+v", e)
	}
	_, err = there.Handovers().LinkTenant(bg, there.Op, bytes.NewReader(text), bridge.LinkOptions{Slug: "acme2"})
	there.Fails(err, directory.Conflict, "")
}

func TestT2RegionMustBeTheSameAndNameAndPlanMayDiffer(t *testing.T) {
	t.Parallel()
	key, sign := signing(t)
	there := start(t, sign)
	text := there.unlink(there.company("acme"))
	trust := []string{bundle.PublicKey(key)}
	other := start(t, sign, func(c *bridgetest.Config) { c.Region = "us" })
	_, err := other.Handovers().LinkTenant(bg, other.Op, bytes.NewReader(text), bridge.LinkOptions{Trust: trust})
	other.Fails(err, directory.Conflict, "T2")
	here := start(t, sign)
	here.Clock.SkipIDs(1 << 20)
	here.NewTenant("acme", 0)
	_, err = here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{Trust: trust})
	if e := here.Fails(err, directory.Conflict, ""); e.Field != "slug" {
		t.Errorf("%+v", e)
	}
	_, err = here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{Trust: trust, Slug: "acme-2", Plan: "gold"})
	here.Fails(err, directory.Invalid, "")
	_, err = here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{Trust: trust, Slug: "acme-2", Plan: "starter"})
	here.Fails(err, directory.Refused, "B8")
	done, err := here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{Trust: trust, Slug: "acme-2"})
	here.OK(err)
	report, err := here.VerifyAudit(bg, here.Op, done.Tenant, nil)
	here.OK(err)
	if report.Broken != 0 {
		t.Errorf("under another name the trail does not verify: %+v", report)
	}
	requests, err := here.DeletionRequests(bg, here.Op, "acme-2")
	here.OK(err)
	if len(requests) != 1 {
		t.Errorf("requests %+v", requests)
	}
	_, err = here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{Trust: trust, Slug: "acme-3"})
	here.Fails(err, directory.Conflict, "")
}

func TestT6HandoverNeedsAnActiveOwner(t *testing.T) {
	t.Parallel()
	_, sign := signing(t)
	k := start(t, sign)
	acme := k.NewTenant("acme", 0)
	_, err := k.Handovers().Unlink(bg, k.Op, acme, "")
	if e := k.Fails(err, directory.Refused, "T6"); !strings.Contains(e.Message, "no active Owner") {
		t.Error(e.Message)
	}
	_, _, err = k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "O", LastName: "P", Email: "olga@msp.example", Role: directory.RoleOwner, Scope: directory.Scope{All: true}})
	k.OK(err)
	k.owner(acme, "OLGA@msp.example")
	_, err = k.Handovers().Unlink(bg, k.Op, acme, "")
	if e := k.Fails(err, directory.Refused, "T6"); !strings.Contains(e.Message, "operators of this installation") {
		t.Error(e.Message)
	}
	k.owner(acme, "boss@acme.example")
	_, err = k.Handovers().Unlink(bg, k.Op, acme, "")
	k.OK(err)
}

func TestT6HandedOverTenantIsFrozenAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	_, sign := signing(t)
	k := start(t, sign)
	acme := k.company("acme")
	v, _, err := k.CreateOperator(bg, k.Op, operators.Draft{
		FirstName: "T", LastName: "E", Email: "tech@msp.example", Role: directory.RoleTechnician, Scope: directory.Scope{Tenants: []directory.TenantID{acme}},
	})
	k.OK(err)
	_, err = k.Support().Enter(bg, k.Op, acme, "", 0)
	k.OK(err)
	_, err = k.Handovers().WriteBundle(bg, k.Op, acme, &bytes.Buffer{})
	k.Fails(err, directory.Conflict, "T6")
	k.unlink(acme)
	scope := func() string {
		all, err := k.Operators(bg, k.Op)
		k.OK(err)
		for _, o := range all.Operators {
			if o.Operator.ID == v.Operator.ID {
				return fmt.Sprint(o.Operator.Scope.Tenants)
			}
		}
		return "nobody"
	}
	if got := scope(); got != "[]" {
		t.Errorf("scope %s", got)
	}
	inside, err := k.Support().Sessions(bg, k.Op, acme)
	k.OK(err)
	if len(inside) != 0 {
		t.Errorf("inside %v", inside)
	}
	_, err = k.CreateUser(bg, pointed(k.Op, acme), bridgetest.Person{Name: "late@acme.example"}.Draft)
	k.Fails(err, directory.Conflict, "T6")
	_, err = k.RotateToken(bg, k.Op, "acme-okta", bridge.TokenOptions{})
	k.Fails(err, directory.Conflict, "T6")
	_, err = k.Trim(bg, directory.JobPrincipal("trim"), acme, directory.RunApply)
	k.OK(err)
	k.Clock.Advance(200 * 24 * time.Hour)
	due, err := k.Handovers().ContinueHandovers(bg, directory.JobPrincipal("handover"), directory.RunApply)
	k.OK(err)
	if len(due) != 0 {
		t.Errorf("data is deleted although its bundle was not confirmed: %v", due)
	}
	back, err := k.Handovers().TakeBack(bg, k.Op, acme, "a mistake")
	k.OK(err)
	if back.Status != directory.TenantActive || scope() != "[acme]" {
		t.Errorf("tenant %+v, scope %s", back, scope())
	}
	k.NewUser(pointed(k.Op, acme), bridgetest.Person{Name: "late@acme.example"})
	_, err = k.Handovers().TakeBack(bg, k.Op, acme, "")
	k.Fails(err, directory.Conflict, "T6")
}

func TestT6DataIsErasedAfterTheGrace(t *testing.T) {
	t.Parallel()
	_, sign := signing(t)
	k := start(t, sign)
	acme := k.company("acme")
	text := k.unlink(acme)
	m, sum, err := bundle.Read(bytes.NewReader(text), nil, nil)
	k.Fails(err, directory.Refused, "T2")
	_ = sum
	key, err := bundle.ParsePublicKey(m.Key)
	k.OK(err)
	_, sum, err = bundle.Read(bytes.NewReader(text), []ed25519.PublicKey{key}, nil)
	k.OK(err)
	_, err = k.Handovers().ConfirmBundle(bg, k.Op, acme, directory.Hash{1})
	k.Fails(err, directory.Conflict, "T6")
	state, err := k.Handovers().ConfirmBundle(bg, k.Op, acme, sum)
	k.OK(err)
	if state.Receipt == nil || state.Receipt.Manifest != sum {
		t.Errorf("state %+v", state)
	}
	due, err := k.Handovers().ContinueHandovers(bg, directory.JobPrincipal("handover"), directory.RunApply)
	k.OK(err)
	if len(due) != 0 {
		t.Errorf("within the grace time: %v", due)
	}
	k.Clock.Advance(31 * 24 * time.Hour)
	if due, err = k.Handovers().ContinueHandovers(bg, directory.JobPrincipal("handover"), directory.RunDry); err != nil || len(due) != 1 {
		t.Errorf("dry: %v %v", due, err)
	}
	due, err = k.Handovers().ContinueHandovers(bg, directory.JobPrincipal("handover"), directory.RunApply)
	k.OK(err)
	if len(due) != 1 {
		t.Errorf("done %v", due)
	}
	left := k.everything(acme)
	if len(left["users"])+len(left["groups"])+len(left["memos"])+len(left["connections"]) != 0 || len(left["audit"]) != 1 {
		t.Errorf("left %v", left)
	}
	_, err = k.Handovers().TakeBack(bg, k.Op, acme, "")
	k.Fails(err, directory.Conflict, "T6")
	_, err = k.CreateTenant(bg, k.Op, bridge.TenantDraft{ID: acme, Name: "Acme", Plan: "business"})
	k.Fails(err, directory.Conflict, "")
	all, err := k.All.Tenants(bg, k.Op)
	k.OK(err)
	if len(all) != 0 {
		t.Errorf("tenants %v", all)
	}
	_, err = k.Handovers().LinkTenant(bg, k.Op, bytes.NewReader(text), bridge.LinkOptions{})
	if e := k.Fails(err, directory.Conflict, ""); e.Field != "slug" {
		t.Errorf("%+v", e)
	}
	_, err = k.Handovers().LinkTenant(bg, k.Op, bytes.NewReader(text), bridge.LinkOptions{Slug: "acme-again"})
	k.OK(err)
}

// cutStage fails a staged write, as a process does that was killed.
type cutStage struct {
	store.Store
	left *int
}

type cutting struct {
	store.Stage
	left *int
}

var errCut = errors.New("the process is gone")

func (s cutStage) Stage(ctx context.Context, tenant directory.TenantID) (store.Stage, error) {
	g, err := s.Store.Stage(ctx, tenant)
	return cutting{g, s.left}, err
}

func (s cutStage) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	if !spend(s.left) {
		return errCut
	}
	return s.Store.Update(ctx, tenant, want, decide)
}

func spend(left *int) bool {
	if *left == 0 {
		return false
	}
	*left--
	return true
}

func (c cutting) Put(ctx context.Context, change directory.Change) error {
	if !spend(c.left) {
		return errCut
	}
	return c.Stage.Put(ctx, change)
}

func (c cutting) Publish(ctx context.Context, decide func(store.Reader) (directory.Change, error)) error {
	if !spend(c.left) {
		return errCut
	}
	return c.Stage.Publish(ctx, decide)
}

func TestT2InterruptedImportLeavesNothing(t *testing.T) {
	t.Parallel()
	_, sign := signing(t)
	there := start(t, sign)
	text := there.unlink(there.company("acme"))
	left := -1
	here := start(t, sign, func(c *bridgetest.Config) { c.Store = cutStage{c.Store, &left} })
	for writes := 0; ; writes++ {
		left = writes
		_, err := here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{})
		left = -1
		if err == nil {
			if writes < 4 {
				t.Fatalf("%d writes", writes)
			}
			return
		}
		all, err := here.All.Tenants(bg, here.Op)
		here.OK(err)
		if len(all) != 0 {
			t.Fatalf("after %d writes: %v", writes, all)
		}
	}
}

// meanwhile does something before each Publish.
type meanwhile struct {
	store.Store
	do *func()
}

func (s meanwhile) Stage(ctx context.Context, tenant directory.TenantID) (store.Stage, error) {
	stage, err := s.Store.Stage(ctx, tenant)
	return publishing{stage, s.do}, err
}

type publishing struct {
	store.Stage
	do *func()
}

func (p publishing) Publish(ctx context.Context, decide store.Decide) error {
	if do := *p.do; do != nil {
		*p.do = nil
		do()
	}
	return p.Stage.Publish(ctx, decide)
}

// Concurrent requests import a tenant without connections under two slugs. One wins, and no id exists twice.
func TestT2ConcurrentImportsOfATenantHaveOneWinner(t *testing.T) {
	t.Parallel()
	key, sign := signing(t)
	there := start(t, sign)
	acme := there.NewTenant("acme", 0)
	there.owner(acme, "boss@acme.example")
	text := there.unlink(acme)

	_, own := signing(t)
	var do func()
	here := start(t, own, func(c *bridgetest.Config) { c.Store = meanwhile{c.Store, &do} })
	link := func(slug directory.TenantID) error {
		_, err := here.Handovers().LinkTenant(bg, here.Op, bytes.NewReader(text), bridge.LinkOptions{Trust: []string{bundle.PublicKey(key)}, Slug: slug})
		return err
	}
	do = func() { here.OK(link("second")) }
	here.Fails(link("first"), directory.Conflict, "T2")
	here.Fails(link("first"), directory.Conflict, "T2")
	all, err := here.All.Tenants(bg, here.Op)
	here.OK(err)
	if len(all) != 1 || all[0].Tenant.ID != "second" {
		t.Errorf("%+v", all)
	}
}

func TestT6HandoverResumesAfterACrash(t *testing.T) {
	t.Parallel()
	_, sign := signing(t)
	for writes := 1; ; writes++ {
		left := -1
		k := start(t, sign, func(c *bridgetest.Config) { c.Store = cutStage{c.Store, &left} })
		acme := k.company("acme")
		for i := range 2 {
			_, _, err := k.CreateOperator(bg, k.Op, operators.Draft{
				FirstName: "T", LastName: "E", Email: fmt.Sprintf("tech%d@msp.example", i), Role: directory.RoleTechnician, Scope: directory.Scope{Tenants: []directory.TenantID{acme}},
			})
			k.OK(err)
		}
		left = writes
		_, err := k.Handovers().Unlink(bg, k.Op, acme, "")
		left = -1
		if err == nil {
			if writes < 4 {
				t.Fatalf("%d writes", writes)
			}
			return
		}
		_, err = k.CreateUser(bg, pointed(k.Op, acme), bridgetest.Person{Name: "late@acme.example"}.Draft)
		k.Fails(err, directory.Conflict, "T6")
		_, err = k.Handovers().ContinueHandovers(bg, directory.JobPrincipal("handover"), directory.RunApply)
		k.OK(err)
		got, err := k.Tenant(bg, acme)
		k.OK(err)
		all, err := k.Operators(bg, k.Op)
		k.OK(err)
		for _, o := range all.Operators {
			if len(o.Operator.Scope.Tenants) != 0 {
				t.Errorf("after %d writes: scope %v", writes, o.Operator.Scope)
			}
		}
		if got.Status != directory.TenantUnlinked {
			t.Errorf("after %d writes: %s", writes, got.Status)
		}
	}
}
