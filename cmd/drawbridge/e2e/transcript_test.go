package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/scim/emulator"
)

// A transcript is a conversation in a file of scim/testdata: a comment, a setup, and numbered steps. What the files of a
// step mean is in scim/testdata/README.md.
const transcripts = "../../../scim/testdata"

// TestTranscripts plays every transcript, each in a tenant of its own, on one server.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(transcripts, "*", "*.txtar"))
	if err != nil || len(files) < 70 {
		t.Fatalf("%d transcripts found: %v", len(files), err)
	}
	s := start(t, nil)
	t.Run("all", func(t *testing.T) {
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".txtar")
			idp := filepath.Base(filepath.Dir(file))
			t.Run(idp+"/"+name, func(t *testing.T) {
				t.Parallel()
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				playTranscript(t, s, slug(idp+"-"+name), txtar.Parse(text))
			})
		}
	})
}

// slug makes the name of a tenant from the name of a file.
func slug(text string) string {
	text = strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(text), "-"), "-")
	return strings.Trim(text[:min(len(text), 40)], "-")
}

// scene is a transcript on its way.
type scene struct {
	*testing.T
	server  *server
	tenant  string
	session *emulator.Session
	seen    uint64 // the number of the last event before the step
}

func playTranscript(t *testing.T, s *server, tenant string, archive *txtar.Archive) {
	if strings.TrimSpace(string(archive.Comment)) == "" {
		t.Fatal("a transcript begins with a comment that says what it shows")
	}
	sc := &scene{T: t, server: s, tenant: tenant}
	sc.setUp(archive)
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	for _, f := range archive.Files {
		step, part, found := strings.Cut(f.Name, ".")
		if i := strings.LastIndexByte(f.Name, '.'); i >= 0 {
			step, part = f.Name[:i], f.Name[i+1:]
		}
		if !found {
			if f.Name != "setup" {
				t.Fatalf("%s: no such part", f.Name)
			}
			continue
		}
		text := string(f.Data)
		if part == "request" || part == "operator" {
			sc.seen = sc.lastEvent()
		}
		switch part {
		case "request":
			response, ok := files[step+".response"]
			if !ok {
				t.Fatalf("%s has no response", f.Name)
			}
			sc.request(step, text, response)
		case "response", "refused":
		case "operator":
			want, refused := files[step+".refused"]
			sc.operator(step, strings.Fields(text), strings.TrimSpace(want), refused)
		case "record":
			sc.record(step, text)
		case "events":
			sc.events(step, text)
		default:
			t.Fatalf("%s: a part is .request, .response, .record, .events, .operator or .refused", f.Name)
		}
	}
}

// setUp creates the company and the connection.
func (sc *scene) setUp(archive *txtar.Archive) {
	sc.Helper()
	tenant := wire.TenantCreate{Slug: sc.tenant, Name: sc.tenant, Plan: "business", Seats: 100}
	connection := wire.ConnectionCreate{Slug: sc.tenant, Tenant: sc.tenant, Type: "generic"}
	var overrides directory.Overrides
	for _, f := range archive.Files {
		if f.Name != "setup" {
			continue
		}
		for line := range strings.Lines(string(f.Data)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			value = strings.TrimSpace(value)
			switch name {
			case "":
			case "connection":
				connection.Type = value
			case "auth":
				connection.Auth = value
			case "plan":
				tenant.Plan = value
			case "seats":
				n, err := strconv.Atoi(value)
				if err != nil {
					sc.Fatal(err)
				}
				tenant.Seats = n
			case "unknown_paths":
				connection.UnknownPaths = value
			case "unknown_members":
				connection.UnknownMembers = value
			case "group_patch":
				connection.GroupPatch = value
			case "rehire":
				mode := directory.RehireMode(value)
				overrides.Rehire = &mode
			case "replay":
				mode := directory.ReplayMode(value)
				overrides.Replay = &mode
			case "on_delete":
				mode := directory.OnDelete(value)
				overrides.OnDelete = &mode
			default:
				sc.Fatalf("setup: %q is not a setting", name)
			}
		}
	}
	ctx := sc.Context()
	if _, err := sc.server.operator.CreateTenant(ctx, tenant); err != nil {
		sc.Fatal(err)
	}
	if _, err := sc.server.operator.UpdateTenant(ctx, sc.tenant, "", wire.TenantUpdate{Overrides: &overrides}); err != nil {
		sc.Fatal(err)
	}
	issued, err := sc.server.operator.CreateConnection(ctx, connection)
	if err != nil {
		sc.Fatal(err)
	}
	sc.session = session(issued, emulator.Generic{})
	sc.session.Client.Header = http.Header{"Accept": {"application/scim+json"}}
	sc.session.Vars["token"], sc.session.Vars["connection"] = issued.Token, issued.Slug
	if name := issued.UserName + issued.ClientID; name != "" { // a connection has one kind of credential
		sc.session.Vars["client"], sc.session.Vars["basic"] = name, string(emulator.Basic(name, issued.Token))
	}
}

// request sends what the file says and compares the answer.
func (sc *scene) request(name, request, response string) {
	sc.Helper()
	first, header, body := message(request)
	method, path, _ := strings.Cut(first, " ")
	step := emulator.Step{Name: name, Method: method, Path: path, Header: header, Body: body}
	switch {
	case header.Get("Authorization") == "(none)":
		header["Authorization"] = []string{""}
	case header.Get("Content-Type") == "(none)":
		header.Del("Content-Type")
	case body != "" && header.Get("Content-Type") == "":
		header.Set("Content-Type", "application/scim+json")
	}
	first, header, body = message(response)
	for _, word := range strings.Fields(first) {
		if status, err := strconv.Atoi(word); err == nil {
			step.Expect.Status = append(step.Expect.Status, status)
		}
	}
	if len(step.Expect.Status) == 0 {
		sc.Fatalf("%s.response: its first line is the status", name)
	}
	step.Expect.Header = map[string]string{}
	for field := range header {
		step.Expect.Header[field] = header.Get(field)
	}
	step.Expect.Body, step.Expect.Error = body, body
	result := sc.session.Play(sc.Context(), step)
	if !result.OK() {
		sc.Fatalf("%s: %s %s\n%s\n%s\n\nthe whole answer: %d\n%s", name, method, result.RoundTrip.URL, result.RoundTrip.Request.Body,
			result.Explain(), result.RoundTrip.Status, result.RoundTrip.Answer.Body)
	}
}

// message takes a request or a response apart: first line, header, body.
func message(text string) (first string, header http.Header, body string) {
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	header = http.Header{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return strings.TrimSpace(lines[0]), header, strings.TrimSpace(body)
}

// operator does what an operator does on the command line.
func (sc *scene) operator(name string, words []string, want string, refused bool) {
	sc.Helper()
	ctx, operator := sc.Context(), sc.server.operator
	id := func() string {
		if len(words) < 2 || sc.session.Vars[words[1]] == "" {
			sc.Fatalf("%s.operator: %v: whom?", name, words)
		}
		return sc.session.Vars[words[1]]
	}
	var err error
	switch words[0] {
	case "suspend":
		mode := "yield"
		if len(words) > 2 {
			mode = words[2]
		}
		_, err = operator.SuspendUser(ctx, sc.tenant, id(), wire.SuspendRequest{Mode: mode, Reason: "transcript"})
	case "release":
		_, err = operator.ReleaseUser(ctx, sc.tenant, id())
	case "delete":
		err = operator.DeleteUser(ctx, sc.tenant, id(), client.Deletion{Force: len(words) > 2, Reason: "transcript"})
	case "pause", "resume":
		paused := words[0] == "pause"
		_, err = operator.UpdateConnection(ctx, sc.tenant, "", wire.ConnectionUpdate{Paused: &paused})
	case "rotate":
		var issued wire.Issued
		issued, err = operator.CreateToken(ctx, sc.tenant, wire.TokenCreate{})
		sc.session.Vars[words[1]] = issued.Token
	default:
		sc.Fatalf("%s.operator: %v: no such action", name, words)
	}
	switch {
	case refused && err == nil:
		sc.Fatalf("%s: %v was not refused", name, words)
	case refused:
		pattern, _ := json.Marshal(want)
		got, _ := json.Marshal(err.Error())
		if problems := sc.session.Vars.Match(string(pattern), got); len(problems) > 0 {
			sc.Fatalf("%s: %v: %s", name, words, problems)
		}
	case err != nil:
		sc.Fatalf("%s: %v: %v", name, words, err)
	}
}

// record compares what is stored, as the operator sees it: "user ${mira}" and a pattern.
func (sc *scene) record(name, text string) {
	sc.Helper()
	first, _, pattern := message(text)
	kind, id, _ := strings.Cut(sc.session.Vars.Expand(first), " ")
	var record any
	var err error
	if kind == "group" {
		record, err = sc.server.operator.Group(sc.Context(), sc.tenant, id)
	} else {
		record, err = sc.server.operator.User(sc.Context(), sc.tenant, id)
	}
	if err != nil {
		sc.Fatalf("%s.record: %v", name, err)
	}
	got, err := json.Marshal(record)
	if err != nil {
		sc.Fatal(err)
	}
	if problems := sc.session.Vars.Match(pattern, got); len(problems) > 0 {
		sc.Fatalf("%s.record: %s\n\nthe whole record: %s", name, strings.Join(problems, "\n"), got)
	}
}

func (sc *scene) lastEvent() uint64 {
	sc.Helper()
	page, err := sc.server.operator.Events(sc.Context(), sc.tenant, 0, 1, 0)
	if err != nil {
		sc.Fatal(err)
	}
	return page.Last
}

// events compares the kinds of the events of this step, one on each line; "..." at the end allows more.
func (sc *scene) events(name, text string) {
	sc.Helper()
	want := strings.TrimSpace(text)
	got := kinds(events(sc.T, sc.server.operator, sc.tenant, sc.seen))
	if open, ok := strings.CutSuffix(want, "..."); ok {
		open = strings.TrimSpace(open)
		if got == open || strings.HasPrefix(got, open+"\n") {
			return
		}
	}
	if got != want {
		sc.Fatalf("%s.events: expected %s, got %s", name, listText(want), listText(got))
	}
}

func listText(lines string) string {
	if lines == "" {
		return "none"
	}
	return fmt.Sprintf("%q", strings.Split(lines, "\n"))
}
