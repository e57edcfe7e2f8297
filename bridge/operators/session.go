package operators

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/policy"
	"drawbridge/store"
)

// SignedIn is a new session. Secret goes into the cookie and is not stored.
type SignedIn struct {
	Secret    string
	Session   directory.Session // without its hash
	View      SessionView
	Operator  View
	EnrolOnly bool // a second factor is required and missing: nothing else is open (O6)
}

// maxSessions is how many an operator has at most; the oldest one ends for a new one.
const maxSessions = 20

// openSession makes a session for an operator whom check accepts.
func (s *Service) openSession(ctx context.Context, id directory.ID, from credential.Client, external *External, check func(tx, *directory.Operator) error) (SignedIn, error) {
	made, err := credential.New(s.random, credential.SessionMark)
	if err != nil {
		return SignedIn{}, err
	}
	var out SignedIn
	p := directory.Principal{Actor: directory.Actor{Kind: directory.ByOperator, ID: id.String()}, Request: from.Request}
	err = s.write(ctx, p, func(t tx) error {
		o, err := t.operator(id)
		if err != nil {
			return err
		}
		t.Principal.Actor.Name = o.Name()
		if err := check(t, &o); err != nil {
			return err
		}
		if o.Status != directory.OperatorActive {
			return wrongSignIn()
		}
		settings, err := t.Reader.ProviderSettings()
		if err != nil {
			return err
		}
		sessions, err := t.Reader.Sessions(id)
		if err != nil {
			return err
		}
		live := sessions[:0:0]
		for i := range sessions {
			if t.Now.Before(sessions[i].Expires) {
				live = append(live, sessions[i])
			} else {
				t.Change.EndSessions = append(t.Change.EndSessions, sessions[i].ID)
			}
		}
		for len(live) >= maxSessions {
			t.Change.EndSessions = append(t.Change.EndSessions, live[0].ID)
			live = live[1:]
		}
		session := directory.Session{
			ID: t.NewID(), Operator: id, Hash: made.Hash, Created: t.Now, Proved: external.proved(t.Now), Expires: t.Now.Add(s.limits.SessionLife),
			External: external != nil, Address: directory.Truncate(from.Address, 64), UserAgent: directory.Truncate(from.UserAgent, 256),
		}
		t.Change.Sessions = append(t.Change.Sessions, session)
		o.LastSignIn = t.Now
		remember(&o, from.Address, t.Now)
		o.Version, o.Modified = o.Version+1, txn.Later(t.Now, o.Modified)
		t.Change.Operators = append(t.Change.Operators, o)
		line := t.Line(directory.ActionOperatorSignIn, operatorSubject(&o))
		line.Reason = "from " + directory.Truncate(from.Address, 64)
		t.Audit(line)
		t.Event(directory.OperatorSignedIn, operatorSubject(&o), nil)
		shown := session
		shown.Hash = [32]byte{}
		view, err := s.view(t.Reader, &o, settings)
		view.Sessions++
		out = SignedIn{Secret: made.Text, Session: shown, View: s.sessionView(shown, t.Now), Operator: view, EnrolOnly: policy.NeedsFactor(&o, settings) && !o.Enrolled() && external == nil}
		return err
	})
	return out, err
}

func errNotSignedIn() error {
	return &directory.Error{Code: directory.Unauthorized, Message: "sign in first: the session or the API key is unknown, expired or revoked"}
}

// AuthenticateOperator says who shows the secret of a session or of an API key. Unauthorized, the same for every cause.
func (s *Service) AuthenticateOperator(ctx context.Context, secret string, from credential.Client) (directory.Principal, error) {
	hash := sha256.Sum256([]byte(secret))
	now := s.instant()
	var p directory.Principal
	var token string
	var opened directory.Session
	err := s.store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
		access := directory.Access{}
		opened = directory.Session{}
		var id directory.ID
		switch {
		case strings.HasPrefix(secret, string(credential.SessionMark)):
			session, ok, err := txn.Optional(r.SessionByHash(hash))
			if err != nil {
				return err
			}
			if !ok || subtle.ConstantTimeCompare(session.Hash[:], hash[:]) != 1 || !now.Before(session.Expires) {
				return errNotSignedIn()
			}
			opened = session
			id, token = session.Operator, session.ID.String()
			access.AuthMethod, access.RecentAuth = directory.BySession, limit.Within(session.Proved, now, s.limits.RecentAuth+1)
		case strings.HasPrefix(secret, string(credential.APIKeyMark)):
			key, ok, err := txn.Optional(r.APIKeyByHash(hash))
			if err != nil {
				return err
			}
			if !ok || subtle.ConstantTimeCompare(key.Hash[:], hash[:]) != 1 || !key.Live(now) {
				return errNotSignedIn()
			}
			id, token = key.Operator, key.ID.String()
			access.AuthMethod = directory.ByKey
		default:
			return errNotSignedIn()
		}
		o, ok, err := txn.Optional(r.Operator(id))
		if err != nil {
			return err
		}
		if !ok || o.Status != directory.OperatorActive || access.AuthMethod == directory.ByKey && !o.APIAccess {
			return errNotSignedIn()
		}
		settings, err := r.ProviderSettings()
		if err != nil {
			return err
		}
		access.Role, access.Scope = o.Role, directory.Scope{All: o.Scope.All, Tenants: slices.Clone(o.Scope.Tenants)}
		vouched := opened.External || access.AuthMethod == directory.ByKey && o.Subject != ""
		access.EnrolOnly = policy.NeedsFactor(&o, settings) && !o.Enrolled() && !vouched
		p = directory.Principal{
			Actor:  directory.Actor{Kind: directory.ByOperator, ID: o.ID.String(), Name: o.Name()},
			Access: access, Token: directory.TokenID(token), Request: from.Request,
		}
		return nil
	})
	if err != nil {
		return directory.Principal{}, err
	}
	if !opened.ID.IsZero() {
		uses, err := s.lastUses(ctx)
		if err != nil {
			return directory.Principal{}, err
		}
		if s.idleTooLong(&opened, uses, now) {
			return directory.Principal{}, errNotSignedIn()
		}
	}
	if from.Background && p.Access.AuthMethod == directory.BySession {
		return p, nil
	}
	s.uses.Note(directory.Use{Token: directory.TokenID(token), Last: now, Success: now, Address: directory.Truncate(from.Address, 64), UserAgent: directory.Truncate(from.UserAgent, 256)})
	return p, nil
}

// idleTooLong reports whether a session was not used for too long. A crash may lose the last half minute of uses, which at worst ends a
// session a little early. A session whose last use is in the future, from when the clock was ahead, ends as well, because its real time is
// unknown.
func (s *Service) idleTooLong(session *directory.Session, uses map[directory.TokenID]directory.Use, now time.Time) bool {
	last := s.lastUse(session, uses[directory.TokenID(session.ID.String())].Last)
	return !limit.Within(last, now, s.limits.SessionIdle+1)
}

// lastUses are the uses of sessions and keys, from the store and from memory.
func (s *Service) lastUses(ctx context.Context) (map[directory.TokenID]directory.Use, error) {
	stored, err := s.store.Uses(ctx, "")
	if err != nil {
		return nil, err
	}
	out := make(map[directory.TokenID]directory.Use, len(stored))
	for _, use := range s.uses.Merge("", stored) {
		out[use.Token] = use
	}
	return out, nil
}

// session finds a session of an operator by its id.
func (t tx) session(operator directory.ID, id string) (directory.Session, error) {
	all, err := t.Reader.Sessions(operator)
	if err != nil {
		return directory.Session{}, err
	}
	for i := range all {
		if all[i].ID.String() == id {
			return all[i], nil
		}
	}
	return directory.Session{}, &directory.Error{Code: directory.NotFound, Message: "there is no such session"}
}

// SessionView is a session with its last use, without its hash.
type SessionView struct {
	Session     directory.Session
	Last        time.Time
	IdleUntil   time.Time // when it ends if nothing uses it before
	ProvedUntil time.Time // until when the last proof allows dangerous actions
	Current     bool      // the session of this request
}

// sessionView shows a session that was last used at a time.
func (s *Service) sessionView(session directory.Session, last time.Time) SessionView {
	session.Hash = [32]byte{}
	v := SessionView{Session: session, Last: last, IdleUntil: s.lastUse(&session, last).Add(s.limits.SessionIdle)}
	if !session.Proved.IsZero() {
		v.ProvedUntil = session.Proved.Add(s.limits.RecentAuth)
	}
	if v.IdleUntil.After(session.Expires) {
		v.IdleUntil = session.Expires
	}
	return v
}

// lastUse is when a session was last used: by a request, by a proof, or when it was opened.
func (s *Service) lastUse(session *directory.Session, request time.Time) time.Time {
	last := session.Created
	for _, at := range []time.Time{session.Proved, request} {
		if at.After(last) {
			last = at
		}
	}
	return last
}

// Sessions lists the live sessions of an operator. NotFound, Forbidden for an operator whom the caller may not manage (O10).
func (s *Service) Sessions(ctx context.Context, p directory.Principal, operatorID directory.ID) ([]SessionView, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return nil, err
	}
	uses, err := s.lastUses(ctx)
	if err != nil {
		return nil, err
	}
	var out []SessionView
	now := s.instant()
	err = s.read(ctx, p, func(r store.Reader) error {
		if _, err := ownOrCovered(r, p, operatorID); err != nil {
			return err
		}
		all, err := r.Sessions(operatorID)
		for i := range all {
			if !now.Before(all[i].Expires) || s.idleTooLong(&all[i], uses, now) {
				continue
			}
			v := s.sessionView(all[i], uses[directory.TokenID(all[i].ID.String())].Last)
			v.Current = string(p.Token) == all[i].ID.String()
			out = append(out, v)
		}
		return err
	})
	return out, err
}

// EndSessions ends one session of an operator, or all for the zero id. NotFound, Forbidden for an operator whom the caller may not
// manage (O10).
func (s *Service) EndSessions(ctx context.Context, p directory.Principal, operatorID, session directory.ID) error {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t tx) error {
		o, err := t.ownOrManaged(operatorID, directory.ActionOperatorEndSessions)
		if err != nil {
			return err
		}
		if session.IsZero() {
			err = t.endSessions(operatorID, directory.ID{})
		} else {
			_, err = t.session(operatorID, session.String())
			t.Change.EndSessions = append(t.Change.EndSessions, session)
		}
		if err != nil || len(t.Change.EndSessions) == 0 {
			return err
		}
		t.Audit(t.Line(directory.ActionOperatorEndSessions, operatorSubject(&o)))
		return nil
	})
}
