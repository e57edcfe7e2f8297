package directory_test

import (
	"testing"
	"time"

	"drawbridge/directory"
)

func TestUsesAreMerged(t *testing.T) {
	t.Parallel()
	at := func(n int) time.Time { return time.Date(2026, 5, 4, 9, n, 0, 0, time.UTC) }
	fail := func(n int) directory.Use {
		return directory.Use{Last: at(n), Failed: at(n), FailingSince: at(n), Failures: 1, Error: "e", ErrorRequest: "r"}
	}
	good := func(n int) directory.Use { return directory.Use{Last: at(n), Success: at(n), Address: "192.0.2.1"} }
	all := []directory.Use{good(1), fail(2), fail(3), fail(4)}
	join := func(order ...int) directory.Use {
		var out directory.Use
		for _, i := range order {
			out = out.Join(all[i])
		}
		return out
	}
	want := directory.Use{Last: at(4), Success: at(1), Failed: at(4), FailingSince: at(2), Failures: 3, Error: "e", ErrorRequest: "r", Address: "192.0.2.1"}
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}} {
		if got := join(order...); got != want {
			t.Errorf("%v: %+v", order, got)
		}
	}
	healed := join(0, 1, 2, 3).Join(good(5))
	if healed.Failures != 0 || !healed.FailingSince.IsZero() || !healed.Success.Equal(at(5)) || healed.Error != "e" || !healed.Failed.Equal(at(4)) {
		t.Errorf("%+v", healed)
	}
	if again := healed.Join(fail(6)); again.Failures != 1 || !again.FailingSince.Equal(at(6)) {
		t.Errorf("%+v", again)
	}
}
