package web

import (
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
)

// IDs names requests: a random beginning for each process, and a count.
type IDs struct {
	prefix string
	count  atomic.Uint64
}

// NewIDs makes a source of request ids; random is read once.
func NewIDs(random io.Reader) (*IDs, error) {
	var b [6]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, err
	}
	return &IDs{prefix: hex.EncodeToString(b[:]) + "-"}, nil
}

// For gives the id of a request: what the client calls it, if that is harmless, else a new one.
func (s *IDs) For(r *http.Request) string {
	if given := r.Header["X-Request-Id"]; len(given) == 1 && harmless(given[0]) {
		return given[0]
	}
	var b [40]byte
	return string(strconv.AppendUint(append(b[:0], s.prefix...), s.count.Add(1), 36))
}

// harmless reports whether an id may stand in logs, headers and audit lines: short, and nothing but letters, digits and
// ".", "_", "-".
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
