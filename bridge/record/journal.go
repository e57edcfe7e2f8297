package record

import (
	"context"
	"log/slog"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// JournalConfig is what a Journal needs. Txn and Logger are required.
type JournalConfig struct {
	Txn      *txn.Runner
	Requests store.Journal // nil: requests are not journaled
	Defaults directory.Settings
	Logger   *slog.Logger
}

// Journal is the request journal as operators read it (C12). It is safe for concurrent use.
type Journal struct {
	txn      *txn.Runner
	requests store.Journal
	defaults directory.Settings
	log      *slog.Logger
}

// NewJournal makes a Journal.
func NewJournal(cfg JournalConfig) *Journal {
	return &Journal{txn: cfg.Txn, requests: cfg.Requests, defaults: cfg.Defaults, log: cfg.Logger}
}

// Note hands an exchange to the journal (C12). It never waits, and does nothing if there is no journal.
func (j *Journal) Note(e *directory.Exchange) {
	if j.requests != nil {
		j.requests.Note(e)
	}
}

// Rejected counts a request that named a connection and had no valid credential. Nothing else of the request is kept.
func (j *Journal) Rejected(tenant directory.TenantID, connection directory.ConnectionID, at time.Time) {
	j.Note(&directory.Exchange{Tenant: tenant, Connection: connection, Time: at, Gap: directory.GapRejected})
}

// journalLimit is how many exchanges one call of Exchanges gives.
const journalLimit = 500

// Exchanges gives exchanges of a tenant that match q, the newest first. A user that is not "" narrows them to exchanges that name
// this user by id, userName or externalId. For a user of the tenant it searches for all three, also for a deleted
// user. If a limit ended the search, next is not 0; set q.Before to it to continue.
// NotFound; Unavailable without a journal.
func (j *Journal) Exchanges(ctx context.Context, p directory.Principal, tenant directory.TenantID, user string, q directory.JournalQuery) (found []directory.Exchange, next uint64, err error) {
	p, err = txn.ForOperator(p, tenant)
	if err != nil {
		return nil, 0, err
	}
	err = j.txn.View(ctx, p.Tenant, func(r store.Reader) error {
		if _, err := r.Tenant(); err != nil {
			return err
		}
		if q.Connection != "" {
			if _, err := r.Connection(q.Connection); err != nil {
				return err
			}
		}
		q.About, err = namesOf(r, user)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	if j.requests == nil {
		return nil, 0, &directory.Error{Code: directory.Unavailable, Message: "no request journal is kept: set journal.enabled in the configuration"}
	}
	if q.Limit <= 0 || q.Limit > journalLimit {
		q.Limit = journalLimit
	}
	return j.requests.Exchanges(ctx, tenant, q)
}

// namesOf gives every text by which requests may name a user.
func namesOf(r store.Reader, user string) ([]string, error) {
	if user == "" {
		return nil, nil
	}
	names := []string{user}
	add := func(u *directory.User) {
		names = append(names, u.ID.String(), u.UserName)
		if u.ExternalID != "" {
			names = append(names, u.ExternalID)
		}
	}
	if id, ok := directory.ParseID(user); ok {
		u, there, err := txn.Optional(r.User(id))
		if there {
			add(&u)
		}
		return names, err
	}
	u, there, err := txn.Optional(r.UserByName(user))
	if err != nil {
		return nil, err
	}
	if there {
		add(&u)
		return names, nil
	}
	connections, err := r.Connections()
	if err != nil {
		return nil, err
	}
	for i := range connections {
		known, err := r.UsersByExternalID(connections[i].ID, user)
		if err != nil {
			return nil, err
		}
		for i := range known {
			add(&known[i])
		}
	}
	return names, nil
}

// Exchange gives the one exchange of a connection with this request id; of several (an id that a client chose may come twice)
// the last. NotFound.
func (j *Journal) Exchange(ctx context.Context, p directory.Principal, tenant directory.TenantID, connection directory.ConnectionID, request string) (directory.Exchange, error) {
	q := directory.JournalQuery{Connection: connection, Request: request, Limit: 1}
	for {
		found, next, err := j.Exchanges(ctx, p, tenant, "", q)
		switch {
		case err != nil:
			return directory.Exchange{}, err
		case len(found) > 0:
			return found[0], nil
		case next == 0:
			return directory.Exchange{}, &directory.Error{Code: directory.NotFound, Message: "the journal of this connection has no request with the id " + request +
				": it is older than the journal is kept, came without a known credential, or was answered 429 by the rate limit"}
		}
		q.Before = next
	}
}

// Keep tells the journal how much each tenant keeps, and lets it remove what exceeds that and what belongs to removed
// tenants. It gives how many bytes were removed from each; with RunDry, how many would be. Without a journal it does nothing.
func (j *Journal) Keep(ctx context.Context, p directory.Principal, how directory.Run) (map[directory.TenantID]int64, error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil || j.requests == nil {
		return nil, err
	}
	tenants, err := j.txn.Store().Tenants(ctx)
	if err != nil {
		return nil, err
	}
	bounds := make(map[directory.TenantID]directory.JournalBounds, len(tenants))
	for i := range tenants {
		if tenants[i].Status == directory.TenantGone { // its journal goes with it (T6, T9)
			continue
		}
		// The plan has no say in it.
		bounds[tenants[i].ID] = journalBounds(policy.Resolve(j.defaults, directory.Plan{}, tenants[i].Overrides))
	}
	return j.requests.Keep(ctx, bounds, journalBounds(j.defaults), how)
}

func journalBounds(s directory.Settings) directory.JournalBounds {
	return directory.JournalBounds{Days: s.JournalDays, Bytes: int64(s.JournalMB) << 20}
}

// journalTimeout is how long a change of settings waits for the journal, whose disk may be slow.
const journalTimeout = 2 * time.Second

// SettingsChanged applies a change of settings to the journal at once. If it fails, the job does it minutes later.
func (j *Journal) SettingsChanged(ctx context.Context, before, after *directory.Overrides) {
	if j.requests == nil || same(before.JournalDays, after.JournalDays) && same(before.JournalMB, after.JournalMB) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, journalTimeout)
	defer cancel()
	if _, err := j.Keep(ctx, directory.JobPrincipal("journal"), directory.RunApply); err != nil {
		j.log.WarnContext(ctx, "the journal did not take the settings of a tenant; the next run of the job does it", "error", err)
	}
}

func same(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }
