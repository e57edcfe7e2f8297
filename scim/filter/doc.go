// Package filter reads SCIM filters (RFC 7644 §3.4.2.2) into the neutral expressions of package directory, and writes
// expressions as filters.
//
// The grammar of and, or, not and parentheses is that of github.com/scim2/filter-parser. A lexer of this package runs before it,
// because the library has no bounds (a hostile filter ends the process), does not decode strings and misreads URNs:
//
//  1. lex.go walks once over the bytes, keeps the Limits, decodes literals as JSON, resolves attribute paths against the
//     schemas of the tenant and checks that operator and literal fit the attribute (term.go). What it leaves is a
//     canonical text in which every path and literal is a short placeholder.
//  2. The library parses that text.
//  3. grammar.go puts the terms back in place of the placeholders.
//
// A filter of one term needs no grammar and takes neither step 2 nor 3.
//
// The package owns how a filter is read and written. It does not own what matches it (package directory).
package filter
