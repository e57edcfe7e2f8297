package server

import (
	"net/url"
	"strings"
)

// maxSegments is more than any route has.
const maxSegments = 8

// path is the path of a request in segments. Empty ones are left out, so that double and trailing slashes mean nothing
// (row 64 of docs/quirks.md); "." and ".." are ordinary segments and match nothing.
type path struct {
	segments      [maxSegments]string
	n             int
	emptySegments bool // there were empty segments
	broken        bool // it is too long for any route, or an escape is invalid
}

// split cuts a path that is still escaped, so that an escaped slash stays part of its segment.
func split(escaped string) path {
	var p path
	rest := strings.TrimPrefix(escaped, "/")
	for rest != "" {
		segment, after, more := strings.Cut(rest, "/")
		rest = after
		if segment == "" {
			p.emptySegments = true
			continue
		}
		if more && after == "" {
			p.emptySegments = true
		}
		if p.n == maxSegments {
			p.broken = true
			break
		}
		if strings.IndexByte(segment, '%') >= 0 {
			plain, err := url.PathUnescape(segment)
			p.broken = p.broken || err != nil
			segment = plain
		}
		p.segments[p.n] = segment
		p.n++
	}
	return p
}

// parts gives the segments.
func (p *path) parts() []string { return p.segments[:p.n] }
