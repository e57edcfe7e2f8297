package layout_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// longest is how many lines a function may have. The linter has the same bound for code that is no test.
const longest = 80

// A function of a test fits on two screens, as other functions do. One that is longer is a table: most of its lines are values.
func TestLongTestsAreTables(t *testing.T) {
	t.Parallel()
	functions := 0
	eachTestFile(t, func(files *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			name, body := "a function in a function", (*ast.BlockStmt)(nil)
			switch n := n.(type) {
			case *ast.FuncDecl:
				name, body = n.Name.Name, n.Body
			case *ast.FuncLit:
				body = n.Body
			}
			if body == nil {
				return true
			}
			functions++
			if lines, values := length(files, body); lines > longest && 2*values <= lines {
				t.Errorf("%s: %s has %d lines, and %d of them are a table: give its parts names", files.Position(n.Pos()), name, lines, values)
			}
			return true
		})
	})
	if functions < 5000 {
		t.Errorf("only %d functions were read", functions)
	}
}

// eachTestFile calls look for every file that has tests, or is in a package that only tests import.
func eachTestFile(t *testing.T, look func(files *token.FileSet, file *ast.File)) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if name := d.Name(); at != root && (name == "node_modules" || name == "testdata" || name == "tools" || strings.HasPrefix(name, ".")) {
				return filepath.SkipDir
			}
			return nil
		case !isTest(at):
			return nil
		}
		file, err := parser.ParseFile(files, at, nil, parser.SkipObjectResolution)
		if err == nil {
			look(files, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// eachTest calls look for every test.
func eachTest(t *testing.T, look func(name, at string, body *ast.BlockStmt)) {
	t.Helper()
	eachTestFile(t, func(files *token.FileSet, file *ast.File) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" && len(f.Type.Params.List) == 1 {
				look(f.Name.Name, files.Position(f.Pos()).String(), f.Body)
			}
		}
	})
}

// isTest reports whether a file has tests, or is in a package that only tests import.
func isTest(at string) bool {
	folder, err := filepath.Rel(root, filepath.Dir(at))
	return strings.HasSuffix(at, "_test.go") || err == nil && strings.HasSuffix(at, ".go") && slices.Contains(forTests, filepath.ToSlash(folder))
}

// length counts the lines of a body, and those of them that are inside a composite literal.
func length(files *token.FileSet, body *ast.BlockStmt) (lines, values int) {
	line := func(at token.Pos) int { return files.Position(at).Line }
	ast.Inspect(body, func(n ast.Node) bool {
		table, ok := n.(*ast.CompositeLit)
		if ok {
			values += line(table.Rbrace) - line(table.Lbrace)
		}
		return !ok // what is inside has been counted
	})
	return line(body.Rbrace) - line(body.Lbrace) - 1, values
}
