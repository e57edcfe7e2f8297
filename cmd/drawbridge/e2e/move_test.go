package e2e

import (
	"strings"
	"syscall"
	"testing"

	"drawbridge/scim/emulator"
)

// TestMove moves an installation from a file into a database and back, with the command.
func TestMove(t *testing.T) {
	if bridges() < 2 {
		return // make postgres runs it
	}
	data, other, back, url := shortDir(t), shortDir(t), shortDir(t), database.Database(t)
	onDatabase := "DRAWBRIDGE_STORE_URL=" + url
	first := serve(t, data)
	issued := makeTenant(t, first.operator, "acme", "okta", 20)
	issued.BaseURL = first.base(t, "acme")
	cast := emulator.NewCast("", "acme.test")
	idp := emulator.OktaAIW{}
	play(t, session(issued, idp), emulator.Conversation(idp, cast)...)
	want := everything(t, first.operator, "acme")
	move := func(to string, env ...string) string {
		t.Helper()
		cmd := command(t, "move", "--data", data, "--to", to)
		cmd.Env = append(cmd.Env, env...)
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	if out := move(url); !strings.Contains(out, "only one process can use it") {
		t.Fatalf("a store in use is moved: %s", out)
	}
	_ = first.end(t, syscall.SIGTERM)
	if out := move(url); !strings.Contains(out, "done") {
		t.Fatal(out)
	}
	second := serve(t, other, onDatabase)
	if got := everything(t, second.operator, "acme"); got != want {
		t.Errorf("on the database there is\n%s\nwant\n%s", got, want)
	}
	issued.BaseURL = second.base(t, "acme")
	conversation := session(issued, idp) // the token is still good
	play(t, conversation, emulator.Conversation(idp, emulator.NewCast("second", "acme.test"))...)
	want = everything(t, second.operator, "acme")
	if out := move(back, onDatabase); !strings.Contains(out, "stop them first") {
		t.Fatalf("a database in use is moved: %s", out)
	}
	_ = second.end(t, syscall.SIGTERM)
	if out := move(back, onDatabase); !strings.Contains(out, "done") {
		t.Fatal(out)
	}
	third := serve(t, back)
	if got := everything(t, third.operator, "acme"); got != want {
		t.Errorf("back in a file there is\n%s\nwant\n%s", got, want)
	}
}
