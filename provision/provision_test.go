package provision_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/targets"
	"drawbridge/directory"
	"drawbridge/store"
)

// People and groups arrive, a change is one request with what changed, and a second run sends nothing.
func TestAChangeIsOneRequest(t *testing.T) {
	t.Parallel()
	k := start(t)
	ann := k.NewUser(k.idp, person("ann")).User
	bob := k.NewUser(k.idp, person("bob")).User
	team := k.NewGroup(k.idp, "Engineering", bridgetest.Add(ann.ID, bob.ID))
	k.target()
	k.run()
	k.equal()
	k.proxy.writes()

	k.ChangeUser(k.idp, ann.ID, bridgetest.SetTitle("Head"))
	k.run()
	if got := k.proxy.writes(); len(got) != 1 || !strings.Contains(got[0], `[{"op":"replace","path":"title","value":"Head"}]`) {
		t.Errorf("a changed title sent %v", got)
	}
	_, err := k.EditGroup(t.Context(), k.idp, team.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Remove(bob.ID)))
	k.OK(err)
	k.run()
	if got := k.proxy.writes(); len(got) != 1 || !strings.Contains(got[0], `{"op":"remove","path":"members[value eq \"`) {
		t.Errorf("a removed member sent %v", got)
	}
	k.equal()
	k.later(time.Hour)
	k.restart()
	k.sync(targets.Wish{Compare: true})
	if got := k.proxy.writes(); len(got) > 0 {
		t.Errorf("a second run sent %v", got)
	}
	if s := k.state().State; s.Pending != 0 || s.Users != 2 || s.Groups != 1 || s.Synced.IsZero() || s.Error != "" {
		t.Errorf("state %+v", s)
	}
}

// A suspended user is deactivated, and one who leaves is deactivated or deleted, as the target says.
func TestLeaversAreDeactivatedOrDeleted(t *testing.T) {
	t.Parallel()
	for _, how := range []directory.TargetLeave{directory.LeaveDeactivate, directory.LeaveDelete} {
		k := start(t)
		ann, bob := k.NewUser(k.idp, person("ann")).User, k.NewUser(k.idp, person("bob")).User
		k.target(func(d *targets.Draft) { d.OnLeave = how })
		k.run()
		k.ChangeUser(k.idp, ann.ID, bridgetest.SetActive(false))
		k.run()
		k.equal()
		k.OK(k.DeleteUser(t.Context(), k.idp, bob.ID, directory.Precondition{}))
		k.run()
		want := "bob@acme.example title=\"\" active=false"
		if there := k.there(); strings.Contains(there, want) != (how == directory.LeaveDeactivate) || strings.Contains(there, "bob@acme.example title=\"\" active=true") {
			t.Errorf("%s: %s", how, there)
		}
		// The same person comes back under the same id.
		k.NewUser(k.idp, person("bob"))
		k.ChangeUser(k.idp, ann.ID, bridgetest.SetActive(true))
		k.quiet()
		k.equal()
	}
}

// A record that the application already has is adopted by our id or by its name, or is refused.
func TestPresentRecordsAreAdoptedOrRefused(t *testing.T) {
	t.Parallel()
	k := start(t)
	there := k.app.NewUser(k.side, bridgetest.Person{Name: "Ann@acme.example", External: "other", Active: bridgetest.Yes()}).User
	k.OK(k.app.ReleaseManagement(t.Context(), k.app.Op, "mirror", directory.UserKind, there.ID))
	k.NewUser(k.idp, person("ann"))
	k.target(func(d *targets.Draft) { d.Existing = directory.RefusePresent })
	k.run()
	s := k.state().State
	if s.Parked != 1 || s.Users != 0 {
		t.Errorf("refused: %+v", s)
	}
	failures, err := k.Targets.Failures(t.Context(), k.Op, at("acme"))
	k.OK(err)
	if len(failures) != 1 || !strings.Contains(failures[0].Error, "adopts none") || failures[0].Name != "ann@acme.example" {
		t.Errorf("failures %+v", failures)
	}
	adopt := directory.AdoptPresent
	_, err = k.Targets.Update(t.Context(), k.Op, "mirror", targets.Edit{Existing: &adopt})
	k.OK(err)
	_, err = k.Targets.Resume(t.Context(), k.Op, "mirror")
	k.OK(err)
	k.quiet()
	k.equal()
	if now, err := k.app.User(t.Context(), k.side, there.ID); err != nil || now.User.UserName != "ann@acme.example" {
		t.Errorf("adopted: %+v %v", now.User, err)
	}
}

// One person whom the application refuses is parked alone, is tried again when they change, and all others arrive.
func TestARefusedPersonIsParkedAlone(t *testing.T) {
	t.Parallel()
	k := start(t)
	ann := k.NewUser(k.idp, person("ann")).User
	k.NewUser(k.idp, person("bob"))
	k.proxy.breaks(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.Method != http.MethodPost || r.ContentLength < 0 {
			return false
		}
		text := body(r)
		if !strings.Contains(text, `"ann@acme.example"`) || strings.Contains(text, "Good") {
			return false
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","detail":"ann may not come in"}`))
		return true
	})
	k.target()
	k.quiet()
	if s := k.state().State; s.Users != 1 || s.Parked != 1 || s.Error != "" || !s.Quarantined.IsZero() {
		t.Errorf("state %+v", s)
	}
	sent := 0
	for _, text := range k.proxy.writes() {
		if strings.Contains(text, "ann@") {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("a refused person was sent %d times", sent)
	}
	k.ChangeUser(k.idp, ann.ID, bridgetest.SetTitle("Good"))
	k.run()
	k.equal()
}

// A target that fails for everybody is quarantined with an alert, is probed every hour, and recovers by itself.
func TestATargetThatFailsForAllIsQuarantined(t *testing.T) {
	t.Parallel()
	for what, fault := range map[string]func(http.ResponseWriter, *http.Request, http.Handler) bool{
		"refuses the credential": status(401, ""), "fails": status(500, ""), "refuses everybody": posts(status(400, `{"detail":"no"}`)),
		"answers with an error inside": status(200, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"500","detail":"oops"}`),
		"is no SCIM":                   status(200, `<html>`), "redirects": status(302, ""), "is gone": status(404, ""),
	} {
		k := start(t)
		for i := range 6 {
			k.NewUser(k.idp, person(fmt.Sprint("u", i)))
		}
		k.proxy.breaks(fault)
		k.target()
		for range 20 {
			k.run()
			k.later(time.Minute)
		}
		s := k.state().State
		if s.Quarantined.IsZero() || s.Error == "" || s.Users != 0 {
			t.Errorf("%s: state %+v", what, s)
			continue
		}
		if kinds := bridgetest.Kinds(k.EventsOf("acme", 0)); strings.Count(kinds, "target.quarantined") != 1 {
			t.Errorf("%s: %s", what, kinds)
		}
		alerts(t, k, 1)
		k.requests.Store(0)
		for range 6 {
			k.run()
			k.later(10 * time.Minute)
		}
		if n := k.requests.Load(); n > 6 {
			t.Errorf("%s: %d requests within an hour of quarantine", what, n)
		}
		k.proxy.breaks(nil)
		k.quiet()
		if what == "refuses everybody" { // those who were refused wait for an operator
			_, err := k.Targets.Resume(t.Context(), k.Op, "mirror")
			k.OK(err)
			k.quiet()
			if got := k.lines("acme"); !strings.HasSuffix(got, "target.resume by operator") {
				t.Errorf("%s: audit of the company: %s", what, got)
			}
		}
		k.equal()
		alerts(t, k, 0)
	}
}

// The brake holds unusually many removals, lets all other changes pass, and an operator releases exactly what they saw.
func TestTheBrakeHoldsRemovals(t *testing.T) {
	t.Parallel()
	hold := directory.BrakeHold
	k := start(t, func(o *directory.Overrides) { o.Brake = &hold })
	var ids []directory.ID
	for i := range 20 {
		ids = append(ids, k.NewUser(k.idp, person(fmt.Sprint("u", i))).User.ID)
	}
	team := k.NewGroup(k.idp, "Sent", bridgetest.Add(ids...))
	k.target(func(d *targets.Draft) { d.Groups = []string{"Sent"} })
	k.run()
	k.equal()
	before := k.there()
	// All but two leave the scope: no rule of the directory holds that, because no user is suspended.
	for _, id := range ids[2:] {
		_, err := k.EditGroup(t.Context(), k.idp, team.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Remove(id)))
		k.OK(err)
	}
	k.ChangeUser(k.idp, ids[0], bridgetest.SetTitle("Head"))
	k.run()
	s := k.state().State
	if s.Held < 18 {
		t.Fatalf("held %+v", s)
	}
	if there := k.there(); strings.ReplaceAll(there, `title="Head"`, `title=""`) != before || there == before {
		t.Errorf("there:\n%s", there)
	}
	alerts(t, k, 1)
	err := k.Targets.Sync(t.Context(), k.Op, at("acme"), targets.Wish{Release: s.Held - 1})
	k.Fails(err, directory.Conflict, "C8")
	k.sync(targets.Wish{Release: s.Held})
	if there := k.there(); strings.Count(there, "active=true") != 2 {
		t.Errorf("after the release:\n%s", there)
	}
	if s := k.state().State; s.Held != 0 || s.Pending != 0 {
		t.Errorf("after the release: %+v", s)
	}
	alerts(t, k, 0)
}

// An application that was changed by others is found by a comparison, and set right; an empty answer is never believed.
func TestAComparisonFindsForeignChanges(t *testing.T) {
	t.Parallel()
	k := start(t)
	ann, bob := k.NewUser(k.idp, person("ann")).User, k.NewUser(k.idp, person("bob")).User
	k.NewGroup(k.idp, "Engineering", bridgetest.Add(ann.ID))
	k.ChangeUser(k.idp, ann.ID, bridgetest.SetTitle("Engineer"))
	k.target()
	k.run()
	k.equal()
	found := map[string]directory.ID{}
	_, err := k.app.ListUsers(t.Context(), k.side, directory.Query{Count: 10}, func(u *directory.User, _ []directory.GroupRef) error {
		found[u.ExternalID] = u.ID
		return nil
	})
	k.OK(err)
	for _, id := range found {
		k.OK(k.app.ReleaseManagement(t.Context(), k.app.Op, "mirror", directory.UserKind, id))
	}
	k.app.ChangeUser(k.side, found[ann.ID.String()], bridgetest.SetTitle("Intruder"))
	k.OK(k.app.DeleteUser(t.Context(), k.side, found[bob.ID.String()], directory.Precondition{}))
	k.OK(k.app.ReleaseManagement(t.Context(), k.app.Op, "mirror", directory.UserKind, found[ann.ID.String()]))
	preview, err := k.service.Preview(t.Context(), k.Op, at("acme"))
	k.OK(err)
	if len(preview.Differences) != 2 || len(preview.Steps) != 2 {
		t.Errorf("preview %+v", preview)
	}
	k.proxy.writes()
	k.run()
	if got := k.proxy.writes(); len(got) > 0 {
		t.Errorf("a preview led to %v", got)
	}
	k.sync(targets.Wish{Compare: true})
	k.quiet()
	k.equal()

	k.proxy.breaks(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.Method != http.MethodGet {
			return false
		}
		_, _ = w.Write([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}`))
		return true
	})
	k.proxy.writes()
	k.sync(targets.Wish{Compare: true})
	if s := k.state().State; !strings.Contains(s.Error, "empty list") || s.Users != 2 {
		t.Errorf("empty: %+v", s)
	}
	if got := k.proxy.writes(); len(got) > 0 {
		t.Errorf("an empty list led to %v", got)
	}
}

// An application may pad the records that are none of ours, of which only the names are kept. One of ours that is far too large is refused.
func TestALargeListIsNotKept(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewUser(k.idp, person("ann"))
	k.target()
	k.run()
	padding := strings.Repeat("x", 20_000)
	list := func(ours, foreign string) func(http.ResponseWriter, *http.Request, http.Handler) bool {
		return func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
			if r.URL.Path[strings.LastIndex(r.URL.Path, "/"):] != "/Users" || r.URL.Query().Has("filter") {
				return false
			}
			kept := httptest.NewRecorder()
			pass.ServeHTTP(kept, r)
			text := strings.Replace(kept.Body.String(), `"userName"`, `"padding":"`+ours+`","userName"`, 1)
			text = strings.Replace(text, `"Resources":[`, `"Resources":[{"id":"other","userName":"other","padding":"`+foreign+`"},`, 1)
			text = strings.Replace(text, `"totalResults":1`, `"totalResults":2`, 1)
			w.Header().Set("Content-Type", "application/scim+json")
			_, _ = io.WriteString(w, text)
			return true
		}
	}
	k.proxy.breaks(list("", padding))
	preview, err := k.service.Preview(t.Context(), k.Op, at("acme"))
	k.OK(err)
	if len(preview.Differences)+len(preview.Steps) > 0 {
		t.Errorf("a foreign record made differences: %+v", preview)
	}
	k.proxy.breaks(list(padding, ""))
	if _, err := k.service.Preview(t.Context(), k.Op, at("acme")); err == nil || !strings.Contains(err.Error(), "a record of more than 16 KiB") {
		t.Errorf("a padded record gives %v", err)
	}
}

// Answers that contradict themselves are errors, and nothing is made of them.
func TestContradictoryAnswersAreErrors(t *testing.T) {
	t.Parallel()
	const l = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],`
	for text, want := range map[string]string{
		l + `"totalResults":3,"Resources":[]}`:                 "does not filter",
		l + `"totalResults":0,"Resources":[{"id":"1"}]}`:       "says that there are 0 records and gave 1",
		l + `"totalResults":1,"Resources":[{"userName":"x"}]}`: "without an id",
		l + `"Resources":[]}`:                                  "without totalResults",
		`[]`:                                                   "no JSON object",
		l + `"totalResults":500,"Resources":[{"id":"1","userName":"someone"}]}`:         "does not filter",
		l + `"totalResults":1,"Resources":[{"id":"` + strings.Repeat("1", 300) + `"}]}`: "longer than 256 bytes",
	} {
		k := start(t)
		k.NewUser(k.idp, person("ann"))
		k.proxy.breaks(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
			_, _ = w.Write([]byte(text))
			return r.Method == http.MethodGet
		})
		k.target()
		k.run()
		if s := k.state().State; !strings.Contains(s.Error, want) || len(k.proxy.writes()) > 0 {
			t.Errorf("%s: %+v", text, s)
		}
	}
}

// A record without an id in the answer to its POST is found again by the next run, and not made twice.
func TestARecordWithoutIDIsFoundAgain(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewUser(k.idp, person("ann"))
	k.proxy.breaks(func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
		if r.Method != http.MethodPost {
			return false
		}
		pass.ServeHTTP(discard{header: http.Header{}}, r)
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"userName":"ann@acme.example"}`))
		return true
	})
	k.target()
	k.run()
	k.later(time.Minute)
	k.run()
	k.equal()
	if got := k.proxy.writes(); len(got) != 1 {
		t.Errorf("writes %v", got)
	}
}

// 429 and 503 stop the target for as long as they ask.
func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	for _, code := range []int{429, 503} {
		k := start(t)
		k.NewUser(k.idp, person("ann"))
		k.proxy.breaks(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(code)
			return true
		})
		k.target()
		k.run()
		k.requests.Store(0)
		for range 9 {
			k.later(time.Minute)
			k.run()
		}
		if n := k.requests.Load(); n > 0 {
			t.Errorf("%d: %d requests before the time", code, n)
		}
		k.proxy.breaks(nil)
		k.later(2 * time.Minute)
		k.run()
		k.equal()
	}
}

// Only the server that leads sends, and a paused target sends nothing.
func TestOnlyTheLeaderSends(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewUser(k.idp, person("ann"))
	k.leads.Store(false)
	k.target()
	k.run()
	yes, no := true, false
	_, err := k.Targets.Update(t.Context(), k.Op, "mirror", targets.Edit{Paused: &yes})
	k.OK(err)
	k.leads.Store(true)
	k.run()
	if n := k.requests.Load(); n > 0 {
		t.Errorf("%d requests", n)
	}
	_, err = k.Targets.Update(t.Context(), k.Op, "mirror", targets.Edit{Paused: &no})
	k.OK(err)
	k.run()
	k.equal()
}

// Nothing of a deleted target is kept here, and everything stays there.
func TestADeletedTargetLeavesNothingHere(t *testing.T) {
	t.Parallel()
	k := start(t)
	ann := k.NewUser(k.idp, person("ann")).User
	k.NewGroup(k.idp, "Engineering", bridgetest.Add(ann.ID))
	k.target()
	k.run()
	k.OK(k.Targets.Delete(t.Context(), k.Op, "mirror"))
	k.run()
	k.equal()
	for _, kind := range []directory.KVKind{directory.TargetKV, directory.TargetStateKV, directory.LinkKV, directory.SentMemberKV} {
		k.OK(k.Store.TenantKVs(t.Context(), kind, nil, func(_ directory.TenantID, kv directory.KV) error {
			t.Errorf("%s %s is left", kind, kv.Key)
			return nil
		}))
	}
	if got := k.lines("acme"); got != "target.attach by operator, target.detach by operator" {
		t.Errorf("audit of the company: %s", got)
	}
	k.later(2 * time.Hour)
	_, err := k.TrimAll(t.Context(), directory.JobPrincipal("trim"), directory.RunApply)
	k.OK(err)
	k.OK(k.Store.View(t.Context(), directory.Provider, nil, func(r store.Reader) error {
		return r.KVs(directory.DetachmentKV, "", "", func(kv directory.KV) error { t.Errorf("the note %s is left", kv.Key); return nil })
	}))
}

// An application without PATCH, and one that does not show members, are made equal too.
func TestApplicationsWithoutPatchAreMadeEqual(t *testing.T) {
	t.Parallel()
	for _, profile := range []directory.TargetProfile{directory.PutTarget, directory.AWSTarget} {
		k := start(t)
		var ids []directory.ID
		for i := range 120 {
			ids = append(ids, k.NewUser(k.idp, person(fmt.Sprint("u", i))).User.ID)
		}
		team := k.NewGroup(k.idp, "Engineering", bridgetest.Add(ids...))
		if profile == directory.PutTarget {
			k.proxy.breaks(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
				if r.Method == http.MethodPatch {
					w.WriteHeader(http.StatusMethodNotAllowed)
				}
				return r.Method == http.MethodPatch
			})
		}
		k.target(func(d *targets.Draft) { d.Profile = profile })
		k.run()
		k.equal()
		if profile == directory.AWSTarget {
			for _, text := range k.proxy.writes() {
				if n := strings.Count(text, `{"value":"`); n > 100 {
					t.Errorf("%d members in one request", n)
				}
			}
		}
		_, err := k.EditGroup(t.Context(), k.idp, team.ID, directory.Precondition{}, bridgetest.Steps(bridgetest.Remove(ids[3], ids[4])))
		k.OK(err)
		k.ChangeUser(k.idp, ids[0], bridgetest.SetTitle("Head"))
		k.run()
		k.equal()
	}
}
