package layout_test

import (
	"go/ast"
	"testing"
)

// alone are the tests that are not parallel, with the reason.
var alone = map[string]string{
	"TestMemoryIsClaimed":                   "it measures memory",
	"TestHostileClientsCannotExhaustMemory": "it measures memory and times",
	"TestStopFinishesRequestsInProgress":    "it measures times",
	"TestStopDrains":                        "it measures times",
	"TestStopEndsHeldRefusals":              "it measures times",
	"TestRateLimitOfAConnection":            "it measures a rate",
	"TestExampleIsGenerated":                "with -update it writes what other tests read",
	"TestEveryDoorRefusesAtTheDial":         "it changes the resolver of the process",
	"TestManualListsTheMetrics":             "with -update it writes what other tests read",
	"TestManualHasTheTableOfRoles":          "with -update it writes what other tests read",
	"TestQuirksPageIsCurrent":               "with -update it writes what other tests read",
	"TestPostgresKeepsTheContract":          "each test of the contract has many connections to one server",
	"TestPostgresIsMoved":                   "each test of the contract has many connections to one server",
	"TestMoveAfterAKill":                    "each test of the contract has many connections to one server",
	"TestContractInAnotherLocale":           "each test of the contract has many connections to one server",
	"TestContractOfTwoBridges":              "each test of the contract has many connections to one server",
	"TestContractThroughPgBouncer":          "each test of the contract has many connections to one server",
	"TestTwoBridgesShareADatabase":          "each test of the contract has many connections to one server",
	"TestContractWithWants":                 "each test of the contract has many connections to one server",
}

// These calls are refused in parallel tests, or measure what other tests change.
var notParallel = map[string]bool{"Setenv": true, "Chdir": true, "AllocsPerRun": true}

// Every test is parallel that can be: the machines that run them have several processors, and many tests wait for a disk or a server.
func TestTestsAreParallel(t *testing.T) {
	t.Parallel()
	tests, used := 0, map[string]bool{}
	eachTest(t, func(name, at string, body *ast.BlockStmt) {
		tests++
		parallel, prevented := false, false
		ast.Inspect(body, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok {
				of, _ := call.X.(*ast.Ident)
				parallel = parallel || call.Sel.Name == "Parallel"
				prevented = prevented || notParallel[call.Sel.Name] || of != nil && of.Name == "synctest"
			}
			return true
		})
		if alone[name] != "" {
			if used[name] = true; parallel {
				t.Errorf("%s: %s is parallel: remove it from the list", at, name)
			}
		} else if !parallel && !prevented {
			t.Errorf("%s: %s is not parallel", at, name)
		}
	})
	if tests < 1000 {
		t.Errorf("only %d tests were read", tests)
	}
	for name := range alone {
		if !used[name] {
			t.Errorf("there is no %s: remove it from the list", name)
		}
	}
}
