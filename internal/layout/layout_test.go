package layout_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// root is the folder of the module.
const root = "../.."

// forTests are the packages that only tests import, or that only test. They have no row in the table, because a server has none of them.
var forTests = []string{
	"archive/s3/s3test", "bridge/bridgetest", "cmd/drawbridge/e2e", "cmd/drawbridge/e2e/stage", "internal/layout", "internal/openidtest", "internal/signatures", "internal/wording",
	"store/postgres/pgtest", "store/storetest",
}

// everything is the entry of a package that may import all others.
const everything = "everything"

// TestImportTableIsTrue compares the table in ARCHITECTURE.md with the rules of the linter and with the imports of the code.
func TestImportTableIsTrue(t *testing.T) {
	t.Parallel()
	table, rules, code := importTable(t), linterRules(t), imports(t)
	if len(table) < 40 || len(code) < 40 {
		t.Fatalf("read %d rows and %d packages", len(table), len(code))
	}
	for _, name := range slices.Sorted(maps.Keys(code)) {
		row, ok := table[name]
		if !ok {
			t.Errorf("%s has no row", name)
			continue
		}
		if slices.Contains(row, everything) {
			if slices.Contains(code[name], "console/client") {
				t.Errorf("%s imports console/client: no server imports a client", name)
			}
			continue
		}
		for _, imported := range code[name] {
			if !slices.Contains(row, imported) {
				t.Errorf("%s imports %s, and its row does not have it", name, imported)
			}
		}
		for _, allowed := range row {
			if !slices.Contains(code[name], allowed) {
				t.Errorf("the row of %s has %s, which it does not import", name, allowed)
			}
		}
		rule, ok := rules[name]
		if !ok {
			t.Errorf("%s has no rule in .golangci.yml", name)
			continue
		}
		for _, allowed := range row {
			if !slices.Contains(rule.may, allowed) {
				t.Errorf("the row of %s has %s, which the linter refuses", name, allowed)
			}
		}
		for _, allowed := range rule.may {
			if !slices.ContainsFunc(rule.folders, func(f string) bool { return f == allowed || slices.Contains(table[f], allowed) }) {
				t.Errorf("the linter lets %s import %s, and no row has that", name, allowed)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if _, ok := code[name]; !ok {
			t.Errorf("there is no package %s", name)
		}
	}
}

var quoted = regexp.MustCompile("`([^`]+)`")

// importTable reads the table: package → what it may import.
func importTable(t *testing.T) map[string][]string {
	t.Helper()
	_, text, _ := strings.Cut(read(t, "ARCHITECTURE.md"), "\n## Imports\n")
	text, _, _ = strings.Cut(text, "\n## ")
	table := map[string][]string{}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 {
			continue
		}
		var may []string
		for _, m := range quoted.FindAllStringSubmatch(cells[2], -1) {
			may = append(may, m[1])
		}
		if strings.TrimSpace(cells[2]) == everything {
			may = []string{everything}
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			if _, twice := table[m[1]]; twice {
				t.Errorf("%s has two rows", m[1])
			}
			table[m[1]] = slices.DeleteFunc(slices.Clone(may), func(name string) bool { return name == m[1] })
		}
	}
	return table
}

// rule is a rule of depguard.
type rule struct {
	folders []string // which it is for
	may     []string // the packages of this module that it allows
}

// linterRules reads the rules of depguard for the packages of this module.
func linterRules(t *testing.T) map[string]rule {
	t.Helper()
	var config struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]struct {
						Files []string
						Allow []string
						Deny  []struct{ Pkg string }
					}
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, ".golangci.yml")), &config); err != nil {
		t.Fatal(err)
	}
	rules := map[string]rule{}
	for _, r := range config.Linters.Settings.Depguard.Rules {
		ours := slices.ContainsFunc(r.Deny, func(d struct{ Pkg string }) bool { return d.Pkg == "drawbridge/" })
		if !ours || slices.Contains(r.Files, "$all") {
			continue
		}
		var one rule
		for _, allowed := range r.Allow {
			if name, ok := strings.CutPrefix(strings.TrimSuffix(allowed, "$"), "drawbridge/"); ok {
				one.may = append(one.may, name)
			} else if allowed == "drawbridge$" {
				one.may = append(one.may, ".")
			}
		}
		for _, files := range r.Files {
			if folder, ok := strings.CutPrefix(files, "${base-path}/"); ok && !strings.Contains(folder, "_test.go") {
				one.folders = append(one.folders, path.Dir(folder))
			}
		}
		for _, folder := range one.folders {
			rules[folder] = one
		}
	}
	return rules
}

// imports reads what the packages of the server import of each other.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	code := map[string][]string{}
	for folder, files := range packages(t) {
		if slices.Contains(forTests, folder) {
			continue
		}
		found := map[string]bool{}
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				name := strings.Trim(i.Path.Value, `"`)
				if name == "drawbridge" {
					found["."] = true
				} else if name, ok := strings.CutPrefix(name, "drawbridge/"); ok {
					found[name] = true
				}
			}
		}
		code[folder] = slices.Sorted(maps.Keys(found))
	}
	return code
}

var (
	owns    = regexp.MustCompile(`\bowns\b`)
	ownsNot = regexp.MustCompile(`\b(not|no|nothing|never|none)\b`)
)

// The comment of the package in doc.go says what it owns, and what it does not.
func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	t.Parallel()
	for folder := range packages(t) {
		name := filepath.Join(root, folder, "doc.go")
		if folder == "." {
			name = filepath.Join(root, "embed.go")
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Errorf("%s: %v", folder, err)
			continue
		}
		if text := f.Doc.Text(); !owns.MatchString(text) || !ownsNot.MatchString(text) {
			t.Errorf("%s: the comment does not say what the package owns and what it does not: %s", folder, text)
		}
	}
}

// packages finds the folders of the module that have Go files, with those files that are not tests.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && at != root && (name == "node_modules" || name == "testdata" || name == "tools" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir // tools holds modules of their own
		}
		if strings.HasSuffix(at, ".go") {
			folder, err := filepath.Rel(root, filepath.Dir(at))
			if err != nil {
				return err
			}
			folder = filepath.ToSlash(folder)
			files := found[folder]
			if !strings.HasSuffix(at, "_test.go") {
				files = append(files, at)
			}
			found[folder] = files
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
