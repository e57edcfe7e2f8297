package observe

import (
	"context"
	"maps"
	"slices"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// breakCircles gives a free userName to one user of each circle of renames. Two users who swap their names are such a circle:
// each waits for the name of the other. The next pass gives all of them their own names. broken is false if there was no circle.
func (w *promotion) breakCircles(ctx context.Context) (broken bool, err error) {
	for _, name := range slices.Sorted(maps.Keys(w.renames)) {
		circle := w.circle(name)
		if circle == nil {
			continue
		}
		if err := w.moveAside(ctx, circle[0]); directory.CodeOf(err) == directory.Unavailable {
			return broken, err
		} else if err == nil { // otherwise a rule refuses it, and the last pass has reported why the change is left
			broken = true
		}
		for _, change := range circle {
			delete(w.renames, directory.UserNameKey(change.Was))
		}
	}
	return broken, nil
}

// circle gives the changes that wait for each other, beginning with the user who has the name with this key; nil if they do not.
func (w *promotion) circle(start string) (circle []*Change) {
	for key := start; len(circle) <= len(w.renames); {
		change, ok := w.renames[key]
		if !ok {
			return nil
		}
		circle = append(circle, change)
		if key = directory.UserNameKey(change.Name); key == start {
			return circle
		}
	}
	return nil
}

// moveAside writes a user as the copy has it, but with the id before the userName.
func (w *promotion) moveAside(ctx context.Context, change *Change) error {
	draft := draftOf(change)
	_, err := w.s.cfg.Bridge.EditUser(ctx, w.s.identityProvider(w.p, w.c), change.ID, directory.Precondition{}, func(u *directory.User) (directory.UserDraft, error) {
		d, err := draft(u)
		d.UserName = change.ID.String() + "-" + d.UserName
		document := txn.Decoded(d.Document)
		document.Set("userName", d.UserName)
		d.Document = document.Document()
		return d, err
	})
	return err
}
