// Package bundle writes and reads hand-over bundles: a company with all that belongs to it, as a signed archive (T6).
//
// It owns the form: a tar file under gzip whose members hold JSON lines, a manifest with the SHA-256 sum of each, and an
// Ed25519 signature over the manifest. docs/handover.md describes it for others. It owns no rule about who may be handed
// over or taken in, and it writes nothing to the disk: a member is never a file, so that no name in an archive can lead
// anywhere.
package bundle
