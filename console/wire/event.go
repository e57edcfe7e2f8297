package wire

import "drawbridge/directory"

// Events is a part of a tenant's feed.
type Events struct {
	Items  []directory.Event `json:"items" nullable:"false"`
	Cursor string            `json:"cursor,omitempty" doc:"The cursor with which the application API gives what follows these events. Missing without an event, and for the installation, whose events no application reads."`
	Oldest uint64            `json:"oldest" doc:"The number of the oldest event that is kept."`
	Last   uint64            `json:"last" doc:"The number of the last event that there is. Give the number of the last event that you saw as after."`
}
