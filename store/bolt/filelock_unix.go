//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package bolt

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Hold keeps servers from opening the file at path until release is called, while it can still be read. Unavailable if a
// server has it open. A file that is not there is an error.
func Hold(path string) (release func() error, err error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, unfit(path, "", err)
	}
	for range 20 { // a server that is just ending needs a moment
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err == nil {
		return f.Close, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = held(path, err)
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
