package policy

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
)

// urgent are the kinds of event that are mailed at once: a person gained power, a new way of access was opened, or the event is itself
// a report. There are few of them.
func urgent() []directory.EventKind {
	return []directory.EventKind{
		directory.ProtectedChanged, directory.ConnectionCreated, directory.ConnectionUpdated, directory.TokenCreated, directory.TokenRevoked,
		directory.OperatorCreated, directory.OperatorSuspension, directory.OperatorRestored, directory.OperatorDeleted, directory.APIKeyCreated, directory.ProviderUpdated, directory.TenantEntered,
		directory.SeatsIdle,
	}
}

// noisy are the kinds that a recipient should know of, but that may come by the hundred: an identity provider repeats a refused request all
// day.
func noisy() []directory.EventKind {
	return []directory.EventKind{directory.SeatRefused, directory.WriteRefused, directory.UserHeld}
}

// Notice says whether a recipient wants an event, and whether the mail can wait to be combined with others. An event that raises an
// alert cannot wait.
func Notice(r *directory.Recipient, e *directory.Event) (wanted, canWait bool) {
	if len(r.Tenants) > 0 && !slices.Contains(r.Tenants, e.Tenant) {
		return false, false
	}
	// OAuth access tokens are issued every hour without an operator.
	if kind, _ := e.Data.Value("kind").(string); kind == string(directory.AccessToken) {
		return false, false
	}
	_, alert, _ := Alert(e)
	now := alert || slices.Contains(urgent(), e.Kind)
	if len(r.Kinds) == 0 {
		return now || slices.Contains(noisy(), e.Kind) || waits(e), !now
	}
	return slices.ContainsFunc(r.Kinds, func(pattern string) bool {
		return pattern == directory.AlertPattern && alert || matchesKind(pattern, e.Kind)
	}), !now
}

// NoticeText says in a sentence what an event is about, for people.
func NoticeText(e *directory.Event) string {
	if alert, raises, _ := Alert(e); raises {
		return alert.Text
	}
	who := e.Subject.Name
	if who == "" {
		who = e.Subject.ID
	}
	text := strings.TrimSpace(e.Subject.Kind + " " + who)
	if reason, _ := e.Data.Value("reason").(string); reason != "" {
		text += ": " + reason
	}
	return text
}

// waits reports whether an event is about a user who waits for a confirmation (L2).
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

// KnownKind reports whether a pattern of Recipient.Kinds matches at least one kind.
func KnownKind(pattern string) bool {
	return pattern == directory.AlertPattern ||
		slices.ContainsFunc(directory.EventKinds(), func(k directory.EventKind) bool { return matchesKind(pattern, k) })
}

// SubscriptionOf is an operator's subscription: the one that was set, otherwise the default of the role.
func SubscriptionOf(o *directory.Operator) directory.Subscription {
	if o.Subscription != nil {
		return *o.Subscription
	}
	switch o.Role {
	case directory.RoleOwner, directory.RoleAdminBilling:
		return directory.Subscription{Kinds: []string{directory.AlertPattern, string(directory.SeatsIdle)}}
	case directory.RoleAdmin:
		return directory.Subscription{Kinds: []string{directory.AlertPattern}}
	}
	return directory.Subscription{}
}

// Receives says whether an operator may get mail about what happens in a tenant, and wants it (O2). Mail never tells an operator what
// the operator could not read. An operator who is not active, or lacks a required second factor, may read nothing.
func Receives(o *directory.Operator, all directory.ProviderSettings, tenant directory.TenantID) bool {
	if o.Status != directory.OperatorActive || NeedsFactor(o, all) && !o.Enrolled() && o.Subject == "" {
		return false
	}
	s := SubscriptionOf(o)
	if len(s.Kinds) == 0 || s.Tenants != nil && !slices.Contains(s.Tenants, tenant) {
		return false
	}
	right := directory.TenantRecord
	if tenant == directory.Provider {
		right = directory.ProviderRecord
	}
	return Allow(directory.Access{Role: o.Role, Scope: o.Scope}, right, tenant) == nil
}

// CheckSubscription refuses a subscription with unknown values, or with kinds and tenants that the operator may never read. The error is
// Invalid, or a Refusal turned into one.
func CheckSubscription(o *directory.Operator, s *directory.Subscription) error {
	wrong := func(field, format string, args ...any) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Rule: "O2", Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case len(s.Kinds) > 100:
		return wrong("kinds", "a subscription names at most 100 kinds of event")
	case len(s.Tenants) > 10000:
		return wrong("tenants", "a subscription names at most 10000 tenants")
	case len(s.Kinds) > 0 && !Has(o.Role, directory.TenantRecord):
		return wrong("kinds", "the role %s may not read what happens in tenants, so it gets no mail about them", o.Role.Title())
	}
	for _, kind := range s.Kinds {
		if len(kind) > 100 || !KnownKind(kind) {
			return wrong("kinds", "there is no kind of event %q: docs/events.md lists them, user.* means all that begin so, and %s what raises an alert", kind, directory.AlertPattern)
		}
	}
	for _, tenant := range s.Tenants {
		if !o.Scope.Covers(tenant) {
			return wrong("tenants", "there is no tenant %q in the operator's scope", tenant)
		}
	}
	return nil
}

// KeepSubscription is the rest of an operator's own subscription after a change of status or scope: a suspension ends it, and a tenant that
// leaves the scope is removed from it. It does not return later.
func KeepSubscription(after *directory.Operator) *directory.Subscription {
	if after.Subscription == nil || after.Status == directory.OperatorSuspended {
		return nil
	}
	kept := *after.Subscription
	if kept.Tenants == nil {
		return &kept
	}
	kept.Tenants = slices.DeleteFunc(slices.Clone(kept.Tenants), func(t directory.TenantID) bool { return !after.Scope.Covers(t) })
	if len(kept.Tenants) == 0 { // an empty list would mean all
		return &directory.Subscription{}
	}
	return &kept
}
