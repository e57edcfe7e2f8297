package directory_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"drawbridge/directory"
)

func TestIDsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := directory.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		text := id.String()
		back, ok := directory.ParseID(text)
		if !ok || back != id || len(text) != 36 {
			t.Fatalf("%v is %q and comes back as %v", [16]byte(id), text, back)
		}
		if upper := strings.ToUpper(text); upper != text {
			if _, ok := directory.ParseID(upper); ok {
				t.Fatalf("%q is taken for an id", upper)
			}
		}
		encoded, err := json.Marshal(map[string]directory.ID{"id": id})
		if err != nil {
			t.Fatal(err)
		}
		var decoded map[string]directory.ID
		if err := json.Unmarshal(encoded, &decoded); err != nil || decoded["id"] != id {
			t.Fatalf("%s comes back as %v: %v", encoded, decoded, err)
		}
	})
}

func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"", directory.ID{}.String(), "01952c4e-7b1a-7c3d-8e4f-0123456789ab", "01952C4E-7b1a-7c3d-8e4f-0123456789ab", "{01952c4e-7b1a-7c3d-8e4f-0123456789a}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if id, ok := directory.ParseID(text); ok && id.String() != text {
			t.Errorf("%q is taken for %s", text, id)
		}
	})
}

func TestZeroIDIsNoID(t *testing.T) {
	t.Parallel()
	text, err := directory.ID{}.MarshalText()
	if err != nil || len(text) != 0 {
		t.Errorf("%q, %v", text, err)
	}
	id := directory.ID{1}
	if err := id.UnmarshalText(nil); err != nil || !id.IsZero() {
		t.Errorf("%v, %v", id, err)
	}
	if err := id.UnmarshalText([]byte("x")); directory.CodeOf(err) != directory.Invalid {
		t.Error(err)
	}
}

func TestStatesAndTypesRoundTrip(t *testing.T) {
	t.Parallel()
	if len(directory.AllStates()) != directory.States {
		t.Error("States does not count AllStates")
	}
	for _, want := range directory.AllStates() {
		text, err := want.MarshalText()
		var got directory.State
		if err != nil || got.UnmarshalText(text) != nil || got != want {
			t.Errorf("%s comes back as %s: %v", want, got, err)
		}
	}
	for want := range directory.UserType(directory.UserTypes) {
		text, err := want.MarshalText()
		var got directory.UserType
		if err != nil || got.UnmarshalText(text) != nil || got != want {
			t.Errorf("%s comes back as %s: %v", want, got, err)
		}
	}
	if directory.CodeOf(new(directory.State).UnmarshalText([]byte("x"))) != directory.Invalid ||
		directory.CodeOf(new(directory.UserType).UnmarshalText([]byte("x"))) != directory.Invalid {
		t.Error("an unknown name is accepted")
	}
}

func TestCodeOfFindsWrappedErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	err := &directory.Error{Code: directory.Stale, Message: "m", Err: cause}
	if directory.CodeOf(nil) != "" || directory.CodeOf(cause) != directory.Internal || directory.CodeOf(errors.Join(cause, err)) != directory.Stale {
		t.Error("the codes are wrong")
	}
	if !errors.Is(err, cause) || err.Error() != "stale: m: cause" {
		t.Error(err)
	}
}

func TestUsageCountsFreeSeats(t *testing.T) {
	t.Parallel()
	var c directory.Usage
	active := directory.User{State: directory.Active}
	suspended := directory.User{State: directory.Suspended, Type: directory.Guest}
	away := directory.User{State: directory.Suspended, Statement: directory.SaidDeleted}
	for _, u := range []directory.User{active, suspended, away} {
		c.Add(&u, 1)
	}
	if c.Visible() != 2 || c.Gone != 1 || c.Users[directory.Guest][directory.Suspended] != 1 {
		t.Errorf("%+v", c)
	}
	c.Add(&away, -1)
	c.Add(&active, -1)
	if c.Visible() != 1 || c.Gone != 0 {
		t.Errorf("%+v", c)
	}
}

func TestPreconditionComparesVersions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		p    directory.Precondition
		want directory.Code
	}{
		"none":             {directory.Precondition{}, ""},
		"match":            {directory.Precondition{MatchSet: true, Match: []uint64{3, 5}}, ""},
		"no match":         {directory.Precondition{MatchSet: true, Match: []uint64{4}}, directory.Stale},
		"match of nothing": {directory.Precondition{MatchSet: true}, directory.Stale},
		"match any":        {directory.Precondition{MatchSet: true, MatchAny: true}, ""},
		"none match":       {directory.Precondition{NoneMatch: []uint64{5}}, directory.Stale},
		"none match other": {directory.Precondition{NoneMatch: []uint64{4}}, ""},
		"none any":         {directory.Precondition{NoneAny: true}, directory.Stale},
	} {
		if got := directory.CodeOf(test.p.Check(5)); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestChangeKnowsWhetherItIsEmpty(t *testing.T) {
	t.Parallel()
	if c := new(directory.Change); !c.Empty() {
		t.Error("the zero change is not empty")
	}
	for _, c := range []directory.Change{
		{Tenant: &directory.Tenant{}},
		{RemoveUsers: make([]directory.ID, 1)},
		{Leave: make([]directory.Membership, 1)},
		{Audit: make([]directory.Audit, 1)},
		{Events: make([]directory.Event, 1)},
		{DropTombstones: make([]directory.ID, 1)},
	} {
		if c.Empty() {
			t.Errorf("%+v is empty", c)
		}
	}
}
