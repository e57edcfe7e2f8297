package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/scim/emulator"
)

// The companies of the demo.
const (
	northwind = "northwind"
	contoso   = "contoso"
)

// company is a tenant of the demo: its name, its IdP, and the conversation with it.
type company struct {
	slug, name, idpName string
	idp                 emulator.IdP
	session             *emulator.Session
	issued              wire.Issued
}

// person makes a person of a company.
func (c *company) person(given, family, title string) emulator.Person {
	key := strings.ToLower(given)
	return emulator.Person{
		Key: key, UserName: key + "@" + c.slug + ".example", ExternalID: c.slug + "-" + key, Given: given, Family: family,
		Title: title, Department: "R&D", Mobile: "+1 555 0100",
	}
}

// play tells the whole story.
func (d *demo) play(ctx context.Context, base string) error {
	d.say("%s", d.t.paint(bold, "Drawbridge"))
	d.say("The real server on %s, a fresh store, two companies, two identity providers.", base)
	d.say("Every line is a request over HTTP, as Okta or Entra sends it, or an operator at the command line.")

	okta := &company{slug: northwind, name: "Northwind Ltd", idpName: "Okta", idp: emulator.OktaOIN{}}
	entra := &company{slug: contoso, name: "Contoso Ltd", idpName: "Entra", idp: emulator.Entra{}}
	for _, scene := range []func(context.Context, *company, *company) error{
		d.sceneOkta, d.sceneMany, d.sceneSeats, d.sceneMember, d.sceneSuspension, d.sceneHold, d.sceneDeletion,
		d.sceneOwner, d.sceneReplay, d.sceneWall,
	} {
		if err := scene(ctx, okta, entra); err != nil {
			return err
		}
	}
	return nil
}

// open creates a company and its connection.
func (d *demo) open(ctx context.Context, c *company, kind string, seats int) error {
	d.operate("tenant create %s --name %q --plan business --seats %d", c.slug, c.name, seats)
	if _, err := d.operator.CreateTenant(ctx, wire.TenantCreate{Slug: c.slug, Name: c.name, Plan: "business", Seats: seats}); err != nil {
		return err
	}
	slug := c.slug + "-" + kind
	d.operate("connection create %s --tenant %s --type %s", slug, c.slug, kind)
	issued, err := d.operator.CreateConnection(ctx, wire.ConnectionCreate{Slug: slug, Tenant: c.slug, Type: kind})
	if err != nil {
		return err
	}
	d.remark("%s, and a token that is shown once", issued.BaseURL)
	c.issued = issued
	c.session = emulator.NewSession(&emulator.Client{Base: issued.BaseURL, HTTP: d.http, Clock: time.Now}, c.idp, issued.Token)
	return nil
}

func (d *demo) sceneOkta(ctx context.Context, okta, _ *company) error {
	d.chapter("Northwind connects Okta and assigns three people")
	if err := d.open(ctx, okta, "okta", 50); err != nil {
		return err
	}
	d.send(ctx, okta, okta.idp.Test()...)
	mira, lee, noor := okta.person("Mira", "Okafor", "Engineer"), okta.person("Lee", "O'Neil", "Analyst"), okta.person("Noor", "Ünal", "Designer")
	for _, p := range []emulator.Person{mira, lee, noor} {
		d.send(ctx, okta, okta.idp.Create(p)...)
	}
	team := emulator.Group{Key: "engineering", Name: "Engineering"}
	d.send(ctx, okta, okta.idp.CreateGroup(team.With(mira, lee))...)
	d.verify(ctx, okta, emulator.CheckMembers(team.With(mira, lee)))
	return d.seats(ctx, northwind, 3, 50)
}

func (d *demo) sceneMany(ctx context.Context, okta, _ *company) error {
	const people, clients = 40, 8
	d.chapter("Okta assigns %d more at once", people)
	var created, wrong atomic.Int64
	stop := d.progress(func() string { return fmt.Sprintf("%d of %d people", created.Load(), people) })
	started := time.Now()
	var all sync.WaitGroup
	for worker := range clients {
		all.Go(func() {
			own := emulator.NewSession(&emulator.Client{Base: okta.issued.BaseURL, HTTP: d.http}, okta.idp, okta.issued.Token)
			for i := worker; i < people; i += clients {
				p := okta.person(fmt.Sprintf("Crew%02d", i+1), "Member", "Crew")
				for _, step := range okta.idp.Create(p) {
					if !own.Play(ctx, step).OK() {
						wrong.Add(1)
						return
					}
				}
				created.Add(1)
			}
		})
	}
	all.Wait()
	took := time.Since(started)
	stop()
	d.request(okta.idpName, http.MethodPost, fmt.Sprintf("/Users  (%d times, %d at once)", people, clients), http.StatusCreated, fmt.Sprintf("in %.2f s", took.Seconds()))
	d.check(wrong.Load() == 0 && created.Load() == people, "all %d are in, each one on the disk before its answer", people)
	return d.seats(ctx, northwind, 43, 50)
}

func (d *demo) sceneSeats(ctx context.Context, _, entra *company) error {
	d.chapter("Contoso has four seats, and Entra brings five people")
	if err := d.open(ctx, entra, "entra", 4); err != nil {
		return err
	}
	d.send(ctx, entra, entra.idp.Test()...)
	ana, ben := entra.person("Ana", "Silva", "Director"), entra.person("Ben", "Cole", "Engineer")
	ines, tom, yuki := entra.person("Ines", "Roth", "Engineer"), entra.person("Tom", "Baker", "Support"), entra.person("Yuki", "Mori", "Engineer")
	for _, p := range []emulator.Person{ana, ben, ines, tom} {
		d.send(ctx, entra, entra.idp.Create(p)[1])
	}
	mark := d.mark(ctx, contoso)
	d.send(ctx, entra, emulator.Until(entra.idp.Create(yuki), emulator.Refused(http.StatusForbidden, "*4 of 4*"))...)
	d.emitted(ctx, contoso, mark, "seat.refused")
	if err := d.seats(ctx, contoso, 4, 4); err != nil {
		return err
	}
	d.tell("Tom loses the application. His seat is free at once, and Entra's next cycle brings Yuki in.")
	d.send(ctx, entra, entra.idp.Deactivate(tom)[0])
	d.send(ctx, entra, entra.idp.Create(yuki)...)
	return d.seats(ctx, contoso, 4, 4)
}

func (d *demo) sceneMember(ctx context.Context, _, entra *company) error {
	d.chapter("Entra takes one person out of a group, in its own way")
	ben, ines, yuki := entra.person("Ben", "Cole", ""), entra.person("Ines", "Roth", ""), entra.person("Yuki", "Mori", "")
	team := emulator.Group{Key: "platform", Name: "Platform", ExternalID: "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159"}
	d.send(ctx, entra, entra.idp.CreateGroup(team.With(ben, ines, yuki))[1:3]...)
	team = team.With(ben, ines, yuki)
	steps := entra.idp.Leave(team, ines)
	d.tell("The path says all members; the value says which ones. Taken literally, this empties the group:")
	d.show(steps[0])
	mark := d.mark(ctx, contoso)
	d.send(ctx, entra, steps[0])
	d.verify(ctx, entra, emulator.CheckMembers(team.Without(ines)))
	d.emitted(ctx, contoso, mark, "group.members_changed")
	d.tell("Then Entra adds the remaining members once more, as it always does.")
	mark = d.mark(ctx, contoso)
	d.send(ctx, entra, steps[1])
	d.emitted(ctx, contoso, mark)
	return nil
}

func (d *demo) sceneSuspension(ctx context.Context, okta, _ *company) error {
	d.chapter("A suspension by hand yields to the next sync")
	lee := okta.person("Lee", "O'Neil", "Analyst")
	d.operate("user suspend %s %s", northwind, lee.UserName)
	after, err := d.operator.SuspendUser(ctx, northwind, lee.UserName, wire.SuspendRequest{Mode: "yield", Reason: "lost laptop"})
	if err != nil {
		return err
	}
	d.remark("%s", after.Notice)
	d.check(after.User.State == "suspended", "Lee is suspended, the seat is free")
	title := emulator.Step{
		Name: "change the title of " + lee.UserName, Method: http.MethodPatch, Path: "/Users/${lee}",
		Body:   `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "value": {"title": "Senior analyst"}}]}`,
		Expect: emulator.Expect{Status: []int{http.StatusOK}, Body: `{"title": "Senior analyst", "active": false}`},
	}
	d.send(ctx, okta, title)
	d.check(d.state(ctx, northwind, lee) == "suspended", "a write that does not state active reactivates no user")
	mark := d.mark(ctx, northwind)
	d.send(ctx, okta, okta.idp.Reactivate(lee)...)
	d.check(d.state(ctx, northwind, lee) == "active", "a write that says active: true does")
	d.emitted(ctx, northwind, mark, "user.reactivated")
	return nil
}

func (d *demo) sceneHold(ctx context.Context, okta, _ *company) error {
	d.chapter("…unless the suspension holds")
	lee := okta.person("Lee", "O'Neil", "Senior analyst")
	d.operate("user suspend %s %s --hold", northwind, lee.UserName)
	after, err := d.operator.SuspendUser(ctx, northwind, lee.UserName, wire.SuspendRequest{Mode: "hold", Reason: "under investigation"})
	if err != nil {
		return err
	}
	d.remark("%s", after.Notice)
	mark := d.mark(ctx, northwind)
	sync := okta.idp.Reactivate(lee)
	sync[1].Expect = emulator.Expect{Status: []int{http.StatusOK}, Body: `{"active": false}`}
	d.send(ctx, okta, sync...)
	d.check(d.state(ctx, northwind, lee) == "suspended", "Okta asked for active, got the truth (active: false), and Lee stays suspended")
	d.emitted(ctx, northwind, mark, "user.suspension_held")
	d.operate("user release %s %s", northwind, lee.UserName)
	if _, err := d.operator.ReleaseUser(ctx, northwind, lee.UserName); err != nil {
		return err
	}
	d.check(d.state(ctx, northwind, lee) == "active", "released by hand, Lee is back")
	return nil
}

func (d *demo) sceneDeletion(ctx context.Context, okta, _ *company) error {
	d.chapter("No user is deleted without the identity provider")
	mira := okta.person("Mira", "Okafor", "Engineer")
	id := okta.session.Vars[mira.Key]
	remove := func() error {
		d.operate("user delete %s %s", northwind, mira.UserName)
		return d.operator.DeleteUser(ctx, northwind, id, client.Deletion{})
	}
	d.refused(remove(), "conflict", "an active user must be suspended first")
	d.operate("user suspend %s %s", northwind, mira.UserName)
	if _, err := d.operator.SuspendUser(ctx, northwind, id, wire.SuspendRequest{Mode: "yield"}); err != nil {
		return err
	}
	d.refused(remove(), "conflict", "Okta still says that Mira is active")
	d.send(ctx, okta, okta.idp.Deactivate(mira)...)
	err := remove()
	d.check(err == nil, "Okta has let go, and the deletion goes through%s", because(err))
	gone := emulator.CheckGone(mira)
	gone.Name = "Mira is gone for Okta"
	d.verify(ctx, okta, gone)
	d.tell("A week later Mira is hired again. Okta creates her again, with the externalId that she always had.")
	mark := d.mark(ctx, northwind)
	create := okta.idp.Create(mira)
	create[1].Expect.Status = []int{http.StatusOK, http.StatusCreated}
	d.send(ctx, okta, create...)
	d.check(d.state(ctx, northwind, mira) == "active" && d.id(ctx, northwind, mira) == id, "she has the id that she had: %s", id)
	d.emitted(ctx, northwind, mark, "user.restored")
	return nil
}

func (d *demo) sceneOwner(ctx context.Context, _, entra *company) error {
	d.chapter("A company never loses its last Owner")
	ana, ben := entra.person("Ana", "Silva", ""), entra.person("Ben", "Cole", "")
	d.operate("group add %s owners %s", contoso, ana.UserName)
	if err := d.operator.AddMember(ctx, contoso, "owners", ana.UserName); err != nil {
		return err
	}
	d.send(ctx, entra, emulator.Until(entra.idp.Deactivate(ana)[:1], emulator.Refused(http.StatusForbidden, "*wner*"))...)
	d.check(d.state(ctx, contoso, ana) == "active", "Ana is still active")
	d.operate("group add %s owners %s", contoso, ben.UserName)
	if err := d.operator.AddMember(ctx, contoso, "owners", ben.UserName); err != nil {
		return err
	}
	d.send(ctx, entra, entra.idp.Deactivate(ana)[0])
	d.check(d.state(ctx, contoso, ana) == "suspended", "with a second Owner, Ana may go")
	return nil
}

func (d *demo) sceneReplay(ctx context.Context, okta, _ *company) error {
	d.chapter("Okta saw no answer, and creates Noor a second time")
	noor := okta.person("Noor", "Ünal", "Designer")
	mark := d.mark(ctx, northwind)
	d.send(ctx, okta, okta.idp.Repeat(noor)...)
	d.emitted(ctx, northwind, mark)
	return d.seats(ctx, northwind, 43, 50)
}

func (d *demo) sceneWall(ctx context.Context, okta, entra *company) error {
	d.chapter("Contoso's token at Northwind's connection")
	crossed := *okta
	crossed.idpName = entra.idpName
	crossed.session = emulator.NewSession(&emulator.Client{Base: okta.issued.BaseURL, HTTP: d.http}, entra.idp, entra.issued.Token)
	d.send(ctx, &crossed, emulator.Step{
		Name: "read Northwind's users with Contoso's token", Method: http.MethodGet, Path: "/Users",
		Expect: emulator.Refused(http.StatusUnauthorized, "*"),
	})
	return nil
}

// seats checks how many seats are taken.
func (d *demo) seats(ctx context.Context, tenant string, occupied, limit int) error {
	got, err := d.operator.Seats(ctx, tenant)
	if err != nil {
		return err
	}
	d.check(got.Occupied == occupied && got.Limit == limit, "%d of %d seats in use%s", occupied, limit,
		differently(got.Occupied != occupied || got.Limit != limit, "%d of %d", got.Occupied, got.Limit))
	return nil
}

// state is the state of a person, or the error of the request for it.
func (d *demo) state(ctx context.Context, tenant string, p emulator.Person) string {
	user, err := d.operator.User(ctx, tenant, p.UserName)
	if err != nil {
		return err.Error()
	}
	return user.State
}

func (d *demo) id(ctx context.Context, tenant string, p emulator.Person) string {
	user, err := d.operator.User(ctx, tenant, p.UserName)
	if err != nil {
		return ""
	}
	return user.ID
}

// mark is the number of the last event of a tenant.
func (d *demo) mark(ctx context.Context, tenant string) uint64 {
	page, err := d.operator.Events(ctx, tenant, 0, 1, 0)
	if err != nil {
		d.check(false, "the events of %s are read%s", tenant, because(err))
	}
	return page.Last
}

// emitted checks that since the mark there is an event of each kind; without a kind, that there is none at all.
func (d *demo) emitted(ctx context.Context, tenant string, mark uint64, kinds ...string) {
	page, err := d.operator.Events(ctx, tenant, mark, 1000, 0)
	if err != nil {
		d.check(false, "the events of %s are read%s", tenant, because(err))
		return
	}
	if len(kinds) == 0 {
		d.check(len(page.Items) == 0, "nothing changed, so nothing was emitted%s", differently(len(page.Items) > 0, "%d events", len(page.Items)))
	}
	for _, kind := range kinds {
		found := false
		for _, e := range page.Items {
			found = found || string(e.Kind) == kind
		}
		d.check(found, "the downstream application gets the event: %s", kind)
	}
}
