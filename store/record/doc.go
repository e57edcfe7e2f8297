// Package record writes the nouns as bytes and reads them back, for every store that keeps bytes.
//
// It owns the order of the fields and how numbers, texts and times are written. It does not own where a record is stored, its
// key, its checksum or the version of its format: those belong to the store that keeps it.
//
// An Append function adds the fields of a noun to a slice; the Read function of the same noun reads them from a Reader.
// Documents are not among the fields: a store keeps them verbatim, next to the fields.
package record
