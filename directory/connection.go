package directory

import (
	"slices"
	"time"
)

// ConnectionID is the slug of a connection, unique in the whole installation. It is part of the SCIM base URL. It has 1 to 60
// characters of a-z, 0-9 and hyphen (Okta refuses "_" in base URLs).
type ConnectionID string

// ConnectionType names the IdP that uses a connection. It tunes replies and expectations; correctness never depends on it.
type ConnectionType string

// The values of ConnectionType.
const (
	Generic   ConnectionType = "generic"
	Okta      ConnectionType = "okta"
	Entra     ConnectionType = "entra"
	Google    ConnectionType = "google"
	OneLogin  ConnectionType = "onelogin"
	JumpCloud ConnectionType = "jumpcloud"
	Rippling  ConnectionType = "rippling"
	Ping      ConnectionType = "ping"

	GoogleDirectory ConnectionType = "google-directory" // pulled: the server reads Google's Directory API
)

// Pulled reports whether the server reads the identity provider itself, so that nothing is pushed and there is no credential to show.
func (t ConnectionType) Pulled() bool { return t == GoogleDirectory }

// ConnectionTypes lists the types.
func ConnectionTypes() []ConnectionType {
	return []ConnectionType{Okta, Entra, Google, GoogleDirectory, OneLogin, JumpCloud, Rippling, Ping, Generic}
}

// Connection is one IdP integration of a tenant.
type Connection struct {
	ID       ConnectionID   `json:"slug"`
	Tenant   TenantID       `json:"tenant"`
	Type     ConnectionType `json:"type"`
	Version  uint64         `json:"version"`
	Created  time.Time      `json:"created"`
	Modified time.Time      `json:"modified"`
	Paused   bool           `json:"paused,omitempty"` // answers 503 with Retry-After (L4)

	UnknownPaths   *Leniency      `json:"unknown_paths,omitempty"`   // nil: as the type says (C6)
	UnknownMembers *Leniency      `json:"unknown_members,omitempty"` // nil: refuse
	UserPatch      *PatchReply    `json:"user_patch,omitempty"`      // nil: 200 with the resource (C6)
	GroupPatch     *PatchReply    `json:"group_patch,omitempty"`     // nil: 204 (C6)
	Mappings       []GroupMapping `json:"mappings,omitempty"`        // G4

	AttributeMapping *AttributeMapping `json:"attribute_mapping,omitempty"` // C13; nil: users are what the identity provider sends

	Google *GooglePull `json:"google,omitempty"` // what is read, for the type google-directory; nil for the others

	Observing *Observation `json:"observing,omitempty"` // nil: its writes take effect (C9)
	Ending    *Ending      `json:"ending,omitempty"`    // nil: not being disconnected (C10)
}

// Observation is the observe mode of a connection (C9): its identity provider reads and writes a copy of the tenant, and the tenant
// itself stays as it is until an operator promotes the difference, or drops it.
type Observation struct {
	Copy      TenantID     `json:"copy"` // the name of the copy in the store of copies
	Since     time.Time    `json:"since"`
	By        Actor        `json:"by"`
	TakeOver  ConnectionID `json:"take_over,omitempty"` // in the copy, no connection manages the records of this one
	Holder    string       `json:"holder,omitempty"`    // the process whose changes of the observation are accepted: the last one that took it
	Promoting *Promoter    `json:"promoting,omitempty"` // the promotion in progress; nil: none
}

// SamePromotion reports whether the process that read the observation before, as then, still promotes it.
func (o *Observation) SamePromotion(then *Observation) bool {
	return o != nil && then != nil && o.Promoting != nil && o.Copy == then.Copy && o.Holder == then.Holder
}

// Promoter is the operator who promotes an observation. The operator's rights apply to the whole promotion, also when a job continues it.
type Promoter struct {
	Actor Actor `json:"actor"`
	Role  Role  `json:"role"`
}

// Ending is a connection that is being disconnected (C10). It has no live credential, nothing is written in its name, and it is removed
// when it no longer manages anything.
type Ending struct {
	Mode   Disconnect `json:"mode"`
	Since  time.Time  `json:"since"`
	By     Actor      `json:"by"`
	Reason string     `json:"reason,omitempty"`
	Users  int        `json:"users"`  // how many it managed when it began
	Groups int        `json:"groups"` // the same
}

// Disconnect says what happens to the people of a connection that is disconnected (C10).
type Disconnect string

// The ways. Groups and custom resources become local in both.
const (
	Finalise  Disconnect = "finalise"  // users become local and otherwise do not change
	Terminate Disconnect = "terminate" // users are suspended, and deleted by D5
)

// Leniency says how an unknown attribute or member is treated.
type Leniency string

// The choices. Ignored items are counted and listed in the audit line.
const (
	Refuse Leniency = "refuse"
	Ignore Leniency = "ignore"
)

// PatchReply is the answer to a successful PATCH.
type PatchReply string

// The values of PatchReply.
const (
	ReplyResource  PatchReply = "resource"   // 200 with the resource
	ReplyNoContent PatchReply = "no_content" // 204
)

// GroupMapping grants a built-in group, or the guest type, to the members of one of the IdP's groups (G4). It names the
// group by DisplayName (without regard to case) or by ExternalID.
type GroupMapping struct {
	DisplayName string  `json:"display_name,omitempty"`
	ExternalID  string  `json:"external_id,omitempty"`
	Grants      BuiltIn `json:"grants,omitempty"`
	Guest       bool    `json:"guest,omitempty"`
}

// TokenID names a credential of a connection. It is not secret.
type TokenID string

// Token is a credential of a connection: a bearer token, a client secret or a password (C1, C4). The secret itself is
// shown once and stored as a SHA-256 hash. It has 256 random bits, so a slow hash is not needed.
//
// The key of a downstream application is a Token too. Its Connection is "", which is not the slug of any connection.
type Token struct {
	ID         TokenID        `json:"id"`
	Kind       CredentialKind `json:"kind"`
	Tenant     TenantID       `json:"tenant"`
	Connection ConnectionID   `json:"connection"`
	Name       string         `json:"name,omitempty"` // of an application
	Hash       [32]byte       `json:"hash"`
	Prefix     string         `json:"prefix"` // the first four characters of the random part
	Created    time.Time      `json:"created"`
	Expires    time.Time      `json:"expires,omitzero"` // zero: never
	Revoked    time.Time      `json:"revoked,omitzero"` // zero: live
	Issuer     TokenID        `json:"issuer,omitempty"` // of an access token: the client secret that got it and whose end also ends it
}

// Live reports whether the token is valid at now.
func (t *Token) Live(now time.Time) bool {
	if t.Kind == AccessToken && t.Created.Sub(now) > ClockStep { // it was issued while the clock was ahead
		return false
	}
	return t.Revoked.IsZero() && (t.Expires.IsZero() || now.Before(t.Expires))
}

// CredentialKind tells credentials apart.
type CredentialKind string

// The values of CredentialKind.
const (
	BearerToken  CredentialKind = "bearer"
	ClientSecret CredentialKind = "client_secret" // for /oauth2/token (C4); its ID is the client_id
	AccessToken  CredentialKind = "access_token"  // issued by /oauth2/token, short-lived
	BasicSecret  CredentialKind = "basic"         // HTTP Basic; its ID is the user name

	ApplicationKey CredentialKind = "application" // reads one tenant through the application API, and nothing else
)

// Use is when and from where a credential was last used; it is written in batches, and a crash may lose the last ones.
type Use struct {
	Tenant     TenantID     `json:"tenant"`
	Connection ConnectionID `json:"connection"`
	Token      TokenID      `json:"token"`
	Last       time.Time    `json:"last"`              // the last request
	Success    time.Time    `json:"success,omitzero"`  // the last answer below 400
	Address    string       `json:"address,omitempty"` // of the client
	UserAgent  string       `json:"user_agent,omitempty"`
	Requests   Hourly       `json:"requests,omitzero"` // with this credential, served or not

	// The requests that were refused (C7). A search without a result and a conflict of names are not failures.
	Failed       time.Time `json:"failed,omitzero"`         // the last one
	FailingSince time.Time `json:"failing_since,omitzero"`  // the first one since the last success
	Failures     int       `json:"failures,omitempty"`      // how many since then
	Error        string    `json:"error,omitempty"`         // of the last one, in a sentence
	ErrorRequest string    `json:"error_request,omitempty"` // its id
}

// Principal is the caller of a verb, and the request. Verbs take it as an argument.
type Principal struct {
	Actor       Actor
	Tenant      TenantID
	Connection  Connection // zero for an operator
	Token       TokenID
	Access      Access       // what an operator may do; nothing for a connection
	Request     string       // the id of the request, for the audit line
	Address     string       // of the client, for the audit line; "" if it has none
	If          Precondition // the version of the user, group or operator that the request is meant for
	Idempotency Idempotency  // the client's key of the request, if it may send it again

	// Method is how an identity provider changes the record Target; "" for a new record, and for others than identity providers.
	Method Verb
	Target ID

	// Reviewed says that an operator has reviewed the change of the identity provider and applies it. The brake (C8) lets it pass, also
	// while the connection is observed (C9). Access is that of the operator: permanent deletions need the right (D3).
	Reviewed bool
	// Takes names a connection whose records the identity provider takes over, on behalf of an operator (C9, C14). "": none.
	Takes ConnectionID

	Judged bool // the brake has judged the removal already, together with the others of a run (C15)
	Undo   bool // the request removes what it created itself; the brake does not count that (C8)

	TenantVersion uint64 // version of the tenant's record when the credential was checked; 0 for an operator

	Trace  *Trace  // collects what the request does; nil: not wanted
	Report *Report // collects what the request changes, or would change; nil: not wanted
}

// JobPrincipal is the Principal of a job. A job proposes; the verb that it calls reads again, and policy decides.
func JobPrincipal(name string) Principal {
	return Principal{Actor: Actor{Kind: BySystem, ID: name, Name: "job " + name}, Request: "job-" + name}
}

// Actor is who did something: one of five kinds (E1).
type Actor struct {
	Kind ActorKind `json:"kind"`
	ID   string    `json:"id"`             // connection slug, operator id, rule or job name, user id
	Name string    `json:"name,omitempty"` // as people know it
}

// ActorKind tells actors apart.
type ActorKind string

// The kinds of actor.
const (
	ByIdP      ActorKind = "idp"
	ByOperator ActorKind = "operator"
	ByPolicy   ActorKind = "policy"
	BySystem   ActorKind = "system"
	ByUser     ActorKind = "user" // a person of the tenant, with a link from a mail (L1, L2)
)

// Clone is a copy that shares no memory with c.
func (c Connection) Clone() Connection {
	c.Mappings = slices.Clone(c.Mappings)
	c.AttributeMapping = c.AttributeMapping.Clone()
	if c.Google != nil {
		pull := *c.Google
		pull.Groups = slices.Clone(pull.Groups)
		c.Google = &pull
	}
	if c.Ending != nil {
		ending := *c.Ending
		c.Ending = &ending
	}
	if c.Observing != nil {
		observing := *c.Observing
		if by := observing.Promoting; by != nil {
			who := *by
			observing.Promoting = &who
		}
		c.Observing = &observing
	}
	return c
}

// Application is the caller of a request that a downstream application makes. It is not a Principal: no verb for operators or
// identity providers takes one. The only change that it may make is to note which users were active (ReportActivity).
type Application struct {
	Tenant  TenantID
	Key     TokenID
	Name    string
	Request string
}
