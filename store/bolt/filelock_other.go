//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package bolt

import "os"

// LockFile only checks that the file exists: on this system nothing keeps a server from opening it meanwhile.
func LockFile(path string) (release func() error, err error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, unfit(path, "", err)
	}
	return f.Close, nil
}

// owner says who owns a file, where that is a number.
func owner(os.FileInfo) string { return "" }
