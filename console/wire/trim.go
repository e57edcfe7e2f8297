package wire

// Trimmed is what was removed from one tenant.
type Trimmed struct {
	Tenant     string `json:"tenant" doc:"Empty: the installation itself."`
	Events     int    `json:"events" doc:"Forgotten, since they are older than event_days (E2)."`
	Tombstones int    `json:"tombstones" doc:"Reduced to the id and the times, since tombstone_days are over (D6)."`
}
