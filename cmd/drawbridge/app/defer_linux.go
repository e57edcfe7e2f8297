package app

import "syscall"

// silentSeconds is about how long the kernel keeps a connection that sends nothing before the server has to accept it.
const silentSeconds = 5

// deferAccept leaves connections on which nothing was sent to the kernel, so that a client that opens and ends thousands of them costs the
// server nothing. Clients of HTTP and of TLS speak first.
func deferAccept(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		// A kernel that cannot do this hands them over, as without it.
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_DEFER_ACCEPT, silentSeconds)
	})
}
