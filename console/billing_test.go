package console_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// fakeJobs is a clock with one job.
type fakeJobs struct{}

func (fakeJobs) List(context.Context) ([]wire.Job, error) {
	return []wire.Job{{Name: "snapshot", About: "counts", Every: 60}}, nil
}

func (fakeJobs) Run(_ context.Context, name string) (wire.JobReport, error) {
	return runJob(name, false)
}

func (fakeJobs) DryRun(_ context.Context, name string) (wire.JobReport, error) {
	return runJob(name, true)
}

func runJob(name string, dry bool) (wire.JobReport, error) {
	if name != "snapshot" {
		return wire.JobReport{}, &directory.Error{Code: directory.NotFound, Message: "there is no job " + name}
	}
	return wire.JobReport{Job: name, DryRun: dry, Done: 1, Lines: []wire.JobLine{{Tenant: "acme", Text: "counted"}}}, nil
}

func TestJobsAreListedAndRun(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	var page wire.Page[wire.Job]
	d.do("GET", "/jobs", "", 200, &page)
	if len(page.Items) != 1 || page.Items[0].Name != "snapshot" {
		t.Errorf("%+v", page)
	}
	var report wire.JobReport
	d.do("POST", "/jobs/snapshot/run?dry_run=true", "", 200, &report)
	if !report.DryRun || report.Done != 1 {
		t.Errorf("%+v", report)
	}
	var before, after wire.AuditLines
	d.do("GET", "/audit", "", 200, &before)
	d.do("POST", "/jobs/snapshot/run", "", 200, &report)
	d.do("GET", "/audit", "", 200, &after)
	if report.DryRun || len(after.Items) != len(before.Items)+1 || after.Items[len(after.Items)-1].Action != "job.run" {
		t.Errorf("%+v, audit %+v", report, after.Items)
	}
	d.do("POST", "/jobs/nothing/run", "", 404, nil)
}

func TestUsageIsReported(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("POST", "/tenants", `{"slug":"birch","name":"Birch"}`, 201, nil)
	p := operators.Local("op", "Op", "r")
	p.Tenant = "acme"
	_, err := d.bridge.CreateUser(t.Context(), p, func(*directory.User) (directory.UserDraft, error) {
		return directory.UserDraft{UserName: "=cmd()", Document: directory.Document(`{"userName":"=cmd()"}`)}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().UTC().Format(time.DateOnly)
	var usage wire.Page[wire.Usage]
	d.do("GET", "/usage", "", 200, &usage)
	if len(usage.Items) != 2 || usage.Items[0].Tenant != "acme" || usage.Items[0].From != today || usage.Items[0].Counted != 0 {
		t.Errorf("%+v", usage)
	}
	d.do("GET", "/usage?limit=1", "", 200, &usage)
	if len(usage.Items) != 1 || usage.Items[0].Tenant != "acme" || usage.Next == "" {
		t.Errorf("%+v", usage)
	}
	var second wire.Page[wire.Usage]
	d.do("GET", "/usage?limit=1&cursor="+usage.Next, "", 200, &second)
	if len(second.Items) != 1 || second.Items[0].Tenant != "birch" || second.Next != "" {
		t.Errorf("%+v", second)
	}
	d.do("GET", "/usage?tenant=birch&from=2026-01-01&to=2026-01-31", "", 200, &usage)
	if len(usage.Items) != 1 || usage.Items[0].Days != 31 {
		t.Errorf("%+v", usage)
	}
	var ledger wire.Page[wire.LedgerLine]
	d.do("GET", "/tenants/acme/ledger", "", 200, &ledger)
	if len(ledger.Items) != 1 || ledger.Items[0].UserName != "=cmd()" || ledger.Items[0].To != nil {
		t.Errorf("%+v", ledger)
	}
	rec := d.do("GET", "/tenants/acme/ledger.csv", "", 200, nil)
	if text := rec.Body.String(); rec.Header().Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(text, ",'=cmd(),") || !strings.HasPrefix(text, "user,user_name") {
		t.Errorf("%q %s", text, rec.Header())
	}
	d.do("GET", "/usage.csv", "", 200, nil)
	d.do("GET", "/tenants/acme/snapshots.csv", "", 200, nil)
	d.do("GET", "/tenants/acme/snapshots", "", 200, nil)
	for _, bad := range []string{"/usage?from=yesterday", "/tenants/acme/ledger?from=2026-02-01&to=2026-01-01", "/tenants/acme/snapshots?to=2026-02-30"} {
		d.do("GET", bad, "", 422, nil)
	}
	d.do("GET", "/usage?tenant=nobody", "", 404, nil)
	d.do("GET", "/tenants/nobody/snapshots", "", 404, nil)
	var zone wire.Problem
	d.do("PATCH", "/tenants/acme", `{"overrides":{"snapshot_zone":"Mars/Olympus"}}`, 422, &zone)
	if zone.Field != "snapshot_zone" {
		t.Errorf("%+v", zone)
	}
	d.do("PATCH", "/tenants/acme", `{"overrides":{"auto_delete_days":0.5}}`, 422, &zone)
	if !strings.Contains(zone.Field, "auto_delete_days") {
		t.Errorf("%+v", zone)
	}
	if _, err := d.bridge.TakeSnapshots(t.Context(), directory.JobPrincipal("snapshot"), "nobody", directory.RunApply); directory.CodeOf(err) != directory.NotFound {
		t.Error(err)
	}
}
