package wire

import "time"

// Status is what a running server says about itself.
type Status struct {
	Version string      `json:"version"`
	Started time.Time   `json:"started"`
	BaseURL string      `json:"base_url" doc:"Without the path of a connection."`
	Data    string      `json:"data" doc:"The data folder."`
	Ready   bool        `json:"ready"`
	Parts   []Component `json:"parts" nullable:"false"`
	Tenants int         `json:"tenants"`
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
