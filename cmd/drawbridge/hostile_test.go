package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// hostileValues are what a script may pass by mistake. None is the name of a file, so that no command writes one.
func hostileValues() map[string]string {
	return map[string]string{"control characters": "a\x00\x1b[31m\u202e\nb%s", "a long text": strings.Repeat("x", 1<<18)}
}

// withHostile are the argument lists of a command in which one argument, or the value of one flag, is text.
func withHostile(c *cobra.Command, text string) (all [][]string) {
	args := argumentsOf(c)
	path := len(strings.Fields(c.CommandPath())) - 1
	for i := path; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			changed := slices.Clone(args)
			changed[i] = text
			all = append(all, changed)
		}
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() != "bool" && f.Name != "help" {
			all = append(all, append(slices.Clone(args), "--"+f.Name+"="+text))
		}
	})
	return all
}

// wellBehaved checks what a command prints about a hostile argument: plain words, no control characters, and no copy of a long argument.
func wellBehaved(t *testing.T, name string, args []string, p played) {
	t.Helper()
	shown := fmt.Sprintf("%.200q with %s", args[:min(3, len(args))], name)
	if found := foreign().FindString(p.err); found != "" {
		t.Errorf("%s: %q is not for people: %.300q", shown, found, p.err)
	}
	if p.code != 0 && !regexp.MustCompile(`(?m)^drawbridge: `).MatchString(p.err) {
		t.Errorf("%s: exit %d without a sentence: %.300q", shown, p.code, p.err)
	}
	if strings.Contains(p.err, "a proxy answered") {
		t.Errorf("%s: the server refused it, and no proxy: %.300q", shown, p.err)
	}
	if len(p.err) > 4<<10 {
		t.Errorf("%s: %d bytes of error: %.300q", shown, len(p.err), p.err)
	}
	bad := func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || r == '\u202e') }
	if i := strings.IndexFunc(p.err, bad); i >= 0 {
		t.Errorf("%s: control characters in %.300q", shown, p.err[max(0, i-100):])
	}
}

// Each command gets hostile values in every argument and flag.
func TestHostileArgumentsAreRefusedOrEscaped(t *testing.T) {
	t.Parallel()
	env := installation(t, "tenant create acme --name Acme --plan business --seats 9", "connection create acme-okta --tenant acme --type okta")
	for n, c := range leaves() {
		if slices.Contains([]string{"serve", "demo", "docs", "doctor"}, pathOf(c)) {
			continue // they do not end by themselves
		}
		for name, text := range hostileValues() {
			if name == "a long text" && n%4 > 0 {
				continue // it takes time, and all commands print errors in one place
			}
			for _, args := range withHostile(c, text) {
				wellBehaved(t, name, args, play(t, env, args...))
			}
		}
	}
}
