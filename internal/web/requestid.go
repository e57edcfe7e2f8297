package web

import (
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
)

// RequestIDs makes the ids of requests: a random prefix for the process, and a counter.
type RequestIDs struct {
	prefix string
	count  atomic.Uint64
}

// NewRequestIDs makes a source of request ids. It reads random once.
func NewRequestIDs(random io.Reader) (*RequestIDs, error) {
	var b [6]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, err
	}
	return &RequestIDs{prefix: hex.EncodeToString(b[:]) + "-"}, nil
}

// For returns the id that the client gave to r if it is harmless, or a new one.
func (s *RequestIDs) For(r *http.Request) string {
	if given := r.Header["X-Request-Id"]; len(given) == 1 && harmless(given[0]) {
		return given[0]
	}
	var b [40]byte
	return string(strconv.AppendUint(append(b[:0], s.prefix...), s.count.Add(1), 36))
}

// harmless reports whether id may be written to logs, headers and audit lines: 4 to 64 letters, digits, ".", "_" and "-".
func harmless(id string) bool {
	if len(id) < 4 || len(id) > 64 {
		return false
	}
	for i := 0; i < len(id); i++ {
		c := id[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}
