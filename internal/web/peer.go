package web

import (
	"context"
	"net"
	"os/user"
	"strconv"
)

type peerKey struct{}

// WithPeer notes which user is at the other end of a unix socket. It is the ConnContext of a server that listens on one. If the system does
// not tell, nothing is noted.
func WithPeer(ctx context.Context, conn net.Conn) context.Context {
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return ctx
	}
	uid, err := peerUID(socket)
	if err != nil {
		return ctx
	}
	return context.WithValue(ctx, peerKey{}, peerName(uid))
}

// PeerOf is the user that WithPeer noted, such as "root (uid 0)"; "" if there is none.
func PeerOf(ctx context.Context) string {
	name, _ := ctx.Value(peerKey{}).(string)
	return name
}

func peerName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil && u.Username != "" {
		return u.Username + " (uid " + id + ")"
	}
	return "uid " + id
}
