package policy

import (
	"fmt"
	"time"

	"drawbridge/directory"
)

// snapshotSettles is how long after its instant a snapshot is taken at the earliest, so that writes of that instant have reached the store.
const snapshotSettles = 30 * time.Second

// snapshotLate is how long after its instant a snapshot counts as late.
const snapshotLate = time.Hour

// SnapshotTime reads hh:mm. The error is Invalid with Field snapshot_time.
func SnapshotTime(text string) (hour, minute int, err error) {
	at, err := time.Parse("15:04", text)
	if err != nil {
		return 0, 0, &directory.Error{Code: directory.Invalid, Field: "snapshot_time", Message: fmt.Sprintf("snapshot_time is hh:mm between 00:00 and 23:59, not %q", text)}
	}
	return at.Hour(), at.Minute(), nil
}

// SnapshotInstant is the instant at which day is counted in zone (B7). ok is false for a day that does not exist in the zone (some islands
// have skipped one). If the clock jumps over the time, the day is counted at the jump. If the clock shows the time twice, it is always the
// same one of the two.
func SnapshotInstant(day directory.Day, zone *time.Location, hour, minute int) (at time.Time, ok bool) {
	date, ok := day.Time()
	if !ok {
		return at, false
	}
	wanted := time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, time.UTC)
	at = time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, zone)
	_, offset := at.Zone()
	shown := at.Add(time.Duration(offset) * time.Second) // the date and the time that the clock shows, as if they were UTC
	if !shown.Equal(wanted) {                            // the zone has no such time: time.Date gives one beside the gap, perhaps of another date
		begins, ends := at.ZoneBounds()
		if at = ends; shown.After(wanted) {
			at = begins
		}
	}
	return at, directory.DayOf(at) == day
}

// DailyTime is a time of day in a zone.
type DailyTime struct {
	Zone         *time.Location
	Hour, Minute int
}

// SnapshotsDue gives the days that are to be counted at now, at a time of day, oldest first: each day after last whose instant has passed and is not
// before the creation of the tenant. last is the day of the newest snapshot, "" if there is none.
func SnapshotsDue(when DailyTime, created, now time.Time, last directory.Day) []directory.Day {
	first := directory.DayOf(created.In(when.Zone))
	if last != "" {
		first = last.Add(1)
	}
	var due []directory.Day
	for day := first; day <= directory.DayOf(now.In(when.Zone)); day = day.Add(1) {
		at, ok := SnapshotInstant(day, when.Zone, when.Hour, when.Minute)
		if !ok || at.Before(created) {
			continue
		}
		if now.Before(at.Add(snapshotSettles)) {
			break
		}
		due = append(due, day)
	}
	return due
}

// SnapshotIsLate reports whether a snapshot of the instant at, taken at now, is marked as late.
func SnapshotIsLate(at, now time.Time) bool { return now.Sub(at) > snapshotLate }

// SnapshotIsAhead reports whether a snapshot was taken while the clock was ahead, so that its day is counted again when it comes.
func SnapshotIsAhead(taken, now time.Time) bool { return taken.Sub(now) > directory.ClockStep }

// Billed is how many seats are charged for the given billable members and guests (B3).
func Billed(s directory.Settings, members, guests int) int {
	return max(0, members-s.IncludedSeats) + max(0, guests-s.IncludedGuests)
}

func isDay(d directory.Day) bool {
	_, ok := d.Time()
	return ok
}
