package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// TestInvariants plays random requests of two connections and an operator against one tenant, and checks the invariants after
// each: a tenant that had an active Owner keeps one (G3), seats never exceed the limit (B2), events
// and audit lines have no gap and every change of the feed has its line (E1, E2), mapped groups grant what they say (G4),
// guests are in no more groups than allowed (B4), and counts are right.
func TestInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(t, rt)
		rt.Repeat(map[string]func(*rapid.T){
			"create":   m.create,
			"edit":     m.edit,
			"delete":   m.delete,
			"operator": m.operator,
			"group":    m.group,
			"members":  m.members,
			"mapping":  m.mapping,
			"accept":   m.accept,
			"":         m.check,
		})
	})
}

type model struct {
	k        *kit
	tenant   directory.TenantID
	idps     []directory.Principal
	users    []directory.ID
	groups   []directory.ID
	hadOwner bool
	lines    uint64
	events   uint64
	post     *bridgetest.Postman
	hand     int // people made by hand
}

const modelSeats = 6

func newModel(t *testing.T, rt *rapid.T) *model {
	post := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(post))
	onboarding := rapid.SampledFrom([]directory.Onboarding{directory.OnboardDirect, directory.OnboardInvite}).Draw(rt, "onboarding")
	del := rapid.SampledFrom([]directory.OnDelete{directory.OnDeleteSuspend, directory.OnDeleteRemove}).Draw(rt, "on_delete")
	included := 1
	m := &model{k: k, tenant: k.NewTenant("acme", modelSeats, func(o *directory.Overrides) {
		o.OnDelete, o.IncludedGuests, o.Onboarding = &del, &included, &onboarding
	}), post: post}
	mapped := func(d *bridge.ConnectionDraft) {
		d.Mappings = []directory.GroupMapping{{DisplayName: "g0", Grants: directory.Owners}, {DisplayName: "g1", Guest: true}}
	}
	m.idps = []directory.Principal{k.NewIdP(m.tenant, "okta", mapped), k.NewIdP(m.tenant, "entra")}
	return m
}

// allowed checks that an error is one that a rule or the input explains.
func (m *model) allowed(t *rapid.T, err error) {
	switch directory.CodeOf(err) {
	case "", directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid:
	case directory.Throttled: // an invitation too many
	default:
		t.Fatalf("unexpected error: %v", err)
	}
}

func (m *model) idp(t *rapid.T) directory.Principal { return rapid.SampledFrom(m.idps).Draw(t, "idp") }

func (m *model) person(t *rapid.T) bridgetest.Person {
	return bridgetest.Person{
		Name: fmt.Sprintf("u%d@acme.example", rapid.IntRange(0, 9).Draw(t, "name")), External: rapid.SampledFrom([]string{"", "e1", "e2", "e3"}).Draw(t, "external"),
		Title: rapid.SampledFrom([]string{"", "x"}).Draw(t, "title"), UserType: rapid.SampledFrom([]string{"", "", "guest"}).Draw(t, "userType"),
		Active: rapid.SampledFrom([]*bool{nil, bridgetest.Yes(), bridgetest.No()}).Draw(t, "active"),
	}
}

func (m *model) user(t *rapid.T) directory.ID {
	if len(m.users) == 0 {
		t.Skip()
	}
	return rapid.SampledFrom(m.users).Draw(t, "user")
}

func (m *model) create(t *rapid.T) {
	out, err := m.k.CreateUser(bg, m.idp(t), m.person(t).Draft)
	m.allowed(t, err)
	if err == nil && !slices.Contains(m.users, out.User.ID) {
		m.users = append(m.users, out.User.ID)
	}
}

func (m *model) edit(t *rapid.T) {
	edit := m.person(t).Draft
	if rapid.Bool().Draw(t, "only active") {
		edit = bridgetest.SetActive(rapid.Bool().Draw(t, "active"))
	}
	p, id := m.idp(t), m.user(t)
	out, err := m.k.EditUser(bg, p, id, directory.Precondition{}, edit)
	m.allowed(t, err)
	if err != nil {
		return
	}
	again, err := m.k.EditUser(bg, p, id, directory.Precondition{}, edit)
	if err != nil || again.Effect != bridge.Unchanged || again.User.Version != out.User.Version {
		t.Fatalf("the same edit again: %s %v", again.Effect, err)
	}
}

func (m *model) delete(t *rapid.T) {
	m.allowed(t, m.k.DeleteUser(bg, m.idp(t), m.user(t), directory.Precondition{}))
}

func (m *model) operator(t *rapid.T) {
	id := m.user(t)
	var err error
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 6:
		_, err = m.k.ConfirmUser(bg, m.k.Op, m.tenant, id)
	case 7:
		_, err = m.k.Invitations().Resend(bg, m.k.Op, m.tenant, id)
	case 8:
		_, err = m.k.Invitations().Revoke(bg, m.k.Op, m.tenant, id)
	case 9:
		err = m.byHand()
	case 0:
		_, _, err = m.k.SuspendUser(bg, m.k.Op, m.tenant, id, bridge.SuspendOrder{Mode: rapid.SampledFrom([]directory.SuspensionMode{"", directory.Hold}).Draw(t, "mode")})
	case 1:
		_, err = m.k.ReleaseUser(bg, m.k.Op, m.tenant, id)
	case 2:
		err = m.k.RemoveUser(bg, m.k.Op, m.tenant, id, directory.Removal{Force: rapid.Bool().Draw(t, "force"), Reason: "test"})
	case 3:
		err = m.k.JoinBuiltIn(bg, m.k.Op, m.tenant, directory.Owners, id)
	case 4:
		err = m.k.LeaveBuiltIn(bg, m.k.Op, m.tenant, directory.Owners, id)
	case 5:
		err = m.k.ReleaseManagement(bg, m.k.Op, m.tenant, directory.UserKind, id)
	}
	m.allowed(t, err)
}

// byHand creates a user by hand, who is invited if the tenant invites.
func (m *model) byHand() error {
	m.hand++
	out, err := m.k.AddUser(bg, m.k.Op, m.tenant, bridge.UserForm{UserName: fmt.Sprintf("hand%d@acme.example", m.hand)}, "")
	if err == nil {
		m.users = append(m.users, out.User.ID)
	}
	return err
}

// accept uses a link that was sent, whichever it is and whether or not it still works.
func (m *model) accept(t *rapid.T) {
	if _, _, err := m.k.DeliverMails(bg); err != nil {
		t.Fatal(err)
	}
	if len(m.post.Sent) == 0 {
		t.Skip()
	}
	sent := rapid.SampledFrom(m.post.Sent).Draw(t, "mail")
	a, err := sent.Data.Attributes()
	if err != nil {
		t.Fatal(err)
	}
	text := a.String("link")
	_, err = m.k.Invitations().Use(bg, m.tenant, text[strings.LastIndexByte(text, '/')+1:], credential.Client{Address: "192.0.2.7"})
	if directory.CodeOf(err) == directory.Throttled { // many that do not work: a minute later
		m.k.Clock.Advance(time.Minute)
		return
	}
	m.allowed(t, err)
}

func (m *model) group(t *rapid.T) {
	name := fmt.Sprintf("g%d", rapid.IntRange(0, 3).Draw(t, "name"))
	p := m.idp(t)
	if len(m.groups) > 0 && rapid.Bool().Draw(t, "existing") {
		id := rapid.SampledFrom(m.groups).Draw(t, "group")
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 0:
			m.allowed(t, m.k.DeleteGroup(bg, p, id, directory.Precondition{}))
		case 1:
			m.allowed(t, m.k.ReleaseManagement(bg, m.k.Op, m.tenant, directory.GroupKind, id))
		case 2:
			_, err := m.k.EditGroup(bg, p, id, directory.Precondition{}, bridgetest.Team(name))
			m.allowed(t, err)
		}
		return
	}
	out, err := m.k.CreateGroup(bg, p, bridgetest.Team(name, bridgetest.Add(m.some(t)...)))
	m.allowed(t, err)
	if err == nil {
		m.groups = append(m.groups, out.Group.ID)
	}
}

func (m *model) some(t *rapid.T) []directory.ID {
	all := append(slices.Clone(m.users), m.groups...)
	if len(all) == 0 {
		return nil
	}
	return rapid.SliceOfN(rapid.SampledFrom(all), 0, 3).Draw(t, "members")
}

func (m *model) members(t *rapid.T) {
	if len(m.groups) == 0 {
		t.Skip()
	}
	id := rapid.SampledFrom(m.groups).Draw(t, "group")
	var all []directory.MemberEdit
	for range rapid.IntRange(1, 3).Draw(t, "steps") {
		op := rapid.SampledFrom([]directory.MemberOp{directory.AddMembers, directory.RemoveMembers, directory.ReplaceMembers}).Draw(t, "op")
		all = append(all, bridgetest.Step(op, m.some(t)...))
	}
	p := m.idp(t)
	_, err := m.k.EditGroup(bg, p, id, directory.Precondition{}, bridgetest.Steps(all...))
	m.allowed(t, err)
}

func (m *model) mapping(t *rapid.T) {
	var mappings []directory.GroupMapping
	for i := range 3 {
		switch rapid.IntRange(0, 3).Draw(t, "grants") {
		case 0:
			mappings = append(mappings, directory.GroupMapping{DisplayName: fmt.Sprintf("g%d", i), Grants: directory.Owners})
		case 1:
			mappings = append(mappings, directory.GroupMapping{DisplayName: fmt.Sprintf("g%d", i), Guest: true})
		}
	}
	_, err := m.k.EditConnection(bg, m.k.Op, m.idp(t).Connection.ID, directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Mappings = mappings
		return c, nil
	})
	m.allowed(t, err)
}

func (m *model) check(t *rapid.T) {
	m.k.Clock.Advance(time.Second)
	events := m.k.EventsOf(m.tenant, m.events)
	lines, _, err := m.k.AuditLines(bg, m.k.Op, m.tenant, m.lines, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) > 0 && len(lines) == 0 {
		t.Fatal("events without an audit line")
	}
	for _, e := range events {
		if m.events++; e.Seq != m.events {
			t.Fatalf("event %d after %d", e.Seq, m.events-1)
		}
	}
	for _, l := range lines {
		if m.lines++; l.Seq != m.lines {
			t.Fatalf("line %d after %d", l.Seq, m.lines-1)
		}
	}
	err = m.k.Store.View(bg, m.tenant, nil, func(r store.Reader) error { return m.checkStore(t, r) })
	if err != nil {
		t.Fatal(err)
	}
}

func (m *model) checkStore(t *rapid.T, r store.Reader) error {
	usage, err := r.Usage()
	if err != nil {
		return err
	}
	if n := policy.Count(usage, 1); n.Occupied > modelSeats {
		t.Fatalf("%d seats are occupied", n.Occupied)
	}
	mappings := map[directory.ConnectionID][]directory.GroupMapping{}
	connections, err := r.Connections()
	if err != nil {
		return err
	}
	for _, c := range connections {
		mappings[c.ID] = c.Mappings
	}
	owners, err := r.BuiltIn(directory.Owners)
	if err != nil {
		return err
	}
	owns := map[directory.Membership]bool{} // without Display
	owner := false
	err = r.Members(owners.ID, directory.ID{}, func(s directory.Membership) error {
		s.Member.Display = ""
		owns[s] = true
		if u, err := r.User(s.Member.ID); err == nil && policy.CanOwn(&u) {
			owner = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	if m.hadOwner && !owner {
		t.Fatal("the tenant has lost its last Owner")
	}
	m.hadOwner = owner
	granted := 0
	for _, id := range m.users {
		n, err := m.checkUser(t, r, id, grants{mappings: mappings, owners: owners.ID, owns: owns})
		if err != nil {
			return err
		}
		granted += n
	}
	for s := range owns {
		if !s.Source.IsZero() {
			granted--
		}
	}
	if granted != 0 {
		t.Fatal("Owners are granted by groups in which they are not")
	}
	return nil
}

// grants is what a tenant grants by groups: its mappings, and who is in Owners.
type grants struct {
	mappings map[directory.ConnectionID][]directory.GroupMapping
	owners   directory.ID
	owns     map[directory.Membership]bool // without Display
}

// checkUser checks the state, the type and the groups of a user, and returns by how many groups the user is in Owners.
func (m *model) checkUser(t *rapid.T, r store.Reader, id directory.ID, by grants) (granted int, err error) {
	u, err := r.User(id)
	if err := m.checkOnboarding(t, r, id); err != nil {
		return 0, err
	}
	if directory.CodeOf(err) == directory.NotFound {
		return 0, nil
	}
	of, err := r.MembershipsOf(id)
	if err != nil {
		return 0, err
	}
	if u.Gone() && len(of) > 0 {
		t.Fatalf("%s is gone and in %d groups", u.UserName, len(of))
	}
	guest, groups := false, 0
	for _, s := range of {
		g, err := r.Group(s.Group)
		if err != nil {
			return 0, err
		}
		if g.BuiltIn != "" {
			continue
		}
		groups++
		grant := policy.Grants(by.mappings[g.Connection], g.DisplayName, g.ExternalID)
		guest = guest || grant.Guest
		has := by.owns[directory.Membership{Group: by.owners, Member: directory.Member{ID: id, Kind: directory.UserKind}, Source: g.ID}]
		if has != slices.Contains(grant.BuiltIns, directory.Owners) {
			t.Fatalf("%s is in %s, and by it in Owners: %v", u.UserName, g.DisplayName, has)
		}
		if has {
			granted++
		}
	}
	userType, _ := u.Document.Value("userType").(string)
	if !u.Gone() && (u.Type == directory.Guest) != (guest || userType == "guest") {
		t.Fatalf("%s is a %s, mapped %v, userType %q", u.UserName, u.Type, guest, userType)
	}
	if u.Type == directory.Guest && u.State != directory.Suspended && groups > 1 { // a suspended guest is judged on coming back
		t.Fatalf("the guest %s is in %d groups", u.UserName, groups)
	}
	return granted, nil
}

// checkOnboarding checks that the onboarding record fits the user: an invited or waiting user has one, an active or removed user has
// none, and no user who has not accepted is charged (L1, L2, B6).
func (m *model) checkOnboarding(t *rapid.T, r store.Reader, id directory.ID) error {
	_, err := r.KV(directory.InvitationKV, id.String())
	known := err == nil
	if err != nil && directory.CodeOf(err) != directory.NotFound {
		return err
	}
	_, err = r.KV(directory.SeatKV, id.String())
	charged := err == nil
	u, err := r.User(id)
	switch {
	case directory.CodeOf(err) == directory.NotFound:
		if known || charged {
			t.Fatalf("%s is deleted, invited: %v, charged: %v", id, known, charged)
		}
		return nil
	case err != nil:
		return err
	}
	waits := u.State == directory.Invited || u.State == directory.AwaitingConfirmation
	if u.State != directory.Suspended && known != waits || charged != policy.Billable(u.State) {
		t.Fatalf("%s is %s, invited: %v, charged: %v", u.UserName, u.State, known, charged)
	}
	return nil
}
