package pull_test

import (
	"slices"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/google/googletest"
	"drawbridge/pull"
	"drawbridge/store"
)

// A run mentions everybody whom it reads, also people who have not changed, so they are no orphans. A preview mentions no person (B10).
func TestRunMentionsThePeopleOfTheDirectory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	thirty := 30
	b.NewTenant("acme", 100, func(o *directory.Overrides) { o.OrphanDays = &thirty })
	b.connection("acme-google")
	ids := b.fill(2)
	b.sync(pull.Complete)
	b.OK(b.Flush(t.Context()))
	b.Clock.Advance(40 * 24 * time.Hour)
	b.account.Set(ids[0], googletest.Person{"name": map[string]any{"fullName": "New Name", "givenName": "New", "familyName": "Name"}})
	_, err := b.pull.Sync(t.Context(), b.Op, "acme-google", directory.RunDry)
	b.OK(err)
	mentioned := func() (days []string) {
		b.OK(b.Store.View(t.Context(), "acme", nil, func(r store.Reader) error {
			return r.KVs(directory.MentionKV, "", "", func(m directory.KV) error { days = append(days, m.Key+string(m.Value)); return nil })
		}))
		return days
	}
	before := mentioned()
	b.OK(b.Flush(t.Context()))
	if after := mentioned(); !slices.Equal(before, after) {
		t.Errorf("a preview changed the mentions from %v to %v", before, after)
	}
	b.sync(pull.Complete)
	report, err := b.Idle(t.Context(), b.Op, "acme")
	b.OK(err)
	if len(report.Unmentioned) != 0 {
		t.Errorf("people whom the last run read are not mentioned: %+v", report.Unmentioned)
	}
}
