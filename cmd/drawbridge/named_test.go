package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestNamedCommandsAndPagesExist reads every text of the program, of the documents and of the console that names a command, a flag or a
// page of the manual. A message must not tell a reader to run a command that does not exist.
func TestNamedCommandsAndPagesExist(t *testing.T) {
	t.Parallel()
	root := rootCommand(&terminal{})
	found := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "node_modules", "testdata", "assets", "e2e"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		texts, err := textsOf(path)
		for _, text := range texts {
			for _, named := range commandsIn(text) {
				found++
				if why := missing(root, named); why != "" {
					t.Errorf("%s: %q: %s", path, "drawbridge "+strings.Join(named, " "), why)
				}
			}
			for _, page := range pageName.FindAllString(text, -1) {
				if _, err := os.Stat("../../" + page); err != nil {
					t.Errorf("%s names %s, which does not exist", path, page)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 300 {
		t.Errorf("only %d commands are named: the search finds too few", found)
	}
}

// notCommands are the words after "drawbridge" where it is not the command: names of formats and keys, of the program as a container or a
// package, and of folders and accounts in other commands.
func notCommands() []string {
	return []string{
		"archive 1", "hand-over bundle", "sealing key", "scim cursor", "server", "stays", "with ci/", "instead of", "apply --filename", "exec statefulset/", "drawbridge ",
		"backup copies it",
	}
}

var (
	commandName = regexp.MustCompile("\\bdrawbridge((?: [^ \\n`'\"<>();]+)+)")
	pageName    = regexp.MustCompile(`\bdocs/[a-z0-9-]+\.md\b`)
	wordOnly    = regexp.MustCompile(`^[a-z][a-z-]*$`)
)

// textsOf gives what people read of a file: string literals of Go, and other files as a whole.
func textsOf(path string) ([]string, error) {
	switch filepath.Ext(path) {
	case ".md", ".tsx", ".ts", ".yaml", ".sh", ".html":
		text, err := os.ReadFile(path)
		if strings.HasSuffix(path, "CHANGELOG.md") {
			return nil, err
		}
		return []string{string(text)}, err
	case ".go":
	default:
		return nil, nil
	}
	if strings.HasSuffix(path, "_test.go") {
		return nil, nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if text, err := strconv.Unquote(l.Value); err == nil {
				out = append(out, text)
			}
		}
		return true
	})
	return out, nil
}

// commandsIn gives the words after each "drawbridge" of a text, up to the end of the sentence or line.
func commandsIn(text string) (out [][]string) {
	for _, match := range commandName.FindAllStringSubmatch(text, -1) {
		var words []string
		for word := range strings.FieldsSeq(match[1]) {
			plain := strings.TrimRight(word, ".,:!?")
			words = append(words, plain)
			if plain != word {
				break
			}
		}
		text := strings.TrimPrefix(match[1], " ")
		if slices.ContainsFunc(notCommands(), func(not string) bool { return strings.HasPrefix(text, not) }) {
			continue
		}
		if len(words) > 0 && wordOnly.MatchString(strings.Split(words[0], "|")[0]) {
			out = append(out, words)
		}
	}
	return out
}

// missing says which command or flag of words does not exist, "" if all do.
func missing(root *cobra.Command, words []string) string {
	at := root
	for i, word := range words {
		if name, isFlag := strings.CutPrefix(word, "--"); isFlag {
			name, _, _ = strings.Cut(name, "=")
			if at.Flag(name) == nil && name != "help" {
				return at.CommandPath() + " has no flag --" + name
			}
			continue
		}
		if !at.HasSubCommands() || i > 0 && !wordOnly.MatchString(strings.Split(word, "|")[0]) {
			continue
		}
		var next *cobra.Command
		for name := range strings.SplitSeq(word, "|") {
			if next = sub(at, name); next == nil {
				return at.CommandPath() + " has no command " + name
			}
		}
		at = next
	}
	return ""
}

func sub(c *cobra.Command, name string) *cobra.Command {
	for _, s := range c.Commands() {
		if s.Name() == name || s.HasAlias(name) {
			return s
		}
	}
	return nil
}
