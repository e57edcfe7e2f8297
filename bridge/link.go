package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// LinkSecret is a one-time link in clear. It is shown once and kept nowhere.
type LinkSecret struct {
	Link directory.Link // without its hash
	Text string
	hash [32]byte
}

// LinkAnswer is what somebody fills in who opens a link.
type LinkAnswer struct {
	Password string // not for FactorReset
	// For FirstOwner alone.
	Email, FirstName, LastName string
}

// LinkView says what a link is for.
type LinkView struct {
	Kind    directory.LinkKind
	Email   string // "" for FirstOwner
	Name    string
	Expires time.Time
}

const (
	linkMark    = "dbl_"
	sessionMark = "dbs_"
	keyMark     = "dbk_"
)

// mintSecret makes a secret of 256 random bits; only its hash is kept.
func (s *Service) mintSecret(mark string) (text string, hash [32]byte, err error) {
	var raw [secretBytes]byte
	if _, err := io.ReadFull(s.random, raw[:]); err != nil {
		return "", hash, noRandom(err)
	}
	text = mark + base64.RawURLEncoding.EncodeToString(raw[:])
	return text, sha256.Sum256([]byte(text)), nil
}

func (s *Service) newLink(kind directory.LinkKind) (LinkSecret, error) {
	text, hash, err := s.mintSecret(linkMark)
	return LinkSecret{Link: directory.Link{Kind: kind}, Text: text, hash: hash}, err
}

// issue puts a link into the Change.
func (t *turn) issue(l *LinkSecret, operator directory.ID) {
	life := t.s.signIn.LinkLife
	if l.Link.Kind == directory.Invitation {
		life = t.s.signIn.InvitationLife
	}
	l.Link.ID, l.Link.Operator, l.Link.Created, l.Link.Expires = t.newID(), operator, t.now, t.now.Add(life)
	stored := l.Link
	stored.Hash = l.hash
	t.change.Links = append(t.change.Links, stored)
}

// FirstLink makes the link that registers the first Owner, in the place of an earlier one. "" if there is an operator
// already, or if the link was used.
func (s *Service) FirstLink(ctx context.Context) (LinkSecret, error) {
	link, err := s.newLink(directory.FirstOwner)
	if err != nil {
		return LinkSecret{}, err
	}
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "start"}}
	none := false
	err = s.write(ctx, p, func(t *turn) error {
		all, err := t.r.Operators()
		if none = len(all) > 0; err != nil || none {
			return err
		}
		old, err := t.r.Links(directory.ID{})
		if err != nil {
			return err
		}
		for i := range old {
			t.change.DropLinks = append(t.change.DropLinks, old[i].ID)
		}
		t.issue(&link, directory.ID{})
		t.audit(t.line("link.first_owner", directory.Subject{Kind: "link", ID: link.Link.ID.String()}))
		return nil
	})
	if err != nil || none {
		return LinkSecret{}, err
	}
	return link, nil
}

// IssueLink makes a new link for an operator: an invitation for one who is pending, a reset of the password or of the second
// factor for one who is active (O9). Earlier links of the operator end. NotFound, Conflict, Forbidden.
func (s *Service) IssueLink(ctx context.Context, p directory.Principal, id directory.ID, kind directory.LinkKind) (LinkSecret, error) {
	p, err := operator(p, directory.Provider)
	if err != nil {
		return LinkSecret{}, err
	}
	link, err := s.newLink(kind)
	if err != nil {
		return LinkSecret{}, err
	}
	err = s.write(ctx, p, func(t *turn) error {
		o, err := t.operator(id)
		if err != nil {
			return err
		}
		want := directory.OperatorActive
		if kind == directory.Invitation {
			want = directory.OperatorPending
		}
		if o.Status != want {
			return &directory.Error{Code: directory.Conflict, Field: "status", Rule: "O9", Message: "this link is for an operator who is " + string(want) + "; this one is " + string(o.Status)}
		}
		if err := t.refuse(policy.ManageOperator(p.Access, &o, &o), "link."+string(kind), operatorSubject(&o)); err != nil {
			return err
		}
		if err := t.dropLinks(id); err != nil {
			return err
		}
		t.issue(&link, id)
		t.audit(t.line("link."+string(kind), operatorSubject(&o)))
		return nil
	})
	return link, err
}

// deadLink is the one answer for a link that is unknown, used or expired.
func deadLink() error {
	return &directory.Error{Code: directory.NotFound, Field: "link", Rule: "O9", Message: "this link is unknown, was used, or has expired: ask for a new one"}
}

// Link says what a link is for, without using it. NotFound, the same for every cause.
func (s *Service) Link(ctx context.Context, text string) (LinkView, error) {
	var out LinkView
	err := s.store.View(ctx, directory.Provider, func(r store.Reader) error {
		link, o, err := s.openLink(r, text)
		out = LinkView{Kind: link.Kind, Email: o.Email, Expires: link.Expires}
		if !o.ID.IsZero() {
			out.Name = o.Name()
		}
		return err
	})
	return out, err
}

// openLink finds a live link and whom it is for.
func (s *Service) openLink(r store.Reader, text string) (directory.Link, directory.Operator, error) {
	link, ok, err := absent(r.LinkByHash(sha256.Sum256([]byte(strings.TrimSpace(text)))))
	if err != nil {
		return link, directory.Operator{}, err
	}
	if !ok || !s.instant().Before(link.Expires) {
		return link, directory.Operator{}, deadLink()
	}
	if link.Kind == directory.FirstOwner {
		all, err := r.Operators()
		if err == nil && len(all) > 0 {
			err = deadLink()
		}
		return link, directory.Operator{}, err
	}
	o, err := findOperator(r, link.Operator)
	if isNotFound(err) || err == nil && o.Status == directory.OperatorSuspended {
		err = deadLink()
	}
	return link, o, err
}

// UseLink does what a link is for, once: registers the first Owner or a pending operator, sets a new password, or takes a
// second factor away. Every session of the operator ends. Whoever used it signs in then, as everybody does. NotFound,
// Invalid, Throttled.
func (s *Service) UseLink(ctx context.Context, text string, a LinkAnswer, from Client) (OperatorView, error) {
	if err := s.throttle.attempt(s.instant(), "link", from.Address); err != nil {
		return OperatorView{}, err
	}
	view, err := s.Link(ctx, text) // before anything dear is done
	if err != nil {
		return OperatorView{}, err
	}
	stored := ""
	if view.Kind != directory.FactorReset {
		email := view.Email
		if view.Kind == directory.FirstOwner {
			email = strings.TrimSpace(a.Email)
		}
		if err := checkPassword(a.Password, email); err != nil {
			return OperatorView{}, err
		}
		if stored, err = s.passwords.hash(ctx, a.Password); err != nil {
			return OperatorView{}, err
		}
	}
	var out directory.Operator
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "link", Name: string(view.Kind)}, Request: from.Request}
	err = s.write(ctx, p, func(t *turn) error {
		link, o, err := s.openLink(t.r, text)
		if err != nil {
			return err
		}
		t.change.DropLinks = append(t.change.DropLinks, link.ID)
		if link.Kind == directory.FirstOwner {
			out, err = s.firstOwner(t, a, stored)
			return err
		}
		t.p.Actor = directory.Actor{Kind: directory.ByOperator, ID: o.ID.String(), Name: o.Name()}
		before := o
		if link.Kind == directory.FactorReset {
			o.Factor = nil
		} else {
			o.Password, o.PasswordSet = stored, t.now
		}
		if o.Status == directory.OperatorPending {
			o.Status = directory.OperatorActive
		}
		if err := t.endSessions(o.ID, directory.ID{}); err != nil {
			return err
		}
		out = o
		return t.changeOperator(&before, o, "operator."+string(link.Kind), "")
	})
	if err != nil {
		return OperatorView{}, err
	}
	s.throttle.right(s.instant(), "link", from.Address)
	return OperatorView{Operator: bare(out), Registered: out.Password != "", MFARequired: out.MFARequired, MFAEnrolled: out.Enrolled()}, nil
}

func (s *Service) firstOwner(t *turn, a LinkAnswer, stored string) (directory.Operator, error) {
	settings, err := t.r.ProviderSettings()
	if err != nil {
		return directory.Operator{}, err
	}
	o := directory.Operator{
		ID: t.newID(), Version: 1, Created: t.now, Modified: t.now, FirstName: strings.TrimSpace(a.FirstName), LastName: strings.TrimSpace(a.LastName),
		Email: strings.TrimSpace(a.Email), Role: directory.RoleOwner, Scope: directory.Scope{All: true}, Status: directory.OperatorActive,
		MFARequired: settings.RequireMFA, Password: stored, PasswordSet: t.now,
	}
	if err := s.checkOperator(t, nil, nil, &o); err != nil {
		return o, err
	}
	t.p.Actor = directory.Actor{Kind: directory.ByOperator, ID: o.ID.String(), Name: o.Name()}
	t.change.Operators = append(t.change.Operators, o)
	line := t.line("operator.first_owner", operatorSubject(&o))
	line.After = document(operatorFacts(&o))
	t.audit(line)
	t.event(directory.OperatorCreated, operatorSubject(&o), operatorFacts(&o))
	return o, nil
}
