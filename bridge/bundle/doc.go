// Package bundle writes and reads hand-over bundles: a company with all that belongs to it, as a signed archive (T6).
//
// It owns the format: a tar file under gzip whose members hold JSON lines, a manifest with the SHA-256 sum of each, and an Ed25519
// signature over the manifest. docs/handover.md describes it for others. It owns no rule about what may be exported or imported. It writes
// nothing to the disk: a member never becomes a file, so a name in an archive cannot point to another place.
package bundle
