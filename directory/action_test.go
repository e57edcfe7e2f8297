package directory_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"drawbridge/directory"
)

var update = flag.Bool("update", false, "write the table of actions into docs/audit.md")

const (
	actionsBegin = "<!-- actions: begin -->\n"
	actionsEnd   = "<!-- actions: end -->\n"
)

// Every constant is listed, with a sentence, in docs/audit.md, and in the words of the console.
func TestEveryActionIsListedAndDocumented(t *testing.T) {
	t.Parallel()
	listed := map[string]string{}
	var table strings.Builder
	table.WriteString("| action | what happened |\n|---|---|\n")
	for _, i := range directory.Actions() {
		text := string(i.Action)
		if _, twice := listed[text]; twice || i.About == "" {
			t.Errorf("%s is listed twice, or without a sentence", text)
		}
		listed[text] = i.About
		table.WriteString("| `" + text + "` | " + i.About + " |\n")
	}

	declared := 0
	for _, literal := range literals(t, "action.go") {
		if noun, verb, ok := strings.Cut(literal, "."); !ok || noun == "" || verb == "" || strings.Contains(literal, " ") {
			continue
		}
		if declared++; listed[literal] == "" {
			t.Errorf("Actions does not list %s", literal)
		}
	}
	if declared != len(listed) {
		t.Errorf("%d actions are declared, %d are listed", declared, len(listed))
	}

	manual := read(t, "../docs/audit.md")
	before, rest, begins := strings.Cut(manual, actionsBegin)
	was, after, ends := strings.Cut(rest, actionsEnd)
	switch {
	case !begins || !ends:
		t.Errorf("docs/audit.md lacks %q or %q", actionsBegin, actionsEnd)
	case *update:
		if err := os.WriteFile("../docs/audit.md", []byte(before+actionsBegin+table.String()+actionsEnd+after), 0o644); err != nil {
			t.Error(err)
		}
	case was != table.String():
		t.Error("docs/audit.md has another table of actions: go test ./directory -run EveryAction -update")
	}

	console := read(t, "../console/ui/src/parts/sentence.tsx")
	for text := range listed {
		if !strings.Contains(console, "\t"+strconv.Quote(text)+": ") {
			t.Errorf("console/ui/src/parts/sentence.tsx has no words for %s", text)
		}
	}
}

// The packages that write audit lines name each action by its constant. A literal that is no constant yet is found where it is used.
func TestNoActionIsALiteral(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, i := range directory.Actions() {
		listed[string(i.Action)] = true
	}
	calls := 0
	for _, root := range []string{"../bridge", "../observe"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			for _, literal := range literals(t, path) {
				if listed[literal] {
					t.Errorf("%s: write the constant of package directory instead of %q", path, literal)
				}
			}
			ast.Inspect(parsed(t, path), func(n ast.Node) bool {
				for _, value := range actionsIn(n) {
					calls++
					if literal, ok := value.(*ast.BasicLit); ok && literal.Kind == token.STRING && literal.Value != `""` {
						t.Errorf("%s: add a constant for the action %s to package directory", path, literal.Value)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if calls < 100 {
		t.Errorf("only %d uses of actions were read", calls)
	}
}

// actionsIn lists the values that may be actions in a node: arguments of Line and Refuse of package txn, and fields named Action.
func actionsIn(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "Line" || f.Sel.Name == "Refuse") {
			return n.Args
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && (key.Name == "Action" || key.Name == "action") {
			return []ast.Expr{n.Value}
		}
	}
	return nil
}

func TestUnknownActionsAreFound(t *testing.T) {
	t.Parallel()
	for action, want := range map[directory.Action]bool{
		directory.ActionUserCreate: true, directory.ResourceAction("Device", directory.ResourceUpdate): true,
		"": false, "user": false, "user.dance": false, ".create": false,
	} {
		if action.Known() != want {
			t.Errorf("%q is known: %t", action, !want)
		}
	}
}

// literals lists the values of the string literals of a Go file.
func literals(t *testing.T, path string) []string {
	t.Helper()
	var out []string
	ast.Inspect(parsed(t, path), func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Error(err)
			}
			out = append(out, text)
		}
		return true
	})
	return out
}

func parsed(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
