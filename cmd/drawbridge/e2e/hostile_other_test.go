//go:build !linux

package e2e

// attackAsOrdered has nothing to do: the memory of a process is read from /proc.
func attackAsOrdered() {}
