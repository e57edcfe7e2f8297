package policy

import "drawbridge/directory"

// Idle says since which day a user has been without activity, and whether that is too long (B10). last is the day of the last
// activity that was reported, "" for none; reported is over which days the application has reported any. Where it has never done
// so nobody is idle: nothing is guessed. It counts up to the last report, so that an application that fell silent makes
// nobody idle.
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
// (B10). last is the day of the last mention, "" for none; noted is over which days mentions were noted; heard is the day on which
// the connection was last heard of: a connection that is silent altogether is the business of C7.
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
