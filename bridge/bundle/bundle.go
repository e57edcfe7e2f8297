package bundle

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"time"

	"drawbridge/directory"
)

// Format is the version of the format that this release writes, and the newest that it reads. Events have txn, verb and version since
// format 2.
const Format = 2

// The kinds of members, in order. Each member is "KIND/000001.jsonl" and so on; after them come
// manifest.json and manifest.sig. KVs have an older name in the format. It stays, because other installations read it.
const (
	Tenants     = "tenant"
	Connections = "connections"
	Groups      = "groups"
	Users       = "users"
	Memberships = "memberships"
	Resources   = "resources"
	Tombstones  = "tombstones"
	KVs         = "memos"
	Requests    = "requests"
	Events      = "events"
	Audit       = "audit"
)

// Kinds lists the kinds in their order.
func Kinds() []string {
	return []string{Tenants, Connections, Groups, Users, Memberships, Resources, Tombstones, KVs, Requests, Events, Audit}
}

const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"

	memberBytes   = 4 << 20  // a member is closed at this size
	maxLine       = 4 << 20  // of one JSON line
	maxMember     = 12 << 20 // of one member
	maxMembers    = 100_000
	maxManifest   = 64 << 20
	maxSignature  = 4 << 10
	domain        = "drawbridge hand-over bundle 1\n"
	mostExpansion = 200      // how many times longer than the archive its contents may be,
	freeExpansion = 64 << 20 // beyond this many bytes
)

// Manifest says what is in a bundle.
type Manifest struct {
	Format     int                `json:"format"`
	Software   string             `json:"software"`
	Tenant     directory.TenantID `json:"tenant"`
	Name       string             `json:"name"`
	DataRegion string             `json:"data_region,omitempty"`
	Unlinked   time.Time          `json:"unlinked"`   // when the company was unlinked there
	Key        string             `json:"public_key"` // of the installation that made it, as PublicKey writes it
	Lines      map[string]int     `json:"lines"`      // by kind
	AuditHead  directory.Hash     `json:"audit_head,omitzero"`
	Members    []Member           `json:"members"`
}

// Member is one member of the archive.
type Member struct {
	Name   string         `json:"name"`
	Size   int64          `json:"size"`
	SHA256 directory.Hash `json:"sha256"`
}

// keyMark is the prefix of every public key, so that keys and secrets are not mistaken for each other.
const keyMark = "dbp_"

// PublicKey writes a public key for people.
func PublicKey(key ed25519.PublicKey) string {
	return keyMark + base64.RawURLEncoding.EncodeToString(key)
}

// ParsePublicKey reads what PublicKey wrote. Invalid.
func ParsePublicKey(text string) (ed25519.PublicKey, error) {
	rest, marked := strings.CutPrefix(strings.TrimSpace(text), keyMark)
	key, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if !marked || err != nil || len(key) != ed25519.PublicKeySize {
		return nil, &directory.Error{Code: directory.Invalid, Field: "trust", Message: "this is no public key of an installation: drawbridge bundle key prints one, which begins with " + keyMark}
	}
	return key, nil
}

func bad(message string, err error) error {
	return &directory.Error{Code: directory.Invalid, Field: "bundle", Message: "the bundle is refused: " + message, Err: err}
}
