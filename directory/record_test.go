package directory_test

import (
	"testing"
	"time"

	"drawbridge/directory"
)

// AppendTime writes the same as package time in the form that RFC 7643 requires, for every year, zone and number of digits after the
// milliseconds.
func TestAppendTimeAgreesWithPackageTime(t *testing.T) {
	t.Parallel()
	const form = "2006-01-02T15:04:05.000Z"
	at := time.Date(2026, 3, 8, 23, 59, 59, 0, time.UTC)
	for _, x := range []time.Time{
		{},
		at,
		at.Add(7 * time.Millisecond),
		at.Add(70*time.Millisecond + 999*time.Microsecond),
		at.Add(999*time.Millisecond + 999_999),
		at.In(time.FixedZone("", -5*3600-1800)),
		time.Date(-44, 3, 15, 1, 2, 3, 4e6, time.UTC),
		time.Date(12026, 1, 1, 0, 0, 0, 12e6, time.UTC),
		time.Unix(-1, 5e6),
	} {
		want := "before" + x.UTC().Format(form)
		if got := string(directory.AppendTime([]byte("before"), x)); got != want {
			t.Errorf("AppendTime(%v) = %s, want %s", x, got, want)
		}
	}
}
