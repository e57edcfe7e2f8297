package bolt

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.etcd.io/bbolt"

	"drawbridge/directory"
	"drawbridge/store"
)

// olderNames writes a file as format 4 had it, whose users have names that are one name now.
func olderNames(t *testing.T, names map[directory.ID]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	change := directory.Change{Tenant: &directory.Tenant{ID: "acme", Version: 1}}
	for id := range names {
		change.Users = append(change.Users, nameUser(id, "user-"+id.String()))
	}
	poolWrite(t, s, "acme", change)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		text, err := json.Marshal(description{Magic: fileMagic, Format: 4})
		if err != nil {
			return err
		}
		if err := tx.Bucket([]byte(metaBucket)).Put([]byte("format"), text); err != nil {
			return err
		}
		if err := tx.DeleteBucket([]byte(collisionBucket)); err != nil {
			return err
		}
		data := tx.Bucket([]byte(dataBucket)).Bucket(tenantKey("acme"))
		for id, name := range names {
			u := nameUser(id, name)
			if err := data.Bucket(users.name()).Put(id[:], encodeUser(&u)); err != nil {
				return err
			}
			if err := data.Bucket(index.name()).Delete(indexKey(byUserName, "user-"+id.String(), "", id)); err != nil {
				return err
			}
			if err := data.Bucket(index.name()).Put(indexKey(byUserName, directory.Fold(name), "", id), nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func nameUser(id directory.ID, name string) directory.User {
	return directory.User{ID: id, Version: 1, UserName: name, State: directory.Active, Document: directory.Attributes{{Name: "userName", Value: name}}.Document()}
}

// In a file of an older release, userNames that are equal now are different. The file opens. The users are not merged: each is found by ID
// and by its own spelling, and can be written. The check, the rebuilt file and the list name them until one has another name.
func TestNamesThatAnOlderReleaseDistinguishedOpen(t *testing.T) {
	t.Parallel()
	composed, decomposed, wide, alone := directory.ID{15: 1}, directory.ID{15: 2}, directory.ID{15: 3}, directory.ID{15: 4}
	names := map[directory.ID]string{composed: "café", decomposed: "cafe\u0301", wide: "ＣＡＦÉ", alone: " Ｍira\u00ad"}
	path := olderNames(t, names)
	ctx := t.Context()
	well := func(path string, collisions int) {
		t.Helper()
		report, err := CheckFile(ctx, path, Options{}, Notes{})
		if err != nil || len(report.Findings) > 0 || len(report.Collisions) != collisions {
			t.Errorf("%s: %v, %v, %v", path, err, report.Findings, report.Collisions)
		}
	}
	well(path, 0)
	rebuilt := path + ".older"
	if err := Rebuild(ctx, path, rebuilt, Options{}, Notes{}); err != nil {
		t.Fatal(err)
	}
	well(rebuilt, 0)
	for _, path := range []string{path, rebuilt} {
		metrics, logged := NewMetrics(prometheus.NewPedanticRegistry()), &strings.Builder{}
		s, err := Open(path, Options{Metrics: metrics, Logger: slog.New(slog.NewTextHandler(logged, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if text := logged.String(); !strings.Contains(text, "tenant=acme") || !strings.Contains(text, decomposed.String()) || !strings.Contains(text, "cafe\u0301") {
			t.Errorf("the log says %q", text)
		}
		if n := testutil.ToFloat64(metrics.collisions.WithLabelValues("acme")); n != 1 {
			t.Errorf("%v collisions are counted", n)
		}
		all, err := s.NameCollisions(ctx)
		if err != nil || len(all) != 1 || all[0].Tenant != "acme" || !slices.Equal(all[0].Users, []directory.ID{composed, decomposed, wide}) {
			t.Errorf("the collisions are %v, %v", all, err)
		}
		byName := func(name string) (u directory.User) {
			t.Helper()
			err := s.View(ctx, "acme", nil, func(r store.Reader) (err error) {
				u, err = r.UserByName(name)
				return err
			})
			if err != nil {
				t.Errorf("%+q: %v", name, err)
			}
			return u
		}
		for id, name := range names {
			if u := byName(name); u.ID != id {
				t.Errorf("%+q is %s", name, u.ID)
			}
		}
		if u := byName("MIRA"); u.ID != alone || u.UserName != names[alone] {
			t.Errorf("the name of %s is %+q", u.ID, u.UserName)
		}
		if u := byName("CAFÉ"); u.ID != composed {
			t.Errorf("the oldest is %s", u.ID)
		}
		update := func(c directory.Change) error {
			c.Audit = make([]directory.Audit, 1)
			return s.Update(ctx, "acme", nil, func(store.Reader) (directory.Change, error) { return c, nil })
		}
		suspended := nameUser(decomposed, names[decomposed])
		suspended.State, suspended.Version = directory.Suspended, 2
		both := nameUser(wide, "cafE\u0301") // the same name in another spelling
		if err := update(directory.Change{Users: []directory.User{suspended, both}}); err != nil {
			t.Errorf("users that share a name cannot be written: %v", err)
		}
		if err := update(directory.Change{Users: []directory.User{nameUser(directory.ID{15: 9}, "Café")}}); directory.CodeOf(err) != directory.Conflict {
			t.Errorf("one more: %v", err)
		}
		if err := update(directory.Change{Users: []directory.User{nameUser(composed, "cafe"), nameUser(directory.ID{15: 9}, "Café")}}); directory.CodeOf(err) != directory.Conflict {
			t.Errorf("one more while another leaves: %v", err)
		}
		if err := update(directory.Change{Users: []directory.User{nameUser(alone, "cafe\u0301")}}); directory.CodeOf(err) != directory.Conflict {
			t.Errorf("another user is created: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		well(path, 1)
		again := path + ".rebuilt"
		if err := Rebuild(ctx, path, again, Options{}, Notes{}); err != nil {
			t.Fatal(err)
		}
		well(again, 1)
		metrics = NewMetrics(prometheus.NewPedanticRegistry())
		if s, err = Open(path, Options{Metrics: metrics}); err != nil {
			t.Fatal(err)
		}
		if err := update(directory.Change{Users: []directory.User{nameUser(decomposed, "coffee")}, RemoveUsers: []directory.ID{wide}}); err != nil {
			t.Errorf("the collision cannot be solved: %v", err)
		}
		if all, err = s.NameCollisions(ctx); err != nil || len(all) > 0 {
			t.Errorf("the collisions are %v, %v", all, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if n := testutil.CollectAndCount(metrics.collisions); n != 0 {
			t.Errorf("%d collisions are counted", n)
		}
		well(path, 0)
	}
}

func TestNameCollisionIsReported(t *testing.T) {
	text := directory.NameCollision{Tenant: "acme", Users: []directory.ID{{15: 1}, {15: 2}}, Names: []string{"café", "cafe\u0301"}}.String()
	if !strings.Contains(text, `"caf\u00e9"`) || !strings.Contains(text, `"cafe\u0301"`) || !strings.Contains(text, "rename or delete") {
		t.Error(text)
	}
}
