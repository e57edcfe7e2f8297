// Package s3 is the Storage of an archive that speaks the protocol of Amazon S3.
//
// It owns the names of objects, which requests are made, and what the errors of the storage mean for an operator. A segment is one request,
// which carries its checksum, so that the storage refuses a body that was cut off or changed. It does not own the form of segments, when
// they are written, nor which addresses may be dialled: the transport that it is given decides that.
package s3
