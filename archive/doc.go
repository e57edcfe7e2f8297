// Package archive is the form in which old audit lines and events lie outside the store (E6): segments, each one compressed file
// with a signed manifest and the lines, each naming the one before it.
//
// It owns the form, the check of a segment, and Place, where segments lie. docs/archive.md describes the form for readers that are
// not this program. It does not own what is moved and when, which package bridge/record decides, and it never removes anything: a
// Place can only be added to.
package archive
