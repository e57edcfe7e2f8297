package wording_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// plainer are words that make a reader stop, each with what to write.
var plainer = map[string]string{
	`behind`:                           "after, or the name of the place",
	`nobody|somebody|whoever|whomever`: "the person or the part of the program that is meant",
	`mend(s|ed|ing)?`:                  "fix, or repair",
	`stands? (in|for|at|on|under|above|below)`:                                     "is, means, or replaces",
	`lest|thus|hence|whence|thence|hitherto|forthwith|henceforth`:                  "a sentence with because, so, or then",
	`thereof|therein|thereby|herein|hereby|wherein|whereby|whereof|whilst|amongst`: "a shorter word",
	`naught|nought|albeit|betwixt|ere|heretofore|oneself`:                          "a shorter word",
}

// usual are the phrases in which such a word is the usual one.
var usual = map[string]string{
	`behind (a |an |the |trusted )?(reverse |load )?(proxy|proxies|balancer|ingress|gateway|translator|HAProxy)`: "a place in a network",
	`behind-a-reverse-proxy`: "the address of a section",
	`clock.*\bbehind`:        "a clock that is slow",
	`\b(is|be) behind\b`:     "a standby that has not received everything",
}

// short are the test names of one word. Others say in a few words what holds.
var short = []string{"TestMain", "TestInvariants", "TestConformance", "TestUpgrade", "TestTranscripts", "TestScripts"}

// A test is named after what holds, in plain words.
func TestNamesOfTestsSayWhatHolds(t *testing.T) {
	t.Parallel()
	tests, oneWord := 0, map[string]bool{}
	name, word := regexp.MustCompile(`(?m)^func ((Test|Fuzz|Benchmark)\w+)\(`), regexp.MustCompile(`[A-Z]+[0-9]*[a-z]*|[0-9]+`)
	plain := regexp.MustCompile(`(?i)\b(` + strings.Join(slices.Sorted(maps.Keys(plainer)), "|") + `)\b`)
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range name.FindAllStringSubmatch(string(text), -1) {
			tests++
			words := word.FindAllString(strings.TrimPrefix(found[1], found[2]), -1)
			if literary := plain.FindString(strings.Join(words, " ")); literary != "" && !strings.EqualFold(literary, "behind") {
				t.Errorf("%s: %s: write something plainer than %q", path, found[1], literary)
			}
			if found[2] != "Test" || len(words) > 1 {
				continue
			}
			if oneWord[found[1]] = true; !slices.Contains(short, found[1]) {
				t.Errorf("%s: %s: name the test after what holds", path, found[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if tests < 1000 {
		t.Errorf("only %d tests were read", tests)
	}
	for _, name := range short {
		if !oneWord[name] {
			t.Errorf("no test is named %s: remove it from the list", name)
		}
	}
}

// TestWordsArePlain reads the comments of all Go code, the sentences of Go code outside tests, the documents, the texts of the console,
// the templates of mails, and the files of deploy.
func TestWordsArePlain(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	words, phrases, used := map[string]*regexp.Regexp{}, map[string]*regexp.Regexp{}, map[string]bool{}
	for word := range plainer {
		words[word] = regexp.MustCompile(`(?i)\b(` + word + `)\b`)
	}
	for phrase := range usual {
		phrases[phrase] = regexp.MustCompile(`(?i)` + phrase)
	}
	literary := regexp.MustCompile(`(?i)\b(` + strings.Join(slices.Sorted(maps.Keys(plainer)), "|") + `)\b`)
	lines := 0
	check := func(at, text string) {
		if lines++; !literary.MatchString(text) {
			return
		}
		for word, pattern := range words {
			if !pattern.MatchString(text) {
				continue
			}
			rest := text
			for phrase, pattern := range phrases {
				if pattern.MatchString(rest) {
					used[phrase], rest = true, pattern.ReplaceAllString(rest, "")
				}
			}
			if found := pattern.FindString(rest); found != "" {
				t.Errorf("%s: %q: write %s\n\t%s", at, found, plainer[word], strings.TrimSpace(text))
			}
		}
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		if d.IsDir() {
			switch d.Name() {
			case "testdata", "node_modules", "vendor", "assets", "wording", ".git":
				return filepath.SkipDir
			}
			return nil
		}
		switch filepath.Ext(name) {
		case ".go":
			return eachText(path, strings.HasSuffix(name, "_test.go"), func(text string) { check(name, text) })
		case ".md", ".ts", ".tsx", ".css", ".sql", ".yaml", ".yml", ".html", ".txt", ".tmpl", ".sh", ".py":
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for line := range strings.Lines(string(data)) {
				check(name, line)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if lines < 10_000 {
		t.Errorf("only %d lines were read", lines)
	}
	for phrase := range usual {
		if !used[phrase] {
			t.Errorf("no text has %q: remove it from the list", phrase)
		}
	}
}

// eachText yields the lines of the comments of a Go file and, unless it is a test, its string literals that are sentences.
func eachText(path string, isTest bool, yield func(text string)) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var s scanner.Scanner
	files := token.NewFileSet()
	s.Init(files.AddFile(path, files.Base(), len(data)), data, nil, scanner.ScanComments)
	for {
		_, kind, text := s.Scan()
		switch {
		case kind == token.EOF:
			return nil
		case kind == token.COMMENT, kind == token.STRING && !isTest && strings.Count(text, " ") > 1:
			for line := range strings.Lines(text) {
				yield(line)
			}
		}
	}
}
