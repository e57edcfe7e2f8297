package directory_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
)

// Every declared kind of event is in the list, and the manual describes its data.
func TestEveryEventKindIsListedAndDocumented(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := directory.EventKinds()
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "EventKind" {
			return true
		}
		declared++
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			t.Errorf("%s is not a literal", spec.Names[0].Name)
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Error(err)
		}
		if !slices.Contains(listed, directory.EventKind(text)) {
			t.Errorf("EventKinds does not list %s", text)
		}
		if !strings.Contains(string(manual), "\n| `"+text+"` |") {
			t.Errorf("docs/events.md has no row for %s", text)
		}
		return true
	})
	if declared != len(listed) || declared == 0 {
		t.Errorf("%d kinds are declared, %d listed", declared, len(listed))
	}
}

func TestCursorsRoundTrip(t *testing.T) {
	t.Parallel()
	e := directory.Event{Seq: 17, Time: time.Unix(1, 5), Tenant: "acme", Kind: directory.UserCreated, Subject: directory.Subject{Kind: "User", ID: "1"}}
	c := e.Cursor()
	back, err := directory.ParseCursor(c.String())
	if err != nil || back != c || len(c.Mark) != 12 {
		t.Errorf("%+v, %v", back, err)
	}
	other := e
	other.Subject.ID = "2"
	if other.Cursor() == c {
		t.Error("another event with the same number has the same cursor")
	}
	for _, bad := range []string{"", "acme", "acme.1", "acme.1.2", "acme.x.", "acme.+1.", "acme.1..", "acme.9999999999999999999.", "acme.1.0123456789AB"} {
		if _, err := directory.ParseCursor(bad); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	for _, seed := range []string{"acme.17.09f4c81d22ab", ".0.", "a.b.c", "acme.-1."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := directory.ParseCursor(text)
		if err == nil && c.String() != text {
			t.Errorf("%q was read as %q", text, c)
		}
	})
}

// Auditors rely on the form of the hash: docs/audit.md describes it, and this value must never change.
func TestAuditSumNeverChanges(t *testing.T) {
	t.Parallel()
	line := directory.Audit{
		Seq: 12, Time: time.Date(2030, 1, 31, 8, 0, 0, 1000, time.UTC), Tenant: "acme", Actor: directory.Actor{Kind: directory.ByOperator, ID: "op-1", Name: "Olga"},
		Action: "user.suspend", Subject: directory.Subject{Kind: "User", ID: "u1", Name: "anna@acme.test"}, Outcome: directory.Done, Rule: "L4", Reason: "löst laptop",
		Before: directory.Document(`{"state":"active"}`), After: directory.Document(`{"state":"suspended"}`), Deviations: []string{"one", "two"}, Request: "r-1", Address: "192.0.2.1",
	}
	const want = "0c6c3859b9f17828abf115ad4f8a247fb39faa5cfb61500a5eb01c3aa8adf5ec"
	if got := line.Sum(directory.Hash{1}).String(); got != want {
		t.Errorf("the sum is %s", got)
	}
	moved := line
	moved.Deviations = []string{"on", "etwo"}
	if moved.Sum(directory.Hash{1}) == line.Sum(directory.Hash{1}) {
		t.Error("two lists of fields have one sum")
	}
	var h directory.Hash
	for _, bad := range []string{"00", strings.Repeat("0", 63), strings.Repeat("0", 65), strings.Repeat("x", 64)} {
		if h.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q is a hash", bad)
		}
	}
}
