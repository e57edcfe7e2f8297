package bridge

import (
	"context"
	"errors"
	"slices"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Forecast is what the next writes of one connection would do to a user.
type Forecast = policy.Forecast

// Outcome is what one write would do to a user.
type Outcome = policy.Outcome

// mostForecasts is for how many connections a forecast is made if no connection manages the user.
const mostForecasts = 5

// forecasts says what the connections of a tenant would do to a user with their next write (E7): the one that manages the user, or, if
// there is none, each of them, because the first one that writes the user adopts the user. Each result comes from the verb that the write
// would call, on the snapshot of r; nothing is written.
func (s *Service) forecasts(r store.Reader, u *directory.User) ([]policy.Forecast, error) {
	tenant, err := r.Tenant()
	if err != nil {
		return nil, err
	}
	connections, err := r.Connections()
	if err != nil {
		return nil, err
	}
	var out []policy.Forecast
	for i := range connections {
		c := &connections[i]
		if u.Connection != "" && c.ID != u.Connection || c.Ending != nil {
			continue
		}
		if len(out) == mostForecasts {
			break
		}
		f, err := s.forecast(r, u, &tenant, c)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// forecast says what one connection would do to a user.
func (s *Service) forecast(r store.Reader, u *directory.User, tenant *directory.Tenant, c *directory.Connection) (policy.Forecast, error) {
	return s.forecastAs(r, u, tenant, c, "")
}

// forecastAs says what one connection would do to a user after it has taken the user over from another one (C14). takes is "" for none.
func (s *Service) forecastAs(r store.Reader, u *directory.User, tenant *directory.Tenant, c *directory.Connection, takes directory.ConnectionID) (policy.Forecast, error) {
	f := policy.Forecast{Connection: c.ID, Pulled: c.Type.Pulled()}
	blocked, err := s.blocked(tenant, c)
	if err != nil {
		return f, err
	}
	if errors.As(blocked, &f.Blocked) {
		return f, nil
	}
	p := principalOf(c, tenant, "", credential.Client{})
	p.Takes = takes
	for _, write := range policy.SyncWrites() {
		o, err := s.rehearse(r, p, u, write)
		if err != nil {
			return f, err
		}
		f.Outcomes = append(f.Outcomes, o)
	}
	return f, nil
}

// rehearse decides about a write without writing it.
func (s *Service) rehearse(r store.Reader, p directory.Principal, u *directory.User, write policy.SyncWrite) (policy.Outcome, error) {
	t := s.begin(r, p, s.instant())
	out := policy.Outcome{Write: write, After: u}
	err := t.play(u, write)
	if err == nil {
		err = t.finish()
	}
	var refusal *txn.Refusal
	switch {
	case errors.As(err, &refusal):
		errors.As(refusal.No.Err(), &out.Refuse)
		return out, nil
	case errors.As(err, &out.Refuse):
		if out.Refuse.Code == directory.Unavailable || out.Refuse.Code == directory.Internal {
			return out, err
		}
		return out, nil
	case err != nil:
		return out, err
	}
	for i := range t.Change.Users {
		after := t.Change.Users[i].Clone()
		switch {
		case after.ID == u.ID:
			out.After = &after
		case write != policy.WriteCreate:
		case after.Version > 1 || slices.Contains(t.Change.DropTombstones, after.ID):
			out.Revived = &after
		default:
			out.Created = true
		}
	}
	for _, id := range t.Change.RemoveUsers {
		if id == u.ID {
			out.After = nil
		}
	}
	return out, nil
}

// play calls what the identity provider's write would call.
func (t *tenantTx) play(u *directory.User, write policy.SyncWrite) error {
	sent := seenBy(t.Principal, *u)
	draft := func(active *bool) directory.UserEdit {
		return func(*directory.User) (directory.UserDraft, error) {
			return directory.UserDraft{
				UserName: sent.UserName, ExternalID: sent.ExternalID, Emails: sent.Emails, Document: sent.Document, UserType: userType(&sent), Active: active,
			}, nil
		}
	}
	yes, no := true, false
	var err error
	switch write {
	case policy.WriteActive:
		_, err = t.editUser(u.ID, directory.Precondition{}, draft(&yes))
	case policy.WriteInactive:
		_, err = t.editUser(u.ID, directory.Precondition{}, draft(&no))
	case policy.WriteOther:
		_, err = t.editUser(u.ID, directory.Precondition{}, draft(nil))
	case policy.WriteCreate:
		_, err = t.createUser(draft(&yes))
	case policy.WriteDelete:
		err = t.deleteUser(u.ID, directory.Precondition{})
	}
	return err
}

// nextSync says what the next sync will do to a user whom the write of p has just changed, or would change (E7).
func (s *Service) nextSync(ctx context.Context, p directory.Principal, u *directory.User) (Notice, error) {
	var notice Notice
	err := s.store.View(ctx, p.Tenant, nil, func(r store.Reader) error {
		if p.Report.Dry() {
			before, err := r.User(u.ID)
			if err != nil {
				return err
			}
			r = changedUser{Reader: r, before: &before, after: u}
		}
		now, err := r.User(u.ID)
		if err != nil {
			return err
		}
		forecasts, err := s.forecasts(r, &now)
		notice = Notice(policy.NextSync(&now, forecasts))
		return err
	})
	return notice, err
}

// changedUser reads a tenant as it would be after a write that changes one user and is not made. The write leaves the name and the
// externalId of the user as they are.
type changedUser struct {
	store.Reader
	before, after *directory.User
}

func (c changedUser) swap(u *directory.User) {
	if u.ID == c.after.ID {
		*u = c.after.Clone()
	}
}

// User is that of store.Reader.
func (c changedUser) User(id directory.ID) (directory.User, error) {
	u, err := c.Reader.User(id)
	c.swap(&u)
	return u, err
}

// UsersByID is that of store.Reader.
func (c changedUser) UsersByID(ids []directory.ID) (map[directory.ID]directory.User, error) {
	all, err := c.Reader.UsersByID(ids)
	if _, ok := all[c.after.ID]; ok {
		all[c.after.ID] = c.after.Clone()
	}
	return all, err
}

// UserByName is that of store.Reader.
func (c changedUser) UserByName(name string) (directory.User, error) {
	u, err := c.Reader.UserByName(name)
	c.swap(&u)
	return u, err
}

// UsersByExternalID is that of store.Reader.
func (c changedUser) UsersByExternalID(connection directory.ConnectionID, externalID string) ([]directory.User, error) {
	all, err := c.Reader.UsersByExternalID(connection, externalID)
	for i := range all {
		c.swap(&all[i])
	}
	return all, err
}

// Usage is that of store.Reader.
func (c changedUser) Usage() (directory.Usage, error) {
	usage, err := c.Reader.Usage()
	usage.Add(c.before, -1)
	usage.Add(c.after, 1)
	return usage, err
}
