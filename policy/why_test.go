package policy_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

// The source of a tenant's own setting is the tenant.
func TestSourcesNameTheTenant(t *testing.T) {
	t.Parallel()
	var own directory.Overrides
	fields := reflect.ValueOf(&own).Elem()
	for i := range fields.NumField() {
		fields.Field(i).Set(reflect.New(fields.Field(i).Type().Elem()))
	}
	shown := map[string]string{}
	for _, s := range policy.Sources(policy.DefaultSettings(), policy.ShippedPlans()[0], own) {
		shown[s.Name] = s.Source
	}
	for i := range fields.NumField() {
		name, _, _ := strings.Cut(fields.Type().Field(i).Tag.Get("json"), ",")
		if shown[name] != "tenant" {
			t.Errorf("the tenant has a %q of its own, and its source is %q", name, shown[name])
		}
	}
}

// The statement of an identity provider outlives the management, and the link of an invitation says how long it works (L8).
func TestL8WhyNamesFormerStatementsAndLinks(t *testing.T) {
	t.Parallel()
	released := directory.User{State: directory.Active, Statement: directory.SaidActive, StatedAt: now}
	if said := world("operator").Why(&released); len(said) != 1 || !strings.Contains(said[0].Text, "released from it afterwards") {
		t.Errorf("%+v", said)
	}
	hash := directory.Hash{1}
	for want, i := range map[string]directory.UserInvitation{
		"operator Olga invited the user at a@x.test":       {Hash: hash},
		"; the link works until 2026-05-04 10:00 UTC":      {Hash: hash, Expires: now.Add(time.Hour)},
		"; the link expired on 2026-05-04 08:00 UTC: send": {Hash: hash, Expires: now.Add(-time.Hour)},
		"; the link works no more: send another":           {Hash: hash, Ended: now},
	} {
		s := world("operator")
		i.To, i.By, i.At = "a@x.test", actor("operator"), now.Add(-2*time.Hour)
		s.Invitation = &i
		said := s.Why(&directory.User{State: directory.Invited})
		if len(said) != 1 || !strings.HasSuffix(said[0].Text, want) && !strings.Contains(said[0].Text, want) {
			t.Errorf("%+v, want %q", said, want)
		}
	}
}
