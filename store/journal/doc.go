// Package journal keeps the request journal (C12) in files of its own beside the store: a folder for each tenant, in it
// segments that are only ever appended to, and removed whole.
//
// It owns the format of the segments and the bounds on them. It shares nothing with the store: no transaction, no fsync, no
// lock. One goroutine writes, some five times a second; requests append their exchange to the line of their tenant and go on. When
// too much waits, or the disk is full, exchanges are dropped and a gap says how many.
//
// A segment is the eight bytes of its head and then frames: length, CRC-32C, Seq, payload. Reading ends at the first frame that is not whole,
// which is how a file looks behind a crash; a new process begins a new segment and never writes behind such a frame.
package journal
