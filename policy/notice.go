package policy

import (
	"slices"
	"strings"

	"drawbridge/directory"
)

// urgent are the kinds of event that are told at once: somebody got power, or a door was opened. There are few of them.
func urgent() []directory.EventKind {
	return []directory.EventKind{
		directory.ProtectedChanged, directory.ConnectionCreated, directory.ConnectionUpdated, directory.TokenCreated, directory.TokenRevoked,
		directory.OperatorCreated, directory.OperatorSuspension, directory.OperatorRestored, directory.APIKeyCreated, directory.ProviderUpdated, directory.TenantEntered,
	}
}

// noisy are the kinds that somebody should know of and that may come by the hundred: an identity provider repeats what was refused all day.
func noisy() []directory.EventKind {
	return []directory.EventKind{directory.SeatRefused, directory.WriteRefused, directory.UserHeld}
}

// Notice says whether a recipient is told of an event, and whether that can wait to be gathered with others.
func Notice(r *directory.Recipient, e *directory.Event) (wanted, canWait bool) {
	if len(r.Tenants) > 0 && !slices.Contains(r.Tenants, e.Tenant) {
		return false, false
	}
	// Access tokens of OAuth come every hour, and nobody made them.
	if kind, _ := e.Data.Value("kind").(string); kind == string(directory.AccessToken) {
		return false, false
	}
	now := slices.Contains(urgent(), e.Kind)
	if len(r.Kinds) == 0 {
		return now || slices.Contains(noisy(), e.Kind) || waits(e), !now
	}
	return slices.ContainsFunc(r.Kinds, func(pattern string) bool { return matchesKind(pattern, e.Kind) }), !now
}

// waits reports whether an event is somebody who waits for a confirmation (L2).
func waits(e *directory.Event) bool {
	state, _ := e.Data.Value("state").(string)
	return e.Kind == directory.UserAccepted && state == directory.AwaitingConfirmation.String()
}

func matchesKind(pattern string, kind directory.EventKind) bool {
	if prefix, many := strings.CutSuffix(pattern, "*"); many {
		return strings.HasPrefix(string(kind), prefix)
	}
	return pattern == string(kind)
}

// KnownKind reports whether a pattern of Recipient.Kinds means any kind at all.
func KnownKind(pattern string) bool {
	return slices.ContainsFunc(directory.EventKinds(), func(k directory.EventKind) bool { return matchesKind(pattern, k) })
}
