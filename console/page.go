package console

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// place is where a page ended: the sort key and the id of its last entry.
type place struct{ key, id string }

// A cursor is opaque to clients, so that it can change; it is no secret and gives no right.
func (p place) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.id + "\x00" + p.key))
}

func parseCursor(text string) (place, error) {
	data, err := base64.RawURLEncoding.DecodeString(text)
	id, key, ok := strings.Cut(string(data), "\x00")
	if err != nil || !ok {
		return place{}, noCursor()
	}
	return place{key: key, id: id}, nil
}

func noCursor() error {
	return &directory.Error{Code: directory.Invalid, Field: "cursor", Message: "this is no cursor of this list; begin again without one"}
}

// paged sorts entries and cuts the page behind the cursor out of them. at gives the sort key and the id of an entry.
func paged[T any](entries []T, q PageQuery, descending bool, at func(T) place) (wire.Page[T], error) {
	order := func(a, b place) int {
		c := cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
		if descending {
			return -c
		}
		return c
	}
	slices.SortFunc(entries, func(a, b T) int { return order(at(a), at(b)) })
	if q.Cursor != "" {
		after, err := parseCursor(q.Cursor)
		if err != nil {
			return wire.Page[T]{}, err
		}
		from, found := slices.BinarySearchFunc(entries, after, func(e T, p place) int { return order(at(e), p) })
		if found {
			from++
		}
		entries = entries[from:]
	}
	page := wire.Page[T]{Items: entries}
	if len(entries) > q.Limit {
		page.Items = entries[:q.Limit]
		page.Next = at(page.Items[q.Limit-1]).cursor()
	}
	if page.Items == nil {
		page.Items = []T{}
	}
	return page, nil
}

// inOrder cuts the page behind the cursor out of entries, whose order it keeps. Where the entry at which a page ended is
// gone meanwhile, the next page begins with what stands in its place.
func inOrder[T any](entries []T, q PageQuery, id func(*T) string) (wire.Page[T], error) {
	page := wire.Page[T]{Items: []T{}}
	from := 0
	if q.Cursor != "" {
		after, err := parseCursor(q.Cursor)
		if err != nil {
			return page, err
		}
		if from, err = strconv.Atoi(after.key); err != nil || from < 0 {
			return page, noCursor()
		}
		if at := slices.IndexFunc(entries, func(e T) bool { return id(&e) == after.id }); at >= 0 {
			from = at + 1
		}
		from = min(from, len(entries))
	}
	to := min(from+q.Limit, len(entries))
	page.Items = append(page.Items, entries[from:to]...)
	if to < len(entries) {
		page.Next = place{key: strconv.Itoa(to - 1), id: id(&entries[to-1])}.cursor()
	}
	return page, nil
}

// mark is a cursor as the store wants it.
func mark(cursor string) (*directory.Mark, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // no cursor, no mark
	}
	p, err := parseCursor(cursor)
	if err != nil {
		return nil, err
	}
	id, ok := directory.ParseID(p.id)
	if !ok {
		return nil, noCursor()
	}
	return &directory.Mark{ID: id, Key: p.key}, nil
}

// next is the cursor behind a page of the store.
func next(page directory.Page) string {
	if page.Last == nil {
		return ""
	}
	return place{key: page.Last.Key, id: page.Last.ID.String()}.cursor()
}

// stamp is a time that may be missing.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
