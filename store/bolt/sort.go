package bolt

import (
	"slices"

	"drawbridge/directory"
)

// firstMarks keeps the n first of all marks that it is shown, in space for twice as many.
type firstMarks struct {
	marks      []directory.Mark
	n          int
	descending bool
	full       bool           // n marks were kept once:
	last       directory.Mark // then this is the last of them, and what is behind it does not count
}

func (f *firstMarks) add(m directory.Mark) {
	if f.full && !m.Before(f.last, f.descending) {
		return
	}
	if f.marks = append(f.marks, m); len(f.marks)/2 >= f.n {
		f.marks = f.sorted()
		f.full, f.last = true, f.marks[f.n-1]
	}
}

// sorted gives the marks in order.
func (f *firstMarks) sorted() []directory.Mark {
	slices.SortFunc(f.marks, func(a, b directory.Mark) int {
		if a.Before(b, f.descending) {
			return -1
		}
		return 1 // no two marks are equal: each has its own ID
	})
	return f.marks[:min(f.n, len(f.marks))]
}
