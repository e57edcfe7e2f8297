package policy

import "drawbridge/directory"

// Idle says since which day a user has been without activity, and whether that is too long (B10). last is the day of the last
// reported activity, "" for none. reported is the span of days for which the application has reported any. If it has never reported
// activity, no user is idle, because the report must not guess. Days count up to the last report, so an application that stops
// reporting makes no user idle.
func Idle(u *directory.User, last directory.Day, reported directory.Span, days int) (since directory.Day, idle bool) {
	if days == 0 || reported.Since == "" || !Occupied(u.State) {
		return "", false
	}
	begin := u.AcceptedAt
	if begin.IsZero() {
		begin = u.Created
	}
	since = max(last, directory.DayOf(begin.UTC()), reported.Since)
	return since, since.Until(reported.Last) >= days
}

// Unmentioned says since which day the identity provider that manages a user has not mentioned them, and whether that is too long
// (B10). last is the day of the last mention, "" for none. noted is the span of days on which mentions were recorded. heard is the day
// of the last request of the connection; C7 is about a connection that is completely silent.
func Unmentioned(u *directory.User, last directory.Day, noted directory.Span, heard directory.Day, days int) (since directory.Day, unmentioned bool) {
	if days == 0 || noted.Since == "" || heard == "" || u.Connection == "" || !Occupied(u.State) {
		return "", false
	}
	since = max(last, directory.DayOf(u.Created.UTC()), noted.Since)
	if !u.StatedAt.IsZero() {
		since = max(since, directory.DayOf(u.StatedAt.UTC()))
	}
	return since, since.Until(heard) >= days
}
