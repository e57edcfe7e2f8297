package directory

// Span is the time in which something was recorded: the first and the last day.
type Span struct {
	Since Day `json:"since"`
	Last  Day `json:"last"`
}

// SpanKey is the key of the Span of a KVKind; every other key of that kind is the id of a user.
const SpanKey = "*"

// Noted reports whether records of this kind are only observations: the day on which a user was last seen, who was missing in the last run
// of a pull, which events and audit lines were delivered, by what an observed
// connection found a record, and what was sent to targets. A Change with only such records needs no audit line, because it contains no decision.
func (k KVKind) Noted() bool {
	return k == ActivityKV || k == MentionKV || k == PullKV || k == DeliveryKV || k == StreamKV || k == FoundKV || k.Sent()
}

// Sent reports whether records of this kind say what was sent to targets. They follow from what the application has, so dropping them is no
// decision either.
func (k KVKind) Sent() bool { return k == TargetStateKV || k == LinkKV || k == SentMemberKV }
