package policy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// A test of this package uses each of its exported functions and methods. A test of the bridge would use a rule with only one set of values
// out of many.
func TestEveryRuleIsTestedHere(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files, exported, used := token.NewFileSet(), map[string]token.Pos{}, map[string]bool{}
	for _, path := range paths {
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "_test.go") {
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					used[s.Sel.Name] = true
				}
				return true
			})
			continue
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.IsExported() {
				exported[f.Name.Name] = f.Pos()
			}
		}
	}
	if len(exported) < 100 {
		t.Errorf("only %d functions were read", len(exported))
	}
	for name, at := range exported {
		if !used[name] {
			t.Errorf("%s: no test of this package uses %s", files.Position(at), name)
		}
	}
}
