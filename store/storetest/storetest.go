package storetest

import (
	"os"
	"runtime/pprof"
	"testing"
	"time"

	"drawbridge/store"
)

// Open opens a new, empty store. It is closed by the test that uses it.
type Open func(t *testing.T) store.Store

// Exception is a test that a store does not pass on purpose. It must have a reason, and belongs in the documentation of the store.
type Exception struct {
	Test   string // "Group/name of the test"
	Reason string
}

// Run runs all tests of the contract, each on a store of its own, except those that are declared. It fails if an exception has no
// reason or names no test.
func Run(t *testing.T, open Open, exceptions ...Exception) {
	declared := map[string]string{}
	for _, e := range exceptions {
		if e.Reason == "" {
			t.Errorf("the exception %q has no reason", e.Test)
		}
		declared[e.Test] = e.Reason
	}
	for _, group := range groups() {
		t.Run(group.name, func(t *testing.T) {
			for _, test := range group.tests {
				name := group.name + "/" + test.name
				if reason, ok := declared[name]; ok {
					t.Logf("exception: %s: %s", test.name, reason)
					delete(declared, name)
					continue
				}
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					Watch(t, 5*time.Minute)
					s := open(t)
					t.Cleanup(func() {
						if err := s.Close(); err != nil {
							t.Errorf("Close: %v", err)
						}
					})
					test.run(newFixture(t, contract(t, s)))
				})
			}
		})
	}
	for name := range declared {
		t.Errorf("the exception %q names no test", name)
	}
}

// group is the tests of one part of the contract.
type group struct {
	name  string
	tests []contractTest
}

func groups() []group {
	return []group{
		{"View", viewTests()},
		{"Update", updateTests()},
		{"Unique", uniqueTests()},
		{"Registry", registryTests()},
		{"Deferral", deferralTests()},
		{"Users", userTests()},
		{"Groups", groupTests()},
		{"Resources", resourceTests()},
		{"AuditEvents", auditEventTests()},
		{"KV", kvTests()},
		{"Mail", mailTests()},
		{"Query", queryTests()},
		{"Paging", pagingTests()},
		{"PagePositions", positionTests()},
		{"Operators", operatorTests()},
		{"Handover", handoverTests()},
		{"Claim", claimTests()},
		{"Process", processTests()},
		{"Summary", summaryTests()},
		{"Race", raceTests()},
		{"Order", orderTests()},
		{"Large", largeTests()},
		{"Model", modelTests()},
	}
}

type contractTest struct {
	name string
	run  func(f *fixture)
}

// Watch ends the process with the stacks of all goroutines if the test takes longer than limit, because a faulty store hangs
// rather than fails.
func Watch(t *testing.T, limit time.Duration) {
	t.Helper()
	name := t.Name()
	timer := time.AfterFunc(limit, func() {
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
		panic(name + " takes longer than " + limit.String())
	})
	t.Cleanup(func() { timer.Stop() })
}
