package observe

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

const (
	atOnce   = 8    // records that are promoted at the same time
	members  = 1000 // members of a group that one transaction adds or removes
	attempts = 3    // passes in a row that may bring nothing forward
)

// Promotion is how far a promotion is.
type Promotion struct {
	Done     bool // the connection has left observe mode
	Promoted int  // records, by this call
	Left     []Left
}

// Left is a change that could not be promoted, and why.
type Left struct {
	Change Change
	Err    error
}

// Reason is why, in a sentence.
func (l *Left) Reason() string {
	var e *directory.Error
	if errors.As(l.Err, &e) {
		return e.Message
	}
	return l.Err.Error()
}

// Promote brings the difference into the tenant, with the verbs and under the rules that hold for the identity provider, and then takes the
// connection out of observe mode. The brake lets pass what the operator has looked at: digest is that of the difference; Conflict C9 if it is no longer the same.
// Meanwhile the identity provider is asked to wait. Each record is a transaction, so a call that was interrupted is continued by the
// next one, with any digest, or by the job observe.
//
// Promote works for about the time "budget" and then returns; it is not Done if there is more to do. If rules refuse some of the changes, the
// connection stays in observe mode, and Left says what is left.
func (s *Service) Promote(ctx context.Context, p directory.Principal, id directory.ConnectionID, digest string, budget time.Duration) (Promotion, error) {
	release, err := s.take(id)
	if err != nil {
		return Promotion{}, err
	}
	defer release()
	c, err := s.connection(ctx, id)
	if err != nil {
		return Promotion{}, err
	}
	if err := observed(&c); err != nil {
		return Promotion{}, err
	}
	copies, err := s.open(ctx)
	if err != nil {
		return Promotion{}, err
	}
	if c, err = s.beginPromotion(ctx, p, copies, &c, digest); err != nil {
		return Promotion{}, err
	}
	return s.promote(ctx, p, copies, &c, s.cfg.Now().Add(budget))
}

// beginPromotion keeps the identity provider out of the copy and marks the connection.
func (s *Service) beginPromotion(ctx context.Context, p directory.Principal, copies Copies, c *directory.Connection, digest string) (directory.Connection, error) {
	if c.Observing.Promoting != nil {
		return *c, nil
	}
	if c.Paused {
		return *c, &directory.Error{Code: directory.Conflict, Rule: "L4", Message: "the connection is paused: resume it first"}
	}
	local := operators.Local("observe", "observe mode", p.Request)
	if err := pause(ctx, copies, c.ID, local, true); err != nil {
		return *c, err
	}
	d, err := s.Difference(ctx, p, c.ID)
	if err == nil && d.Digest != digest {
		err = otherDifference(c.ID)
	}
	var after directory.Connection
	if err == nil {
		after, err = s.edit(ctx, p, c, "connection.promote", func(now *directory.Connection) error {
			if err := observed(now); err != nil {
				return err
			}
			now.Observing.Promoting = &directory.Promoter{Actor: p.Actor, Role: p.Access.Role}
			return nil
		})
	}
	if err != nil {
		if undo := pause(context.WithoutCancel(ctx), copies, c.ID, local, false); undo != nil {
			return *c, undo
		}
	}
	return after, err
}

// promote makes passes over what is different, until nothing is or nothing moves. A change that depends on another one succeeds in a later pass.
func (s *Service) promote(ctx context.Context, p directory.Principal, copies Copies, c *directory.Connection, until time.Time) (Promotion, error) {
	var out Promotion
	least := math.MaxInt
	for idle := 0; idle < attempts; idle++ {
		changes, err := s.changes(ctx, copies, c)
		if err != nil {
			return out, err
		}
		if len(changes) < least {
			idle, least = 0, len(changes)
		}
		out.Left = nil
		if len(changes) == 0 {
			_, err := s.leave(ctx, p, c, "connection.promoted")
			out.Done = err == nil
			return out, err
		}
		late := s.pass(ctx, p, c, changes, until, &out)
		if err := ctx.Err(); err != nil {
			return out, err
		}
		if late {
			out.Left = nil
			return out, nil
		}
	}
	if err := s.stay(ctx, copies, c, &out); err != nil {
		return out, err
	}
	if err := pause(ctx, copies, c.ID, operators.Local("observe", "observe mode", p.Request), false); err != nil {
		return out, err
	}
	_, err := s.edit(ctx, p, c, "connection.promote_stopped", func(now *directory.Connection) error {
		if err := observed(now); err != nil {
			return err
		}
		now.Observing.Promoting = nil
		return nil
	})
	return out, err
}

// stay lists what no rule refused and what is different all the same.
func (s *Service) stay(ctx context.Context, copies Copies, c *directory.Connection, out *Promotion) error {
	changes, err := s.changes(ctx, copies, c)
	for i := range changes {
		known := slices.ContainsFunc(out.Left, func(l Left) bool { return l.Change.ID == changes[i].ID })
		if !known {
			out.Left = append(out.Left, Left{changes[i], &directory.Error{Code: directory.Conflict, Rule: "C9", Message: "the write was accepted, and the tenant decides otherwise than the copy: look at the record"}})
		}
	}
	return err
}

// pass promotes each change once: people who come or change first, then groups, then what is taken away.
func (s *Service) pass(ctx context.Context, p directory.Principal, c *directory.Connection, changes []Change, until time.Time, out *Promotion) (late bool) {
	var mu sync.Mutex
	for _, step := range steps(changes) {
		var work sync.WaitGroup
		slots := make(chan struct{}, atOnce)
		for i := range step {
			if late = !s.cfg.Now().Before(until) || ctx.Err() != nil; late {
				break
			}
			slots <- struct{}{}
			work.Go(func() {
				defer func() { <-slots }()
				err := s.apply(ctx, p, c, &step[i])
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					out.Left = append(out.Left, Left{step[i], err})
					return
				}
				out.Promoted++
			})
		}
		work.Wait()
		if late {
			break
		}
	}
	return late
}

// steps puts the changes into the order in which they are promoted.
func steps(changes []Change) [4][]Change {
	var out [4][]Change
	for _, c := range changes {
		at := 0
		switch {
		case c.Kind == directory.UserKind && (c.Effect == Suspend || c.Effect == Remove):
			at = 2
		case c.Effect == Remove:
			at = 3
		case c.Kind != directory.UserKind:
			at = 1
		}
		out[at] = append(out[at], c)
	}
	return out
}

// apply does one change in the tenant, in the name of the identity provider.
func (s *Service) apply(ctx context.Context, p directory.Principal, c *directory.Connection, change *Change) error {
	if from := c.Observing.TakeOver; from != "" && change.From == from {
		operator, err := txn.ForOperator(p, c.Tenant)
		if err == nil {
			err = s.cfg.Bridge.ReleaseManagement(ctx, operator, c.Tenant, change.Kind, change.ID)
		}
		if err != nil {
			return err
		}
	}
	idp := directory.Principal{
		Actor: directory.Actor{Kind: directory.ByIdP, ID: string(c.ID), Name: string(c.Type)}, Tenant: c.Tenant, Connection: *c,
		Request: p.Request, Address: p.Address, Reviewed: true, Access: directory.Access{Role: c.Observing.Promoting.Role},
	}
	switch change.Kind {
	case directory.UserKind:
		return s.applyUser(ctx, idp, change)
	case directory.GroupKind:
		return s.applyGroup(ctx, idp, change)
	}
	return s.applyResource(ctx, idp, change)
}

func (s *Service) applyUser(ctx context.Context, idp directory.Principal, change *Change) error {
	if change.Effect == Remove {
		return s.cfg.Bridge.DeleteUser(ctx, idp, change.ID, directory.Precondition{})
	}
	u := change.copied.user
	said := map[directory.Statement]*bool{directory.SaidActive: new(true), directory.SaidInactive: new(false)}[u.Statement]
	text, _ := u.Document.Value("userType").(string)
	draft := func(*directory.User) (directory.UserDraft, error) {
		return directory.UserDraft{
			ID: u.ID, UserName: u.UserName, ExternalID: u.ExternalID, Emails: slices.Clone(u.Emails), UserType: text, Active: said, Document: u.Document,
		}, nil
	}
	if change.Effect == Create || change.Effect == Restore {
		made, err := s.cfg.Bridge.CreateUser(ctx, idp, draft)
		if err == nil && made.User.ID != u.ID {
			err = &directory.Error{Code: directory.Conflict, Rule: "C9", Message: "the user got another id than in the copy: " + made.User.ID.String()}
		}
		return err
	}
	_, err := s.cfg.Bridge.EditUser(ctx, idp, change.ID, directory.Precondition{}, draft)
	return err
}

func (s *Service) applyGroup(ctx context.Context, idp directory.Principal, change *Change) error {
	if change.Effect == Remove {
		return s.cfg.Bridge.DeleteGroup(ctx, idp, change.ID, directory.Precondition{})
	}
	g := change.copied.group
	draft := func(edits ...directory.MemberEdit) directory.GroupEdit {
		return func(*directory.Group) (directory.GroupDraft, error) {
			return directory.GroupDraft{ID: g.ID, DisplayName: g.DisplayName, ExternalID: g.ExternalID, Document: g.Document, Members: edits}, nil
		}
	}
	if change.Effect == Create {
		if _, err := s.cfg.Bridge.CreateGroup(ctx, idp, draft()); err != nil {
			return err
		}
	} else if _, err := s.cfg.Bridge.EditGroup(ctx, idp, g.ID, directory.Precondition{}, draft()); err != nil {
		return err
	}
	for _, step := range []struct {
		op  directory.MemberOp
		all []directory.MemberRef
	}{{directory.AddMembers, change.members.join}, {directory.RemoveMembers, change.members.leave}} {
		for some := range slices.Chunk(step.all, members) {
			if _, err := s.cfg.Bridge.EditGroup(ctx, idp, g.ID, directory.Precondition{}, draft(directory.MemberEdit{Op: step.op, Members: some})); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) applyResource(ctx context.Context, idp directory.Principal, change *Change) error {
	if change.Effect == Remove {
		return s.cfg.Bridge.DeleteResource(ctx, idp, change.Kind, change.ID, directory.Precondition{})
	}
	v := change.copied.resource
	draft := func(*directory.Resource) (directory.ResourceDraft, error) {
		return directory.ResourceDraft{ID: v.ID, ExternalID: v.ExternalID, Document: v.Document}, nil
	}
	if change.Effect == Create {
		_, err := s.cfg.Bridge.CreateResource(ctx, idp, change.Kind, draft)
		return err
	}
	_, err := s.cfg.Bridge.EditResource(ctx, idp, change.Kind, change.ID, directory.Precondition{}, draft)
	return err
}
