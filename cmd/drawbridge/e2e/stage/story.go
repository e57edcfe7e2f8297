package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"drawbridge/scim/emulator"
)

// company is a tenant of the story, and the conversation of one identity provider with it.
type company struct {
	slug    string
	idp     emulator.IdP
	session *emulator.Session
	people  []emulator.Person
}

// found adds a company.
func (s *stage) found(ctx context.Context, in object) error {
	_, err := s.do(ctx, http.MethodPost, "/tenants", in)
	return err
}

// connect gives a company an identity provider.
func (s *stage) connect(ctx context.Context, slug, kind string, idp emulator.IdP) (*company, error) {
	issued, err := s.do(ctx, http.MethodPost, "/connections", object{"tenant": slug, "type": kind, "slug": slug + "-" + kind})
	if err != nil {
		return nil, err
	}
	c := &company{slug: slug, idp: idp}
	c.session = emulator.NewSession(&emulator.Client{Base: text(issued, "base_url"), HTTP: s.scim, Clock: s.clock.now}, idp, text(issued, "secret"))
	c.play(ctx, idp.Test())
	return c, nil
}

// play sends requests of an identity provider. Refused requests are part of the story.
func (c *company) play(ctx context.Context, steps []emulator.Step) {
	for _, step := range steps {
		c.session.Play(ctx, step)
	}
}

// member makes a person of a company by a name.
func member(slug, name string) emulator.Person {
	given, family, _ := strings.Cut(name, " ")
	plain := strings.NewReplacer(" ", "", "'", "")
	key := plain.Replace(strings.ToLower(name))
	return emulator.Person{
		Key: key, UserName: strings.ToLower(given) + "." + plain.Replace(strings.ToLower(family)) + "@" + slug + ".example", ExternalID: slug + "-" + key,
		Given: given, Family: family,
	}
}

// assign gives people the application.
func (c *company) assign(ctx context.Context, names ...string) {
	for _, name := range names {
		p := member(c.slug, name)
		p.Title, p.Department = title(len(c.people)), department(len(c.people))
		c.people = append(c.people, p)
		c.play(ctx, c.idp.Create(p))
	}
}

// team makes a group of the first people.
func (c *company) team(ctx context.Context, name string, members ...emulator.Person) {
	c.play(ctx, c.idp.CreateGroup(emulator.Group{Key: strings.ToLower(name), Name: name, ExternalID: c.slug + "-" + strings.ToLower(name)}.With(members...)))
}

// story is told day by day.
func (s *stage) story(ctx context.Context) error {
	s.day(0, 8)
	for _, scene := range []func(context.Context) error{s.opening, s.quarter, s.today} {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	return nil
}

// opening adds the operators and the companies.
func (s *stage) opening(ctx context.Context) error {
	all := object{"all_tenants": true}
	if _, err := s.hire(ctx, recruit{"Ada", "Lovelace", "owner", object{"all_tenants": true, "api_access": true, "mfa_required": true}, true}); err != nil {
		return err
	}
	for _, in := range []object{
		{"slug": "northwind", "name": "Northwind Traders", "plan": "business", "seats": 40, "website": "https://northwind.example", "data_region": "eu", "address": object{"country": "GB", "locality": "Leeds"}},
		{"slug": "contoso", "name": "Contoso Ltd", "plan": "business", "seats": 12, "data_region": "eu"},
		{"slug": "globex", "name": "Globex Corporation", "plan": "business", "seats": 80, "data_region": "eu"},
		{"slug": "initech", "name": "Initech", "plan": "business", "seats": 25},
		{"slug": "tailspin", "name": "Tailspin Toys", "plan": "business", "seats": 15},
		{"slug": "umbrella", "name": "Umbrella Logistics", "plan": "business", "seats": 30},
		{"slug": "alnoor", "name": "شركة النور للتجارة الدولية", "plan": "business", "seats": 20},
		{"slug": "markup", "name": "<b>Bold</b> & <img src=x onerror=alert(1)>", "plan": "business", "seats": 5},
		{"slug": "long", "name": strings.Repeat("Incorporated Amalgamated Worldwide ", 5) + "Holding", "plan": "business", "seats": 9},
		{"slug": "wayne", "name": "Wayne Enterprises", "plan": "business", "seats": 60},
		{"slug": "stark", "name": "Stark Werke GmbH", "plan": "business", "seats": 35},
		{"slug": "hooli", "name": "Hooli", "plan": "business"},
		{"slug": "piedpiper", "name": "Pied Piper", "plan": "starter"},
		{"slug": "oceanic", "name": "Oceanic Airlines", "plan": "business", "seats": 18},
		{"slug": "soylent", "name": "Soylent Foods", "plan": "business", "seats": 22},
		{"slug": "vandelay", "name": "Vandelay Industries", "plan": "business", "seats": 14},
	} {
		if err := s.found(ctx, in); err != nil {
			return err
		}
	}
	some := object{"tenants": []string{"northwind", "contoso", "globex"}}
	for _, who := range []recruit{
		{"Grace", "Hopper", "administrator_billing", all, true},
		{"Edsger", "Dijkstra", "administrator", some, false},
		{"Barbara", "Liskov", "technician", all, false},
		{"Alan", "Turing", "help_desk", some, false},
		{"Margaret", "Hamilton", "read_only", all, false},
		{"Donald", "Knuth", "technician", object{}, false},
	} {
		if _, err := s.hire(ctx, who); err != nil {
			return err
		}
	}
	invited, err := s.do(ctx, http.MethodPost, "/operators", object{"first_name": "Radia", "last_name": "Perlman", "email": "radia@msp.example", "role": "help_desk", "tenants": []string{"initech"}, "mfa_required": true, "show_link": true})
	if err != nil {
		return err
	}
	s.expired = text(invited, "secret")
	id, err := s.hire(ctx, recruit{"Ken", "Thompson", "administrator", all, false})
	if err != nil {
		return err
	}
	_, err = s.do(ctx, http.MethodPost, "/operators/"+id+"/suspend", object{"reason": "Left the company"})
	return err
}

// evening is when seats are counted.
func (s *stage) evening(ctx context.Context) error {
	_, err := s.do(ctx, http.MethodPost, "/jobs/snapshot/run", nil)
	return err
}

// quarter is eighty-nine days of people who come and go.
func (s *stage) quarter(ctx context.Context) error {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		return err
	}
	s.day(0, 10)
	northwind, err := s.connect(ctx, "northwind", "okta", emulator.OktaOIN{})
	if err != nil {
		return err
	}
	globex, err := s.connect(ctx, "globex", "entra", emulator.Entra{})
	if err != nil {
		return err
	}
	others := map[int][2]string{3: {"wayne", "okta"}, 5: {"stark", "entra"}, 8: {"hooli", "jumpcloud"}, 12: {"oceanic", "google"}, 20: {"soylent", "onelogin"}, 28: {"umbrella", "okta"}, 33: {"alnoor", "okta"}}
	crowd := map[string]*company{}
	var contoso *company
	for n := range days {
		s.day(n, 9)
		if other, ok := others[n]; ok {
			idp, found := emulator.ByName(other[1])
			if !found {
				idp = emulator.OktaOIN{}
			}
			if crowd[other[0]], err = s.connect(ctx, other[0], other[1], idp); err != nil {
				return err
			}
		}
		if n == 2 {
			if contoso, err = s.connect(ctx, "contoso", "entra", emulator.Entra{}); err != nil {
				return err
			}
		}
		s.traffic(ctx, n, companies{northwind, globex, contoso, crowd})
		if n == 45 {
			if _, err := s.do(ctx, http.MethodPatch, "/tenants/northwind", object{"seats": 60}); err != nil {
				return err
			}
		}
		y, m, d := s.begin.AddDate(0, 0, n).Date()
		s.clock.until(time.Date(y, m, d, 19, 1, 0, 0, newYork)) // later than this, a count is marked as late
		if err := s.evening(ctx); err != nil {
			return err
		}
	}
	return s.leavePending(ctx, northwind, globex)
}

// companies are those that have an identity provider.
type companies struct {
	northwind, globex *company
	contoso           *company // nil until it is connected
	crowd             map[string]*company
}

// traffic is what the identity providers send on a day.
func (s *stage) traffic(ctx context.Context, n int, all companies) {
	northwind, globex, contoso := all.northwind, all.globex, all.contoso
	if n%2 == 0 && len(northwind.people) < 46 {
		northwind.assign(ctx, person(len(northwind.people)))
	}
	if len(globex.people) < 62 {
		globex.assign(ctx, person(100+len(globex.people)))
	}
	if contoso != nil && n%6 == 0 && len(contoso.people) < 15 {
		contoso.assign(ctx, person(200+len(contoso.people)))
	}
	for _, slug := range []string{"wayne", "stark", "hooli", "oceanic", "soylent", "umbrella", "alnoor"} {
		c := all.crowd[slug]
		if c == nil || slug == "umbrella" && n > 60 || n%3 != len(slug)%3 {
			continue
		}
		if len(c.people) < 24 {
			names := person(300 + 50*len(slug) + len(c.people))
			if slug == "alnoor" && len(c.people) < 6 {
				names = arabic(len(c.people))
			}
			c.assign(ctx, names)
		} else {
			c.play(ctx, c.idp.Test())
		}
	}
	if n == 30 || n == 52 || n == 71 {
		p := northwind.people[n%len(northwind.people)]
		northwind.play(ctx, northwind.idp.Deactivate(p))
	}
	if n == 40 {
		northwind.team(ctx, "Engineering", northwind.people[:8]...)
		northwind.team(ctx, "Finance", northwind.people[8:12]...)
		northwind.team(ctx, "Leadership", northwind.people[:3]...)
		globex.team(ctx, "Platform", globex.people[:15]...)
	}
}

// leavePending is the last evening: it leaves pending work.
func (s *stage) leavePending(ctx context.Context, northwind, globex *company) error {
	user := func(c *company, i int) string { return url.PathEscape(c.people[i].UserName) }
	steps := []struct {
		method, path string
		body         any
	}{
		{http.MethodPut, "/tenants/northwind/groups/owners/members/" + user(northwind, 0), nil},
		{http.MethodPut, "/tenants/northwind/groups/owners/members/" + user(northwind, 1), nil},
		{http.MethodPut, "/tenants/northwind/groups/administrators/members/" + user(northwind, 2), nil},
		{http.MethodPut, "/tenants/globex/groups/owners/members/" + user(globex, 0), nil},
		{http.MethodPost, "/tenants/northwind/users/" + user(northwind, 5) + "/suspend", object{"mode": "yield", "reason": "Lost laptop"}},
		{http.MethodPost, "/tenants/northwind/users/" + user(northwind, 6) + "/suspend", object{"mode": "hold", "reason": "Under investigation"}},
		{http.MethodPost, "/tenants/northwind/users/" + user(northwind, 7) + "/recover", nil},
		{http.MethodPost, "/tenants/northwind/deletion-requests", object{"user": northwind.people[5].UserName, "reason": "Asked for it under the GDPR"}},
		{http.MethodPatch, "/tenants/globex", object{"overrides": object{"brake": "hold"}}},
		{http.MethodPatch, "/tenants/initech", object{"overrides": object{"onboarding": "invite"}}},
		{http.MethodPost, "/connections", object{"tenant": "tailspin", "type": "okta", "expires": s.clock.now().AddDate(0, 0, 9)}},
		{http.MethodPost, "/tenants/northwind/appkeys", object{"name": "Vault"}},
		{http.MethodPatch, "/connections/oceanic-google", object{"paused": true}},
	}
	for _, step := range steps {
		if _, err := s.do(ctx, step.method, step.path, step.body); err != nil {
			return err
		}
	}
	for i, name := range []string{"Peter Gibbons", "Samir Nagheenanajar", "Michael Bolton", "Milton Waddams"} {
		given, family, _ := strings.Cut(name, " ")
		email := strings.ToLower(given) + "@initech.example"
		if _, err := s.do(ctx, http.MethodPost, "/tenants/initech/users", object{"user_name": email, "email": email, "given_name": given, "family_name": family, "display_name": name, "invite": i < 3}); err != nil {
			return err
		}
	}
	return nil
}

// today is the last hour.
func (s *stage) today(ctx context.Context) error {
	s.clock.until(time.Now().Add(-50 * time.Minute))
	issued, err := s.do(ctx, http.MethodPost, "/connections/globex-entra/tokens", object{})
	if err != nil {
		return err
	}
	again := &company{slug: "globex", idp: emulator.Entra{}}
	again.session = emulator.NewSession(&emulator.Client{Base: text(issued, "base_url"), HTTP: s.scim, Clock: s.clock.now}, again.idp, text(issued, "secret"))
	for i := range 62 {
		p := member("globex", person(100+i))
		found, err := s.do(ctx, http.MethodGet, "/tenants/globex/users/"+url.PathEscape(p.UserName), nil)
		if err != nil {
			return err
		}
		again.session.Vars[p.Key] = text(found, "id")
		again.people = append(again.people, p)
	}
	for _, p := range again.people[20:46] {
		again.play(ctx, again.idp.Deactivate(p))
	}
	// A client tries a credential that was never issued.
	wrong := emulator.NewSession(&emulator.Client{Base: text(issued, "base_url"), HTTP: s.scim, Clock: s.clock.now}, again.idp, "dbt_wrong")
	for _, step := range again.idp.Test() {
		wrong.Play(ctx, step)
	}
	s.clock.until(time.Now().Add(-20 * time.Minute))
	secret := s.cast[0].Secret
	digits, err := code(secret, s.clock.now())
	if err != nil {
		return err
	}
	if _, err := s.signIn(ctx, s.cast[0].Email, digits); err != nil {
		return err
	}
	s.clock.until(time.Now().Add(-2 * time.Minute))
	return nil
}
