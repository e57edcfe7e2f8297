package provision_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/targets"
	"drawbridge/directory"
)

func setName(name string) directory.UserEdit {
	return bridgetest.Patch(func(d *directory.UserDraft) {
		a, _ := d.Document.Attributes()
		a.Set("userName", name)
		d.UserName, d.Document = name, a.Document()
	})
}

func (k *kit) rename(group directory.ID, name string) {
	k.T.Helper()
	_, err := k.EditGroup(k.T.Context(), k.idp, group, directory.Precondition{}, bridgetest.Team(name))
	k.OK(err)
}

// rotate gives each user the name of the next one, and each group too, as they are before a run.
func (k *kit) rotate(users, groups []directory.ID) {
	k.T.Helper()
	names := make([]string, len(users))
	for i, id := range users {
		u, err := k.User(k.T.Context(), k.idp, id)
		k.OK(err)
		names[i] = u.User.UserName
		k.ChangeUser(k.idp, id, setName(fmt.Sprintf("away-%d@acme.example", i)))
	}
	for i, id := range users {
		k.ChangeUser(k.idp, id, setName(names[(i+1)%len(names)]))
	}
	for i, id := range groups {
		k.rename(id, fmt.Sprintf("Away %d", i))
	}
	for i, id := range groups {
		k.rename(id, fmt.Sprintf("Group %d", (i+1)%len(groups)))
	}
}

// People, and groups, who exchange their names block each other: the application refuses the name of each as taken. One of them
// gets another name for a moment, so that both sides become equal, on our server and on that of elimity-com, also without PATCH. Those who
// only follow each other need no such name.
func TestExchangedNamesArrive(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]struct {
		circle  int
		profile directory.TargetProfile
		elimity bool
		taken   string // what the application answers with 400 when a name is taken; "": it answers 409
	}{
		"two":                        {2, directory.GenericTarget, false, ""},
		"three":                      {3, directory.GenericTarget, false, ""},
		"two without PATCH":          {2, directory.PutTarget, false, ""},
		"two at elimity's":           {2, directory.GenericTarget, true, ""},
		"four at elimity's":          {4, directory.GenericTarget, true, ""},
		"two at elimity's, no PATCH": {2, directory.PutTarget, true, ""},
		"two, 400 and uniqueness":    {2, directory.GenericTarget, false, `{"status":"400","scimType":"uniqueness","detail":"taken"}`},
		"three, a bare 400":          {3, directory.GenericTarget, false, `{"status":"400","detail":"bad value"}`},
		"two, a bare 400, no PATCH":  {2, directory.PutTarget, false, `{"status":"400","detail":"bad value"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			if set.elimity {
				k.onElimity()
			}
			var users, groups []directory.ID
			for i := range set.circle {
				u := k.NewUser(k.idp, person(fmt.Sprintf("p%d", i))).User
				users = append(users, u.ID)
				groups = append(groups, k.NewGroup(k.idp, fmt.Sprintf("Group %d", i), bridgetest.Add(u.ID)).ID)
			}
			k.target(func(d *targets.Draft) { d.Profile = set.profile })
			k.run()
			k.equal()
			k.proxy.writes()
			if set.taken != "" {
				k.proxy.breaks(answersInstead(http.StatusConflict, http.StatusBadRequest, set.taken))
			}
			k.rotate(users, groups)
			k.run()
			k.equal()
			writes := strings.Join(k.proxy.writes(), "\n")
			moments := 0
			for _, id := range users {
				moments += strings.Count(writes, tail(id)+"@acme.example")
			}
			if moments != 1 {
				t.Errorf("%d people had another name for a moment:\n%s", moments, writes)
			}
			if s := k.state().State; s.Pending != 0 || s.Failed > 0 || s.Error != "" {
				t.Errorf("state %+v", s)
			}
			k.run()
			if again := k.proxy.writes(); len(again) > 0 {
				t.Errorf("a second run sent %q", again)
			}
		})
	}
}

// answersInstead answers with another status and text where the application answers with status.
func answersInstead(status, with int, text string) func(http.ResponseWriter, *http.Request, http.Handler) bool {
	return func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
		said := httptest.NewRecorder()
		pass.ServeHTTP(said, r)
		code, body := said.Code, said.Body.String()
		if code == status {
			code, body = with, text
		}
		w.Header().Set("Content-Type", "application/scim+json")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
		return true
	}
}

func tail(id directory.ID) string {
	text := id.String()
	return text[len(text)-12:]
}

// A crash, or a fault of the application, in the middle of an exchange leaves nothing that the next run does not set right.
func TestAnInterruptedExchangeIsCompleted(t *testing.T) {
	t.Parallel()
	for after := 1; after <= 4; after++ {
		k := start(t)
		a, b := k.NewUser(k.idp, person("ann")).User, k.NewUser(k.idp, person("bob")).User
		k.target()
		k.run()
		k.rotate([]directory.ID{a.ID, b.ID}, nil)
		n := 0
		k.proxy.breaks(func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
			if r.Method != http.MethodPatch {
				return false
			}
			if n++; n != after {
				return false
			}
			pass.ServeHTTP(discard{http.Header{}}, r) // it is done, and the answer is lost
			w.WriteHeader(http.StatusBadGateway)
			return true
		})
		k.run()
		k.restart()
		k.quiet()
		k.equal()
	}
}

// A person who takes the name of another one, who gets a new name, is not parked: the name is free soon.
func TestATakenNameThatBecomesFreeIsNoRefusal(t *testing.T) {
	t.Parallel()
	k := start(t)
	ann := k.NewUser(k.idp, person("ann")).User
	k.target()
	k.run()
	k.ChangeUser(k.idp, ann.ID, setName("ann.smith@acme.example"))
	k.NewUser(k.idp, person("ann"))
	k.proxy.breaks(func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
		return r.Method == http.MethodPatch && status(http.StatusInternalServerError, "")(w, r, pass)
	})
	k.run()
	failures, err := k.Targets.Failures(t.Context(), k.Op, at("acme"))
	k.OK(err)
	for _, f := range failures {
		if !f.Parked.IsZero() {
			t.Errorf("%s is parked: %s", f.Name, f.Error)
		}
	}
	k.proxy.breaks(nil)
	k.quiet()
	k.equal()
}
