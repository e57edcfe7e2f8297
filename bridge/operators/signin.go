package operators

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/policy"
	"drawbridge/store"
)

// Limits say how long sessions, links and other credentials live.
type Limits struct {
	SessionIdle    time.Duration // without a request
	SessionLife    time.Duration // in all
	RecentAuth     time.Duration // how long a proof counts for dangerous actions
	InvitationLife time.Duration
	LinkLife       time.Duration // of other links
	// FailureLines is how many lines about failed sign-ins the audit trail gets at once, for all clients together; then one a second.
	// Otherwise a flood from many addresses would fill the disk. The next line says how many are missing.
	FailureLines int
}

// withDefaults fills in what is zero.
func (l Limits) withDefaults() Limits {
	set := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	set(&l.SessionIdle, time.Hour)
	set(&l.SessionLife, 12*time.Hour)
	set(&l.RecentAuth, 10*time.Minute)
	set(&l.InvitationLife, 7*24*time.Hour)
	set(&l.LinkLife, 24*time.Hour)
	if l.FailureLines <= 0 {
		l.FailureLines = 100
	}
	return l
}

// SignedIn is a new session. Secret goes into the cookie and is not stored.
type SignedIn struct {
	Secret    string
	Session   directory.Session // without its hash
	View      SessionView
	Operator  View
	EnrolOnly bool // a second factor is required and missing: nothing else is open (O6)
}

// SignInMethods says which ways of signing in there are, in addition to a password.
type SignInMethods struct {
	Forgot     bool   // a forgotten password can be reset by mail
	FirstOwner bool   // there is no operator yet
	Name       string // of the provider; "": not set
	Support    string // its e-mail address for help; "": not set
}

// SignInMethods says how operators can sign in.
func (s *Service) SignInMethods(ctx context.Context) (SignInMethods, error) {
	out := SignInMethods{Forgot: s.mail}
	err := s.store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
		all, err := r.Operators()
		if err != nil {
			return err
		}
		settings, err := r.ProviderSettings()
		out.FirstOwner, out.Name, out.Support = len(all) == 0, settings.Name, settings.Support
		return err
	})
	return out, err
}

// maxSessions is how many an operator has at most; the oldest one ends for a new one.
const maxSessions = 20

func wrongSignIn() error {
	return &directory.Error{Code: directory.Unauthorized, Rule: "O9", Message: "e-mail address, password or code is wrong, or the account cannot sign in"}
}

// SignIn opens a session for a person who shows address, password and, where there is a second factor, a code of it or a
// recovery code. The error is Unauthorized, the same in words and work whether or not the account exists; with Field code
// once the password was right and a code is missing or wrong; or Throttled.
func (s *Service) SignIn(ctx context.Context, email, password, code string, from credential.Client) (SignedIn, error) {
	account := directory.Fold(strings.TrimSpace(email))
	if len(account) > 254 || len(password) > 4*mostPassword {
		return SignedIn{}, wrongSignIn()
	}
	var o directory.Operator
	var exists bool
	err := s.store.View(ctx, directory.Provider, nil, func(r store.Reader) (err error) {
		o, exists, err = txn.Optional(r.OperatorByEmail(account))
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	attempt := s.attempt(&o, account, from)
	if err := s.throttle.Admit(ctx, s.instant(), attempt); err != nil {
		return SignedIn{}, err
	}
	ok, err := s.passwords.same(ctx, hasher{known: attempt.Known, network: limit.Network(from.Address).String()}, o.Password, password)
	if err != nil {
		return SignedIn{}, err
	}
	if !ok || !exists || o.Status != directory.OperatorActive {
		return SignedIn{}, s.failedSignIn(ctx, &o, from)
	}
	seen := o.Password
	out, err := s.openSession(ctx, o.ID, from, nil, func(t tx, now *directory.Operator) error {
		if now.Password != seen { // changed meanwhile
			return wrongSignIn()
		}
		if !now.Enrolled() {
			return nil
		}
		if strings.TrimSpace(code) == "" {
			return &directory.Error{Code: directory.Unauthorized, Field: "code", Rule: "O6", Message: "a code of the second factor is needed"}
		}
		return t.useCode(now, code)
	})
	var denied *directory.Error
	switch {
	case err == nil:
		s.throttle.Succeeded(ctx, s.instant(), attempt)
	case errors.As(err, &denied) && denied.Field == "code" && code != "": // a wrong code is recorded too
		if failed := s.failedSignIn(ctx, &o, from); directory.CodeOf(failed) != directory.Unauthorized {
			return SignedIn{}, failed
		}
	}
	return out, err
}

// failedSignIn records a failure in the same way for an account that exists and one that does not. The address that was typed is not
// written down, because people type passwords there.
func (s *Service) failedSignIn(ctx context.Context, o *directory.Operator, from credential.Client) error {
	if s.failures.Take(struct{}{}, s.instant()) > 0 {
		s.unwritten.Add(1)
		return wrongSignIn()
	}
	missing := s.unwritten.Swap(0)
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "sign-in"}, Request: from.Request}
	err := s.write(ctx, p, func(t tx) error {
		subject := directory.Subject{Kind: "operator"}
		if !o.ID.IsZero() {
			subject = operatorSubject(o)
		}
		line := t.Line(directory.ActionOperatorSignIn, subject)
		line.Outcome, line.Rule, line.Reason = directory.WasDenied, "O9", "wrong, from "+directory.Truncate(from.Address, 64)
		if missing > 0 {
			line.Reason += "; " + strconv.FormatInt(missing, 10) + " failures before it have no line"
		}
		t.Audit(line)
		return nil
	})
	if err != nil {
		s.unwritten.Add(missing)
		return err
	}
	return wrongSignIn()
}

// SignInExternal opens a session for a person whom an OpenID provider has authenticated. subject is their id there; email is used the first
// time, to find a pending or active operator. role, if it is not "", follows from their groups there. Unauthorized.
func (s *Service) SignInExternal(ctx context.Context, by External, from credential.Client) (SignedIn, error) {
	subject, email, role := by.Subject, by.Email, by.Role
	var id directory.ID
	err := s.store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
		all, err := r.Operators()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(o directory.Operator) bool { return o.Subject == subject })
		if at < 0 {
			at = slices.IndexFunc(all, func(o directory.Operator) bool {
				return o.Subject == "" && directory.Fold(o.Email) == directory.Fold(email)
			})
		}
		if at >= 0 {
			id = all[at].ID
		}
		return nil
	})
	if err != nil {
		return SignedIn{}, err
	}
	if id.IsZero() {
		return SignedIn{}, s.failedSignIn(ctx, &directory.Operator{}, from)
	}
	return s.openSession(ctx, id, from, &by, func(t tx, o *directory.Operator) error {
		if o.Subject != "" && o.Subject != subject {
			return wrongSignIn()
		}
		before := *o
		o.Subject = subject
		if o.Status == directory.OperatorPending {
			o.Status = directory.OperatorActive
			if err := t.dropLinks(o.ID); err != nil { // the invitation has done its work
				return err
			}
		}
		if role != "" && role != o.Role {
			all, err := t.Reader.Operators()
			if err != nil {
				return err
			}
			o.Role = role
			then := slices.Clone(all)
			for i := range then {
				if then[i].ID == o.ID {
					then[i] = *o
				}
			}
			if policy.KeepOperators(all, then) != nil { // the last Owner keeps the role, whatever the groups say
				o.Role = before.Role
			}
		}
		was, is, changed := txn.Diff(operatorFacts(&before), operatorFacts(o))
		if len(changed) > 0 {
			line := t.Line(directory.ActionOperatorOIDC, operatorSubject(o))
			line.Before, line.After = txn.Document(was), txn.Document(is)
			t.Audit(line)
		}
		return nil
	})
}

// External is a person whom an OpenID provider has authenticated.
type External struct {
	Subject string
	Email   string
	Role    directory.Role // "": the operator's role does not change
	Asked   time.Time      // when the provider asked who it is; zero: it does not say
}

// proved is when the person of a new session proved who they are. A provider does not ask a person who is signed in there already, so the
// sign-in counts from the time at which it asked.
func (e *External) proved(now time.Time) time.Time {
	if e == nil || e.Asked.After(now) {
		return now
	}
	return e.Asked
}

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

// Reauthenticate makes the session of p fresh, so that it may do dangerous actions: it requires the password, and a code if there is a
// second factor. Unauthorized, Throttled, Conflict for a caller without a session.
func (s *Service) Reauthenticate(ctx context.Context, p directory.Principal, password, code string, from credential.Client) error {
	p, id, err := ownAccount(p)
	if err != nil {
		return err
	}
	if p.Access.AuthMethod != directory.BySession {
		return &directory.Error{Code: directory.Conflict, Message: "only a session can be proved again; an API key is what it is"}
	}
	o, attempt, err := s.ownPassword(ctx, p, id, password, from)
	if err != nil {
		return err
	}
	seen := o.Password
	err = s.write(ctx, p, func(t tx) error {
		o, err := t.operator(id)
		if err != nil {
			return err
		}
		if o.Password != seen {
			return wrongSignIn()
		}
		if o.Enrolled() {
			if err := t.useCode(&o, code); err != nil {
				return err
			}
		}
		session, err := t.session(id, string(p.Token))
		if err != nil {
			return err
		}
		session.Proved = t.Now
		t.Change.Sessions = append(t.Change.Sessions, session)
		return t.putOperator(o, directory.ActionOperatorStepUp)
	})
	var wrong *directory.Error
	if errors.As(err, &wrong) && wrong.Field == "code" && code != "" {
		if failed := s.failedCode(ctx, p, directory.ActionOperatorStepUp); failed != nil {
			return failed
		}
	}
	if err == nil {
		s.throttle.Succeeded(ctx, s.instant(), attempt)
	}
	return err
}

// ownPassword asks an operator who has signed in for the password again. The attempt counts as a sign-in; the caller says whether it
// succeeded.
func (s *Service) ownPassword(ctx context.Context, p directory.Principal, id directory.ID, password string, from credential.Client) (o directory.Operator, attempt credential.Attempt, err error) {
	if err := s.read(ctx, p, func(r store.Reader) (err error) { o, err = findOperator(r, id); return err }); err != nil {
		return o, attempt, err
	}
	attempt = s.attempt(&o, directory.Fold(o.Email), from)
	if err := s.throttle.Admit(ctx, s.instant(), attempt); err != nil {
		return o, attempt, err
	}
	ok, err := s.passwords.same(ctx, hasher{known: true}, o.Password, password)
	if err == nil && !ok {
		err = s.failedSignIn(ctx, &o, from)
	}
	return o, attempt, err
}

// ChangePassword sets the caller's own password, which requires the present one; all other sessions end. Unauthorized, Invalid,
// Throttled.
func (s *Service) ChangePassword(ctx context.Context, p directory.Principal, present, wanted string, from credential.Client) error {
	p, id, err := ownAccount(p)
	if err != nil {
		return err
	}
	o, attempt, err := s.ownPassword(ctx, p, id, present, from)
	if err != nil {
		return err
	}
	s.throttle.Succeeded(ctx, s.instant(), attempt)
	if err := checkPassword(wanted, o.Email); err != nil {
		return err
	}
	stored, err := s.passwords.hash(ctx, wanted)
	if err != nil {
		return err
	}
	seen := o.Password
	return s.write(ctx, p, func(t tx) error {
		o, err := t.operator(id)
		if err != nil {
			return err
		}
		if o.Password != seen {
			return wrongSignIn()
		}
		keep, _ := directory.ParseID(string(p.Token))
		if err := t.endSessions(id, keep); err != nil {
			return err
		}
		o.Password, o.PasswordSet = stored, t.Now
		return t.putOperator(o, directory.ActionOperatorPassword)
	})
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
