package wire

import "path/filepath"

const (
	socketName = "drawbridge.sock"
	pathName   = "drawbridge.sock.path"
)

// Sockets gives the two names that a server and its clients agree on in a data folder: the socket, and the file that holds
// the socket's real path when the folder's own path is too long for one.
func Sockets(data string) (socket, path string) {
	return filepath.Join(data, socketName), filepath.Join(data, pathName)
}
