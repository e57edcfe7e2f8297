package server

import (
	"math"
	"net/url"
	"strconv"
	"strings"

	"drawbridge/scim"
)

// params are the query parameters of SCIM (RFC 7644 §3.4.2, §3.9; RFC 9865 §2), from a URL or from a SearchRequest.
type params struct {
	filter     string
	filterSet  bool // there is a filter, even an empty one
	sortBy     string
	sortOrder  string
	start      int // 1-based; 0: not given
	count      int // -1: not given
	cursor     string
	cursorSet  bool // there is a cursor, possibly empty: page by cursor
	startSet   bool
	countBad   bool // the count is not a number; the error depends on the way of paging
	attributes []string
	excluded   []string
}

// projected reports whether the client asked for certain attributes.
func (p *params) projected() bool { return len(p.attributes) > 0 }

// parseParams reads the query part of a URL. Names have no case; values are decoded as in forms. Unknown and empty parameters are
// ignored (quirk 26), except an empty filter: ignoring it would list all users.
func parseParams(raw string, q *scim.Quirks) (params, error) {
	p := params{count: -1}
	for raw != "" {
		pair, rest, more := strings.Cut(raw, "&")
		raw = rest
		if pair == "" || (more && rest == "") {
			q.Add(quirkQuery)
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := unescape(name)
		if err != nil {
			return p, err
		}
		known := knownParam(name)
		if known == "" {
			continue
		}
		if value, err = unescape(value); err != nil {
			return p, err
		}
		if value == "" && known != "cursor" && known != "filter" {
			q.Add(quirkQuery)
		}
		if err := p.set(known, strings.TrimRight(value, "?"), value, q); err != nil {
			return p, err
		}
	}
	return p, nil
}

// paramNames are the parameters of a query, in a URL or in a SearchRequest.
func paramNames() [8]string {
	return [...]string{"filter", "count", "startIndex", "attributes", "excludedAttributes", "sortBy", "sortOrder", "cursor"}
}

// knownParam is the canonical spelling of a parameter, "" for one that SCIM does not have.
func knownParam(name string) string {
	for _, known := range paramNames() {
		if len(known) == len(name) && strings.EqualFold(known, name) {
			return known
		}
	}
	return ""
}

// set takes one parameter; trimmed is the value without the "?" that some clients leave at the end of a URL.
func (p *params) set(name, trimmed, value string, q *scim.Quirks) error {
	switch name {
	case "filter":
		p.filter, p.filterSet = strings.TrimSpace(value), true
	case "sortBy":
		p.sortBy = strings.TrimSpace(trimmed)
	case "sortOrder":
		p.sortOrder = strings.TrimSpace(trimmed)
	case "cursor":
		p.cursor, p.cursorSet = value, true
	case "attributes":
		p.attributes = names(p.attributes, value)
	case "excludedAttributes":
		p.excluded = names(p.excluded, value)
	case "startIndex":
		if strings.TrimSpace(trimmed) == "" {
			return nil
		}
		n, ok := integer(strings.TrimSpace(trimmed))
		if !ok {
			return scim.InvalidValue("startIndex must be an integer")
		}
		p.setStart(n, q)
	case "count":
		if strings.TrimSpace(trimmed) == "" {
			return nil
		}
		n, ok := integer(strings.TrimSpace(trimmed))
		p.countBad = !ok
		p.setCount(n, q)
	}
	return nil
}

func (p *params) setStart(n int, q *scim.Quirks) {
	if n < 1 {
		q.Add(quirkCount)
	}
	p.start, p.startSet = max(n, 1), true
}

func (p *params) setCount(n int, q *scim.Quirks) {
	if n < 0 {
		q.Add(quirkCount)
	}
	p.count = max(n, 0)
}

// names adds a list of attribute names, which scim.ParseProjection parses.
func names(to []string, list string) []string {
	if list = strings.Trim(list, " ,"); list != "" {
		to = append(to, list)
	}
	return to
}

// integer reads an integer; one that does not fit is the largest or smallest that does.
func integer(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	if err == nil {
		return n, text[0] != '+'
	}
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	if digits != text {
		return math.MinInt, true
	}
	return math.MaxInt, true
}

func unescape(text string) (string, error) {
	if strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, '+') < 0 {
		return text, nil
	}
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return "", scim.InvalidValue("the query of the URL has a broken %-escape")
	}
	return plain, nil
}
