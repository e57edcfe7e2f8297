package postgres

import (
	"testing"

	"drawbridge/directory"
)

// TestLaterAnswerReplacesAnEarlierOne shows that a credential is refused that was accepted in a trip that failed, and is revoked since.
func TestLaterAnswerReplacesAnEarlierOne(t *testing.T) {
	t.Parallel()
	asked := shown{at: "okta"}
	a := admission{shown: asked, token: &directory.Token{}, connection: &directory.Connection{}, tenant: &directory.Tenant{}}
	if err := new(Store).decode(&a, &answer{}); err != nil {
		t.Fatal(err)
	}
	if a.token != nil || a.connection != nil || a.tenant != nil {
		t.Errorf("the earlier answer is still there: %+v", a)
	}
	if a.shown != asked {
		t.Errorf("it is an answer to %+v", a.shown)
	}
}
