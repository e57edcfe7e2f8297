package wire

import "strconv"

// ETag is the entity tag of a version, for If-Match.
func ETag(version uint64) string { return `"` + strconv.FormatUint(version, 10) + `"` }

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false" doc:"The entries of this page."`
	Next  string `json:"next,omitempty" doc:"Give this as cursor to get the next page. Missing on the last one."`
}
