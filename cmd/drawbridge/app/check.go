package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/store/bolt"
)

// CheckFile lets a worker check every page and every record of a store file that no server has open.
func CheckFile(ctx context.Context, file string, hear func(wire.Progress)) (wire.CheckReport, error) {
	p, err := thisProgram()
	if err != nil {
		return wire.CheckReport{}, err
	}
	report, err := p.checkFile(ctx, hear, file)
	return report, forCommand(err)
}

// Repaired says what a repair has done.
type Repaired struct {
	Before wire.CheckReport `json:"before"`
	After  wire.CheckReport `json:"after"`
	// Kept is the path of the previous file. "": nothing was done.
	Kept string `json:"kept,omitempty"`
}

// Repair rebuilds the derived data of a store file: indexes, counts, counts of members, the index from members to groups, the numbers of
// audit lines and events. It does not change records, not even damaged ones, and never adds one. It writes another file, compares every
// record, and keeps the old file beside the new one, under a name with the time now.
func Repair(ctx context.Context, file string, now time.Time, hear func(wire.Progress)) (Repaired, error) {
	p, err := thisProgram()
	if err != nil {
		return Repaired{}, err
	}
	out, err := p.repair(ctx, file, now, hear)
	return out, forCommand(err)
}

func (p program) repair(ctx context.Context, file string, now time.Time, hear listener) (Repaired, error) {
	var out Repaired
	err := replace(file, func(part string) (bool, error) {
		var err error
		if out.Before, err = p.checkFile(ctx, hear, file); err != nil {
			return false, err
		}
		out.After = out.Before
		if len(out.Before.Findings) == 0 {
			return false, nil
		}
		if _, err := p.run(ctx, hear, "rebuild", file, part); err != nil {
			return false, err
		}
		after, err := p.verified(ctx, hear, "records", file, part)
		if err != nil {
			return false, err
		}
		if slices.Equal(after.Findings, out.Before.Findings) {
			return false, nil // a fault is not in derived data
		}
		out.After, out.After.File = after, file
		out.Kept, err = keepOld(file, file+".before-repair-"+now.UTC().Format(backupTime))
		return true, err
	})
	return out, err
}

// verified checks a new file and compares it with the old one.
func (p program) verified(ctx context.Context, hear listener, comparison, file, part string) (wire.CheckReport, error) {
	report, err := p.checkFile(ctx, hear, part)
	if err != nil {
		return report, err
	}
	same, err := p.run(ctx, hear, comparison, file, part)
	if err != nil {
		return report, err
	}
	if len(same.Findings) > 0 {
		return report, &directory.Error{
			Code:    directory.Internal,
			Message: fmt.Sprintf("the new file differs from the old one in %d places, so %s was left as it is. The first: %s", len(same.Findings), file, same.Findings[0]),
		}
	}
	return report, nil
}

// replace puts a new file in the place of a store, which no server may open meanwhile. build writes it to part, and says whether it is
// good. Whatever fails, the old file is unchanged until the new file has its name.
func replace(file string, build func(part string) (bool, error)) (err error) {
	release, err := bolt.LockFile(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	part := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".new"+partSuffix)
	defer func() {
		if left := os.Remove(part); !errors.Is(left, fs.ErrNotExist) {
			err = errors.Join(err, left)
		}
	}()
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) { // of one that was interrupted
		return err
	}
	good, err := build(part)
	if err != nil || !good {
		return err
	}
	if err := os.Rename(part, file); err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}

// keepOld gives the old file a second name, or copies it if the file system has no links. The name may get a number as a
// suffix. A copy that an interrupted repair has made is not made twice.
func keepOld(file, keep string) (string, error) {
	for n := 1; ; n++ {
		name := keep
		if n > 1 {
			name = fmt.Sprintf("%s-%d", keep, n)
		}
		err := os.Link(file, name)
		switch {
		case err == nil || sameFile(file, name):
			return name, nil
		case errors.Is(err, fs.ErrExist) && n < 100:
			continue
		case errors.Is(err, fs.ErrExist):
			return "", err
		}
		return name, copyFile(context.Background(), file, name, "", nil)
	}
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
