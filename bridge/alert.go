package bridge

import (
	"context"
	"slices"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// alertsKept is how long an alert that is not open any more is shown.
const alertsKept = 90 * 24 * time.Hour

// alerts raises and clears the alerts that follow from the events of the Change. It is the only place that does so: code that needs an
// alert writes an event, and policy.Alert decides.
func (t *tenantTx) alerts() error {
	changed := map[string]*directory.Alert{}
	var order []string
	for i := range t.Change.Events {
		raised, raises, clears := policy.Alert(&t.Change.Events[i])
		key := raised.Key
		if clears != "" {
			key = clears
		} else if !raises {
			continue
		}
		now, there := changed[key]
		if !there {
			old, known, err := txn.Get[directory.Alert](t.Reader, directory.AlertKV, key)
			if err != nil {
				return err
			}
			if !known && clears != "" {
				continue
			}
			now = &old
			changed[key] = now
			order = append(order, key)
		}
		switch {
		case clears != "":
			if !now.Settled() {
				now.Cleared = t.Now
			}
		case now.Times > 0 && now.Open(t.Now):
			raised.Raised, raised.Times = now.Raised, now.Times+1
			*now = raised
		default:
			*now = raised
		}
	}
	if len(order) == 0 {
		return nil
	}
	var old []string
	err := txn.Each(t.Reader, directory.AlertKV, "", "", func(key string, a *directory.Alert) error {
		if changed[key] == nil && a.Settled() && t.Now.Sub(a.Last) > alertsKept {
			old = append(old, key)
		}
		if len(old) >= 100 {
			return store.ErrStop
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range old {
		t.Unset(directory.AlertKV, key)
	}
	for _, key := range order {
		if err := t.Set(directory.AlertKV, key, changed[key]); err != nil {
			return err
		}
	}
	return nil
}

// clearAlert ends an alert whose end no event announces.
func (t *tenantTx) clearAlert(key string) error {
	a, known, err := txn.Get[directory.Alert](t.Reader, directory.AlertKV, key)
	if err != nil || !known || a.Settled() {
		return err
	}
	a.Cleared = t.Now
	return t.Set(directory.AlertKV, key, a)
}

// renewAlert brings the text of an open alert up to date.
func (t *tenantTx) renewAlert(key, text string) error {
	if len(t.Change.Audit) == 0 {
		return nil
	}
	a, known, err := txn.Get[directory.Alert](t.Reader, directory.AlertKV, key)
	if err != nil || !known || a.Settled() || a.Text == text {
		return err
	}
	a.Text = text
	return t.Set(directory.AlertKV, key, a)
}

// AlertsWanted says which alerts are listed.
type AlertsWanted uint8

// The lists of alerts.
const (
	OpenAlerts   AlertsWanted = iota
	RecentAlerts              // the open ones, and those that ended within 90 days
)

// Has reports whether an alert is in the list: it is open, or with RecentAlerts ended recently.
func (w AlertsWanted) Has(a *directory.Alert, now time.Time) bool {
	return a.Open(now) || w == RecentAlerts && now.Sub(a.Last) < alertsKept
}

// alertsOf gives the alerts of a tenant, the newest first: the open ones, and with RecentAlerts also those that were closed recently.
func alertsOf(r store.Reader, which AlertsWanted, now time.Time) ([]directory.Alert, error) {
	var out []directory.Alert
	err := txn.Each(r, directory.AlertKV, "", "", func(_ string, a *directory.Alert) error {
		if which.Has(a, now) {
			out = append(out, *a)
		}
		return nil
	})
	slices.SortFunc(out, directory.LatestAlert)
	return out, err
}

// TenantAlert is an alert with the tenant that it is about.
type TenantAlert struct {
	Tenant directory.TenantID
	Name   string // of the tenant
	directory.Alert
}

// Alerts gives the open alerts of a tenant, the latest first; with RecentAlerts also those that ended within 90 days. NotFound.
func (s *Service) Alerts(ctx context.Context, p directory.Principal, tenant directory.TenantID, which AlertsWanted) ([]TenantAlert, error) {
	if _, err := txn.ForOperator(p, tenant); err != nil {
		return nil, err
	}
	var out []TenantAlert
	err := s.store.View(ctx, tenant, nil, func(r store.Reader) error {
		found, err := r.Tenant()
		if err != nil {
			return err
		}
		all, err := alertsOf(r, which, s.instant())
		for i := range all {
			out = append(out, TenantAlert{Tenant: tenant, Name: found.Name, Alert: all[i]})
		}
		return err
	})
	return out, err
}

// longestSnooze is how long an alert can be snoozed.
const longestSnooze = 90 * 24 * time.Hour

// Acknowledgement is what an operator says about an alert.
type Acknowledgement struct {
	If    directory.Precondition // about Times, so that an operator cannot acknowledge what they have not seen
	Until time.Time              // the alert is open again from then on; zero: never
	Note  string
}

// AcknowledgeAlert records that an operator has looked at an alert and needs no more notices of it. Its cause may continue,
// and another event raises it again. NotFound, Stale, Invalid, Conflict for an alert that has ended.
func (s *Service) AcknowledgeAlert(ctx context.Context, p directory.Principal, tenant directory.TenantID, key string, o Acknowledgement) (directory.Alert, error) {
	p, err := txn.ForOperator(p, tenant)
	if err == nil {
		err = policy.CheckText("note", o.Note, 0, 500)
	}
	if err != nil {
		return directory.Alert{}, err
	}
	if wait := o.Until.Sub(s.instant()); !o.Until.IsZero() && (wait <= 0 || wait > longestSnooze) {
		return directory.Alert{}, &directory.Error{Code: directory.Invalid, Field: "until", Message: "until is a time within the next 90 days"}
	}
	var out directory.Alert
	err = s.write(ctx, p, func(t *tenantTx) error {
		if err := txn.Exists(t.Reader, tenant); err != nil {
			return err
		}
		a, known, err := txn.Get[directory.Alert](t.Reader, directory.AlertKV, directory.Truncate(key, 200))
		if err != nil {
			return err
		}
		if !known {
			return &directory.Error{Code: directory.NotFound, Message: "the tenant has no such alert"}
		}
		if err := o.If.Check(uint64(a.Times)); err != nil {
			return err
		}
		if a.Settled() {
			return &directory.Error{Code: directory.Conflict, Field: "alert", Message: "this alert is settled already"}
		}
		a.Acknowledged, a.AcknowledgedBy, a.Note, a.Until = t.Now, t.Principal.Actor, o.Note, o.Until
		out = a
		data := directory.Attributes{{Name: "alert", Value: a.Key}, {Name: "text", Value: a.Text}, {Name: "times", Value: txn.Number(a.Times)}}
		line := t.Line(directory.ActionAlertAcknowledge, a.Subject)
		if !o.Until.IsZero() {
			data = append(data, directory.Attribute{Name: "until", Value: o.Until.UTC().Format(time.RFC3339)})
		}
		line.Reason, line.After = o.Note, txn.Document(data)
		t.Audit(line)
		t.Event(directory.AlertAcknowledged, a.Subject, data)
		return t.Set(directory.AlertKV, a.Key, a)
	})
	return out, err
}
