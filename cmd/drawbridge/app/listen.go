package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"drawbridge/console/wire"
)

// maxSocketPath is the length of a socket's path that every system accepts (macOS: 104 bytes with the zero at the end).
const maxSocketPath = 103

// listenSocket opens the operator's socket. Only the owner of the process may connect: the socket is made in a folder of its
// own and moved into place when its mode is right. An existing socket belongs to a dead process, because this process has the store.
func listenSocket(ctx context.Context, data string) (net.Listener, string, func() error, error) {
	socket, note := wire.Sockets(data)
	abs, err := filepath.Abs(socket)
	if err != nil {
		return nil, "", nil, err
	}
	if err := remove(socket, note); err != nil {
		return nil, "", nil, err
	}
	// The name of the folder in which it is made is longer than that of the socket.
	const room = len("/.socket-1234567890/s") - len("/drawbridge.sock")
	if len(abs)+room <= maxSocketPath {
		dir, err := os.MkdirTemp(data, ".socket-")
		if err != nil {
			return nil, "", nil, err
		}
		defer func() { _ = os.Remove(dir) }() // an empty folder does no harm
		ln, err := listenUnix(ctx, filepath.Join(dir, "s"))
		if err != nil {
			return nil, "", nil, err
		}
		if err := os.Rename(filepath.Join(dir, "s"), socket); err != nil {
			return nil, "", nil, errors.Join(err, ln.Close())
		}
		return ln, abs, func() error { return remove(socket) }, nil
	}
	// The path is too long for a socket: it goes where temporary files are, and a note beside the store says where.
	dir, err := os.MkdirTemp("", "drawbridge-")
	if err != nil {
		return nil, "", nil, err
	}
	place := filepath.Join(dir, "s")
	if len(place) > maxSocketPath {
		return nil, "", nil, fmt.Errorf("the path of the socket %s has more than %d characters, and so has the temporary folder %s; choose a shorter data folder or TMPDIR", abs, maxSocketPath, dir)
	}
	ln, err := listenUnix(ctx, place)
	if err != nil {
		return nil, "", nil, err
	}
	if err := os.WriteFile(note, []byte(place+"\n"), 0o600); err != nil {
		return nil, "", nil, errors.Join(err, ln.Close())
	}
	return ln, place, func() error { return errors.Join(remove(note), os.RemoveAll(dir)) }, nil
}

func listenTCP(ctx context.Context, address string) (net.Listener, error) {
	lc := net.ListenConfig{Control: deferAccept}
	return lc.Listen(ctx, "tcp", address)
}

func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if u, ok := ln.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // it is moved, and removed by its own cleanup
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}

func remove(files ...string) error {
	var errs []error
	for _, f := range files {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
