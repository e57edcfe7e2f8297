package directory

// Span is how long something has been noted: from the first day on until the last one.
type Span struct {
	Since Day `json:"since"`
	Last  Day `json:"last"`
}

// SpanKey is the key of the Span of a KVKind; every other key of that kind is the id of a user.
const SpanKey = "*"

// Noted reports whether records of this kind only say what was seen: on which day a user was last seen, and who was missing in the last
// run of a pull. A change of nothing else needs no audit line, because it contains no decision.
func (k KVKind) Noted() bool { return k == ActivityKV || k == MentionKV || k == PullKV }
