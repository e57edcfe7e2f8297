package signatures_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// spoken are the functions whose boolean needs no look-up, with the reason.
var spoken = map[string]string{
	"SetActive":   "the name says what the boolean is",
	"appendBool":  "it encodes a boolean",
	"Bool":        "it encodes a boolean",
	"recipientOf": "it gives a boolean of a request its type",
	"runOf":       "it gives a boolean of a request its type",
	"check":       "the boolean is the condition that the demo checks",
	"count":       "the boolean is the condition that the demo checked",
	"differently": "the boolean is the condition under which there is a text",
}

// The reader of a call with true or false must look up what it means. Use a type with names for its values, a struct of options, or two
// functions. The linter bounds the number of parameters.
func TestNoFunctionTakesABoolean(t *testing.T) {
	t.Parallel()
	functions, used := 0, map[string]bool{}
	eachFunction(t, func(at token.Position, name string, f *ast.FuncType) {
		functions++
		if !has(f.Params, "bool") {
			return
		}
		if used[name] = true; spoken[name] == "" {
			t.Errorf("%s: %s takes a boolean", at, name)
		}
	})
	if functions < 1000 {
		t.Errorf("only %d functions were read", functions)
	}
	for name := range spoken {
		if !used[name] {
			t.Errorf("%s takes no boolean: remove it from the list", name)
		}
	}
}

// A function that walks records has one shape. Its callback is named yield and returns an error, which ends the walk; store.ErrStop ends it
// without one. Go's own iterators are for walks that cannot fail, such as a map in memory.
func TestYieldReturnsAnError(t *testing.T) {
	t.Parallel()
	walks := 0
	eachFunction(t, func(at token.Position, name string, f *ast.FuncType) {
		for _, p := range f.Params.List {
			callback, ok := p.Type.(*ast.FuncType)
			if !ok || len(p.Names) != 1 || p.Names[0].Name != "yield" {
				continue
			}
			walks++
			if r := callback.Results; r == nil || len(r.List) != 1 || !has(r, "error") {
				t.Errorf("%s: the yield of %s does not return an error", at, name)
			}
		}
	})
	if walks < 20 {
		t.Errorf("only %d walks were read", walks)
	}
}

// eachFunction calls look for every function, method and method of an interface of the module, outside tests.
func eachFunction(t *testing.T, look func(at token.Position, name string, f *ast.FuncType)) {
	t.Helper()
	eachFile(t, func(files *token.FileSet, _ string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				look(files.Position(n.Pos()), n.Name.Name, n.Type)
			case *ast.InterfaceType:
				for _, method := range n.Methods.List {
					if f, ok := method.Type.(*ast.FuncType); ok && len(method.Names) == 1 {
						look(files.Position(method.Pos()), method.Names[0].Name, f)
					}
				}
			}
			return true
		})
	})
}

// eachFile calls look for every Go file of the module that is no test.
func eachFile(t *testing.T, look func(files *token.FileSet, path string, file *ast.File)) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if name := d.Name(); name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") && name != "../.." && name != ".." {
				return filepath.SkipDir
			}
			return nil
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		look(files, path, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// has reports whether a list of parameters or results has the type name, also as the last, variadic one.
func has(list *ast.FieldList, name string) bool {
	for _, p := range list.List {
		of := p.Type
		if many, ok := of.(*ast.Ellipsis); ok {
			of = many.Elt
		}
		if got, ok := of.(*ast.Ident); ok && got.Name == name {
			return true
		}
	}
	return false
}
