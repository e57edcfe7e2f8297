package app

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/jobs"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/google"
	"drawbridge/pull"
	"drawbridge/store"
)

// GoogleConfig says how directories of Google Workspace are read.
type GoogleConfig struct {
	Endpoint string        `mapstructure:"endpoint"`
	Every    time.Duration `mapstructure:"every"`
}

// SealConfig has the keys that seal credentials of other systems in the store.
type SealConfig struct {
	Key        Secret `mapstructure:"key"`
	KeyFile    string `mapstructure:"key_file"`
	OldKey     Secret `mapstructure:"old_key"`
	OldKeyFile string `mapstructure:"old_key_file"`
}

// sealKey names the key in the store that seals if the configuration has none.
const sealKey = "seal"

// ring gives the keys that seal: that of the configuration, then the old one, then the one in the store.
func (c *SealConfig) ring(ctx context.Context, secrets store.Secrets) (credential.Ring, error) {
	var keys [][]byte
	for _, text := range []Secret{c.Key, c.OldKey} {
		if key, err := readSealKey(text); err != nil {
			return credential.Ring{}, err
		} else if key != nil {
			keys = append(keys, key)
		}
	}
	own, err := secrets.Secret(ctx, sealKey, randomKey)
	if err != nil {
		return credential.Ring{}, err
	}
	return credential.NewRing(append(keys, own)...)
}

// readSealKey reads a key of 32 bytes in base64; nil for none.
func readSealKey(text Secret) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != credential.SealKeySize {
		return nil, fmt.Errorf("a sealing key is %d bytes in base64, as openssl rand -base64 32 makes one", credential.SealKeySize)
	}
	return key, nil
}

func (c *Config) checkPull(add func(string, ...any)) {
	if _, err := google.At(c.Google.Endpoint); err != nil {
		add("%s", err)
	} else if e := c.Google.Endpoint; e != "" {
		if _, err := c.guard(nil).ParseURL("google.endpoint", e); err != nil {
			add("google.endpoint: %s", messageOf(err))
		}
	}
	if every := c.Google.Every; every < time.Minute || every > 24*time.Hour {
		add("google.every: %s is not between 1m and 24h", every)
	}
	for name, text := range map[string]Secret{"seal.key": c.Seal.Key, "seal.old_key": c.Seal.OldKey} {
		if _, err := readSealKey(text); err != nil {
			add("%s: %s", name, err)
		}
	}
	if c.Seal.OldKey != "" && c.Seal.Key == "" {
		add("seal.old_key opens what an older key has sealed: seal.key is missing")
	}
}

// puller adapts package pull for the console and the job.
type puller struct {
	service *pull.Service
	bridge  *bridge.Service
}

// newPuller makes a puller. Its requests go through the guard.
func (a *App) newPuller(lease pull.Lease) (puller, error) {
	endpoint, err := google.At(a.config.Google.Endpoint)
	if err != nil {
		return puller{}, err
	}
	return puller{bridge: a.bridge, service: pull.New(pull.Config{
		Bridge: a.bridge, Serve: a.observe.Serve, Lease: lease, Endpoint: endpoint, Transport: a.outbound.Client(0, pullBytes).Transport, Now: a.now, Sleep: sleep, Jitter: jitter, Note: a.journal.Note,
		Logger: a.log.With("part", "pull"),
	})}, nil
}

// pullBytes is the maximum size of an answer of Google: a page of 500 people.
const pullBytes = 16 << 20

// sleep waits, or gives the error of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Credential reads the key of a service account.
func (puller) Credential(field, text string) (bridge.PullCredential, error) {
	account, err := google.ParseAccount([]byte(text))
	if err != nil {
		return bridge.PullCredential{}, &directory.Error{Code: directory.Invalid, Field: field, Message: err.Error()}
	}
	return bridge.PullCredential{Text: []byte(text), Account: account.Email, KeyID: account.KeyID, ClientID: account.ClientID}, nil
}

// Sync runs a connection now.
func (p puller) Sync(ctx context.Context, by directory.Principal, connection directory.ConnectionID, how directory.Run) (wire.SyncResult, error) {
	r, err := p.service.Sync(ctx, by, connection, how)
	if err != nil {
		return wire.SyncResult{}, err
	}
	return syncView(&r), nil
}

// Check tries what a run needs.
func (p puller) Check(ctx context.Context, by directory.Principal, connection directory.ConnectionID) (wire.ConnectionCheck, error) {
	found, err := p.service.Check(ctx, by, connection)
	out := wire.ConnectionCheck{Connection: string(connection), OK: true, Steps: []wire.ConnectionFinding{}}
	for _, f := range found {
		out.OK = out.OK && (f.OK || f.Skipped != "")
		out.Steps = append(out.Steps, wire.ConnectionFinding{Name: f.Name, OK: f.OK, Skipped: f.Skipped, Problem: f.Problem, Warning: f.Warning})
	}
	return out, err
}

// atOnce is how many directories the job reads at the same time, so that a slow one does not delay all others.
const atOnce = 4

// job reads all directories. A directory that fails does not stop the others.
func (p puller) job(every time.Duration) jobs.Job {
	return jobs.Job{
		Name: "pull", Every: every, About: "reads the directories of connections of type google-directory",
		Run: func(ctx context.Context, how directory.Run) (jobs.Report, error) {
			var unsettled error
			if !how.Dry() {
				unsettled = p.bridge.Pulls().Projects().Settle(ctx)
			}
			all, err := p.bridge.Pulls().Connections(ctx)
			lines, errs := make([]*jobs.Line, len(all)), make([]error, len(all))
			slots := make(chan struct{}, atOnce)
			var reading sync.WaitGroup
			for i := range all {
				slots <- struct{}{}
				if ctx.Err() != nil {
					break
				}
				reading.Go(func() {
					defer func() { <-slots }()
					lines[i], errs[i] = p.read(ctx, &all[i], how)
				})
			}
			reading.Wait()
			var report jobs.Report
			for _, line := range lines {
				if line != nil {
					report.Done++
					report.Lines = append(report.Lines, *line)
				}
			}
			return report, errors.Join(append(errs, err, unsettled)...)
		},
	}
}

// read reads one directory for the job. line is nil if it could not begin. A panic ends this run alone.
func (p puller) read(ctx context.Context, c *directory.Connection, how directory.Run) (line *jobs.Line, err error) {
	defer func() {
		if v := recover(); v != nil {
			line, err = nil, &directory.Error{Code: directory.Internal, Message: "the run of connection " + string(c.ID) + " failed inside; the log has more", Err: fmt.Errorf("panic: %v", v)}
		}
	}()
	r, err := p.service.Sync(ctx, directory.JobPrincipal("pull"), c.ID, how)
	if err != nil {
		return nil, fmt.Errorf("connection %s: %w", c.ID, err)
	}
	return &jobs.Line{Tenant: c.Tenant, Text: fmt.Sprintf("connection %s: %s %s", c.ID, r.Outcome, r.Reason)}, nil
}

func syncView(r *pull.Result) wire.SyncResult {
	n := &r.Count
	out := wire.SyncResult{
		Connection: string(r.Connection), Tenant: string(r.Tenant), Preview: r.Preview, Observed: r.Observed, Outcome: string(r.Outcome), Reason: r.Reason,
		Started: r.Started, Millis: r.Took.Milliseconds(), Requests: r.Requests, Changes: []wire.SyncChange{}, More: r.More,
		Seats: &wire.SyncSeats{Before: r.Seats.Before, Limit: r.Seats.Limit},
		Counts: wire.SyncCounts{
			Active: n.Active, Inactive: n.Inactive, Groups: n.Groups, Members: n.Members, Outside: n.Outside, Duplicates: n.Duplicates,
			Created: n.Created, Restored: n.Restored, Adopted: n.Adopted, Updated: n.Updated, Suspended: n.Suspended, Reactivated: n.Reactivated,
			Deleted: n.Deleted, Unchanged: n.Unchanged, GroupsCreated: n.GroupsCreated, GroupsUpdated: n.GroupsUpdated, GroupsDeleted: n.GroupsDeleted,
			GroupsUnchanged: n.GroupsUnchanged, Joined: n.Joined, Left: n.Left, Refused: n.Refused, Held: n.Held, Missing: n.Missing,
			Unlisted: n.Unlisted, Skipped: n.Skipped,
		},
	}
	if r.Preview {
		out.Seats.After = &r.Seats.After
	}
	for _, i := range r.Items {
		out.Changes = append(out.Changes, wire.SyncChange{
			Action: i.Action, Kind: i.Kind, ID: i.ID, ExternalID: i.ExternalID, Name: i.Name, Detail: i.Detail, Refused: i.Refused, Held: i.Held,
			Rule: string(i.Rule), Joined: i.Joined, Left: i.Left,
		})
	}
	return out
}
