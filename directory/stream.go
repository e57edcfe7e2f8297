package directory

import "time"

// AuditStream says how sending the audit trails to a SIEM goes (E6). It is kept in the installation, under the name of the stream.
type AuditStream struct {
	Begun   time.Time `json:"begun"`            // lines that were written before are not sent
	Success time.Time `json:"success,omitzero"` // when lines were last taken

	FailingSince time.Time `json:"failing_since,omitzero"` // zero: it does not fail
	Attempts     int       `json:"attempts,omitempty"`     // that failed since then
	Next         time.Time `json:"next,omitzero"`          // when it is tried again
	Error        string    `json:"error,omitempty"`
}

// AuditPosition is the last line of an audit trail that a stream has sent. It is kept in the installation, under StreamPositionKey, so
// that it outlives the trail.
type AuditPosition struct {
	Seq  uint64 `json:"seq"` // 0: none
	Hash Hash   `json:"hash,omitzero"`
}

// StreamPositionKey is the key of the AuditPosition of a stream in the trail of a tenant.
func StreamPositionKey(stream string, tenant TenantID) string { return stream + "/" + string(tenant) }
