package jobs_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"drawbridge/archive"
	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/jobs"
	"drawbridge/bridge/operators"
	"drawbridge/bridge/record"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

// epoch is when the history of a store begins.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// process is a Service on a store file, at a time, as far as it is not killed.
type process struct {
	*bridgetest.Services
	store store.Store
	life  *storetest.Life
	under *replaceable
	now   *time.Time
	taken func(directory.Mail) // told of each mail that the mail server took
}

// replaceable is a store that a test can put something in front of.
type replaceable struct{ store.Store }

func (r *replaceable) Unwrap() store.Store { return r.Store }

func (p *process) Send(_ context.Context, m directory.Mail) error {
	if p.taken != nil {
		p.taken(m)
	}
	return nil
}

func open(t *testing.T, path string, at time.Time, ids uint64) *process {
	t.Helper()
	db, err := bolt.Open(path, bolt.Options{InitialMmapSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	life := &storetest.Life{}
	under := &replaceable{db}
	p := &process{store: storetest.Mortal(under, life), life: life, under: under, now: &at}
	p.Services, err = bridgetest.New(bridgetest.Config{
		Store: storetest.Checked(t, p.store), Now: func() time.Time { return *p.now }, Random: rand.Reader, Plans: policy.ShippedPlans(), Defaults: policy.DefaultSettings(),
		NewID: func() directory.ID {
			ids++
			id := directory.ID{0: 1, 6: 0x70, 8: 0x80}
			binary.BigEndian.PutUint32(id[12:], uint32(ids))
			return id
		},
		Signing: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), Archive: archiveBeside(path),
		Mailer: p, Recipients: []directory.Recipient{{Address: "ops@msp.example", Kinds: []string{"*"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// archiveBeside is the archive in a folder beside a store, if there is one.
func archiveBeside(path string) *archive.Archive {
	folder := path + ".archive"
	if _, err := os.Stat(folder); err != nil {
		return nil
	}
	return archive.New(archive.NewFolder(folder), ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
}

func (p *process) close(t *testing.T) {
	t.Helper()
	p.life.Revive()
	if err := p.store.Close(); err != nil {
		t.Fatal(err)
	}
}

// due makes a store in which every job has something to do, in two tenants, and in several steps: days that were not counted, people whose
// deletion is due or is to be announced, credentials that expire, silent connections, people without activity, and more
// old events and tombstones than one transaction takes. If you add a job, add due work for it here.
func due(t *testing.T) (file []byte, at time.Time) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	p := open(t, path, epoch, 0)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	handedOver(t, p, "dora", false)
	var idps []directory.Principal
	var apps []directory.Application
	for _, tenant := range []directory.TenantID{"acme", "beta"} {
		idp, app := populated(t, p, tenant)
		idps, apps = append(idps, idp), append(apps, app)
	}
	*p.now = epoch.AddDate(0, 0, 3)
	for _, idp := range idps { // announced on the last day
		made, err := p.CreateUser(ctx, idp, person("late", true))
		must(err)
		_, err = p.EditUser(ctx, idp, made.User.ID, directory.Precondition{}, person("late", false))
		must(err)
	}
	*p.now = epoch.Add(29*24*time.Hour + 20*time.Hour)
	for _, tenant := range []directory.TenantID{"acme", "beta"} {
		_, _, err := p.AutoDelete(ctx, directory.JobPrincipal("auto-delete"), tenant, directory.RunApply) // the deletions are announced
		must(err)
	}
	halfDisconnected(t, p)
	handedOver(t, p, "corp", true)
	*p.now = epoch.AddDate(0, 0, 31)
	for _, app := range apps { // no user was active for a month
		_, err := p.ReportActivity(ctx, app, nil)
		must(err)
	}
	must(p.Flush(ctx))
	at = epoch.AddDate(0, 0, 32).Add(time.Hour)
	p.close(t)
	file, err := os.ReadFile(path)
	must(err)
	return file, at
}

// populated makes a tenant with a connection, an application, people in several states, and more old events than one transaction takes.
func populated(t *testing.T, p *process, tenant directory.TenantID) (idp directory.Principal, app directory.Application) {
	t.Helper()
	ctx, op := t.Context(), operators.Local("op-1", "Olga", "setup")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	days, none, remove, off := 30, 0, directory.OnDeleteRemove, directory.BrakeOff
	_, err := p.CreateTenant(ctx, op, bridge.TenantDraft{ID: tenant, Name: string(tenant), Plan: "business"})
	must(err)
	_, err = p.EditTenant(ctx, op, tenant, directory.Precondition{}, func(x directory.Tenant) (directory.Tenant, error) {
		x.Overrides.AutoDeleteDays, x.Overrides.OnDelete, x.Overrides.Brake, x.Overrides.IncludedGuests, x.Overrides.AuditDays = &days, &remove, &off, &none, &days
		return x, nil
	})
	must(err)
	must(p.Notify(ctx)) // from here on every event is reported
	id := directory.ConnectionID(tenant + "-okta")
	_, secret, err := p.CreateConnection(ctx, op, bridge.ConnectionDraft{ID: id, Tenant: tenant, Type: directory.Okta, Token: bridge.TokenOptions{Expires: epoch.AddDate(0, 0, 40)}})
	must(err)
	idp, err = p.Authenticate(ctx, id, bridge.Credential{Secret: secret.Text}, credential.Client{})
	must(err)
	key, err := p.CreateAppKey(ctx, op, tenant, record.AppKeyOptions{Name: "portal"})
	must(err)
	app, err = p.AuthenticateApplication(ctx, key.Text, credential.Client{})
	must(err)
	_, err = p.ReportActivity(ctx, app, nil)
	must(err)
	p.Success(idp)
	must(p.Flush(ctx))
	for i := range 9 {
		name := fmt.Sprintf("u%d@%s.example", i, tenant)
		made, err := p.CreateUser(ctx, idp, person(name, true))
		must(err)
		switch {
		case i < 3: // deleted later
			_, err = p.EditUser(ctx, idp, made.User.ID, directory.Precondition{}, person(name, false))
		case i < 5: // leave a tombstone
			err = p.DeleteUser(ctx, idp, made.User.ID, directory.Precondition{})
		}
		must(err)
		*p.now = p.now.Add(time.Hour)
	}
	_, err = p.CreateUser(ctx, idp, func(*directory.User) (directory.UserDraft, error) { // more than are included
		d, err := person("guest", true)(nil)
		d.UserType = "guest"
		return d, err
	})
	must(err)
	old := make([]directory.Event, 1200)
	for i := range old {
		old[i] = directory.Event{Time: *p.now, Tenant: tenant, Kind: directory.UserUpdated, Subject: directory.Subject{Kind: "User", ID: "x"}}
	}
	must(p.store.Update(ctx, tenant, nil, func(store.Reader) (directory.Change, error) {
		return directory.Change{Events: old, Audit: []directory.Audit{{Time: *p.now, Tenant: tenant, Action: "test.old", Outcome: directory.Done}}}, nil
	}))
	return idp, app
}

// handedOver leaves a tenant that was handed over and whose bundle was confirmed. half: a kill interrupted the hand-over after
// its first step.
func handedOver(t *testing.T, p *process, tenant directory.TenantID, half bool) {
	t.Helper()
	ctx, op := t.Context(), operators.Local("op-1", "Olga", "setup")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := p.CreateTenant(ctx, op, bridge.TenantDraft{ID: tenant, Name: string(tenant), Plan: "business"})
	must(err)
	op.Tenant = tenant
	boss, err := p.CreateUser(ctx, op, person("boss@"+string(tenant)+".example", true))
	must(err)
	must(p.JoinBuiltIn(ctx, op, tenant, directory.Owners, boss.User.ID))
	for i := range 2 {
		_, _, err = p.CreateOperator(ctx, op, operators.Draft{
			FirstName: "T", LastName: "E", Email: fmt.Sprintf("tech%d-%s@msp.example", i, tenant), Role: directory.RoleTechnician, Scope: directory.Scope{Tenants: []directory.TenantID{tenant}},
		})
		must(err)
	}
	if half {
		p.life.EndAt(storetest.End{Commit: 1})
		if _, err := p.Handovers().Unlink(ctx, op, tenant, ""); !errors.Is(err, storetest.ErrKilled) {
			t.Fatalf("the hand-over ended with %v", err)
		}
		p.life.Revive()
		return
	}
	_, err = p.Handovers().Unlink(ctx, op, tenant, "")
	must(err)
	sum, err := p.Handovers().WriteBundle(ctx, op, tenant, io.Discard)
	must(err)
	_, err = p.Handovers().ConfirmBundle(ctx, op, tenant, sum)
	must(err)
}

// halfDisconnected leaves a connection whose disconnection was interrupted by a kill after its first step.
func halfDisconnected(t *testing.T, p *process) {
	t.Helper()
	ctx, op := t.Context(), operators.Local("op-1", "Olga", "setup")
	const id = directory.ConnectionID("acme-entra")
	_, secret, err := p.CreateConnection(ctx, op, bridge.ConnectionDraft{ID: id, Tenant: "acme", Type: directory.Entra})
	if err != nil {
		t.Fatal(err)
	}
	idp, err := p.Authenticate(ctx, id, bridge.Credential{Secret: secret.Text}, credential.Client{})
	if err != nil {
		t.Fatal(err)
	}
	p.Success(idp)
	if err := p.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"e1", "e2"} {
		if _, err := p.CreateUser(ctx, idp, person(name, true)); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := p.Disconnects().Preview(ctx, op, id, directory.Terminate, bridge.PeoplePage{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	p.life.EndAt(storetest.End{Commit: 1})
	if _, err := p.Disconnects().Disconnect(ctx, op, id, bridge.DisconnectOrder{Mode: directory.Terminate, Digest: plan.Digest}); !errors.Is(err, storetest.ErrKilled) {
		t.Fatalf("the disconnection ended with %v", err)
	}
	p.life.Revive()
}

func person(name string, active bool) directory.UserEdit {
	return func(*directory.User) (directory.UserDraft, error) {
		return directory.UserDraft{UserName: name, Active: &active, Document: directory.Attributes{{Name: "userName", Value: name}}.Document()}, nil
	}
}

func withArchive(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path+".archive", 0o700); err != nil {
		t.Fatal(err)
	}
}

// TestKillInEveryJob kills the process at every commit of every job, before and after the commit. It starts again, runs the job again, and
// compares the whole store, key by key, with that of a run without a kill. Nothing is counted twice or lost, the same users are deleted,
// and no notice is given twice.
func TestKillInEveryJob(t *testing.T) {
	t.Parallel()
	file, at := due(t)
	none := filepath.Join(t.TempDir(), "none.db")
	withArchive(t, none)
	shipped := jobs.New(jobs.Config{Jobs: jobs.Shipped(open(t, none, at, 0).Jobs()), Now: func() time.Time { return at }})
	elsewhere := map[string]string{ // what they write is not in the store
		"journal":  "TestKilledKeepIsCompleted in store/journal",
		"transfer": "TestC14KillAtEveryCommit in bridge",
		"observe":  "TestKillAtEveryCommitPromotesOnce in observe", // it needs the store of the copies
	}
	for _, job := range list(t, shipped) {
		if elsewhere[job.Name] != "" {
			continue
		}
		t.Run(job.Name, func(t *testing.T) {
			start := func() (*process, string) {
				path := filepath.Join(t.TempDir(), "store.db")
				if err := os.WriteFile(path, file, 0o600); err != nil {
					t.Fatal(err)
				}
				if job.Name == "archive" { // with one, the job trim forgets no events
					withArchive(t, path)
				}
				return open(t, path, at, 1000), path
			}
			run := func(p *process) error {
				_, err := jobs.New(jobs.Config{Jobs: jobs.Shipped(p.Jobs()), Now: func() time.Time { return at }}).Run(t.Context(), job.Name, directory.RunApply)
				return err
			}
			p, whole := start()
			if err := run(p); err != nil {
				t.Fatal(err)
			}
			commits := p.life.Commits()
			if commits == 0 {
				t.Fatalf("the job %s found nothing to do: put something that is due for it into the store that due makes", job.Name)
			}
			p.close(t)
			for place := range commits {
				for _, committed := range []bool{false, true} {
					p, path := start()
					p.life.EndAt(storetest.End{Commit: place, After: committed})
					if err := run(p); err == nil {
						t.Errorf("killed at commit %d, it says that it succeeded", place)
					}
					p.close(t)
					p = open(t, path, at, 2000) // another process, with nothing in its memory
					if err := run(p); err != nil {
						t.Errorf("killed at commit %d (after it: %t), the next run fails: %v", place, committed, err)
					}
					p.close(t)
					differences, err := bolt.Compare(t.Context(), whole, path, bolt.Options{}, bolt.Notes{})
					if err != nil || len(differences) > 0 {
						t.Fatalf("killed at commit %d (after it: %t), the store differs: %v %v", place, committed, differences, err)
					}
				}
			}
			t.Logf("killed at %d commits", commits)
		})
	}
}

// The outbox is the only work that a kill can repeat. If the process ends after the mail server took a mail and before that is recorded,
// the mail is sent again. No mail is lost, and only that one is sent twice.
func TestKillWhileSendingMail(t *testing.T) {
	t.Parallel()
	file, at := due(t)
	path := filepath.Join(t.TempDir(), "store.db")
	// mail sends mail three times, an hour apart; the first process is killed at a commit. told is the number of notices
	// and the number of mails that contain them.
	mail := func(left int, committed bool) (told, twice, made int) {
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		seen := map[directory.ID]bool{}
		for round := range 3 {
			p := open(t, path, at.Add(time.Duration(round)*time.Hour), uint64(1000*(round+1)))
			if round == 0 {
				p.life.EndAt(storetest.End{Commit: left, After: committed})
			}
			p.taken = func(m directory.Mail) {
				if seen[m.ID] {
					twice++
					return
				}
				seen[m.ID] = true
				told += notices(t, &m)
			}
			if err := p.Notify(t.Context()); err == nil {
				_, _, err = p.DeliverMails(t.Context())
				if err != nil && round > 0 {
					t.Error(err)
				}
			}
			if round == 0 {
				made = p.life.Commits()
			}
			p.close(t)
		}
		return told, twice, made
	}
	want, _, commits := mail(-1, false)
	if want < 1000 || commits < 4 {
		t.Fatalf("%d notices in %d commits prove nothing", want, commits)
	}
	for place := range commits {
		for _, committed := range []bool{false, true} {
			told, twice, _ := mail(place, committed)
			if told != want || twice > 1 {
				t.Errorf("killed at commit %d (after it: %t): %d of %d notices came, %d mails twice", place, committed, told, want, twice)
			}
		}
	}
	t.Logf("%d notices, killed at %d commits", want, commits)
}

// notices is of how many events a mail tells.
func notices(t *testing.T, m *directory.Mail) int {
	t.Helper()
	var data struct {
		Notices []any
		More    int
	}
	if err := json.Unmarshal(m.Data, &data); err != nil {
		t.Fatal(err)
	}
	return len(data.Notices) + data.More
}

// leaver hands a tenant over, or removes it, while a job runs: after the first commit.
type leaver struct {
	store.Store
	gone bool
}

func (l *leaver) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	err := l.Store.Update(ctx, tenant, want, decide)
	if err == nil && !l.gone {
		l.gone = true
		err = l.Store.Update(ctx, "beta", nil, func(r store.Reader) (directory.Change, error) {
			beta, err := r.Tenant()
			beta.Status = directory.TenantUnlinked
			return directory.Change{Tenant: &beta, Audit: []directory.Audit{{Tenant: "beta", Action: "test.leave", Outcome: directory.Done}}}, err
		})
	}
	return err
}

// A tenant that is removed while its job runs does not prevent the job for other tenants. The next run does not touch the removed tenant.
func TestTenantIsDeletedWhileItsJobRuns(t *testing.T) {
	t.Parallel()
	file, at := due(t)
	for _, name := range []string{"snapshot", "auto-delete", "token-notices", "trim"} {
		path := filepath.Join(t.TempDir(), "store.db")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		p := open(t, path, at, 1000)
		p.under.Store = &leaver{Store: p.under.Store}
		run := func() jobs.Report {
			t.Helper()
			report, err := jobs.New(jobs.Config{Jobs: jobs.Shipped(p.Jobs()), Now: func() time.Time { return at }}).Run(t.Context(), name, directory.RunApply)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return report
		}
		first := run()
		for _, line := range run().Lines {
			if line.Tenant == "beta" {
				t.Errorf("%s: %s of a tenant that is gone: %s", name, line.Tenant, line.Text)
			}
		}
		for _, line := range first.Lines {
			if line.Tenant == "beta" && name == "auto-delete" {
				t.Errorf("%s in the grace time of a tenant that was handed over: %s", name, line.Text)
			}
		}
		if first.Done == 0 {
			t.Errorf("%s did nothing for the tenant that stays", name)
		}
		p.close(t)
		if report, err := bolt.CheckFile(t.Context(), path, bolt.Options{}, bolt.Notes{}); err != nil || len(report.Findings) > 0 {
			t.Errorf("%s: %v %v", name, report.Findings, err)
		}
	}
}
