package bolt

import (
	"testing"

	"drawbridge/directory"
	"drawbridge/store"
)

// With the result of an earlier page, no counting or skipping is necessary, so the cost of a walk is linear. After a change the result is
// not used.
func TestPageContinuesWithoutCounting(t *testing.T) {
	t.Parallel()
	s := poolStore(t, Options{})
	poolWrite(t, s, "acme", directory.Change{Users: []directory.User{poolUser("acme", 1)}})
	version := func() (v uint64) {
		err := s.View(t.Context(), "acme", nil, func(r store.Reader) error {
			page, err := r.Users(directory.Query{Count: 1}, func(*directory.User, []directory.GroupRef) error { return nil })
			v = page.Version
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	known := &directory.Known{Version: version(), Total: 7, Next: 11, Mark: directory.Mark{ID: directory.ID{1}}}
	after := &directory.Mark{ID: directory.ID{2}}
	place := func(q directory.Query) (p place) {
		err := s.View(t.Context(), "acme", nil, func(r store.Reader) error {
			reader, ok := r.(*reader)
			if !ok {
				t.Fatalf("the reader is a %T", r)
			}
			p = (&table{r: reader}).place(&q)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := place(directory.Query{Start: 21, Known: known}); p.mark == nil || p.mark.ID != known.Mark.ID || p.skip != 10 || p.total != 7 {
		t.Errorf("a later page begins at %+v", p)
	}
	if p := place(directory.Query{Start: 5, Known: known}); p.mark != nil || p.skip != 4 || p.total != 7 {
		t.Errorf("an earlier page begins at %+v", p)
	}
	if p := place(directory.Query{After: after, Known: known}); p.mark != after || p.skip != 0 || p.total != 7 {
		t.Errorf("a page after a mark begins at %+v", p)
	}
	poolWrite(t, s, "acme", directory.Change{Users: []directory.User{poolUser("acme", 2)}})
	if p := place(directory.Query{Start: 21, Known: known}); p.mark != nil || p.skip != 20 || p.total != -1 {
		t.Errorf("after a change a page begins at %+v", p)
	}
	if p := place(directory.Query{After: after, Known: known}); p.mark != after || p.total != -1 {
		t.Errorf("after a change a page after a mark begins at %+v", p)
	}
}
