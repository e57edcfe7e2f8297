package wire

import "time"

// CheckReport is the result of a check of every page and record of a store.
type CheckReport struct {
	File        string   `json:"file" doc:"What was looked at."`
	OK          bool     `json:"ok" doc:"There are no findings."`
	Findings    []string `json:"findings" nullable:"false" doc:"A sentence for everything that does not fit, at most 1000."`
	Collisions  []string `json:"collisions,omitempty" doc:"Users that share a userName, which an older release took for different ones. Nothing is damaged; rename or delete all but one."`
	Tenants     int      `json:"tenants"`
	Users       int      `json:"users"`
	Groups      int      `json:"groups" doc:"Built-in groups too."`
	Memberships int      `json:"memberships"`
	Resources   int      `json:"resources"`
	Tombstones  int      `json:"tombstones"`
	Events      int      `json:"events"`
	AuditLines  int      `json:"audit_lines"`
	Bytes       int64    `json:"bytes" doc:"The length of the file."`
	Pages       int      `json:"pages"`
	FreePages   int      `json:"free_pages" doc:"Pages that hold nothing; compact gives them back to the disk."`
}

// BackupCreate says where a backup goes.
type BackupCreate struct {
	To string `json:"to,omitempty" maxLength:"4000" doc:"A new file, or a folder, on the server's disk; only the local operator may name one. Missing: backup.dir."`
}

// Backup is one verified copy of the store.
type Backup struct {
	Path    string       `json:"path" doc:"The file; the checksum is in a second file, with .sha256 appended to the name."`
	Bytes   int64        `json:"bytes"`
	SHA256  string       `json:"sha256"`
	Time    time.Time    `json:"time" doc:"The copy holds what was committed by then."`
	Seconds float64      `json:"seconds,omitempty" doc:"How long it took, verification included."`
	Report  *CheckReport `json:"report,omitempty" doc:"What the verification counted. Missing in a list."`
}

// Backups lists the copies in backup.dir, and says which is in progress.
type Backups struct {
	Dir         string    `json:"dir"`
	Every       string    `json:"every,omitempty" doc:"Missing: no backups on schedule."`
	Keep        int       `json:"keep"`
	Items       []Backup  `json:"items" nullable:"false" doc:"The newest first."`
	Next        string    `json:"next,omitempty" doc:"Give this as cursor to get the next page. Missing on the last one."`
	Running     *Progress `json:"running,omitempty" doc:"A backup or a check that is under way."`
	LastFailure string    `json:"last_failure,omitempty" doc:"Why the last backup failed. Missing: it did not."`
}

// Progress says how far a long work is.
type Progress struct {
	What  string `json:"what" doc:"What is being done: copy, pages, records."`
	Done  int64  `json:"done"`
	Total int64  `json:"total,omitempty" doc:"Missing: unknown."`
}
