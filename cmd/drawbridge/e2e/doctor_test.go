package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"drawbridge/console/wire"
)

// diagnosis is the part of doctor's report that the tests look at.
type diagnosis struct {
	Passed, Failed, Skipped int
	Credential              string
}

// doctor runs doctor against a connection.
func doctor(t *testing.T, data string, args ...string) (diagnosis, string, error) {
	t.Helper()
	out, err := command(t, append([]string{"doctor", "--data", data, "-o", "json"}, args...)...).Output()
	var report diagnosis
	_ = json.Unmarshal(out, &report) // it is empty where doctor did not begin
	return report, string(out), err
}

// traces is what a run of doctor must leave as it was (D7): the feed, the audit trail, seats, alerts, credentials and health, and every
// metric of the tenant.
func (p *process) traces(t *testing.T, tenant, connection string) string {
	t.Helper()
	ctx := t.Context()
	var out bytes.Buffer
	note := func(v any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(text, '\n'))
	}
	seats, err := p.operator.Seats(ctx, tenant)
	note(seats, err)
	c, err := p.operator.Connection(ctx, connection)
	note(c, err)
	for _, args := range [][]string{{"events", "tail", tenant}, {"audit", "search", tenant}, {"alert", "list", tenant}, {"user", "list", tenant}, {"journal", "list", "--connection", connection}} {
		text, err := command(t, append(args, "--data", filepath.Dir(p.store(t)), "-o", "json")...).Output()
		note(args, err)
		out.Write(text)
	}
	res, err := http.Get(strings.TrimSuffix(p.base(t, ""), "/scim/v2/") + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.Contains(line, `"`+tenant+`"`) && !strings.Contains(line, "seconds") {
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}

// store is the path of the store file.
func (p *process) store(t *testing.T) string {
	t.Helper()
	for i, arg := range p.cmd.Args {
		if arg == "--data" {
			return filepath.Join(p.cmd.Args[i+1], "drawbridge.db")
		}
	}
	t.Fatal("no --data")
	return ""
}

// TestDoctorLeavesNoTrace runs doctor on connections of every kind, with a tenant whose only seat is taken and whose brake holds.
func TestDoctorLeavesNoTrace(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	ctx := t.Context()
	makeTenant(t, p.operator, "acme", "entra", 1)
	if out, err := command(t, "tenant", "update", "acme", "--set", "brake=hold", "--data", data).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := p.operator.CreateUser(ctx, "acme", wire.UserCreate{UserName: "taken@acme.example"}); err != nil {
		t.Fatal(err)
	}
	for _, auth := range []string{"bearer", "basic", "oauth"} {
		slug := "acme-" + auth
		issued, err := p.operator.CreateConnection(ctx, wire.ConnectionCreate{Slug: slug, Tenant: "acme", Type: "okta", Auth: auth})
		if err != nil {
			t.Fatal(err)
		}
		own := issued.Token
		if auth != "bearer" {
			own = issued.TokenID + ":" + issued.Token
		}
		file := filepath.Join(t.TempDir(), "credential")
		if err := os.WriteFile(file, []byte(own+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		before := p.traces(t, "acme", slug)
		for _, args := range [][]string{{}, {"--credential", own}, {"--credential-file", file}} {
			report, out, err := doctor(t, data, append([]string{"--connection", slug}, args...)...)
			if err != nil || report.Passed < 20 || report.Failed != 0 || report.Skipped != 0 || (report.Credential == "given") != (len(args) > 0) {
				t.Errorf("%s %v: %v\n%s", auth, args, err, out)
			}
		}
		if report, err := p.operator.RunDoctor(ctx, slug); err != nil || report.Passed < 20 || report.Failed != 0 || report.Skipped != 0 {
			t.Errorf("%s in the server: %v\n%+v", auth, err, report)
		}
		if report, out, err := doctor(t, data, "--connection", slug, "--credential", own+"x"); err == nil || report.Passed != 0 {
			t.Errorf("%s: a wrong secret is not noticed: %v\n%s", auth, err, out)
		}
		if after := p.traces(t, "acme", slug); after != before {
			t.Errorf("%s: before:\n%s\nafter:\n%s", auth, before, after)
		}
	}
	if left, err := filepath.Glob(filepath.Join(data, "doctor-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestKilledDoctorLeavesNoTrace kills doctor, and then the server, in the middle of a run.
func TestKilledDoctorLeavesNoTrace(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	makeTenant(t, p.operator, "acme", "okta", 10)
	before := p.traces(t, "acme", "acme")
	run := command(t, "doctor", "--data", data, "--connection", "acme")
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 400)); err != nil { // some steps
		t.Fatal(err)
	}
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait() // it was killed
	if after := p.traces(t, "acme", "acme"); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	if left, err := filepath.Glob(filepath.Join(data, "doctor-*")); err != nil || len(left) != 1 {
		t.Errorf("the session of a doctor that was killed is gone before its time: %v %v", left, err)
	}
	_ = p.end(t, syscall.SIGKILL) // it was killed
	serve(t, data)
	if left, err := filepath.Glob(filepath.Join(data, "doctor-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestDoctorSurvivesAClosedPipe pipes doctor into a reader that ends after some lines, as head does.
func TestDoctorSurvivesAClosedPipe(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	issued := makeTenant(t, p.operator, "acme", "okta", 10)
	run := command(t, "doctor", "--url", p.base(t, "acme"), "--token", issued.Token, "--as", "okta")
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 400)); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait() // it cannot print its report
	if seats, err := p.operator.Seats(t.Context(), "acme"); err != nil || seats.Occupied != 0 {
		t.Errorf("%d users were left: %v", seats.Occupied, err)
	}
}

// TestDoctorFindsFaultsOfOtherServers runs against servers with faults.
func TestDoctorFindsFaultsOfOtherServers(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	makeTenant(t, p.operator, "acme", "entra", 10)
	out, err := command(t, "doctor", "--url", p.base(t, "acme"), "--token", "wrong", "--as", "okta").CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("Error authenticating: null")) {
		t.Errorf("a wrong token: %v\n%s", err, out)
	}
	var lc net.ListenConfig
	nobody, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := nobody.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := command(t, "doctor", "--url", "http://"+nobody.Addr().String()+"/scim", "--token", "x", "--as", "okta").CombinedOutput(); err == nil || !bytes.Contains(out, []byte("does not answer")) {
		t.Errorf("no server: %v\n%s", err, out)
	}
}
