package console_test

import (
	"strings"
	"testing"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

func TestBackupsAreListedAndMade(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	var made wire.Backup
	d.do("POST", "/backups", `{"to":"/mnt/x.db"}`, 201, &made)
	if made.Path != "/mnt/x.db" || !made.Report.OK {
		t.Errorf("made %+v", made)
	}
	var trail wire.AuditLines
	d.do("GET", "/audit", "", 200, &trail)
	if line := trail.Items[len(trail.Items)-1]; line.Action != "backup.create" || line.Subject.ID != "/mnt/x.db" || line.Actor.Kind != directory.ByOperator || !strings.Contains(string(line.After), "sha256") {
		t.Errorf("the trail of the installation ends with %+v", line)
	}
	d.do("POST", "/backups", `{}`, 201, nil)
	d.do("POST", "/backups", `{"to":"/taken"}`, 409, nil)
	d.do("POST", "/backups", `{"place":"/x"}`, 422, nil)
	var list wire.Backups
	d.do("GET", "/backups", "", 200, &list)
	if list.Running == nil || list.Running.Done != 1 {
		t.Errorf("listed %+v", list)
	}
	var report wire.CheckReport
	d.do("POST", "/checks", "", 200, &report) // faults are an answer, and no failure of the request
	if report.OK || len(report.Findings) != 1 {
		t.Errorf("checked %+v", report)
	}
}

func TestTrimIsStartedByAnOperator(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","plan":"business"}`, 201, nil)
	var all wire.Page[wire.Trimmed]
	d.do("POST", "/trim?dry_run=true", "", 200, &all)
	if len(all.Items) != 2 || all.Items[0].Tenant != string(directory.Provider) || all.Items[1].Tenant != "acme" {
		t.Errorf("trimmed %+v", all)
	}
	var one wire.Trimmed
	d.do("POST", "/tenants/acme/trim", "", 200, &one)
	if one != (wire.Trimmed{Tenant: "acme"}) {
		t.Errorf("trimmed %+v", one)
	}
	d.do("POST", "/tenants/nobody/trim", "", 404, nil)
}
