package wire

import "time"

// Status is the status of a running server.
type Status struct {
	Version string      `json:"version"`
	Started time.Time   `json:"started"`
	BaseURL string      `json:"base_url" doc:"Without the path of a connection."`
	Data    string      `json:"data" doc:"The data folder."`
	Ready   bool        `json:"ready"`
	Parts   []Component `json:"parts" nullable:"false"`
	Tenants int         `json:"tenants"`
	Store   StoreStatus `json:"store"`
	// Warnings are what an operator must see to.
	Warnings []string `json:"warnings" nullable:"false" doc:"What needs attention: a tenant whose plan left the configuration, for example."`
}

// Component is the report of one part of the server.
type Component struct {
	Name    string    `json:"name"`
	Ready   bool      `json:"ready"`
	Message string    `json:"message,omitempty" doc:"Why the part is not ready, or what needs attention although it is."`
	Since   time.Time `json:"reported" doc:"When the part last spoke. A report that is too old counts as not ready."`
}

// StoreStatus says where the store is, and who uses it.
type StoreStatus struct {
	Kind        string         `json:"kind" enum:"file,postgresql"`
	Version     string         `json:"version,omitempty" doc:"Of the PostgreSQL server."`
	Address     string         `json:"address,omitempty" doc:"Of the PostgreSQL server, as it sees itself."`
	Message     string         `json:"message,omitempty" doc:"Why the database did not answer."`
	Replication *Replication   `json:"replication,omitempty" doc:"Of a database that answered."`
	Servers     []ServerStatus `json:"servers" nullable:"false" doc:"The servers that use the database now."`
}

// Replication says what a commit waits for.
type Replication struct {
	Standbys int    `json:"standbys" doc:"How many standbys receive what is written."`
	Waits    bool   `json:"commits_wait" doc:"A write is answered only when a standby has it."`
	Required bool   `json:"required" doc:"store.require_sync: without such a standby the server is not ready."`
	Commit   string `json:"synchronous_commit" doc:"Setting of the database."`
	Names    string `json:"synchronous_standby_names" doc:"Setting of the database."`
}

// ServerStatus is one of the servers that share a database.
type ServerStatus struct {
	Name   string `json:"name" doc:"Host, process and a random part."`
	Leader bool   `json:"leader" doc:"It runs the jobs."`
	Self   bool   `json:"self" doc:"It is the one that answers."`
}
