//go:build linux || darwin

package app

import "syscall"

// freeDisk is how many bytes are free on the disk of a folder, -1 if that is unknown.
func freeDisk(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:unconvert // the types differ between systems
}
