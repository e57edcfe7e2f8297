package wire

import "time"

// HandoverState is how far the hand-over of a tenant is.
type HandoverState struct {
	Tenant    string     `json:"tenant"`
	Status    string     `json:"status" enum:"active,unlinking,unlinked,gone"`
	Since     *time.Time `json:"since,omitempty"`
	Until     *time.Time `json:"until,omitempty" doc:"It can be taken back until then, and the data is kept; longer while the bundle has not been confirmed."`
	By        string     `json:"by,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Manifest  string     `json:"manifest,omitempty" doc:"The sum of the manifest of the confirmed bundle. Missing: not confirmed."`
	Confirmed *time.Time `json:"confirmed,omitempty"`
	Gone      *time.Time `json:"gone,omitempty" doc:"When the data was taken away."`
}

// Reason says why.
type Reason struct {
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// ConfirmBundle names the bundle that is held.
type ConfirmBundle struct {
	Manifest string `json:"manifest" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of its manifest.json."`
}

// BundleKey is what other installations need to trust the bundles of this one.
type BundleKey struct {
	PublicKey string `json:"public_key"`
}

// Linked is the content of a bundle and the result of its import.
type Linked struct {
	Tenant      string         `json:"tenant" doc:"Its slug here."`
	Name        string         `json:"name"`
	Was         string         `json:"was" doc:"Its slug there."`
	DataRegion  string         `json:"data_region,omitempty"`
	Plan        string         `json:"plan"`
	Unlinked    time.Time      `json:"unlinked"`
	Software    string         `json:"software"`
	SignedBy    string         `json:"signed_by"`
	Manifest    string         `json:"manifest"`
	Lines       map[string]int `json:"lines" doc:"How much there is, by kind."`
	Occupied    int            `json:"occupied" doc:"Seats in use."`
	Limit       int            `json:"limit" doc:"0: none."`
	Connections []string       `json:"connections" nullable:"false" doc:"They come without credentials."`
	Done        bool           `json:"done" doc:"false: it was only looked at."`
}
