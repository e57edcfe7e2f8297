// Package archive is the format of old audit lines and events outside the store (E6): segments, each one compressed file with a signed
// manifest and the lines, each naming the one before it.
//
// It owns the format, the check of a segment, and Storage, where segments are stored. docs/archive.md describes the format for other
// programs. Package bridge/record decides what is moved and when. Package archive never removes anything: it only adds to a Storage.
package archive
