package httpapi

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

// PageQuery is which page of a list is wanted.
type PageQuery struct {
	Cursor string `query:"cursor" maxLength:"2000" doc:"next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"Entries on a page."`
}

// Position is where a page ended: the sort key and the id of its last entry.
type Position struct{ Key, ID string }

// Cursor is opaque to clients, so that its format can change. It is not secret and gives no rights.
func (p Position) Cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.ID + "\x00" + p.Key))
}

// ParseCursor reads a cursor.
func ParseCursor(text string) (Position, error) {
	data, err := base64.RawURLEncoding.DecodeString(text)
	id, key, ok := strings.Cut(string(data), "\x00")
	if err != nil || !ok {
		return Position{}, NoCursor()
	}
	return Position{Key: key, ID: id}, nil
}

// NoCursor is the error for a cursor that is not from a list.
func NoCursor() error {
	return &directory.Error{Code: directory.Invalid, Field: "cursor", Message: "this is not a cursor of this list; begin again without one"}
}

// Order is the order of a list.
type Order string

// The values of Order.
const (
	Ascending  Order = "asc"
	Descending Order = "desc"
)

// Sorted sorts entries and cuts out the page after the cursor. at gives the position of an entry.
func Sorted[T any](entries []T, q PageQuery, dir Order, at func(T) Position) (wire.Page[T], error) {
	order := func(a, b Position) int {
		c := cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
		if dir == Descending {
			return -c
		}
		return c
	}
	slices.SortFunc(entries, func(a, b T) int { return order(at(a), at(b)) })
	if q.Cursor != "" {
		after, err := ParseCursor(q.Cursor)
		if err != nil {
			return wire.Page[T]{}, err
		}
		from, found := slices.BinarySearchFunc(entries, after, func(e T, p Position) int { return order(at(e), p) })
		if found {
			from++
		}
		entries = entries[from:]
	}
	page := wire.Page[T]{Items: entries}
	if len(entries) > q.Limit {
		page.Items = entries[:q.Limit]
		page.Next = at(page.Items[q.Limit-1]).Cursor()
	}
	if page.Items == nil {
		page.Items = []T{}
	}
	return page, nil
}

// InOrder cuts out the page after the cursor and keeps the order of entries. If the entry at which the last page ended was removed, the
// next page begins with the entry at its position.
func InOrder[T any](entries []T, q PageQuery, id func(*T) string) (wire.Page[T], error) {
	page := wire.Page[T]{Items: []T{}}
	from := 0
	if q.Cursor != "" {
		after, err := ParseCursor(q.Cursor)
		if err != nil {
			return page, err
		}
		if from, err = strconv.Atoi(after.Key); err != nil || from < 0 {
			return page, NoCursor()
		}
		if at := slices.IndexFunc(entries, func(e T) bool { return id(&e) == after.ID }); at >= 0 {
			from = at + 1
		}
		from = min(from, len(entries))
	}
	to := min(from+q.Limit, len(entries))
	page.Items = append(page.Items, entries[from:to]...)
	if to < len(entries) {
		page.Next = Position{Key: strconv.Itoa(to - 1), ID: id(&entries[to-1])}.Cursor()
	}
	return page, nil
}

// Mark is a cursor as the store wants it.
func Mark(cursor string) (*directory.Mark, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // no cursor, no mark
	}
	p, err := ParseCursor(cursor)
	if err != nil {
		return nil, err
	}
	id, ok := directory.ParseID(p.ID)
	if !ok {
		return nil, NoCursor()
	}
	return &directory.Mark{ID: id, Key: p.Key}, nil
}

// Next is the cursor after a page of the store.
func Next(page directory.Page) string {
	if page.Last == nil {
		return ""
	}
	return Position{Key: page.Last.Key, ID: page.Last.ID.String()}.Cursor()
}

// Time is a time that may be missing.
func Time(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Matches reports whether one of the texts contains q, in any case.
func Matches(q string, texts ...string) bool {
	q = directory.Fold(strings.TrimSpace(q))
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(directory.Fold(text), q) })
}
