package siem

import (
	"errors"
	"net"
	"syscall"
	"time"
)

// userTimeout is TCP_USER_TIMEOUT, which syscall does not name.
const userTimeout = 18

// endUnacknowledged lets the connection fail if what was sent is not acknowledged in time. By itself that takes a quarter of an hour.
func endUnacknowledged(conn *net.TCPConn, after time.Duration) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failure error
	err = raw.Control(func(fd uintptr) {
		failure = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, userTimeout, int(after.Milliseconds()))
	})
	return errors.Join(err, failure)
}
