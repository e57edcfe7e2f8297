// Package journal keeps the request journal (C12) in files beside the store: a folder for each tenant, with segments that are only
// appended to and removed as a whole.
//
// It owns the format of the segments and their bounds. It shares nothing with the store: no transaction, no fsync, no lock. One
// goroutine writes about five times a second; requests only append their exchange to a queue. If too much is queued, or the disk
// is full, exchanges are dropped and a gap says how many.
//
// A segment is a header of eight bytes and then frames: length, CRC-32C, Seq, payload. Reading ends at the first incomplete frame,
// as a crash leaves one; a new process begins a new segment and never writes after such a frame.
package journal
