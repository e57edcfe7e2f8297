package directory

// Memo is something that a rule must remember beside the records: a seat that is being charged, the snapshot of a day, a
// notice that was sent, removals that wait for an operator. It is written with a Change and is not shown to SCIM. Value is
// what the rule wrote, by kind; the types are in the files of their nouns.
type Memo struct {
	Kind  MemoKind
	Key   string // unique within Kind; memos of a kind are read in the order of their keys. At most 512 bytes, no NUL
	Value Document
}

// MemoRef names a Memo.
type MemoRef struct {
	Kind MemoKind
	Key  string
}

// MemoKind tells memos apart.
type MemoKind string

// The kinds of memo, with their keys.
const (
	SeatMemo       MemoKind = "seat"      // user id → SeatStay that goes on (B6)
	SeatPastMemo   MemoKind = "seat.past" // end (RFC 3339, UTC, nanoseconds), "/", user id → SeatStay that ended
	SnapshotMemo   MemoKind = "snapshot"  // local date → Snapshot (B7)
	SeatNoticeMemo MemoKind = "notice"    // "seats" → the highest step that was announced (B9)
	DeletionMemo   MemoKind = "deletion"  // user id → DeletionNotice (D5)
	TokenMemo      MemoKind = "token"     // token id → TokenNotice (C2)
	BrakeMemo      MemoKind = "brake"     // connection, or "jobs" → Removals (C8)
	HeldMemo       MemoKind = "held"      // connection, "/", what is to be removed → HeldRemoval (C8)
	ReceiptMemo    MemoKind = "receipt"   // of the installation: tenant → BundleReceipt (T6)
	HealthMemo     MemoKind = "health"    // connection → HealthReport (C7)
	RepeatMemo     MemoKind = "repeat"    // Repeat.Key → RepeatDone
	AlertMemo      MemoKind = "alert"     // Alert.Key → Alert
	ActivityMemo   MemoKind = "activity"  // user id → Day of the last activity; SpanKey → Span (B10)
	MentionMemo    MemoKind = "mention"   // user id → Day on which the identity provider last mentioned the user; SpanKey → Span (B10)
	IdleMemo       MemoKind = "idle"      // Monday of a week → when its report was announced (B10)
)
