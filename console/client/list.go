package client

import (
	"context"
	"maps"
	"net/url"
	"strconv"

	"drawbridge/console/wire"
)

// List says which page of a list to return. Zero values are left out.
type List struct {
	Q      string // a part of the name
	Filter Filter
	Sort   string
	Dir    string // "asc" or "desc"
	Cursor string // Next of the page before
	Limit  int
}

// Filter filters a list: parameters of the operation, such as "state", with the wanted values. Empty values are left out.
type Filter map[string]string

// Narrowed reports whether l asks for only a part of the list.
func (l List) Narrowed() bool {
	if l.Q != "" {
		return true
	}
	for _, value := range l.Filter {
		if value != "" {
			return true
		}
	}
	return false
}

func (l List) query() url.Values {
	v := url.Values{}
	for name, value := range l.Filter {
		set(v, name, value)
	}
	set(v, "q", l.Q)
	set(v, "sort", l.Sort)
	set(v, "dir", l.Dir)
	set(v, "cursor", l.Cursor)
	if l.Limit > 0 {
		v.Set("limit", strconv.Itoa(l.Limit))
	}
	return v
}

func set(v url.Values, name, value string) {
	if value != "" {
		v.Set(name, value)
	}
}

// DryRun makes a call report only what it would do.
type DryRun bool

func (d DryRun) query() url.Values { return flag("dry_run", bool(d)) }

// flag is a query with a flag that is set, or none.
func flag[T ~bool](name string, set T) url.Values {
	if !set {
		return nil
	}
	return url.Values{name: {"true"}}
}

// whole reads a list to its end, page by page.
func whole[T any](ctx context.Context, c *Client, path string, query url.Values) (wire.Page[T], error) {
	out := wire.Page[T]{Items: []T{}}
	q := url.Values{"limit": {"500"}}
	maps.Copy(q, query)
	for {
		page, err := get[wire.Page[T]](ctx, c, path, q)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, page.Items...)
		if page.Next == "" {
			return out, nil
		}
		q.Set("cursor", page.Next)
	}
}
