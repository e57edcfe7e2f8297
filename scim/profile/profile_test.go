package profile_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/profile"
)

var update = flag.Bool("update", false, "write docs/quirks.md")

func TestProfilesAreComplete(t *testing.T) {
	t.Parallel()
	all := profile.All()
	if len(all) != len(directory.ConnectionTypes()) {
		t.Fatalf("%d profiles for %d types", len(all), len(directory.ConnectionTypes()))
	}
	for i, p := range all {
		if p.Type != directory.ConnectionTypes()[i] {
			t.Errorf("profile %d is of type %s, not %s", i, p.Type, directory.ConnectionTypes()[i])
		}
		if p.Title == "" || p.Cadence <= 0 || p.Setup.Page == "" || p.Setup.URL == "" || p.Setup.Token == "" || p.Setup.Test == "" || len(p.Setup.Steps) == 0 {
			t.Errorf("the profile of %s has something missing: %+v", p.Type, p)
		}
	}
}

// A setting of a connection wins over the profile of its identity provider (C6).
func TestConnectionSettingsOverrideTheProfile(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		want := directory.Ignore
		if p.Type == directory.Generic {
			want = directory.Refuse
		}
		if p.UnknownPaths != want || p.UserPatch != directory.ReplyResource || p.GroupPatch != directory.ReplyNoContent {
			t.Errorf("%s: %s %s %s", p.Type, p.UnknownPaths, p.UserPatch, p.GroupPatch)
		}
	}
	refuse, none, resource := directory.Refuse, directory.ReplyNoContent, directory.ReplyResource
	p := profile.For(directory.Connection{Type: directory.Entra, UnknownPaths: &refuse, UserPatch: &none, GroupPatch: &resource})
	if p.UnknownPaths != refuse || p.UserPatch != none || p.GroupPatch != resource {
		t.Errorf("the settings of the connection do not win: %+v", p)
	}
	if p := profile.For(directory.Connection{Type: "unheard of"}); p.Type != directory.Generic {
		t.Errorf("an unknown type is treated as %s", p.Type)
	}
}

func TestRowsAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for _, row := range profile.Rows() {
		if row.Number > 0 && seen[row.Number] {
			t.Errorf("row %d occurs twice", row.Number)
		}
		seen[row.Number] = true
		if row.What == "" || row.How == "" || row.Where == "" {
			t.Errorf("row %d has something missing", row.Number)
		}
	}
	for n := 1; n <= 70; n++ {
		if !seen[n] {
			t.Errorf("row %d is missing", n)
		}
	}
}

// Every quirk of package scim is in the table.
func TestEveryQuirkHasARow(t *testing.T) {
	t.Parallel()
	listed := map[scim.Quirk]bool{}
	for _, row := range profile.Rows() {
		for _, name := range row.Names {
			listed[name] = true
		}
	}
	for _, file := range []string{"../quirk.go", "../server/quirk.go"} {
		for _, name := range quirksOf(t, file) {
			if !listed[name] {
				t.Errorf("%s of %s is in no row", name, file)
			}
		}
	}
}

func quirksOf(t *testing.T, file string) []scim.Quirk {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []scim.Quirk
	ast.Inspect(tree, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if name, err := strconv.Unquote(literal.Value); err == nil {
					out = append(out, scim.Quirk(name))
				}
			}
		}
		return true
	})
	return out
}

func TestQuirksPageIsCurrent(t *testing.T) {
	const file = "../../docs/quirks.md"
	if *update {
		if err := os.WriteFile(file, []byte(profile.Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(have), profile.Markdown()); d != "" {
		t.Errorf("docs/quirks.md is stale; go test ./scim/profile -update writes it:\n%s", d)
	}
}
