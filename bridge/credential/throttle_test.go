package credential_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/directory"
)

func at(seconds int) time.Time { return time.Unix(1_000_000+int64(seconds), 0) }

func wait(t *testing.T, err error) time.Duration {
	t.Helper()
	var no *directory.Error
	if err == nil {
		return 0
	}
	if !errors.As(err, &no) || no.Code != directory.Throttled || no.RetryAfter <= 0 {
		t.Fatalf("%v", err)
	}
	return no.RetryAfter
}

// An attacker who guesses does not lock out the owner, who comes from a known network.
func TestThrottleSparesKnownNetworks(t *testing.T) {
	t.Parallel()
	th := credential.NewThrottle(nil)
	for n := range 100 {
		_ = th.Admit(t.Context(), at(0), credential.Attempt{Account: "ada", Address: fmt.Sprintf("192.0.2.%d", n)}) // most are refused
	}
	if wait(t, th.Admit(t.Context(), at(0), credential.Attempt{Account: "ada", Address: "198.51.100.1"})) == 0 {
		t.Error("the account's common bucket is not empty")
	}
	owner := credential.Attempt{Account: "Ada", Address: "198.51.100.1", Known: true}
	for range 5 {
		if err := th.Admit(t.Context(), at(0), owner); err != nil {
			t.Fatalf("the owner: %v", err)
		}
	}
	if d := wait(t, th.Admit(t.Context(), at(0), owner)); d != 30*time.Second {
		t.Errorf("after five wrong ones the owner waits %s", d)
	}
	th.Succeeded(t.Context(), at(0), owner)
	if err := th.Admit(t.Context(), at(0), owner); err != nil {
		t.Errorf("after a right one: %v", err)
	}
}

// Links have no account: wrong links from one network do not affect another network.
func TestThrottleOfLinksCountsNetworks(t *testing.T) {
	t.Parallel()
	th := credential.NewThrottle(nil)
	for n := range 5 {
		for range 40 {
			_ = th.Admit(t.Context(), at(0), credential.Attempt{For: "link", Address: fmt.Sprintf("192.0.2.%d", n)})
		}
	}
	if err := th.Admit(t.Context(), at(0), credential.Attempt{For: "link", Address: "198.51.100.1"}); err != nil {
		t.Errorf("wrong links from five addresses are in the way of another one: %v", err)
	}
	if wait(t, th.Admit(t.Context(), at(0), credential.Attempt{For: "link", Address: "192.0.2.1"})) == 0 {
		t.Error("an address that shows forty wrong links is not slowed down")
	}
	if err := th.Admit(t.Context(), at(0), credential.Attempt{For: "sign-in", Account: "ada", Address: "192.0.2.1"}); err != nil {
		t.Errorf("links count as sign-ins: %v", err)
	}
}

// A client with an IPv6 network can use any of its addresses, and still has one bucket.
func TestThrottleCountsAnIPv6NetworkOnce(t *testing.T) {
	t.Parallel()
	th := credential.NewThrottle(nil)
	refused := 0
	for n := range 40 {
		if th.Admit(t.Context(), at(0), credential.Attempt{Account: fmt.Sprint("u", n), Address: fmt.Sprintf("2001:db8::%x", n+1)}) != nil {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d of 40 attempts from one network are refused, want 10", refused)
	}
}

// After the clock was ahead for a month, buckets fill up in the usual time.
func TestThrottleRecoversFromAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	th := credential.NewThrottle(nil)
	ada := credential.Attempt{Account: "ada", Address: "192.0.2.1"}
	for range 10 {
		_ = th.Admit(t.Context(), at(30*24*3600), ada)
	}
	if d := wait(t, th.Admit(t.Context(), at(0), ada)); d > 30*time.Second {
		t.Errorf("the wait is %s", d)
	}
	if err := th.Admit(t.Context(), at(30), ada); err != nil {
		t.Errorf("nothing was refilled: %v", err)
	}
}

// A flood of accounts that do not exist does not refill the bucket of a real account.
func TestThrottleSurvivesAFlood(t *testing.T) {
	t.Parallel()
	th := credential.NewThrottle(nil)
	admitted := 0
	for n := range 100_000 {
		_ = th.Admit(t.Context(), at(0), credential.Attempt{Account: fmt.Sprint("x", n), Address: fmt.Sprintf("10.%d.%d.%d", n>>16, n>>8&255, n&255)})
		if n%1000 == 0 && th.Admit(t.Context(), at(0), credential.Attempt{Account: "ada", Address: fmt.Sprintf("11.0.0.%d", n/1000)}) == nil {
			admitted++
		}
	}
	if admitted != 20 {
		t.Errorf("%d guesses at one account were admitted, want 20", admitted)
	}
}
