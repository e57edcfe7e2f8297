package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/google/googletest"
)

// These tests run every command of the program, so that a new one keeps what all have in common without a test of its own.

// words are the values of the arguments of use lines, in the installation that installation makes.
func words() map[string]string {
	return map[string]string{
		"TENANT": "acme", "CONNECTION": "acme-okta", "USER": "ada@acme.example", "USER...": "ada@acme.example", "USERNAME": "eve@acme.example", "GROUP": "owners", "NAME": "new", "SLUG": "new",
		"WEBHOOK": "portal", "CHANNEL": "portal", "TARGET": "app", "GOOGLE-PROJECT": "shared", "OPERATOR": "ada@msp.example", "E-MAIL": "eve@msp.example", "ADDRESS": "eve@acme.example", "TEXT": "ada@acme.example", "JOB": "idle", "RULE": "B5", "on|off": "off",
		"URN": "urn:x", "FILE": "nothing.file", "CODE": "123456", "LINK": "https://127.0.0.1:1/x#dbl_1", "KEY": "0195", "TOKEN": "0195", "MAIL": "0195", "SESSION": "0195", "REQUEST": "0195", "ALERT": "x",
		"KEY...": "0195", "GRANT": "owners", "FROM": "acme-okta", "TO": "acme-entra", "TRANSFER": "01990a5e-7d1c-7000-8000-000000000001",
	}
}

// flagsOf are the flags that commands want before they call the server.
func flagsOf() map[string]string {
	return map[string]string{
		"appkey create": "--name x", "connection create": "--tenant acme --type okta", "connection update": "--user-patch resource", "connection disconnect": "--finalise", "tenant bundle": "--bundle testdata/../none.tar.gz", "brake release": "0195", "tenant update": "--name x", "webhook create": "--url https://x.example --tenants acme", "target create": "--url https://x.example --secret-file every_test.go", "target update": "--people all", "target share": "--tenant acme", "target detach": "--tenant acme", "target sync": "--tenant acme", "target failures": "--tenant acme", "google-project create": "--key-file every_test.go", "google-project rotate": "--key-file every_test.go", "google-project share": "--tenant acme", "google-project detach": "--tenant acme",
		"webhook update": "--url https://x.example", "channel create": "--type json --url https://x.example --tenants acme", "channel update": "--url https://x.example", "webhook replay": "--tenant acme --from 1", "webhook skip": "--tenant acme --event 1", "brake discard": "0195", "deletion request": "--reason x", "account password": "--password-file every_test.go --new-password-file every_test.go", "account prove": "--password-file every_test.go",
		"group update": "--name x", "user bulk convert": "--to guest", "user convert": "--to guest", "user update": "--display-name x", "journal export": "--connection acme-okta", "journal list": "--connection acme-okta",
		"operator create": "--first-name A --last-name B --role owner", "operator update": "--first-name X", "provider introduce": "--name x", "subscription set": "--kinds none", "move": "--to nowhere",
		"tenant unlink": "--bundle testdata/../none.tar.gz", "user delete": "--reason x", "transfer start": "--all",
	}
}

// arguments are those of a command, as its use line has them.
func argumentsOf(c *cobra.Command) []string {
	path := strings.Fields(c.CommandPath())[1:]
	args := slices.Clone(path)
	for _, word := range strings.Fields(c.Use)[1:] {
		if strings.HasPrefix(word, "[") {
			break
		}
		args = append(args, words()[word])
	}
	args = append(args, strings.Fields(flagsOf()[strings.Join(path, " ")])...)
	if c.Flags().Lookup("yes") != nil {
		args = append(args, "--yes")
	}
	return args
}

// leaves are the commands that do something.
func leaves() []*cobra.Command {
	var all []*cobra.Command
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		if len(c.Commands()) == 0 || c.Name() == "backup" {
			all = append(all, c)
		}
		for _, sub := range c.Commands() {
			if sub.Name() != "completion" && sub.Name() != "help" && !sub.Hidden {
				visit(sub)
			}
		}
	}
	for _, c := range rootCommand(&terminal{}).Commands() {
		if !c.Hidden && c.Name() != "completion" && c.Name() != "help" {
			visit(c)
		}
	}
	return all
}

// offline are the commands that call no server, or start one.
func offline() []string {
	return []string{
		"config check", "config init", "config print", "demo", "docs", "doctor", "healthcheck", "rule", "serve", "version", "bundle verify", "check", "compact", "migrate status", "migrate up", "move", "restore",
		"signin", "signout", "operator first-link", "operator accept", "schema load", "tenant link", "user import",
	}
}

func pathOf(c *cobra.Command) string {
	return strings.Join(strings.Fields(c.CommandPath())[1:], " ")
}

// played is what a command did.
type played struct {
	code     int
	out, err string
}

// noLimit is for the many servers of a test process: the limit of the memory is meant for one server.
const noLimit = "GOMEMLIMIT=off"

// emptyEnv is an environment without a server, a session and a data folder.
func emptyEnv(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	return []string{"XDG_CONFIG_HOME=" + filepath.Join(dir, "config"), "DRAWBRIDGE_DATA=" + filepath.Join(dir, "nothing"), noLimit}
}

// play runs a command in the environment env.
func play(t *testing.T, env []string, args ...string) played {
	t.Helper()
	var out, err bytes.Buffer
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	code := run(ctx, args, env, streams{strings.NewReader(""), &out, &err})
	return played{code, out.String(), err.String()}
}

// foreign finds text of libraries, which no sentence for people may have.
func foreign() *regexp.Regexp {
	return regexp.MustCompile(`invalid character|\bjson:|\byaml:|dial (tcp|unix)|context (canceled|deadline)|\bEOF\b|unknown (short)?hand|unknown flag|unknown command|accepts \d|requires at least|strconv\.|(Get|Post|Put|Patch|Delete) "http|net/http|%!|\bpanic\b|\*url\.|\bnil\b|required flag|flag needs`)
}

// inPlainWords checks the error of a command.
func inPlainWords(t *testing.T, args []string, p played) {
	t.Helper()
	text := p.err + p.out
	if found := foreign().FindString(text); found != "" {
		t.Errorf("%v: %q is not for people: %s", args, found, text)
	}
	if p.code != 0 && !strings.HasPrefix(p.err, "drawbridge: ") {
		t.Errorf("%v: exit %d without a sentence: %s", args, p.code, p.err)
	}
}

func TestEveryCommandRefusesWrongArguments(t *testing.T) {
	t.Parallel()
	env := emptyEnv(t)
	for _, c := range leaves() {
		path := strings.Fields(pathOf(c))
		wrong := [][]string{append(slices.Clone(path), "--shoe-size", "4"), append(slices.Clone(path), "-o", "xml")}
		if len(strings.Fields(c.Use)) > 1 && !strings.HasPrefix(strings.Fields(c.Use)[1], "[") {
			wrong = append(wrong, path)
		}
		if !strings.HasSuffix(c.Use, "...") && !strings.HasSuffix(c.Use, "...]") {
			wrong = append(wrong, append(argumentsOf(c), "x", "x", "x", "x"))
		}
		for _, args := range wrong {
			p := play(t, env, args...)
			inPlainWords(t, args, p)
			if p.code != exitUsage || p.out != "" || !strings.Contains(p.err, "--help") {
				t.Errorf("%v: exit %d, %q, %q", args, p.code, p.out, p.err)
			}
		}
	}
}

// Nothing answers, something else answers, and the key is wrong.
func TestEveryCommandReportsAMissingServer(t *testing.T) {
	t.Parallel()
	at := func(status int, kind, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	const page = "<html><body>Welcome</body></html>"
	for name, c := range map[string]struct {
		server string
		code   int
		says   string
	}{
		"nothing":       {"http://127.0.0.1:1", 8, "no server answers at http://127.0.0.1:1"},
		"a page":        {at(200, "text/html; charset=utf-8", page), 1, "no answer of Drawbridge"},
		"a broken page": {at(502, "text/html", page), 1, "no answer of Drawbridge"},
		"a stump":       {at(200, "application/json", `{"items":[{"slug":`), 1, "answer"},
		"a wrong key":   {at(401, "application/problem+json", `{"code":"unauthorized","status":401,"detail":"the key is wrong"}`), 7, "the key is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := append(emptyEnv(t), "DRAWBRIDGE_SERVER="+c.server, "DRAWBRIDGE_API_KEY=dbk_x")
			for _, leaf := range leaves() {
				if slices.Contains(offline(), pathOf(leaf)) {
					continue
				}
				args := argumentsOf(leaf)
				p := play(t, env, args...)
				inPlainWords(t, args, p)
				if p.code != c.code || !strings.Contains(p.err, c.says) {
					t.Errorf("%v: exit %d, %q %q", args, p.code, p.out, p.err)
				}
			}
		})
	}
}

// shown are the commands that only show something, on an installation with things in it. The others are writes, or need no server.
func shown() []string {
	return []string{
		"config running", "rule", "rule B5", "status", "appkey list acme", "bundle key", "connection attributes acme-okta", "connection check acme-okta", "connection list", "connection show acme-okta", "connection setup acme-okta",
		"connection timeline acme-okta", "connection types", "schema list acme", "tenant inside acme", "tenant list", "tenant overview acme", "tenant settings acme", "tenant show acme", "token list acme-okta", "webhook list", "channel list", "channel show portal", "channel deliveries portal", "target list", "target show app", "target failures app --tenant acme", "google-project list", "google-project show shared",
		"webhook show portal", "webhook deliveries portal", "auto-deletions acme", "brake list acme", "deletion list acme", "group list acme", "group show acme owners", "observe show acme-entra", "user find ada@acme.example",
		"user invitations acme", "user list acme", "user show acme ada@acme.example", "user why acme ada@acme.example", "idle acme", "ledger acme", "seats acme", "snapshots acme", "usage", "usage acme", "alert list", "audit archive status", "audit stream",
		"audit search acme", "audit search --all-tenants", "audit tail acme", "audit verify", "audit visits acme", "events tail acme", "events changes", "inbox", "journal list --connection acme-okta", "journal list --tenant acme", "job list", "mail list", "operator keys ada@msp.example", "operator list",
		"operator roles", "operator sessions ada@msp.example", "operator show ada@msp.example", "provider show", "subscription list", "subscription show ada@msp.example", "whoami", "backup list", "version", "migrate status", "user export acme",
		"config print", "audit archive key", "account keys list", "account sessions list", "audit export acme", "journal show 0195", "journal export --connection acme-okta", "tenant handover acme", "transfer list acme-okta",
	}
}

// refusedHere are those that this installation refuses: it has no archive, no Google directory, no database, and the local Owner has no account.
func refusedHere() []string {
	return []string{"connection check acme-okta", "migrate status", "audit archive key", "account keys list", "account sessions list", "journal show 0195", "journal export --connection acme-okta"}
}

// nameless are those that show a chart and a file.
func nameless() []string {
	return []string{"connection attributes acme-okta", "connection timeline acme-okta", "config print"}
}

// notShown are the commands that change something, or do their work without a server.
func notShown() []string {
	return append(offline(), strings.Split(`account keys create|account keys revoke|account mfa confirm|account mfa enrol|account mfa recovery-codes|account mfa remove|account password|account prove|account sessions end|alert acknowledge|provider logo|channel create|channel delete|channel pause|channel resume|channel test|channel update|appkey create|appkey revoke|backup|brake discard|brake release|connection create|connection disconnect|connection map|connection pause|connection resume|connection sync|connection update|deletion approve|deletion reject|deletion request|group add|group create|group delete|group release-management|group remove|group update|job run|mail drop|mail retry|mail test|observe drop|observe promote|observe start|operator create|operator delete|operator forgot|operator link|operator restore|operator revoke-key|operator sign-out|operator suspend|operator update|provider introduce|provider require-mfa|schema remove|subscription reset|subscription set|tenant bundle|tenant create|tenant delete|tenant enter|tenant leave|tenant take-back|tenant unlink|tenant update|token create|token revoke|token rotate|transfer continue|transfer start|transfer undo|trim|user bulk confirm|user bulk convert|user bulk delete|user bulk invite|user bulk release|user bulk suspend|user confirm|user convert|user create|user delete|user hold|user invite|user recover|user release|user release-management|user resend|user revoke|user suspend|user update|user yield|webhook create|webhook delete|webhook pause|webhook replay|webhook resume|webhook rotate|webhook skip|webhook test|webhook update|target check|target create|target delete|target detach|target pause|target resume|target share|target sync|target update|google-project create|google-project delete|google-project detach|google-project rotate|google-project share`, "|")...)
}

// installation starts a server and runs commands on it.
func installation(t *testing.T, commands ...string) (env []string) {
	t.Helper()
	dir := t.TempDir()
	cfg, err := app.Load(app.Source{Flags: map[string]string{
		"data": filepath.Join(dir, "data"), "listen": "127.0.0.1:0", "api.enabled": "true", "outbound.allow": "127.0.0.0/8",
		"mail.host": "127.0.0.1", "mail.port": "1", "mail.tls": "none", "mail.from": "drawbridge@msp.example",
	}})
	if err != nil {
		t.Fatal(err)
	}
	server, err := app.New(cfg, app.Options{Version: "test", LogTo: io.Discard, Env: []string{noLimit}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	env = []string{"DRAWBRIDGE_DATA=" + cfg.Data, "XDG_CONFIG_HOME=" + filepath.Join(dir, "config"), noLimit}
	for _, line := range commands {
		if p := play(t, env, strings.Fields(line)...); p.code != 0 {
			t.Fatalf("%s: exit %d: %s", line, p.code, p.err)
		}
	}
	return env
}

// count is how many things a value in JSON has that a program would name: those of a list, or one.
func count(t *testing.T, args []string, text string) int {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil { // a stream, one value in a line
		return strings.Count(text, "\n")
	}
	if fields, ok := v.(map[string]any); ok {
		if items, ok := fields["items"].([]any); ok {
			v = items
		}
	}
	if list, ok := v.([]any); ok {
		return len(list)
	}
	return 1
}

func TestEveryCommandIsInAList(t *testing.T) {
	t.Parallel()
	for _, c := range leaves() {
		path := pathOf(c)
		read := slices.ContainsFunc(shown(), func(line string) bool { return line == path || strings.HasPrefix(line, path+" ") })
		if !read && !slices.Contains(notShown(), path) {
			t.Errorf("%q is in no list of this file, so that no test runs it", path)
		}
	}
}

// Each format prints all records, and a sentence if there is none.
func TestEveryReadPrintsInEveryFormat(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(key, googletest.New(time.Now, "admin@acme.example").NewKey("shared-project"), 0o600); err != nil {
		t.Fatal(err)
	}
	full := installation(t, "tenant create acme --name Acme --plan business --seats 9", "connection create acme-okta --tenant acme --type okta", "connection create acme-entra --tenant acme --type entra", "user create acme ada@acme.example",
		"operator create ada@msp.example --first-name Ada --last-name King --role owner --all-tenants", "appkey create acme --name portal", "target create app --tenants acme --url https://127.0.0.1:1/scim --paused --secret-file testdata/bearer-token", "webhook create portal --url https://127.0.0.1:1/x --all-tenants", "observe start acme-entra",
		"group create acme Sales", "deletion request acme ada@acme.example --reason left", "google-project create shared --tenants acme --key-file "+key)
	for _, line := range shown() {
		args := strings.Fields(line)
		whole := play(t, full, append(slices.Clone(args), "-o", "json")...)
		if refused := slices.Contains(refusedHere(), line); refused != (whole.code != 0) {
			t.Errorf("%s: exit %d: %s", line, whole.code, whole.err)
		}
		if whole.code != 0 {
			inPlainWords(t, args, play(t, full, args...))
			continue
		}
		names := play(t, full, append(slices.Clone(args), "-o", "name")...)
		if got, want := strings.Count(names.out, "\n"), count(t, args, whole.out); got != want && !slices.Contains(nameless(), line) || strings.Contains("\n"+names.out, "\n\n") {
			t.Errorf("%s -o name prints %d lines for %d things: %q", line, got, want, names.out)
		}
		for _, format := range []string{"table", "csv", "yaml", "jsonpath=$"} {
			p := play(t, full, append(slices.Clone(args), "-o", format)...)
			inPlainWords(t, append(args, format), played{p.code, "", p.err})
			if p.code != 0 && !strings.Contains(p.err, "take json here") || format == "table" && strings.TrimSpace(p.out) == "" {
				t.Errorf("%s -o %s: exit %d, %q %q", line, format, p.code, p.out, p.err)
			}
			if last := lastLine(p.out); format == "table" && regexp.MustCompile(`^[A-Z][A-Z0-9 -]+( {2}[A-Z][A-Z0-9 -]*)*$`).MatchString(last) {
				t.Errorf("%s prints columns without rows, and no sentence: %q", line, p.out)
			}
		}
	}
}

// fullDisk is an output that takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: errors.New("the disk is full")}
}

// TestEveryReadSaysThatItsOutputIsLost: a command whose output cannot be written has failed, in every format, and so has --help.
func TestEveryReadSaysThatItsOutputIsLost(t *testing.T) {
	t.Parallel()
	env := installation(t, "tenant create acme --name Acme --plan business --seats 9", "connection create acme-okta --tenant acme --type okta", "connection create acme-entra --tenant acme --type entra", "user create acme ada@acme.example",
		"operator create ada@msp.example --first-name Ada --last-name King --role owner --all-tenants", "appkey create acme --name portal", "webhook create portal --url https://127.0.0.1:1/x --all-tenants", "observe start acme-entra")
	lost := func(args ...string) {
		t.Helper()
		var said bytes.Buffer
		code := run(t.Context(), args, env, streams{strings.NewReader(""), fullDisk{}, &said})
		if code != exitFailure || !strings.Contains(said.String(), "the output could not be written: the disk is full") {
			t.Errorf("%v: exit %d, %q", args, code, said.String())
		}
	}
	for _, line := range shown() {
		if slices.Contains(refusedHere(), line) {
			continue
		}
		for _, format := range []string{"table", "json"} {
			if args := append(strings.Fields(line), "-o", format); play(t, env, args...).out != "" { // a stream may have no line
				lost(args...)
			}
		}
	}
	lost("--help")
	lost("--version")
	lost("completion", "bash")
	lost("token", "rotate", "acme-okta")
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return lines[len(lines)-1]
}

// "There is none yet" and "none matches" are different sentences. A program gets the columns or an empty list.
func TestEveryEmptyListSaysWhatItMeans(t *testing.T) {
	t.Parallel()
	bare := installation(t)
	env := installation(t, "tenant create acme --name Acme --plan business --seats 9")
	for line, want := range map[string]string{
		"tenant list": "There are no tenants yet: drawbridge tenant create", "connection list": "There are no connections yet: drawbridge connection create", "operator list": "There are no operators yet: drawbridge operator create",
		"webhook list": "There are no webhooks yet: drawbridge webhook create", "channel list": "There are no channels yet: drawbridge channel create", "alert list": "There are no open alerts.", "usage": "There are no tenants yet", "inbox": "Nothing waits for you.", "mail list": "The outbox is empty.",
		"subscription list": "There are no operators yet", "user find ada@acme.example": "No tenant has such a person.", "tenant list -q x": "No tenants match.", "operator list --role owner": "No operators match.",
	} {
		empty(t, bare, line, want)
	}
	for line, want := range map[string]string{
		"user list acme": "Tenant acme has no users yet.", "user list acme -q x": "No users of acme match.", "user list acme --suspended": "No users of acme match.", "group list acme -q x": "No groups of acme match.",
		"group show acme owners": "The group has no members.", "connection list --tenant acme": "Tenant acme has no connections yet: drawbridge connection create acme-okta --tenant acme",
		"connection list --tenant acme --type okta": "No connections match.", "connection list": "There are no connections yet", "target list": "There are no targets yet: drawbridge target create", "google-project list": "There are no Google projects yet: drawbridge google-project create", "appkey list acme": "Tenant acme has no application keys yet: drawbridge appkey create acme",
		"alert list acme": "Tenant acme has no open alerts.", "alert list acme --past": "none was settled within 90 days", "brake list acme": "The brake holds nothing in acme.", "auto-deletions acme": "Auto-delete will delete no user of acme.",
		"deletion list acme": "Tenant acme has no deletion requests.", "deletion list acme --status pending": "No deletion request of acme is pending.", "user invitations acme": "No user is invited or awaits confirmation in acme.",
		"user invitations acme --status expired": "No invitation of acme is expired.", "schema list acme": "Tenant acme has the standard schemas only.", "snapshots acme": "Tenant acme has no snapshots of that time.",
		"ledger acme": "No user of acme held a billable seat in that time.", "tenant inside acme": "No operator is inside acme.", "events tail acme --after 1": "There are no events after that number.",
		"audit tail acme --after 999": "The audit trail has no lines after that number.", "audit search acme --user x": "No audit line matches.", "audit search --all-tenants --user x": "No audit line matches.",
		"audit visits acme --kinds idp": "No actor of these kinds did anything in that time.", "backup list": "There are no copies in the folder yet", "audit archive status": "Nothing is in the archive.", "audit stream": "Audit lines go to no SIEM",
	} {
		empty(t, env, line, want)
	}
}

// empty checks what a list without rows prints.
func empty(t *testing.T, env []string, line, want string) {
	t.Helper()
	args := strings.Fields(line)
	if p := play(t, env, args...); p.code != 0 || !strings.Contains(p.out, want) {
		t.Errorf("%s: exit %d, %q %q; want %q", line, p.code, p.out, p.err, want)
	}
	if p := play(t, env, append(args, "-o", "json")...); p.code != 0 || strings.Contains(p.out, want) {
		t.Errorf("%s -o json: exit %d, %q %q", line, p.code, p.out, p.err)
	}
	if p := play(t, env, append(args, "-o", "csv")...); p.code != exitUsage && (p.code != 0 || strings.Contains(p.out, want) || !strings.Contains(p.out, ",") || !strings.Contains(p.err, want)) {
		t.Errorf("%s -o csv: exit %d, %q %q", line, p.code, p.out, p.err)
	}
	if p := play(t, env, append(args, "--columns", "shoe-size")...); p.code != exitUsage && !strings.Contains(p.err, "--columns has no effect here") || p.code == exitUsage && (strings.Contains(p.err, "--help") || !strings.Contains(p.err, "--columns takes ")) {
		t.Errorf("%s --columns shoe-size: exit %d, %q %q", line, p.code, p.out, p.err)
	}
}

// An interrupted command says so, and a write says that it may have been done.
func TestInterruptedCommandsSaySo(t *testing.T) {
	t.Parallel()
	for line, says := range map[string]string{
		"tenant list": "drawbridge: interrupted\n", "user delete acme ada@acme.example --yes": "what was asked for may have been done", "tenant create acme": "what was asked for may have been done",
		"check": "interrupted: the check is not complete; it changes nothing\n", "backup": "interrupted: the server stops the backup and leaves no partial file; a copy that was complete before stays\n",
		"user export acme": "interrupted: nothing was exported\n", "user export acme -o json": `"interrupted: nothing was exported"`, "audit export acme --after 7": "interrupted: the export is not complete; --after 7 writes the rest\n",
		"audit search acme --format csv": "interrupted: the export is not complete\n", "journal export --connection acme-okta -f nothing.file": "interrupted: nothing was exported\n",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		asked := make(chan struct{})
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // the end of the connection is noticed after it
			cancel()
			<-r.Context().Done()
			close(asked)
		}))
		var out, said bytes.Buffer
		code := run(ctx, strings.Fields(line), append(emptyEnv(t), "DRAWBRIDGE_SERVER="+s.URL, "DRAWBRIDGE_API_KEY=dbk_x"), streams{strings.NewReader(""), &out, &said})
		<-asked
		s.Close()
		if code != exitInterrupted || out.Len() > 0 || !strings.Contains(said.String(), says) || foreign().MatchString(said.String()) {
			t.Errorf("%s: exit %d, %q %q", line, code, out.String(), said.String())
		}
	}
}
