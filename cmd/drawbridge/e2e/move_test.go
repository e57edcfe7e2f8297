package e2e

import (
	"strings"
	"syscall"
	"testing"

	"drawbridge/console/wire"
	"drawbridge/scim/emulator"
)

// TestInstallationIsMoved moves an installation from a file into a database and back, with the command.
func TestInstallationIsMoved(t *testing.T) {
	t.Parallel()
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
	if _, err := first.operator.CreateConnection(t.Context(), wire.ConnectionCreate{Tenant: "acme", Slug: "acme-entra", Type: "entra"}); err != nil {
		t.Fatal(err)
	}
	plan := ok[wire.TransferPlan](t)(first.operator.PreviewTransfer(t.Context(), "acme", wire.TransferScope{To: "acme-entra", All: true}))
	moved := ok[wire.Transfer](t)(first.operator.StartTransfer(t.Context(), "acme", wire.TransferStart{TransferScope: wire.TransferScope{To: "acme-entra", All: true}, Digest: plan.Digest}))
	if !moved.Done || moved.Moved != plan.Users+plan.Groups || moved.Moved == 0 {
		t.Fatalf("previewed %+v, moved %+v", plan, moved)
	}
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
	second := serve(t, other, onDatabase, "DRAWBRIDGE_SHUTDOWN_DELAY=1ms")
	if got := everything(t, second.operator, "acme"); got != want {
		t.Errorf("on the database there is\n%s\nwant\n%s", got, want)
	}
	if undone := ok[wire.Transfer](t)(second.operator.UndoTransfer(t.Context(), "acme", moved.ID)); !undone.Done || undone.Moved != 0 || len(undone.Left) != 0 {
		t.Errorf("a transfer of the file, undone on the database: %+v", undone)
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
