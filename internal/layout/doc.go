// Package layout owns the tests of the layout of the module: each package says what it owns, ARCHITECTURE.md, the linter and the code
// agree on what each package imports, a long test is a table, and tests are parallel. It has no code.
package layout
