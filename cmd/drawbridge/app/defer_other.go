//go:build !linux

package app

import "syscall"

func deferAccept(string, string, syscall.RawConn) error { return nil }
