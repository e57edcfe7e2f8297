//go:build !linux

package app

// SlowMonitor does something on Linux only.
func SlowMonitor() {}
