// Package layout owns the tests of the layout of the module: each package says what it owns, and ARCHITECTURE.md, the linter and the
// code agree on what each package imports. It has no code.
package layout
