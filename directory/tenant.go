package directory

import (
	"slices"
	"time"
)

// TenantID is the slug of a tenant: 1 to 40 characters of a-z, 0-9 and hyphen. It is never changed and never given to
// another tenant. Provider means the installation itself, which has an audit trail and events like a tenant.
type TenantID string

// Provider is the installation itself.
const Provider TenantID = ""

// Tenant is a managed company.
type Tenant struct {
	ID       TenantID  `json:"slug"`
	Version  uint64    `json:"version"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`

	Name       string       `json:"name"`
	Website    string       `json:"website,omitempty"`
	Address    Address      `json:"address,omitzero"`
	DataRegion string       `json:"data_region,omitempty"` // separate from the country, and never inferred from it (T2)
	Status     TenantStatus `json:"status"`

	Plan      string    `json:"plan"`  // the name of a Plan in the configuration
	Seats     int       `json:"seats"` // purchased seats; 0: as many as the plan allows
	Overrides Overrides `json:"overrides,omitzero"`

	// Schemas are the tenant's own schema extensions and resource types.
	Schemas []CustomSchema `json:"schemas,omitempty"`

	Handover *Handover `json:"handover,omitempty"` // nil: linked (T6)

	ProviderNotes
}

// ProviderNotes are the provider's own notes about a tenant. They are in no event and in no hand-over bundle.
type ProviderNotes struct {
	Tags           []string `json:"tags,omitempty"`            // folded, sorted, without repetition
	CustomerNumber string   `json:"customer_number,omitempty"` // in the provider's own books
	AccountManager string   `json:"account_manager,omitempty"`
	Note           string   `json:"note,omitempty"`
}

// Handover is a tenant on its way out (T6, T9).
type Handover struct {
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until"` // the data is kept until then, and until an operator has confirmed the bundle
	By        Actor     `json:"by"`
	Reason    string    `json:"reason,omitempty"`
	Operators []ID      `json:"operators,omitempty"` // operators whose scope named the tenant until then
	Gone      time.Time `json:"gone,omitzero"`       // when the data was taken away
	Deletion  bool      `json:"deletion,omitempty"`  // the tenant is deleted, not handed over (T9)
}

// BundleReceipt says that an operator has the hand-over bundle of a tenant. It is not stored in the tenant, which must not change any more.
type BundleReceipt struct {
	Manifest Hash      `json:"manifest"` // the sum of the bundle's manifest
	At       time.Time `json:"at"`
	By       Actor     `json:"by"`
}

// Address of a company. Country is an ISO 3166-1 alpha-2 code.
type Address struct {
	Country    string `json:"country,omitempty"`
	Lines      string `json:"lines,omitempty" text:"lines"`
	Locality   string `json:"locality,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
}

// TenantStatus tells whether a tenant is served.
type TenantStatus string

// The values of TenantStatus.
const (
	TenantActive    TenantStatus = "active"
	TenantUnlinking TenantStatus = "unlinking" // being unlinked: nothing is served or changed any more (T6)
	TenantUnlinked  TenantStatus = "unlinked"  // handed over; data kept for the grace time (T6)
	TenantGone      TenantStatus = "gone"      // only the slug is left, so that it is never used again
)

// CustomSchema is a schema that an operator loaded for one tenant: an extension of User or Group, or a resource type of
// its own. Definition is the schema as RFC 7643 §7 writes it.
type CustomSchema struct {
	ResourceType string   `json:"resource_type"` // "User", "Group", or the name of a new resource type
	Endpoint     string   `json:"endpoint,omitempty"`
	Required     bool     `json:"required,omitempty"`
	Definition   Document `json:"definition"`
	// Unique are the attributes of Definition whose values are unique, as package scim found them when the schema was loaded.
	Unique []UniqueAttribute `json:"unique,omitempty"`
}

// Plan is a row of the catalogue in the configuration (B5): data, never code.
type Plan struct {
	Name           string  `json:"name"`
	Title          string  `json:"title"`
	MaxMembers     int     `json:"max_members"` // 0: no limit but the purchased seats
	IncludedGuests int     `json:"included_guests"`
	IncludedSeats  int     `json:"included_seats,omitempty"` // members that cost nothing
	GuestMaxGroups int     `json:"guest_max_groups"`
	SCIM           bool    `json:"scim"`
	CustomGroups   bool    `json:"custom_groups"`
	FlatPrice      float64 `json:"flat_price,omitempty"`   // a month
	PricePerSeat   float64 `json:"seat_price,omitempty"`   // a member and month
	Currency       string  `json:"currency,omitempty"`     // ISO 4217
	BilledEvery    string  `json:"billed_every,omitempty"` // "month" or "year"
	// Onboarding is the default for tenants without a setting of their own (L1); "": that of the configuration.
	Onboarding Onboarding `json:"onboarding,omitempty"`
}

// Settings are the settings of a tenant, with every default filled in.
type Settings struct {
	ManualSuspension SuspensionMode `json:"suspension_manual"` // L4
	Rehire           RehireMode     `json:"rehire"`            // L5
	Replay           ReplayMode     `json:"replay"`            // L5
	OnDelete         OnDelete       `json:"on_delete"`         // D4
	TombstoneDays    int            `json:"tombstone_days"`    // D6
	GuestMaxGroups   int            `json:"guest_max_groups"`  // B4; 0: no limit
	GuestUserTypes   []string       `json:"guest_user_types"`  // B4: the values of userType that make a guest
	MemberDomains    []string       `json:"member_domains"`    // B4: a user with an address outside these e-mail domains is a guest; none: addresses do not matter
	IncludedGuests   int            `json:"included_guests"`   // B3
	EventDays        int            `json:"event_days"`        // E2: how long events are kept, at least 30
	AuditDays        int            `json:"audit_days"`        // E6: how long audit lines stay in the store if there is an archive, at least 30
	OnLimit          OnLimit        `json:"seats_on_limit"`    // B2
	SeatsMax         int            `json:"seats_max"`         // B2: the maximum for OnLimitGrow; 0: that of the plan
	IncludedSeats    int            `json:"included_seats"`    // members that cost nothing, for the provider's own team
	SnapshotZone     string         `json:"snapshot_zone"`     // B7: an IANA zone
	SnapshotTime     string         `json:"snapshot_time"`     // B7: hh:mm in that zone
	BillingStart     Day            `json:"billing_start"`     // when the first billing cycle began; "": with the tenant
	Brake            BrakeMode      `json:"brake"`             // C8
	AutoDeleteDays   int            `json:"auto_delete_days"`  // D5; 0: never
	Onboarding       Onboarding     `json:"onboarding"`        // L1
	InviteTTLDays    int            `json:"invite_ttl_days"`   // L1: how long a link lives; 0: forever
	ConfirmDomains   []string       `json:"confirm_domains"`   // L2: domains whose addresses need no confirmation by people
	IdleDays         int            `json:"idle_days"`         // B10: without activity; 0: never idle
	OrphanDays       int            `json:"orphan_days"`       // B10: without a mention by the identity provider; 0: not noted
	JournalDays      int            `json:"journal_days"`      // C12: how long requests are journaled; 0: not at all
	JournalMB        int            `json:"journal_mb"`        // C12: how large the journal may be
}

// Overrides are a tenant's own settings; nil means the value of the plan or the configuration.
type Overrides struct {
	ManualSuspension *SuspensionMode `json:"suspension_manual,omitempty"`
	Rehire           *RehireMode     `json:"rehire,omitempty"`
	Replay           *ReplayMode     `json:"replay,omitempty"`
	OnDelete         *OnDelete       `json:"on_delete,omitempty"`
	TombstoneDays    *int            `json:"tombstone_days,omitempty"`
	GuestMaxGroups   *int            `json:"guest_max_groups,omitempty"`
	GuestUserTypes   *[]string       `json:"guest_user_types,omitempty"`
	MemberDomains    *[]string       `json:"member_domains,omitempty"`
	IncludedGuests   *int            `json:"included_guests,omitempty"`
	OnLimit          *OnLimit        `json:"seats_on_limit,omitempty"`
	SeatsMax         *int            `json:"seats_max,omitempty"`
	IncludedSeats    *int            `json:"included_seats,omitempty"`
	SnapshotZone     *string         `json:"snapshot_zone,omitempty"`
	SnapshotTime     *string         `json:"snapshot_time,omitempty"`
	BillingStart     *Day            `json:"billing_start,omitempty"`
	Brake            *BrakeMode      `json:"brake,omitempty"`
	AutoDeleteDays   *int            `json:"auto_delete_days,omitempty"`
	Onboarding       *Onboarding     `json:"onboarding,omitempty"`
	InviteTTLDays    *int            `json:"invite_ttl_days,omitempty"`
	ConfirmDomains   *[]string       `json:"confirm_domains,omitempty"`
	IdleDays         *int            `json:"idle_days,omitempty"`
	OrphanDays       *int            `json:"orphan_days,omitempty"`
	JournalDays      *int            `json:"journal_days,omitempty"`
	JournalMB        *int            `json:"journal_mb,omitempty"`
	EventDays        *int            `json:"event_days,omitempty"`
	AuditDays        *int            `json:"audit_days,omitempty"`
}

// SameCosts reports whether o and other agree in what decides how many seats are bought and charged. To change that needs TenantBilling.
func (o *Overrides) SameCosts(other *Overrides) bool {
	return sameOverride(o.OnLimit, other.OnLimit) && sameOverride(o.SeatsMax, other.SeatsMax) && sameOverride(o.IncludedSeats, other.IncludedSeats) &&
		sameOverride(o.IncludedGuests, other.IncludedGuests) && sameOverride(o.BillingStart, other.BillingStart)
}

func sameOverride[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// OnLimit says what happens when a user needs a seat and there is none (B2).
type OnLimit string

// The values of OnLimit.
const (
	OnLimitRefuse  OnLimit = "refuse"
	OnLimitGrow    OnLimit = "grow"    // one more is bought, up to seats_max
	OnLimitOverage OnLimit = "overage" // the user gets a seat beyond the limit, which is reported
)

// BrakeMode says what happens when a connection removes unusually many (C8).
type BrakeMode string

// The values of BrakeMode.
const (
	BrakeOff   BrakeMode = "off"
	BrakeAlert BrakeMode = "alert"
	BrakeHold  BrakeMode = "hold"
)

// RehireMode says what a POST for a suspended or deleted user does (L5).
type RehireMode string

// The values of RehireMode.
const (
	RehireRestore  RehireMode = "restore"
	RehireConflict RehireMode = "conflict"
)

// ReplayMode says what an exact repeat of a POST within ten minutes gets (L5).
type ReplayMode string

// The values of ReplayMode.
const (
	ReplayRefuse ReplayMode = "refuse"
	ReplayAccept ReplayMode = "accept"
)

// OnDelete says what the IdP's DELETE of a user does (D4).
type OnDelete string

// The values of OnDelete.
const (
	OnDeleteSuspend OnDelete = "suspend"
	OnDeleteRemove  OnDelete = "delete"
)

// Clone is a copy that shares no memory with t.
func (t Tenant) Clone() Tenant {
	t.Schemas = slices.Clone(t.Schemas)
	t.Tags = slices.Clone(t.Tags)
	for i := range t.Schemas {
		t.Schemas[i].Definition = slices.Clone(t.Schemas[i].Definition)
		t.Schemas[i].Unique = slices.Clone(t.Schemas[i].Unique)
	}
	return t
}

// CustomKinds are the tenant's own resource types.
func (t *Tenant) CustomKinds() []Kind {
	var out []Kind
	for i := range t.Schemas {
		kind := Kind(t.Schemas[i].ResourceType)
		if kind != UserKind && kind != GroupKind && !slices.Contains(out, kind) {
			out = append(out, kind)
		}
	}
	return out
}
