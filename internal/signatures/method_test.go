package signatures_test

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// mostMethods is how many exported methods a type has at most. What it has beyond is the life of another noun, and gets a type of its own.
const mostMethods = 99

// large are the types that may have more, with the reason.
var large = map[string]string{
	"console/client.Client": "it has a method for each operation of the API",
}

func TestNoTypeHasAHundredMethods(t *testing.T) {
	t.Parallel()
	methods := map[string]int{}
	eachFile(t, func(_ *token.FileSet, path string, file *ast.File) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !f.Name.IsExported() {
				continue
			}
			of := f.Recv.List[0].Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if generic, ok := of.(*ast.IndexExpr); ok {
				of = generic.X
			}
			if name, ok := of.(*ast.Ident); ok {
				folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../../")
				methods[folder+"."+name.Name]++
			}
		}
	})
	if len(methods) < 200 {
		t.Errorf("only %d types were read", len(methods))
	}
	for name, n := range methods {
		if n > mostMethods && large[name] == "" {
			t.Errorf("%s has %d exported methods", name, n)
		}
	}
	for name := range large {
		if methods[name] <= mostMethods {
			t.Errorf("%s has %d exported methods: remove it from the list", name, methods[name])
		}
	}
}
