package pull_test

import (
	"fmt"
	"slices"
	"testing"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/google/googletest"
	"drawbridge/pull"
)

// Two new people would get one userName by the mapping, and two have one address. The first of the list gets it, in the preview and in the run.
func TestPreviewKnowsNamesThatMeet(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.NewTenant("acme", 100)
	b.connection("acme-google", func(d *bridge.ConnectionDraft) {
		d.Attributes = &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetUserName, Source: "title"}}}
	})
	title := func(text string) googletest.Person {
		return googletest.Person{"organizations": []any{map[string]any{"title": text, "primary": true}}}
	}
	b.account.Set(b.adminID, title("Chief"))
	for i := range 20 {
		b.account.Add(fmt.Sprintf("user%02d@acme.example", i), "User", fmt.Sprint(i), title(fmt.Sprint("Boss ", i/2)))
	}
	preview, err := b.pull.Sync(t.Context(), b.Op, "acme-google", directory.RunDry)
	b.OK(err)
	run := b.sync(pull.Complete)
	if preview.Count != run.Count || run.Count.Created != 11 || run.Count.Refused != 10 {
		t.Errorf("the preview says %+v, and the run did %+v", preview.Count, run.Count)
	}
	for _, item := range run.Items {
		if item.Refused == (item.Name == admin || even(item.Name)) {
			t.Errorf("%+v", item)
		}
	}
}

// Addresses pass from one person to another in one run: to one who is known, and to a new one. The preview knows that they are free by then.
func TestPreviewKnowsNamesThatPass(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	ids := b.fill(4)
	b.sync(pull.Complete)
	b.account.Set(ids[0], googletest.Person{"primaryEmail": "ada.king@acme.example"})
	b.account.Add("user00000@acme.example", "New", "Person", nil)
	b.account.Delete(ids[1])
	b.account.Set(ids[2], googletest.Person{"primaryEmail": "user00001@acme.example"})
	b.account.Set(ids[3], googletest.Person{"primaryEmail": "aaa@acme.example"})
	preview, err := b.pull.Sync(t.Context(), b.Op, "acme-google", directory.RunDry)
	b.OK(err)
	run := b.later(pull.Complete)
	if preview.Count != run.Count || run.Count.Refused != 0 || run.Count.Created != 1 || run.Count.Updated != 3 {
		t.Errorf("the preview says %+v, and the run did %+v", preview.Count, run.Count)
	}
}

func even(address string) bool { return (address[len("user0")]-'0')%2 == 0 }

// The last seats go to the people whom the preview names, although people are created at the same time (E7).
func TestLastSeatsGoToThePeopleOfThePreview(t *testing.T) {
	t.Parallel()
	for seats := 3; seats < 13; seats++ {
		b := newBench(t)
		b.NewTenant("acme", seats)
		b.connection("acme-google")
		for i := range 30 {
			b.account.Add(fmt.Sprintf("user%02d@acme.example", i), "User", fmt.Sprint(i), googletest.Person{"archived": i%4 == 0})
		}
		created := func(r pull.Result) (names []string) {
			for _, item := range r.Items {
				if !item.Refused {
					names = append(names, item.Name)
				}
			}
			slices.Sort(names)
			return names
		}
		preview, err := b.pull.Sync(t.Context(), b.Op, "acme-google", directory.RunDry)
		b.OK(err)
		run := b.sync(pull.Complete)
		if want, got := created(preview), created(run); !slices.Equal(got, want) || run.Count != preview.Count {
			t.Errorf("with %d seats the preview creates %v, and the run %v", seats, want, got)
		}
	}
}
