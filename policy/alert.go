package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"drawbridge/directory"
)

// Alert says which alert an event raises; raises is false for most events. clears names the
// alert that the event ends; "" means none.
func Alert(e *directory.Event) (a directory.Alert, raises bool, clears string) {
	about := func(kind directory.AlertKind, id, text string) (directory.Alert, bool, string) {
		return directory.Alert{
			Key: string(kind) + "/" + id, Kind: kind, Subject: e.Subject, Text: text, By: e.Actor, Raised: e.Time, Last: e.Time, Times: 1,
		}, true, ""
	}
	of := func(kind directory.AlertKind, id string) (directory.Alert, bool, string) {
		return directory.Alert{}, false, string(kind) + "/" + id
	}
	text := func(name string) string { return fmt.Sprint(e.Data.Value(name)) }
	id := e.Subject.ID
	switch e.Kind {
	case directory.ProtectedChanged:
		return about(directory.ProtectedAlert, text("builtIn"), text("displayName")+": "+strings.Join(slices.DeleteFunc([]string{who(e, "added"), who(e, "removed")}, func(s string) bool { return s == "" }), "; "))
	case directory.BrakeAlerted:
		return about(directory.RemovalAlert, id, fmt.Sprintf("connection %s removes unusually many: %s within an hour, where %s are usual at most", id, text("removals"), text("limit")))
	case directory.BrakeHeld:
		return about(directory.RemovalAlert, id, fmt.Sprintf("connection %s wants to remove unusually many: %s within an hour, where %s are usual at most; they wait for an operator", id, text("removals"), text("limit")))
	case directory.BrakeReleased, directory.BrakeDiscarded:
		return of(directory.RemovalAlert, id)
	case directory.ConnectionHealth:
		switch directory.HealthState(text("to")) {
		case directory.Quiet, directory.Failing:
			return about(directory.SyncAlert, id, fmt.Sprintf("connection %s is %s: %s", id, text("to"), text("reason")))
		}
		return of(directory.SyncAlert, id)
	case directory.ExpiryNotice:
		if days, err := strconv.Atoi(text("days")); err == nil && days <= 7 {
			return about(directory.TokenAlert, id, fmt.Sprintf("credential %s… of connection %s expires on %s", text("prefix"), text("connection"), text("expires")))
		}
	case directory.TokenRevoked:
		return of(directory.TokenAlert, id)
	case directory.WebhookParked:
		return about(directory.WebhookAlert, id, fmt.Sprintf("events no longer go to webhook %s: %s; they wait until an operator resumes it", e.Subject.Name, text("reason")))
	case directory.WebhookResumed, directory.WebhookDetached:
		return of(directory.WebhookAlert, id)
	case directory.TargetQuarantined:
		return about(directory.TargetAlert, id, fmt.Sprintf("people and groups no longer reach the application %s: %s; it is tried again every hour", e.Subject.Name, text("reason")))
	case directory.TargetAlerted:
		return about(directory.TargetAlert, id, fmt.Sprintf("unusually many people and groups are removed from the application %s: %s within an hour, where %s are usual at most", e.Subject.Name, text("removals"), text("limit")))
	case directory.TargetHeld:
		return about(directory.TargetAlert, id, fmt.Sprintf("unusually many people and groups would be removed from the application %s: %s within an hour, where %s are usual at most; they wait for an operator", e.Subject.Name, text("removals"), text("limit")))
	case directory.TargetRecovered, directory.TargetReleased, directory.TargetDetached:
		return of(directory.TargetAlert, id)
	case directory.SeatsNotice:
		if text("percent") == "100" {
			return about(directory.SeatsAlert, "", SeatsText(text("occupied"), text("limit")))
		}
		return of(directory.SeatsAlert, "")
	}
	return directory.Alert{}, false, ""
}

// who names the people whom an event about a protected group lists as "added" or "removed", such as "ann@acme.example and 2 more added".
func who(e *directory.Event, what string) string {
	ids, _ := e.Data.Value(what).([]any)
	if len(ids) == 0 {
		return ""
	}
	list, _ := e.Data.Value(what + "Names").([]any)
	names := make([]string, 0, len(list))
	for _, name := range list {
		names = append(names, fmt.Sprint(name))
	}
	text := strings.Join(names, ", ")
	switch more := len(ids) - len(names); {
	case len(names) == 0:
		text = strconv.Itoa(len(ids))
	case more > 0:
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + " " + what
}

// SeatsText is the text of the alert that every seat is taken (B9).
func SeatsText[N int | string](occupied, limit N) string {
	return fmt.Sprintf("%v of %v seats are in use", occupied, limit)
}
