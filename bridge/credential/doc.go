// Package credential makes the secrets with which clients prove who they are, and keeps when they were used.
//
// It owns the form of a secret (a prefix that tells what it is for, then 256 random bits), the uses of credentials that are not in the
// store yet, and the throttle of failed attempts. It does not own who may have a credential or what it allows: that is decided by bridge
// for connections, by bridge/operators for people, and by bridge/record for applications.
package credential
