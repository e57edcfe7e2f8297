package wording_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// shown are the packages whose messages appear in the console, in answers of the APIs and in mails, too.
var shown = []string{"application", "bridge", "console", "directory", "doctor", "google", "invitepage", "observe", "policy", "provision", "pull", "push", "scim", "siem"}

// exempt are texts that may name a command without brackets, each with the reason.
var exempt = map[string]string{
	"make one on the server itself with drawbridge operator link": "no other interface does it",
	"drawbridge bundle key prints one":                            "no other interface does it",
	"an operator makes it with drawbridge appkey create":          "the documentation of an API",
	"drawbridge sealing key":                                      "the name of a key, not a message",
	"drawbridge scim cursor":                                      "the name of a key, not a message",
}

// TestMessagesNameCommandsInBrackets reads the texts of the packages that do not know who shows them. A message names a setting by its
// field and says what to do. The command for it may follow in brackets, which the console leaves out: (drawbridge connection resume acme).
func TestMessagesNameCommandsInBrackets(t *testing.T) {
	t.Parallel()
	brackets, command := regexp.MustCompile(`\(drawbridge [^)]*\)`), regexp.MustCompile(`(^|\s)--[a-z]+|\bdrawbridge [a-z]+ [a-z]+\b`)
	texts, used := 0, map[string]bool{}
	for _, name := range shown {
		err := filepath.WalkDir(filepath.Join("..", "..", name), func(path string, d fs.DirEntry, err error) error {
			base := filepath.Base(path)
			switch {
			case err != nil:
				return err
			case d.IsDir() && (base == "testdata" || base == "node_modules" || base == "wire" || base == "client" || base == "googletest"):
				return filepath.SkipDir
			case !strings.HasSuffix(base, ".go"), strings.HasSuffix(base, "_test.go"), base == "metrics.go":
				return nil
			}
			return eachLiteral(path, func(text string) {
				texts++
				for allowed := range exempt {
					if strings.Contains(text, allowed) {
						used[allowed] = true
						return
					}
				}
				if found := command.FindString(brackets.ReplaceAllString(text, "")); found != "" && !strings.Contains(text, "`") {
					t.Errorf("%s: %q is only for the command line: name the setting, or put the command into brackets\n\t%s", path, strings.TrimSpace(found), text)
				}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if texts < 10_000 {
		t.Errorf("only %d texts were read", texts)
	}
	for allowed := range exempt {
		if !used[allowed] {
			t.Errorf("no message says %q: remove it from the list", allowed)
		}
	}
}

// eachLiteral yields the texts in quotation marks of a Go file.
func eachLiteral(path string, yield func(string)) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var s scanner.Scanner
	set := token.NewFileSet()
	s.Init(set.AddFile(path, set.Base(), len(src)), src, nil, 0)
	for {
		_, kind, literal := s.Scan()
		switch kind {
		case token.EOF:
			return nil
		case token.STRING:
			text, err := strconv.Unquote(literal)
			if err != nil {
				return err
			}
			yield(text)
		}
	}
}
