package bridge_test

import (
	"reflect"
	"testing"

	"drawbridge/bridge"
)

// A noun with many verbs gets a type of its own, as Invitations and Pulls have.
func TestServiceHasFewerThanAHundredMethods(t *testing.T) {
	t.Parallel()
	if n := reflect.TypeFor[*bridge.Service]().NumMethod(); n >= 100 {
		t.Errorf("Service has %d exported methods", n)
	}
}
