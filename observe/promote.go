package observe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/store"
)

const (
	atOnce   = 8    // records that are promoted at the same time
	members  = 1000 // members of a group that one transaction adds or removes
	attempts = 3    // consecutive passes that may change nothing
)

// Promotion is how far a promotion is.
type Promotion struct {
	Done     bool // the connection has left observe mode
	Promoted int  // records, by this call
	Left     []Left
	More     int // changes that are left and not in Left
}

// mostLeft is how many changes a Promotion names.
const mostLeft = 100

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

// Promote applies the difference to the tenant, with the verbs and the rules of the identity provider, and then takes the connection out of
// observe mode. The brake lets reviewed removals pass. digest is that of the reviewed difference; Conflict C9 if it has changed. Meanwhile
// the identity provider is asked to wait. Each record is a transaction, so the next call, with any digest, or the job observe continues an
// interrupted one.
//
// Promote works for about the time "budget" and then returns; it is not Done if there is more to do. If rules refuse some of the changes,
// the connection stays in observe mode, and Left says what is left.
func (s *Service) Promote(ctx context.Context, p directory.Principal, id directory.ConnectionID, digest string, budget time.Duration) (Promotion, error) {
	release, err := s.take(ctx, id)
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
	g, err := gateOf(ctx, copies, &c)
	if err != nil {
		return Promotion{}, err
	}
	if c, err = s.claim(ctx, p, &c); err != nil {
		return Promotion{}, err
	}
	if c.Observing.Promoting == nil {
		c, err = s.beginPromotion(ctx, p, &g, &c, digest)
	} else {
		err = g.closeAgain(ctx, p.Request)
	}
	if err != nil {
		return Promotion{}, err
	}
	return s.promote(ctx, p, &g, &c, s.cfg.Now().Add(budget))
}

// beginPromotion stops writes of the identity provider to the copy and marks the connection.
func (s *Service) beginPromotion(ctx context.Context, p directory.Principal, g *gate, c *directory.Connection, digest string) (directory.Connection, error) {
	incomplete := &directory.Error{Code: directory.Conflict, Rule: "C9", Message: fmt.Sprintf("the copy on which this connection works is not complete: start the observation again (drawbridge observe start %s)", c.ID)}
	switch {
	case c.Paused:
		return *c, &directory.Error{Code: directory.Conflict, Rule: "L4", Message: "the connection is paused: resume it first"}
	case g.version == 0:
		return *c, incomplete
	}
	wasOpen := g.open // otherwise a copy stopped half-way, or an earlier call stopped at this place and this is its repeat
	if err := g.set(ctx, p.Request, gateClosed); err != nil {
		return *c, err
	}
	d, err := s.difference(ctx, p, g.to, c)
	if err == nil && d.Digest != digest {
		if err = otherDifference(c.ID); !wasOpen {
			err = incomplete
		}
	}
	var after directory.Connection
	if err == nil {
		after, err = s.change(ctx, p, c, directory.ActionConnectionPromote, func(now *directory.Connection) {
			now.Observing.Promoting = &directory.Promoter{Actor: p.Actor, Role: p.Access.Role}
		})
	}
	if err != nil && wasOpen {
		if undo := g.set(context.WithoutCancel(ctx), p.Request, gateOpen); undo != nil {
			return *c, undo
		}
	}
	return after, err
}

// promote makes passes over the difference until there is none or a pass changes nothing. A change that depends on another one succeeds in
// a later pass.
func (s *Service) promote(ctx context.Context, p directory.Principal, g *gate, c *directory.Connection, until time.Time) (Promotion, error) {
	w := &promotion{s: s, p: p, copies: g.to, c: c, until: until}
	least := math.MaxInt
	for idle := 0; idle < attempts; idle++ {
		found, err := w.pass(ctx)
		if err == nil {
			err = w.lost()
		}
		if err != nil {
			return w.out, err
		}
		if found < least {
			idle, least = 0, found
		}
		if w.late {
			w.out.Left, w.out.More = nil, 0
			return w.out, nil
		}
		if found == 0 {
			_, err := s.leave(ctx, p, c, directory.ActionConnectionPromoted)
			w.out.Done = err == nil
			return w.out, err
		}
		if idle == attempts-1 {
			broken, err := w.breakCircles(ctx)
			if err != nil {
				return w.out, err
			}
			if broken {
				idle = 0
			}
		}
	}
	if err := w.unexplained(ctx); err != nil {
		return w.out, err
	}
	if _, err := s.change(ctx, p, c, directory.ActionConnectionPromoteStopped, func(now *directory.Connection) { now.Observing.Promoting = nil }); err != nil {
		return w.out, err
	}
	return w.out, g.set(ctx, p.Request, gateOpen)
}

// promotion is one call that promotes. It reads the difference a piece at a time, so that it needs little memory.
type promotion struct {
	s      *Service
	p      directory.Principal
	copies Copies
	c      *directory.Connection
	until  time.Time
	late   bool // the time is over

	mu   sync.Mutex
	out  Promotion
	left map[record]bool // what the last pass could not promote

	overtaken error // another process promotes, so this one ends

	renames map[string]*Change // changes that failed because a userName is taken, by the key of the user's present name
}

// pass promotes each change once: first new and changed people, then groups, then removals. found is the number of changes.
func (w *promotion) pass(ctx context.Context) (found int, err error) {
	w.out.Left, w.out.More, w.left, w.renames = nil, 0, map[record]bool{}, map[string]*Change{}
	written, err := w.s.written(ctx, w.copies, w.c)
	if err != nil {
		return 0, err
	}
	people := 0
	for people < len(written) && written[people].kind == directory.UserKind {
		people++
	}
	var removals [2][]record
	for i, some := range [][]record{written[:people], written[people:]} {
		err := w.step(ctx, some, func(change *Change) bool {
			found++
			if change.takesAway() {
				removals[i] = append(removals[i], record{change.Kind, change.ID})
				return false
			}
			return true
		})
		if err != nil {
			return found, err
		}
	}
	for _, some := range removals {
		if err := w.step(ctx, some, (*Change).takesAway); err != nil {
			return found, err
		}
	}
	return found, nil
}

// takesAway reports whether a change is a removal, which is promoted last.
func (c *Change) takesAway() bool {
	return c.Effect == Remove || c.Kind == directory.UserKind && c.Effect == Suspend
}

// step promotes the changes of some records that pass the filter, several at the same time, until the time runs out.
func (w *promotion) step(ctx context.Context, some []record, wanted func(*Change) bool) error {
	var work sync.WaitGroup
	defer work.Wait()
	slots := make(chan struct{}, atOnce)
	return w.s.each(ctx, w.copies, w.c, some, func(change *Change) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !wanted(change) {
			return nil
		}
		if w.late = w.late || !w.s.cfg.Now().Before(w.until); w.late {
			return store.ErrStop
		}
		if err := w.lost(); err != nil {
			return err
		}
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			w.note(change, w.s.apply(ctx, w.p, w.copies, w.c, change))
		})
		return nil
	})
}

// note counts what became of a change.
func (w *promotion) note(change *Change, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.out.Promoted++
		return
	}
	w.left[record{change.Kind, change.ID}] = true
	e, ok := errors.AsType[*directory.Error](err)
	if ok && e.Code == directory.Unavailable && e.Rule == "C9" {
		w.overtaken = overtaken(w.c.ID)
	}
	if ok && e.Code == directory.Conflict && e.Field == "userName" && change.Was != "" && directory.UserNameKey(change.Was) != directory.UserNameKey(change.Name) {
		w.renames[directory.UserNameKey(change.Was)] = change
	}
	w.leave(change, err)
}

// lost is the error of a promotion that another process has taken over.
func (w *promotion) lost() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.overtaken
}

func (w *promotion) leave(change *Change, err error) {
	if len(w.out.Left) == mostLeft {
		w.out.More++
		return
	}
	kept := *change
	kept.present, kept.copied = state{}, state{}
	w.out.Left = append(w.out.Left, Left{kept, err})
}

// unexplained lists differences that remain although no rule refused them.
func (w *promotion) unexplained(ctx context.Context) error {
	written, err := w.s.written(ctx, w.copies, w.c)
	if err != nil {
		return err
	}
	return w.s.each(ctx, w.copies, w.c, written, func(change *Change) error {
		if !w.left[record{change.Kind, change.ID}] {
			w.leave(change, &directory.Error{Code: directory.Conflict, Rule: "C9", Message: "the write was accepted, and the tenant decides otherwise than the copy: look at the record"})
		}
		return nil
	})
}

// apply makes one change in the tenant, as the identity provider.
func (s *Service) apply(ctx context.Context, p directory.Principal, copies Copies, c *directory.Connection, change *Change) error {
	idp := s.identityProvider(p, c)
	switch change.Kind {
	case directory.UserKind:
		return s.applyUser(ctx, idp, change)
	case directory.GroupKind:
		return s.applyGroup(ctx, idp, copies, change)
	}
	return s.applyResource(ctx, idp, change)
}

// identityProvider is the principal that promotes what the connection observed.
func (s *Service) identityProvider(p directory.Principal, c *directory.Connection) directory.Principal {
	return directory.Principal{
		Actor: directory.Actor{Kind: directory.ByIdP, ID: string(c.ID), Name: string(c.Type)}, Tenant: c.Tenant, Connection: *c,
		Request: p.Request, Address: p.Address, Reviewed: true, Access: directory.Access{Role: c.Observing.Promoting.Role},
		Takes: c.Observing.TakeOver,
	}
}

func (s *Service) applyUser(ctx context.Context, idp directory.Principal, change *Change) error {
	if change.Effect == Remove {
		return s.cfg.Bridge.DeleteUser(ctx, idp, change.ID, directory.Precondition{})
	}
	draft := draftOf(change)
	if change.Effect == Create || change.Effect == Restore {
		made, err := s.cfg.Bridge.CreateUser(ctx, idp, draft)
		if err == nil && made.User.ID != change.ID {
			err = &directory.Error{Code: directory.Conflict, Rule: "C9", Message: "the user got another id than in the copy: " + made.User.ID.String()}
		}
		return err
	}
	_, err := s.cfg.Bridge.EditUser(ctx, idp, change.ID, directory.Precondition{}, draft)
	return err
}

// draftOf writes a user as the copy has it.
func draftOf(change *Change) func(*directory.User) (directory.UserDraft, error) {
	u := change.copied.user.AsSent() // the mapping of the connection is applied again (C13)
	said := map[directory.Statement]*bool{directory.SaidActive: new(true), directory.SaidInactive: new(false)}[u.Statement]
	text, _ := u.Document.Value("userType").(string)
	return func(*directory.User) (directory.UserDraft, error) {
		return directory.UserDraft{
			ID: u.ID, UserName: u.UserName, ExternalID: u.ExternalID, Emails: slices.Clone(u.Emails), UserType: text, Active: said, Document: u.Document,
		}, nil
	}
}

func (s *Service) applyGroup(ctx context.Context, idp directory.Principal, copies Copies, change *Change) error {
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
	return s.applyMembers(ctx, idp, copies, g, draft)
}

// applyMembers adds and removes members of a group, a piece in each transaction.
func (s *Service) applyMembers(ctx context.Context, idp directory.Principal, copies Copies, g *directory.Group, draft func(...directory.MemberEdit) directory.GroupEdit) error {
	var edits [directory.RemoveMembers + 1]directory.MemberEdit
	write := func(op directory.MemberOp, enough int) error {
		some := edits[op].Members
		if len(some) < enough {
			return nil
		}
		edits[op].Members = nil
		_, err := s.cfg.Bridge.EditGroup(ctx, idp, g.ID, directory.Precondition{}, draft(directory.MemberEdit{Op: op, Members: some}))
		return err
	}
	err := s.eachMember(ctx, copies, &idp.Connection, g.ID, func(op directory.MemberOp, m *directory.Member) error {
		edits[op].Members = append(edits[op].Members, ref(m))
		return write(op, members)
	})
	for _, op := range []directory.MemberOp{directory.AddMembers, directory.RemoveMembers} {
		if err == nil {
			err = write(op, 1)
		}
	}
	return err
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
	_, err := s.cfg.Bridge.EditResource(ctx, idp, bridge.ResourceKey{Kind: change.Kind, ID: change.ID}, directory.Precondition{}, draft)
	return err
}
