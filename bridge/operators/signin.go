package operators

import (
	"context"
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

// SignInMethods says which ways of signing in there are, in addition to a password.
type SignInMethods struct {
	Forgot     bool   // a forgotten password can be reset by mail
	FirstOwner bool   // there is no operator yet
	Name       string // of the provider; "": not set
	Support    string // its e-mail address for help; "": not set
	Logo       string // directory.LogoMark of its logo; "": none
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
		out.FirstOwner, out.Name, out.Support, out.Logo = len(all) == 0, settings.Name, settings.Support, settings.Logo
		return err
	})
	return out, err
}

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
