package policy_test

import (
	"reflect"
	"strings"
	"testing"

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
