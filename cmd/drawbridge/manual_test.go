package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	repository "drawbridge"
)

// pagesWithCommands are the pages for people: README, the manual, and what is shipped beside the program.
func pagesWithCommands(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	add := func(name string, text []byte, err error) {
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = string(text)
	}
	names, err := fs.Glob(repository.Documents, "docs/*.md")
	if err != nil || len(names) < 30 {
		t.Fatalf("%d pages, %v", len(names), err)
	}
	for _, name := range names {
		text, err := repository.Documents.ReadFile(name)
		add(name, text, err)
	}
	for _, name := range []string{"README.md", "SECURITY.md", "CHANGELOG.md", "deploy/README.md", "deploy/systemd/README.md", "deploy/kubernetes/README.md", "deploy/helm/drawbridge/templates/NOTES.txt", "deploy/alerts.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		add(name, text, err)
	}
	return pages
}

// commandLines are the commands of this program in a text: whole lines of code blocks, and code spans that begin with its name.
func commandLines(text string) (found []string) {
	line := regexp.MustCompile(`^(?:\s*|.*[;&|(] *|.*exec \S+ +)(?:sudo (?:-u \S+ )?)?(?:[A-Z_]+=\S* +)*(?:[^\s=]*/)?drawbridge( .*)$`)
	span := regexp.MustCompile("`(?:\\./)?drawbridge( [^`]+)`")
	code := false
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(l), "```") {
			code = !code
			continue
		}
		if m := line.FindStringSubmatch(l); code && m != nil {
			found = append(found, m[1])
		}
		if !code {
			for _, m := range span.FindAllStringSubmatch(l, -1) {
				found = append(found, m[1])
			}
		}
	}
	return found
}

// wordsOf splits a command as a shell does, up to a pipe, a redirection or a comment.
func wordsOf(command string) []string {
	var words []string
	command = regexp.MustCompile(`\{\{[^}]*\}\}`).ReplaceAllString(command, "X")  // a label of an alert
	command = strings.NewReplacer("[", "", "]", "", `\|`, " | ").Replace(command) // what may be left out
	for _, m := range regexp.MustCompile(`(?:[^\s"']|"[^"]*"|'[^']*')+`).FindAllString(command, -1) {
		if m == "|" || m == "&&" || m == "||" || m == "&" || m == "\\" || strings.HasPrefix(m, "#") || strings.HasPrefix(m, ">") || strings.HasPrefix(m, "2>") || m == ";" || m == "<" {
			break
		}
		word, more := strings.CutSuffix(m, ";")
		words = append(words, strings.NewReplacer(`"`, "", `'`, "").Replace(strings.TrimRight(word, ")")))
		if more {
			break
		}
	}
	return words
}

// Each command on a page or in a help text uses existing flags and an accepted number of arguments.
func TestEveryCommandOfTheManualParses(t *testing.T) {
	t.Parallel()
	count, root := 0, rootCommand(&terminal{})
	pages := pagesWithCommands(t)
	for _, c := range leaves() {
		pages["the examples of "+c.CommandPath()] = "```\n" + c.Example + "\n```"
	}
	for page, text := range pages {
		for _, command := range commandLines(text) {
			if slices.Contains([]string{" hand-over bundle 1", " archive 1"}, command) { // names of formats
				continue
			}
			for _, words := range alternativesOf(wordsOf(command)) {
				count++
				cmd, rest, err := root.Find(words)
				if err != nil || cmd == root && len(words) > 0 && !strings.HasPrefix(words[0], "-") {
					t.Errorf("%s: there is no command drawbridge %s", page, strings.Join(words, " "))
					continue
				}
				rest = slices.DeleteFunc(rest, func(word string) bool { return word == "…" || word == "..." })
				if err := cmd.ParseFlags(rest); err != nil && !errors.Is(err, pflag.ErrHelp) && !strings.Contains(err.Error(), "flag needs an argument") {
					t.Errorf("%s: drawbridge %s: %v", page, strings.Join(words, " "), flagError(cmd, err))
					continue
				}
				args := cmd.Flags().Args()
				if cmd.Args == nil || len(args) == 0 { // a sentence may name a command without its arguments
					continue
				}
				if err := cmd.Args(cmd, args); err != nil && !strings.Contains(err.Error(), "missing") {
					t.Errorf("%s: drawbridge %s: %v", page, strings.Join(words, " "), err)
				}
			}
		}
	}
	if count < 200 {
		t.Errorf("only %d commands were found", count)
	}
}

// alternativesOf writes start|stop as two commands.
func alternativesOf(words []string) [][]string {
	for i, word := range words {
		if parts := strings.Split(word, "|"); len(parts) > 1 && !strings.HasPrefix(word, "-") && word != "on|off" && i > 0 && i < 3 {
			var all [][]string
			for _, part := range parts {
				all = append(all, slices.Concat(words[:i], []string{part}, words[i+1:]))
			}
			return all
		}
	}
	return [][]string{words}
}

// TestCommandsOfTheManualRun runs the commands of the pages unchanged, on a server with the companies, people and files that the page
// names. It omits only lines that need another machine, a value that the server chooses, or the end of a wait.
func TestCommandsOfTheManualRun(t *testing.T) {
	t.Parallel()
	usual := []string{
		"tenant create acme --name Acme --plan business --seats 20", "tenant create birch --name Birch", "connection create acme-okta --tenant acme --type okta", "user create acme anna@acme.example",
		"operator create ada@msp.example --first-name Ada --last-name Lovelace --role technician --tenants acme,birch", "operator create root@msp.example --first-name Ro --last-name Ot --role owner --all-tenants",
	}
	hooks := append(slices.Clone(usual), "webhook create portal --url https://127.0.0.1:1/hooks --tenants acme,birch")
	count := 0
	for page, before := range map[string][]string{
		"README.md": nil, "docs/okta.md": nil, "docs/entra.md": nil, "docs/onelogin.md": nil, "docs/jumpcloud.md": nil, "docs/rippling.md": nil, "docs/ping.md": nil,
		"docs/archive.md": usual, "docs/audit.md": usual, "docs/brake.md": usual, "docs/commands.md": usual, "docs/disconnect.md": usual, "docs/events.md": usual, "docs/jobs.md": usual, "docs/journal.md": usual,
		"docs/mail.md": usual, "docs/observe.md": usual, "docs/seats.md": usual, "docs/tables.md": usual, "docs/invitations.md": usual, "docs/handover.md": usual, "docs/webhooks.md": hooks,
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"people.csv": "user_name\nkim@acme.example\n", "secret.txt": "a good long sentence\n", "slack.txt": "https://127.0.0.1:1/slack\n", "teams.txt": "https://127.0.0.1:1/teams\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(filepath.Join("..", "..", page))
		if err != nil {
			t.Fatal(err)
		}
		env := installation(t, before...)
		for _, line := range commandLines(onlyBlocks(string(text))) {
			words := wordsOf(line)
			if notHere().MatchString(line) || slices.Contains([]string{"serve", "demo", "bundle", "restore"}, words[0]) {
				continue
			}
			for i, word := range words {
				if strings.HasSuffix(word, ".csv") || strings.HasSuffix(word, ".gz") || strings.HasSuffix(word, ".txt") {
					words[i] = filepath.Join(dir, word)
				}
			}
			count++
			p := play(t, env, words...)
			inPlainWords(t, words, played{p.code, "", p.err})
			if p.code != 0 && !mayFail().MatchString(p.err) {
				t.Errorf("%s: drawbridge%s: exit %d: %s", page, line, p.code, p.err)
			}
		}
	}
	if count < 70 {
		t.Errorf("only %d commands ran", count)
	}
}

// onlyBlocks is a page with its blocks of commands alone.
func onlyBlocks(page string) string {
	var out strings.Builder
	language, inside := "", false
	for line := range strings.Lines(strings.ReplaceAll(page, "\\\n    ", "")) {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && inside:
			inside = false
		case isFence:
			language, inside = strings.TrimSpace(fence), true
		}
		if language == "" || language == "sh" {
			if inside || isFence {
				out.WriteString(line)
			}
		}
	}
	return out.String()
}

// notHere finds lines that need another machine, a value of the server's choice, or Ctrl-C.
func notHere() *regexp.Regexp {
	return regexp.MustCompile(`…|\bKEY\b|KEY-ID|\bID\b|https://|\$TOKEN| -f( |$)|docker|kubectl|key\.json|journal show|mail test|--event|--from 1200|acme-google|subscription set me|--file|webhook delete`)
}

// mayFail finds what this installation must say: it has no terminal to answer a question, and no archive, no mail and no identity provider that has written.
func mayFail() *regexp.Regexp {
	return regexp.MustCompile(`There is no terminal to answer on|archive\.folder|has no such request|unlinked|Owner|alert|the receiver did not take|already: choose another slug|has not accepted the invitation yet`)
}
