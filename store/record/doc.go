// Package record writes the nouns as bytes and reads them back, for every store that keeps bytes.
//
// It owns the order of the fields and how numbers, texts and times are written. It does not own where a record lies, its
// key, its checksum or its version of format: those belong to the store that keeps it.
//
// An Append function adds the fields of a noun to a slice; the Read function of the same noun takes them off a Reader
// again. Documents are no part of the fields: a store keeps them verbatim, beside the fields.
package record
