package policy_test

import (
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

// BenchmarkDecide measures what the rules cost a write, without the reads that they need.
func BenchmarkDecide(b *testing.B) {
	s := world("idp")
	s.Plan = policy.ShippedPlans()[0]
	yes, no := true, false
	u := directory.User{ID: directory.ID{1}, UserName: "ann@acme.test", ExternalID: "1", Connection: "acme-okta", State: directory.Active, Statement: directory.SaidActive, StatedAt: now}
	for name, decide := range map[string]func() policy.Decision{
		"create":     func() policy.Decision { return s.NewUser(u, &yes) },
		"write":      func() policy.Decision { return s.Write(u, u, &yes) },
		"deactivate": func() policy.Decision { return s.Write(u, u, &no) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := decide(); d.Refuse != nil {
					b.Fatal(d.Refuse.Message)
				}
			}
		})
	}
	b.Run("settings", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = policy.Resolve(policy.DefaultSettings(), s.Plan, directory.Overrides{})
		}
	})
}
