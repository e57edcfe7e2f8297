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

// olderFile is a file of an older release, in which userNames that are equal now are different.
type olderFile struct {
	*testing.T
	names                             map[directory.ID]string
	composed, decomposed, wide, alone directory.ID
}

// well checks a file, which has so many collisions.
func (t *olderFile) well(path string, collisions int) {
	t.Helper()
	report, err := CheckFile(t.Context(), path, Options{}, Notes{})
	if err != nil || len(report.Findings) > 0 || len(report.Collisions) != collisions {
		t.Errorf("%s: %v, %v, %v", path, err, report.Findings, report.Collisions)
	}
}

// opened opens the file. The log, the metric and the list name the collision.
func (t *olderFile) opened(path string) *Store {
	t.Helper()
	metrics, logged := NewMetrics(prometheus.NewPedanticRegistry()), &strings.Builder{}
	s, err := Open(path, Options{Metrics: metrics, Logger: slog.New(slog.NewTextHandler(logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if text := logged.String(); !strings.Contains(text, "tenant=acme") || !strings.Contains(text, t.decomposed.String()) || !strings.Contains(text, "cafe\u0301") {
		t.Errorf("the log says %q", text)
	}
	if n := testutil.ToFloat64(metrics.collisions.WithLabelValues("acme")); n != 1 {
		t.Errorf("%v collisions are counted", n)
	}
	all, err := s.NameCollisions(t.Context())
	if err != nil || len(all) != 1 || all[0].Tenant != "acme" || !slices.Equal(all[0].Users, []directory.ID{t.composed, t.decomposed, t.wide}) {
		t.Errorf("the collisions are %v, %v", all, err)
	}
	return s
}

// found finds each user by the own spelling, and the oldest by another one.
func (t *olderFile) found(s *Store) {
	t.Helper()
	byName := func(name string) (u directory.User) {
		t.Helper()
		err := s.View(t.Context(), "acme", nil, func(r store.Reader) (err error) {
			u, err = r.UserByName(name)
			return err
		})
		if err != nil {
			t.Errorf("%+q: %v", name, err)
		}
		return u
	}
	for id, name := range t.names {
		if u := byName(name); u.ID != id {
			t.Errorf("%+q is %s", name, u.ID)
		}
	}
	if u := byName("MIRA"); u.ID != t.alone || u.UserName != t.names[t.alone] {
		t.Errorf("the name of %s is %+q", u.ID, u.UserName)
	}
	if u := byName("CAFÉ"); u.ID != t.composed {
		t.Errorf("the oldest is %s", u.ID)
	}
}

// update writes a change.
func (t *olderFile) update(s *Store, c directory.Change) error {
	c.Audit = make([]directory.Audit, 1)
	return s.Update(t.Context(), "acme", nil, func(store.Reader) (directory.Change, error) { return c, nil })
}

// written: users that share a name can be written, and no other user gets the name.
func (t *olderFile) written(s *Store) {
	t.Helper()
	suspended := nameUser(t.decomposed, t.names[t.decomposed])
	suspended.State, suspended.Version = directory.Suspended, 2
	both := nameUser(t.wide, "cafE\u0301") // the same name in another spelling
	if err := t.update(s, directory.Change{Users: []directory.User{suspended, both}}); err != nil {
		t.Errorf("users that share a name cannot be written: %v", err)
	}
	if err := t.update(s, directory.Change{Users: []directory.User{nameUser(directory.ID{15: 9}, "Café")}}); directory.CodeOf(err) != directory.Conflict {
		t.Errorf("one more: %v", err)
	}
	if err := t.update(s, directory.Change{Users: []directory.User{nameUser(t.composed, "cafe"), nameUser(directory.ID{15: 9}, "Café")}}); directory.CodeOf(err) != directory.Conflict {
		t.Errorf("one more while another leaves: %v", err)
	}
	if err := t.update(s, directory.Change{Users: []directory.User{nameUser(t.alone, "cafe\u0301")}}); directory.CodeOf(err) != directory.Conflict {
		t.Errorf("another user is created: %v", err)
	}
}

// solved: a rebuilt file has the collision too, and it ends when a user gets another name.
func (t *olderFile) solved(path string) {
	t.Helper()
	t.well(path, 1)
	again := path + ".rebuilt"
	if err := Rebuild(t.Context(), path, again, Options{}, Notes{}); err != nil {
		t.Fatal(err)
	}
	t.well(again, 1)
	metrics := NewMetrics(prometheus.NewPedanticRegistry())
	s, err := Open(path, Options{Metrics: metrics})
	if err != nil {
		t.Fatal(err)
	}
	if err := t.update(s, directory.Change{Users: []directory.User{nameUser(t.decomposed, "coffee")}, RemoveUsers: []directory.ID{t.wide}}); err != nil {
		t.Errorf("the collision cannot be solved: %v", err)
	}
	if all, err := s.NameCollisions(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("the collisions are %v, %v", all, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := testutil.CollectAndCount(metrics.collisions); n != 0 {
		t.Errorf("%d collisions are counted", n)
	}
	t.well(path, 0)
}

// In a file of an older release, userNames that are equal now are different. The file opens. The users are not merged: each is found by ID
// and by its own spelling, and can be written. The check, the rebuilt file and the list name them until one has another name.
func TestNamesThatAnOlderReleaseDistinguishedOpen(t *testing.T) {
	t.Parallel()
	f := &olderFile{T: t, composed: directory.ID{15: 1}, decomposed: directory.ID{15: 2}, wide: directory.ID{15: 3}, alone: directory.ID{15: 4}}
	f.names = map[directory.ID]string{f.composed: "café", f.decomposed: "cafe\u0301", f.wide: "ＣＡＦÉ", f.alone: " Ｍira\u00ad"}
	path := olderNames(t, f.names)
	f.well(path, 0)
	rebuilt := path + ".older"
	if err := Rebuild(t.Context(), path, rebuilt, Options{}, Notes{}); err != nil {
		t.Fatal(err)
	}
	f.well(rebuilt, 0)
	for _, path := range []string{path, rebuilt} {
		s := f.opened(path)
		f.found(s)
		f.written(s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		f.solved(path)
	}
}

func TestNameCollisionIsReported(t *testing.T) {
	t.Parallel()
	text := directory.NameCollision{Tenant: "acme", Users: []directory.ID{{15: 1}, {15: 2}}, Names: []string{"café", "cafe\u0301"}}.String()
	if !strings.Contains(text, `"caf\u00e9"`) || !strings.Contains(text, `"cafe\u0301"`) || !strings.Contains(text, "rename or delete") {
		t.Error(text)
	}
}
