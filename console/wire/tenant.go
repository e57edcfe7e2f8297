package wire

import (
	"time"

	"drawbridge/directory"
)

// Setting is one setting of a tenant with where its value comes from.
type Setting struct {
	Name   string `json:"name"`
	Value  any    `json:"value"`
	Source string `json:"source" enum:"tenant,plan,default"`
}

// Tenant is a managed company at a glance.
type Tenant struct {
	Slug        string               `json:"slug" doc:"The name in URLs; never changed." example:"acme"`
	Version     uint64               `json:"version" doc:"Goes up with every change; the ETag."`
	Created     time.Time            `json:"created"`
	Modified    time.Time            `json:"modified"`
	Name        string               `json:"name"`
	Website     string               `json:"website,omitempty"`
	Address     directory.Address    `json:"address,omitzero"`
	DataRegion  string               `json:"data_region,omitempty"`
	Status      string               `json:"status" enum:"active,unlinked"`
	Plan        string               `json:"plan" doc:"The name of a plan in the configuration."`
	PlanMissing bool                 `json:"plan_missing,omitempty" doc:"The plan is not in the configuration any more: nothing can be written, and identity providers get 503, until it is put back or another one is chosen (rule B5)."`
	Overrides   *directory.Overrides `json:"overrides,omitempty" doc:"Settings that this tenant has of its own."`
	Seats       Seats                `json:"seats"`
	Users       map[string]int       `json:"users" doc:"How many users there are in each state."`
	Groups      int                  `json:"groups" doc:"Groups that are not built in."`
	Connections []ConnectionSummary  `json:"connections" nullable:"false"`
	LastSync    *time.Time           `json:"last_sync,omitempty" doc:"The last request of an identity provider that succeeded. Missing: none yet."`
	Alerts      int                  `json:"alerts" doc:"How many are open: GET /tenants/{tenant}/alerts."`

	Tags           []string `json:"tags" nullable:"false"`
	CustomerNumber string   `json:"customer_number,omitempty" doc:"In the provider's own books."`
	AccountManager string   `json:"account_manager,omitempty"`
	Note           string   `json:"note,omitempty" doc:"For operators only: it is in no event and in no hand-over bundle."`
}

// TenantPage is a page of the list of tenants.
type TenantPage struct {
	Items []Tenant `json:"items" nullable:"false" doc:"The entries of this page."`
	Next  string   `json:"next,omitempty" doc:"Give this as cursor to get the next page. Missing on the last one."`
	Total int      `json:"total" doc:"How many tenants match, on all pages together."`
}

// Overview is everything about a tenant in one place.
type Overview struct {
	Tenant    Tenant            `json:"tenant" doc:"Seats and connections with the health of their sync among it."`
	Inside    []SupportSession  `json:"inside" nullable:"false" doc:"Who works inside it now (rule T5)."`
	Requests  []DeletionRequest `json:"deletion_requests" nullable:"false" doc:"Those that wait for an Owner (rule D3)."`
	Held      []HeldSummary     `json:"held" nullable:"false" doc:"Removals that the brake keeps for an operator (rule C8)."`
	Alerts    []Alert           `json:"alerts" nullable:"false" doc:"Those that are open, the last ones first."`
	Operators []Operator        `json:"operators,omitempty" doc:"Who has access (rule O2). Missing without the right operator.read."`
	Audit     []directory.Audit `json:"audit,omitempty" doc:"The last lines, the newest first (rule E1). Missing without the right tenant.record."`
}

// HeldSummary is a held removal in an overview.
type HeldSummary struct {
	Connection string    `json:"connection"`
	Action     string    `json:"action"`
	Name       string    `json:"name"`
	First      time.Time `json:"first"`
	Times      int       `json:"times" doc:"How often it was asked for."`
}

// ConnectionSummary is a connection in the list of its tenant.
type ConnectionSummary struct {
	Slug        string     `json:"slug"`
	Type        string     `json:"type"`
	Paused      bool       `json:"paused"`
	Health      string     `json:"health" enum:"never_connected,healthy,quiet,failing"`
	LastSuccess *time.Time `json:"last_success,omitempty"`
}

// Seats says who occupies seats and who is billed.
type Seats struct {
	Tenant         string         `json:"tenant"`
	Plan           string         `json:"plan"`
	Occupied       int            `json:"occupied" doc:"Counts against the limit."`
	Billable       int            `json:"billable"`
	Limit          int            `json:"limit" doc:"0: none."`
	Free           *int           `json:"free,omitempty" doc:"Limit less occupied. Missing when there is no limit."`
	Purchased      int            `json:"purchased" doc:"0: as many as the plan allows."`
	Members        int            `json:"members" doc:"Members who occupy a seat."`
	Guests         int            `json:"guests" doc:"Guests, those that are included in the plan, too."`
	IncludedGuests int            `json:"included_guests"`
	Users          map[string]int `json:"users" doc:"How many users there are in each state, members and guests together."`
}

// TenantName is the name of a tenant by its slug.
type TenantName struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// TenantCreate asks for a new tenant.
type TenantCreate struct {
	Slug       string            `json:"slug,omitempty" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" maxLength:"40" doc:"Missing: made from the name. Never changed later (rule T1)." example:"acme"`
	Name       string            `json:"name" minLength:"1" maxLength:"200" doc:"As people know it (rule T1)." example:"Acme Ltd"`
	Website    string            `json:"website,omitempty" maxLength:"500"`
	Address    directory.Address `json:"address,omitzero"`
	DataRegion string            `json:"data_region,omitempty" maxLength:"40" doc:"Where the data is kept; a fact of its own beside the country (rule T2)."`
	Plan       string            `json:"plan,omitempty" maxLength:"40" doc:"The name of a plan (rule B5). Missing: the first one in the catalogue with SCIM."`
	Seats      int               `json:"seats,omitempty" minimum:"0" maximum:"10000000" doc:"Purchased seats (rule B8). 0: as many as the plan allows."`

	Overrides *directory.Overrides `json:"overrides,omitempty" doc:"Settings that the tenant has of its own from the beginning."`

	Tags           []string `json:"tags,omitempty" maxItems:"20"`
	CustomerNumber string   `json:"customer_number,omitempty" maxLength:"100"`
	AccountManager string   `json:"account_manager,omitempty" maxLength:"200"`
	Note           string   `json:"note,omitempty" text:"lines" maxLength:"4000"`

	Operators []string `json:"operators,omitempty" maxItems:"100" doc:"Operators who get access, by id or e-mail address, beside the one who creates the tenant (rule T8). Needs the right operator.manage."`
}

// AddressUpdate changes the fields of an address that it has and leaves the others. An empty text removes the value.
type AddressUpdate struct {
	Country    *string `json:"country,omitempty" maxLength:"2"`
	Lines      *string `json:"lines,omitempty" text:"lines" maxLength:"1000"`
	Locality   *string `json:"locality,omitempty" maxLength:"200"`
	PostalCode *string `json:"postal_code,omitempty" maxLength:"40"`
}

// TenantUpdate changes the fields that it has and leaves the others.
type TenantUpdate struct {
	Name       *string              `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Website    *string              `json:"website,omitempty" maxLength:"500"`
	Address    *AddressUpdate       `json:"address,omitempty"`
	DataRegion *string              `json:"data_region,omitempty" maxLength:"40"`
	Plan       *string              `json:"plan,omitempty" minLength:"1" maxLength:"40" doc:"The name of a plan (rule B5)."`
	Seats      *int                 `json:"seats,omitempty" minimum:"0" maximum:"10000000" doc:"Refused below the number that is occupied (rule B8)."`
	Overrides  *directory.Overrides `json:"overrides,omitempty" doc:"Replaces all overrides that the tenant has."`

	Tags           *[]string `json:"tags,omitempty" maxItems:"20" doc:"Replaces all tags."`
	CustomerNumber *string   `json:"customer_number,omitempty" maxLength:"100"`
	AccountManager *string   `json:"account_manager,omitempty" maxLength:"200"`
	Note           *string   `json:"note,omitempty" text:"lines" maxLength:"4000"`
}
