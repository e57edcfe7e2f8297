package wire

import "time"

// Inbox is what waits for an operator.
type Inbox struct {
	Items  []InboxItem    `json:"items" nullable:"false"`
	Next   string         `json:"next,omitempty" doc:"Give this as cursor to get the next page. Missing on the last one."`
	Total  int            `json:"total" doc:"How many items there are, on all pages together."`
	Counts map[string]int `json:"counts" doc:"How many items of each kind there are, for every requested kind. A kind without items is missing."`
}

// InboxItem is something that waits for an operator.
type InboxItem struct {
	ID         string     `json:"id" doc:"Names the item as long as it waits."`
	Kind       string     `json:"kind" enum:"held,deletion_request,credential,confirmation,handover,mail"`
	Tenant     string     `json:"tenant,omitempty" doc:"Missing for mail, which is about the installation."`
	TenantName string     `json:"tenant_name,omitempty"`
	Connection string     `json:"connection,omitempty" doc:"Of held removals and of a credential."`
	Subject    string     `json:"subject,omitempty" doc:"The id of a deletion request."`
	Name       string     `json:"name,omitempty" doc:"The userName of whom a deletion request is about."`
	Reason     string     `json:"reason,omitempty" doc:"Of a deletion request or a hand-over."`
	Count      int        `json:"count,omitempty" doc:"How many removals are held, people are to be confirmed, or mails are parked."`
	Since      *time.Time `json:"since,omitempty" doc:"Missing where it is not known."`
	Due        *time.Time `json:"due,omitempty" doc:"When the last credential ends, the request expires, or the data is deleted. Missing: it waits as long as it has to."`
}
