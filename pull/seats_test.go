package pull_test

import (
	"fmt"
	"slices"
	"testing"

	"drawbridge/directory"
	"drawbridge/google/googletest"
	"drawbridge/pull"
)

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
