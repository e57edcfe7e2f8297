//go:build !linux

package siem

import (
	"net"
	"time"
)

// endUnacknowledged does nothing here: the system decides when an unacknowledged packet ends the connection.
func endUnacknowledged(*net.TCPConn, time.Duration) error { return nil }
