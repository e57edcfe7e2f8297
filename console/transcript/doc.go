// Package transcript writes exchanges of the request journal as a conversation in the format of scim/testdata, as they were or anonymised. It
// owns the format and what is replaced. Who reads the journal, and where the text goes, it does not know.
package transcript
