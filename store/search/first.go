package search

import (
	"slices"

	"drawbridge/directory"
)

// First keeps the first N of all marks, in space for twice as many.
type First struct {
	N     int
	Order directory.Sort

	marks []directory.Mark
	full  bool           // N marks were kept once:
	last  directory.Mark // then this is the last of them, and later ones do not count
}

// Add shows it a mark.
func (f *First) Add(m directory.Mark) {
	if f.full && !f.Order.Before(m, f.last) {
		return
	}
	if f.marks = append(f.marks, m); len(f.marks)/2 >= f.N {
		f.marks = f.Sorted()
		f.full, f.last = true, f.marks[f.N-1]
	}
}

// Sorted gives the marks in order.
func (f *First) Sorted() []directory.Mark {
	slices.SortFunc(f.marks, func(a, b directory.Mark) int {
		if f.Order.Before(a, b) {
			return -1
		}
		return 1 // no two marks are equal: each has its own ID
	})
	return f.marks[:min(f.N, len(f.marks))]
}
