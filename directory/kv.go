package directory

// KV is state that a rule keeps in addition to the records: a seat that is being charged, the snapshot of a day, a
// notice that was sent, removals that wait for an operator. It is written with a Change and is not visible in SCIM. Value is
// what the rule wrote; the type depends on the kind and is in the file of its noun.
type KV struct {
	Kind  KVKind
	Key   string // unique within Kind; the records of a kind are read in the order of their keys. At most 512 bytes, no NUL
	Value Document
}

// KVRef names a KV.
type KVRef struct {
	Kind KVKind
	Key  string
}

// KVKind is the kind of a KV.
type KVKind string

// The kinds of KV, with their keys.
const (
	SeatKV         KVKind = "seat"      // user id → the open SeatInterval (B6)
	SeatPastKV     KVKind = "seat.past" // end (RFC 3339, UTC, nanoseconds), "/", user id → SeatStay that ended
	SnapshotKV     KVKind = "snapshot"  // local date → Snapshot (B7)
	SeatNoticeKV   KVKind = "notice"    // "seats" → the highest step that was announced (B9)
	DeletionKV     KVKind = "deletion"  // user id → DeletionNotice (D5)
	TokenKV        KVKind = "token"     // token id → TokenNotice (C2)
	BrakeKV        KVKind = "brake"     // connection, or "jobs" → Removals (C8)
	HeldKV         KVKind = "held"      // connection, "/", what is to be removed → HeldRemoval (C8)
	ReceiptKV      KVKind = "receipt"   // of the installation: tenant → BundleReceipt (T6)
	HealthKV       KVKind = "health"    // connection → HealthReport (C7)
	IdempotencyKV  KVKind = "repeat"    // Repeat.Key → RepeatDone
	AlertKV        KVKind = "alert"     // Alert.Key → Alert
	ActivityKV     KVKind = "activity"  // user id → Day of the last activity; SpanKey → Span (B10)
	MentionKV      KVKind = "mention"   // user id → Day on which the identity provider last mentioned the user; SpanKey → Span (B10)
	PullKV         KVKind = "pull"      // connection → PullState (C15)
	SealedKV       KVKind = "sealed"    // connection → SealedCredential
	WebhookKV      KVKind = "webhook"   // of the installation: Webhook.Name → Webhook (E3)
	DeliveryKV     KVKind = "delivery"  // Webhook.ID → Delivery (E3)
	TransferKV     KVKind = "transfer"  // transfer id → Transfer (C14)
	MovedKV        KVKind = "moved"     // MovedKey → Moved, TransferPieceKey → TransferPiece (C14)
	StreamKV       KVKind = "stream"    // of the installation: stream → AuditStream, StreamPositionKey → AuditPosition (E6)
	TargetKV       KVKind = "target"    // Target.Name → Target (C16); in the installation
	TargetStateKV  KVKind = "target.s"  // Target.ID → TargetState (C16)
	LinkKV         KVKind = "link"      // LinkKey → TargetLink (C16)
	SentMemberKV   KVKind = "link.m"    // SentMemberKey → nothing (C16)
	ProjectKV      KVKind = "project"   // of the installation: GoogleProject.Name → GoogleProject (C15)
	ProjectStateKV KVKind = "project.s" // GoogleProject.ID → ProjectState (C11)
	DetachmentKV   KVKind = "detached"  // of the installation: DetachmentKey → Detachment (C11)
	FoundKV        KVKind = "found"     // in a copy: user or group id → the attribute by which the observed connection found the record first (C9)
	LogoKV         KVKind = "logo"      // of the installation: LogoKey → the PNG, in base64
	IdleKV         KVKind = "idle"      // Monday of a week → when its report was announced (B10)
)

// CarriedKVs are the kinds that belong to the people and seats of a tenant, so that a copy of the tenant needs them. State about
// credentials, and state that is computed again, is left out. So are targets, and transfers: they name people as their connections knew them here.
func CarriedKVs() []KVKind {
	return []KVKind{SeatKV, SeatPastKV, SnapshotKV, SeatNoticeKV, DeletionKV, BrakeKV, HeldKV, ActivityKV, MentionKV, IdleKV}
}
