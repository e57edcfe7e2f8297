//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package bolt

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// LockFile takes a shared advisory lock (flock) on the file at path, so that no server can open it; it can still be read.
// Unavailable if a server has it open. release ends the lock.
func LockFile(path string) (release func() error, err error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, unfit(path, "", err)
	}
	for range 20 { // a stopping server needs a moment
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err == nil {
		return f.Close, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = inUse(path, err)
	} else {
		err = unfit(path, "could not be locked", err)
	}
	return nil, errors.Join(err, f.Close())
}

// owner says who owns a file.
func owner(info os.FileInfo) string {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf(" and belongs to user %d, group %d", s.Uid, s.Gid)
	}
	return ""
}
