package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Event is a change as a downstream application sees it. The store numbers the events of a tenant without a gap,
// in commit order (E2).
type Event struct {
	Seq     uint64    `json:"seq"`
	Time    time.Time `json:"time"`
	Tenant  TenantID  `json:"tenant"`
	Kind    EventKind `json:"kind"`
	Subject Subject   `json:"subject"`
	Actor   Actor     `json:"actor"`
	Data    Document  `json:"data,omitempty"` // by kind; see docs/events.md

	// Events of older releases do not have these fields.
	Txn     string `json:"txn,omitempty"`     // the request, the command or the run of a job that caused it; all events of a transaction have the same
	Verb    Verb   `json:"verb,omitempty"`    // what was done to the subject
	Version string `json:"version,omitempty"` // the ETag of the subject after it; "" where its record is gone, or was not changed
}

// Verb is what an event did to the record of its subject, in the words of SCIM.
type Verb string

// The values of Verb.
const (
	VerbCreate Verb = "create"
	VerbPut    Verb = "put" // the whole record was stated
	VerbPatch  Verb = "patch"
	VerbDelete Verb = "delete"
	VerbNone   Verb = "none" // no record was changed: a refusal, a notice, a report
)

// Verb is what an event of the kind does to its subject, unless the request of an identity provider says otherwise.
func (k EventKind) Verb() Verb {
	switch k {
	case UserCreated, GroupCreated, ResourceCreated, TenantCreated, TenantLinked, ConnectionCreated, TokenCreated, OperatorCreated, APIKeyCreated, WebhookCreated, TargetCreated, ProjectCreated:
		return VerbCreate
	case UserRestored: // the POST of a rehire states everything
		return VerbPut
	case UserUpdated, UserSuspended, UserReactivated, UserConverted, UserReleased, UserAdopted, UserRecovering, UserRecovered, UserAccepted, UserConfirmed,
		GroupUpdated, GroupMembersChanged, GroupAdopted, ProtectedChanged, ResourceUpdated,
		TenantUpdated, TenantUnlinkedEvent, TenantTakenBack, SeatsGrown, ConnectionUpdated, ConnectionEnding,
		OperatorUpdated, OperatorSuspension, OperatorRestored, ProviderUpdated, WebhookUpdated, TargetUpdated, ProjectUpdated:
		return VerbPatch
	case UserDeleted, GroupDeleted, ResourceDeleted, TenantErased, ConnectionRemoved, TokenRevoked, APIKeyRevoked, OperatorDeleted, WebhookDeleted, TargetDeleted, ProjectDeleted:
		return VerbDelete
	}
	return VerbNone
}

// EventKind names what happened.
type EventKind string

// The kinds of event.
const (
	UserCreated         EventKind = "user.created"
	UserUpdated         EventKind = "user.updated"
	UserSuspended       EventKind = "user.suspended" // asks the application to end sessions (L3)
	UserReactivated     EventKind = "user.reactivated"
	UserRestored        EventKind = "user.restored" // a rehire: the same id lives again (L5)
	UserDeleted         EventKind = "user.deleted"
	UserConverted       EventKind = "user.converted"        // guest to member or back (L7)
	UserHeld            EventKind = "user.suspension_held"  // a sync tried to reactivate, and hold prevented it (L4)
	UserReleased        EventKind = "user.released"         // an operator ended a suspension, or released the user from a connection
	UserAdopted         EventKind = "user.adopted"          // a connection became the manager (L9)
	UserRecovering      EventKind = "user.recovery_started" // asks the application to recover the account (L6)
	UserRecovered       EventKind = "user.recovered"
	UserInvited         EventKind = "user.invited" // a link is on its way; data: expires (L1)
	UserInvitationEnded EventKind = "user.invitation_revoked"
	UserAccepted        EventKind = "user.accepted"      // the invitation (L1)
	UserConfirmed       EventKind = "user.confirmed"     // the user may sign in now (L2)
	DeletionRequested   EventKind = "deletion.requested" // D3
	DeletionDecided     EventKind = "deletion.decided"
	GroupCreated        EventKind = "group.created"
	GroupUpdated        EventKind = "group.updated"
	GroupDeleted        EventKind = "group.deleted"
	GroupMembersChanged EventKind = "group.members_changed" // data: added, removed (ids), members (count)
	GroupAdopted        EventKind = "group.adopted"
	ProtectedChanged    EventKind = "protected_group.changed" // Owners or Administrators (G6)
	SeatRefused         EventKind = "seat.refused"            // data: occupied, limit (B2)
	WriteRefused        EventKind = "write.refused"           // any other refusal by a rule
	TenantCreated       EventKind = "tenant.created"
	TenantUpdated       EventKind = "tenant.updated"
	TenantUnlinkedEvent EventKind = "tenant.unlinked"   // it is not served any more (T6)
	TenantTakenBack     EventKind = "tenant.taken_back" // the hand-over was cancelled (T6)
	TenantLinked        EventKind = "tenant.linked"     // it came with a bundle from another installation (T2)
	TenantErased        EventKind = "tenant.erased"     // its data is gone
	ConnectionCreated   EventKind = "connection.created"
	ConnectionUpdated   EventKind = "connection.updated"
	ConnectionEnding    EventKind = "connection.disconnecting" // its credentials are revoked, its people are being released or suspended (C10)
	ConnectionRemoved   EventKind = "connection.disconnected"  // it is removed, and manages nothing
	ConnectionHealth    EventKind = "connection.health"        // its sync is in another state (C7)
	TokenCreated        EventKind = "token.created"
	TokenRevoked        EventKind = "token.revoked"
	BrakeAlerted        EventKind = "brake.alerted"        // a connection removes unusually many (C8)
	BrakeHeld           EventKind = "brake.held"           // the brake held a removal for an operator
	BrakeReleased       EventKind = "brake.released"       // an operator let it happen
	BrakeDiscarded      EventKind = "brake.discarded"      // an operator dropped it
	UserDeletionNotice  EventKind = "user.deletion_notice" // 7 or 1 days before auto-delete (D5)
	ExpiryNotice        EventKind = "token.expiring"       // 30, 14, 7 or 1 days before (C2)
	SeatsGrown          EventKind = "seats.grown"          // the limit was passed and one more was bought (B2)
	SeatsOverage        EventKind = "seats.overage"        // the limit was passed (B2)
	SeatsNotice         EventKind = "seats.notice"         // 80, 90 or 100 % of the limit (B9)
	SeatsIdle           EventKind = "seats.idle"           // the weekly report of idle seats and orphans (B10)
	SnapshotTaken       EventKind = "seats.snapshot"
	OperatorCreated     EventKind = "operator.created"
	OperatorUpdated     EventKind = "operator.updated"
	OperatorSuspension  EventKind = "operator.suspended"
	OperatorRestored    EventKind = "operator.restored"
	OperatorDeleted     EventKind = "operator.deleted" // the account was ended for good (O7)
	OperatorSignedIn    EventKind = "operator.signed_in"
	APIKeyCreated       EventKind = "api_key.created"
	APIKeyRevoked       EventKind = "api_key.revoked"
	ProviderUpdated     EventKind = "provider.updated"
	TenantEntered       EventKind = "tenant.entered" // an operator works inside it (T5)
	TenantLeft          EventKind = "tenant.left"
	AlertAcknowledged   EventKind = "alert.acknowledged" // an operator has looked at it
	WebhookAttached     EventKind = "webhook.attached"   // it gets the events of the tenant (C11)
	WebhookDetached     EventKind = "webhook.detached"
	WebhookParked       EventKind = "webhook.parked"  // deliveries were given up; the events wait for an operator (E3)
	WebhookResumed      EventKind = "webhook.resumed" // deliveries continue
	WebhookCreated      EventKind = "webhook.created"
	WebhookUpdated      EventKind = "webhook.updated"
	WebhookDeleted      EventKind = "webhook.deleted"
	TargetCreated       EventKind = "target.created"
	TargetUpdated       EventKind = "target.updated"
	TargetDeleted       EventKind = "target.deleted"
	TargetAttached      EventKind = "target.attached" // it gets the people and groups of the tenant (C11)
	TargetDetached      EventKind = "target.detached"
	TargetQuarantined   EventKind = "target.quarantined" // it fails for everybody, and is only probed; data: reason (C16)
	TargetRecovered     EventKind = "target.recovered"   // and takes changes again
	TargetAlerted       EventKind = "target.alerted"     // unusually many removals are sent to it; data: removals, limit (C8)
	TargetHeld          EventKind = "target.held"        // and they wait for an operator
	TargetReleased      EventKind = "target.released"    // an operator let them happen
	ProjectCreated      EventKind = "project.created"
	ProjectUpdated      EventKind = "project.updated"
	ProjectDeleted      EventKind = "project.deleted"
	ProjectAttached     EventKind = "project.attached" // connections of the tenant may read their directories with it (C11)
	ProjectDetached     EventKind = "project.detached"
	ResourceCreated     EventKind = "resource.created"
	ResourceUpdated     EventKind = "resource.updated"
	ResourceDeleted     EventKind = "resource.deleted"
)

// EventKinds lists the kinds, in the order above.
func EventKinds() []EventKind {
	return []EventKind{
		UserCreated, UserUpdated, UserSuspended, UserReactivated, UserRestored, UserDeleted, UserConverted, UserHeld, UserReleased, UserAdopted,
		UserRecovering, UserRecovered, UserInvited, UserInvitationEnded, UserAccepted, UserConfirmed, DeletionRequested, DeletionDecided,
		GroupCreated, GroupUpdated, GroupDeleted, GroupMembersChanged, GroupAdopted, ProtectedChanged, SeatRefused, WriteRefused,
		TenantCreated, TenantUpdated, TenantUnlinkedEvent, TenantTakenBack, TenantLinked, TenantErased, ConnectionCreated, ConnectionUpdated, ConnectionEnding, ConnectionRemoved, TokenCreated, TokenRevoked, ExpiryNotice,
		ConnectionHealth, BrakeAlerted, BrakeHeld, BrakeReleased, BrakeDiscarded, UserDeletionNotice,
		SeatsGrown, SeatsOverage, SeatsNotice, SeatsIdle, SnapshotTaken,
		OperatorCreated, OperatorUpdated, OperatorSuspension, OperatorRestored, OperatorDeleted, OperatorSignedIn, APIKeyCreated, APIKeyRevoked, ProviderUpdated,
		TenantEntered, TenantLeft, AlertAcknowledged,
		WebhookAttached, WebhookDetached, WebhookParked, WebhookResumed, WebhookCreated, WebhookUpdated, WebhookDeleted,
		TargetCreated, TargetUpdated, TargetDeleted, TargetAttached, TargetDetached, TargetQuarantined, TargetRecovered, TargetAlerted, TargetHeld, TargetReleased,
		ProjectCreated, ProjectUpdated, ProjectDeleted, ProjectAttached, ProjectDetached,
		ResourceCreated, ResourceUpdated, ResourceDeleted,
	}
}

// Cursor is a position in the feed of a tenant: after the event numbered Seq. After a restore of a backup another event can get the
// same number; Mark tells them apart. Mark is "" at a position without an event.
type Cursor struct {
	Tenant TenantID
	Seq    uint64
	Mark   string
}

// markLength is how many hexadecimal digits a mark has.
const markLength = 12

// Cursor is the position after the event.
func (e *Event) Cursor() Cursor {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %d %q %q %q %q", e.Tenant, e.Seq, e.Time.UnixNano(), e.Kind, e.Subject.ID, e.Actor.ID, []byte(e.Data)))
	return Cursor{Tenant: e.Tenant, Seq: e.Seq, Mark: hex.EncodeToString(sum[:])[:markLength]}
}

// String is the text of a cursor, such as "acme.17.09f4c81d22ab". It is not secret.
func (c Cursor) String() string {
	return string(c.Tenant) + "." + strconv.FormatUint(c.Seq, 10) + "." + c.Mark
}

// ParseCursor reads what String wrote. Invalid, with Field cursor, for everything else.
func ParseCursor(text string) (Cursor, error) {
	parts := strings.Split(text, ".")
	if len(parts) == 3 {
		seq, err := strconv.ParseUint(parts[1], 10, 63)
		if err == nil && parts[1] == strconv.FormatUint(seq, 10) && len(parts[0]) <= 64 && goodMark(parts[2]) {
			return Cursor{Tenant: TenantID(parts[0]), Seq: seq, Mark: parts[2]}, nil
		}
	}
	return Cursor{}, &Error{Code: Invalid, Field: "cursor", Message: "this is not a cursor of a feed: send the field next of an earlier answer unchanged, or no cursor to begin with the oldest event that is kept"}
}

func goodMark(text string) bool {
	return text == "" || len(text) == markLength && strings.Trim(text, "0123456789abcdef") == ""
}
