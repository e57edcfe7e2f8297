// Package s3test imitates storage with the protocol of Amazon S3: buckets in memory with an http.Handler. It is written from Amazon's published
// reference alone and shares no code with package s3 or its library, so that it does not repeat a mistake of the client. It has never been
// compared with Amazon itself.
//
// It owns what clients often get wrong: it verifies the signature of each request (AWS Signature Version 4), the checksums of a body and the time of a request, gives lists in
// pages, and answers with the faults that a test sets. It does not own versions, locks, rights of a key, or uploads in several parts.
package s3test
