package operators

import (
	"context"
	"crypto/sha256"
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

// OneTimeLink is a one-time link in plain text. It is shown once and not stored. The text of a mailed link does not exist before the mail
// is sent.
type OneTimeLink struct {
	Link   directory.Link // without its hash
	Text   string         // "" where it is mailed
	Mailed string         // the address to which it goes; "" where Text shows it
	hash   [32]byte
}

// LinkAnswer is what a person who opens a link fills in.
type LinkAnswer struct {
	Password string // not for FactorReset
	// For FirstOwner alone.
	Email, FirstName, LastName string
	// SignedIn is the operator in whose session the link is used; zero: in none.
	SignedIn directory.ID
}

// LinkView says what a link is for.
type LinkView struct {
	Kind    directory.LinkKind
	Email   string // "" for FirstOwner
	Name    string
	Expires time.Time
}

func (s *Service) newLink(kind directory.LinkKind) (OneTimeLink, error) {
	made, err := credential.New(s.random, credential.LinkMark)
	return OneTimeLink{Link: directory.Link{Kind: kind}, Text: made.Text, hash: made.Hash}, err
}

// linkLife is how long a link of a kind lives.
func (s *Service) linkLife(kind directory.LinkKind) time.Duration {
	if kind == directory.Invitation {
		return s.limits.InvitationLife
	}
	return s.limits.LinkLife
}

// issueLink puts a link into the Change.
func (t tx) issueLink(l *OneTimeLink, operator directory.ID, life time.Duration) {
	l.Link.ID, l.Link.Operator, l.Link.Created, l.Link.Expires = t.NewID(), operator, t.Now, t.Now.Add(life)
	if t.Principal.Actor.Kind == directory.ByOperator {
		l.Link.By = t.Principal.Actor.ID
	}
	stored := l.Link
	stored.Hash = l.hash
	t.Change.Links = append(t.Change.Links, stored)
}

// LinkRecipient says who gets a one-time link.
type LinkRecipient uint8

// The values of LinkRecipient.
const (
	LinkByMail   LinkRecipient = iota // the operator whose link it is, or the caller if no mail is sent
	LinkToCaller                      // the caller, who must be an Owner if mail is sent
)

// deliverLink sends an issued link to its operator by mail, if mail is sent. Its secret is dropped, and a new one is made when the mail is
// sent. So the outbox, its backups and the audit trail contain nothing that opens an account. With LinkToCaller, or without mail, the link
// is for the caller.
func (s *Service) deliverLink(t tx, l *OneTimeLink, o *directory.Operator, to LinkRecipient) error {
	if s.mail && to == LinkByMail {
		t.mailLink(l, o, "")
		return nil
	}
	if s.mail {
		if err := t.Refuse(t.showLink(l.Link.Kind), l.Link.Kind.Action(), operatorSubject(o)); err != nil {
			return err
		}
	}
	if by := t.Principal.Actor; by.Kind == directory.ByOperator && by.ID != o.ID.String() {
		t.markLink(l, func(stored *directory.Link) { stored.Shown = t.callerName() })
	}
	return nil
}

// markLink changes a link that was issued in this transaction.
func (t tx) markLink(l *OneTimeLink, change func(*directory.Link)) {
	for i := range t.Change.Links {
		if t.Change.Links[i].ID == l.Link.ID {
			change(&t.Change.Links[i])
		}
	}
}

func (t tx) mailLink(l *OneTimeLink, o *directory.Operator, from string) {
	kinds := map[directory.LinkKind]directory.MailKind{
		directory.Invitation: directory.InvitationMail, directory.PasswordReset: directory.PasswordResetMail, directory.FactorReset: directory.FactorResetMail,
		directory.EmailChange: directory.EmailChangeMail,
	}
	l.Text, l.Mailed = "", o.Email
	if l.Link.Kind == directory.EmailChange {
		l.Mailed = o.NewEmail
	}
	t.markLink(l, func(stored *directory.Link) { stored.Mailed = l.Mailed == o.Email })
	t.Change.Mails = append(t.Change.Mails, directory.Mail{
		ID: l.Link.ID, To: l.Mailed, Operator: o.ID, Kind: kinds[l.Link.Kind], Created: t.Now, Due: t.Now,
		Data: directory.Attributes{
			{Name: "name", Value: o.Name()},
			{Name: "by", Value: t.callerName()},
			{Name: "at", Value: t.Now.Format(time.RFC3339)},
			{Name: "from", Value: from},
			{Name: "address", Value: l.Mailed},
		}.Document(),
	})
}

// SealLink makes the secret of a link whose mail is sent now, and puts it into the mail. Every attempt makes a new secret, and the secret
// of the previous attempt stops working.
func (s *Service) SealLink(ctx context.Context, m directory.Mail) (directory.OutgoingMail, error) {
	out := directory.OutgoingMail{Mail: m}
	fresh, err := s.newLink("")
	if err != nil {
		return out, err
	}
	var link directory.Link
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "mail"}}
	err = s.write(ctx, p, func(t tx) error {
		out.Gone, out.Failure = false, nil
		links, err := t.Reader.Links(m.Operator)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(links, func(l directory.Link) bool { return l.ID == m.ID })
		if out.Gone = at < 0; out.Gone {
			return nil
		}
		link = links[at]
		if !live(&link, t.Now) {
			out.Failure = &directory.Error{Code: directory.Invalid, Message: "the link had expired before the mail server took the mail: make a new one"}
			return nil
		}
		sealed := link
		sealed.Hash = fresh.hash
		t.Change.DropLinks, t.Change.Links = []directory.ID{link.ID}, []directory.Link{sealed}
		line := t.Line(directory.ActionLinkMail, directory.Subject{Kind: "link", ID: link.ID.String(), Name: string(link.Kind)})
		line.Rule, line.After = "O9", txn.Document(directory.Attributes{{Name: "operator", Value: link.Operator.String()}})
		t.Audit(line)
		return nil
	})
	if err != nil || out.Gone || out.Failure != nil {
		return out, err
	}
	a, err := m.Data.Attributes()
	if err != nil {
		return out, &directory.Error{Code: directory.Internal, Message: "the mail cannot be read", Err: err}
	}
	a.Set("link", fresh.Text)
	a.Set("url", s.linkURL(fresh.Text))
	a.Set("expires", link.Expires.UTC().Format("2006-01-02 15:04 MST"))
	out.Mail.Data, out.Secret = a.Document(), fresh.Text
	return out, nil
}

// FirstLink makes the link that registers the first Owner, and ends an earlier one. "" if there is an operator already, or if the link was
// used.
func (s *Service) FirstLink(ctx context.Context) (OneTimeLink, error) {
	link, err := s.newLink(directory.FirstOwner)
	if err != nil {
		return OneTimeLink{}, err
	}
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "start"}}
	none := false
	err = s.write(ctx, p, func(t tx) error {
		all, err := t.Reader.Operators()
		if none = len(all) > 0; err != nil || none {
			return err
		}
		old, err := t.Reader.Links(directory.ID{})
		if err != nil {
			return err
		}
		for i := range old {
			t.Change.DropLinks = append(t.Change.DropLinks, old[i].ID)
		}
		t.issueLink(&link, directory.ID{}, s.linkLife(directory.FirstOwner))
		t.Audit(t.Line(directory.ActionLinkFirstOwner, directory.Subject{Kind: "link", ID: link.Link.ID.String()}))
		return nil
	})
	if err != nil || none {
		return OneTimeLink{}, err
	}
	return link, nil
}

// IssueLink makes a new link for an operator: an invitation for one who is pending, a reset of the password or of the second factor, or the
// confirmation of a new address, for one who is active (O9, O10). Earlier links of the operator end; other links do not affect a new
// address that waits for confirmation. The link goes to the operator by mail, if mail is sent. With LinkToCaller it is in the answer
// instead, which only an Owner may ask for. NotFound, Conflict, Forbidden for an operator whom the caller may not manage, and for a reset
// of the caller's own second factor (O10).
func (s *Service) IssueLink(ctx context.Context, p directory.Principal, id directory.ID, kind directory.LinkKind, to LinkRecipient) (OneTimeLink, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return OneTimeLink{}, err
	}
	link, err := s.newLink(kind)
	if err != nil {
		return OneTimeLink{}, err
	}
	err = s.write(ctx, p, func(t tx) error {
		o, err := t.managed(id, kind.Action())
		if err != nil {
			return err
		}
		if kind == directory.FactorReset {
			if err := t.Refuse(policy.ResetFactor(t.Principal, &o), kind.Action(), operatorSubject(&o)); err != nil {
				return err
			}
		}
		if err := checkLinkWanted(&o, kind); err != nil {
			return err
		}
		if err := t.dropEarlier(id, kind); err != nil {
			return err
		}
		t.issueLink(&link, id, s.linkLife(kind))
		t.Audit(t.Line(kind.Action(), operatorSubject(&o)))
		return s.deliverLink(t, &link, &o, to)
	})
	if err != nil {
		return OneTimeLink{}, err
	}
	return link, nil
}

// checkLinkWanted refuses a link that the operator does not need.
func checkLinkWanted(o *directory.Operator, kind directory.LinkKind) error {
	want := directory.OperatorActive
	if kind == directory.Invitation {
		want = directory.OperatorPending
	}
	if o.Status != want {
		return &directory.Error{Code: directory.Conflict, Field: "status", Rule: "O9", Message: "this link is for an operator who is " + string(want) + "; this one is " + string(o.Status)}
	}
	if kind == directory.EmailChange && o.NewEmail == "" {
		return &directory.Error{Code: directory.Conflict, Field: "kind", Rule: "O10", Message: "no new e-mail address waits to be confirmed: change the address of the operator first"}
	}
	return nil
}

// showLink refuses a caller who may not see a link that could be mailed. The link that confirms an address is shown to no caller then,
// because it proves that the operator has the mailbox.
func (t tx) showLink(kind directory.LinkKind) *policy.Refusal {
	if kind == directory.EmailChange {
		return &policy.Refusal{Code: directory.Forbidden, Rule: "O10", Field: "show_link", Message: "a new address is confirmed from that address: the link goes there by mail, and is not shown"}
	}
	return policy.ShowLink(t.Principal.Access)
}

// dropEarlier ends the links of an operator that a new link of a kind replaces.
func (t tx) dropEarlier(id directory.ID, kind directory.LinkKind) error {
	if kind == directory.EmailChange {
		return t.dropLinks(id, kind)
	}
	return t.dropLinks(id, directory.Invitation, directory.PasswordReset, directory.FactorReset)
}

// recentReset says why no other link to reset the password is sent yet, "" if one may be sent. Links that were asked
// for before stay: otherwise a stranger could end them by asking again and again.
func (t tx) recentReset(operator directory.ID) (why string, err error) {
	links, err := t.Reader.Links(operator)
	for i := range links {
		l := &links[i]
		if l.Kind == directory.PasswordReset && t.Now.Before(l.Expires) && limit.Within(l.Created, t.Now, forgotPause) {
			return "a link was mailed a moment ago", err
		}
	}
	return "", err
}

// errLinkEnded is the one answer for a link that is unknown, used or expired.
func errLinkEnded() error {
	return &directory.Error{Code: directory.NotFound, Field: "link", Rule: "O9", Message: "this link is unknown, was used, or has expired: ask for a new one"}
}

// Link says what a link is for, without using it. NotFound, the same for every cause; Throttled for a network that shows many links that
// do not work.
func (s *Service) Link(ctx context.Context, text string, from credential.Client) (LinkView, error) {
	out, err := s.viewLink(ctx, text)
	return out, s.throttleGuess(ctx, err, from)
}

// throttleGuess counts invalid links by network. It never delays a valid link.
func (s *Service) throttleGuess(ctx context.Context, err error, from credential.Client) error {
	if !txn.IsNotFound(err) {
		return err
	}
	if slow := s.throttle.Admit(ctx, s.instant(), credential.Attempt{For: linkAttempt, Address: from.Address}); slow != nil {
		return slow
	}
	return err
}

func (s *Service) viewLink(ctx context.Context, text string) (LinkView, error) {
	var out LinkView
	err := s.store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
		link, o, err := s.openLink(r, text)
		out = LinkView{Kind: link.Kind, Email: o.Email, Expires: link.Expires}
		if !o.ID.IsZero() {
			out.Name = o.Name()
		}
		if link.Kind == directory.EmailChange {
			out.Email = o.NewEmail
		}
		return err
	})
	return out, err
}

// live reports whether a link has not expired. A link that was made while the clock was ahead counts as expired, because its real time is
// unknown.
func live(l *directory.Link, now time.Time) bool {
	_, known := limit.Age(l.Created, now)
	return known && now.Before(l.Expires)
}

// openLink finds a live link and whom it is for.
func (s *Service) openLink(r store.Reader, text string) (directory.Link, directory.Operator, error) {
	link, ok, err := txn.Optional(r.LinkByHash(sha256.Sum256([]byte(strings.TrimSpace(text)))))
	if err != nil {
		return link, directory.Operator{}, err
	}
	if !ok || !live(&link, s.instant()) {
		return link, directory.Operator{}, errLinkEnded()
	}
	if link.Kind == directory.FirstOwner {
		all, err := r.Operators()
		if err == nil && len(all) > 0 {
			err = errLinkEnded()
		}
		return link, directory.Operator{}, err
	}
	o, err := findOperator(r, link.Operator)
	if txn.IsNotFound(err) || err == nil && (o.Status == directory.OperatorSuspended || link.Kind == directory.EmailChange && o.NewEmail == "") {
		err = errLinkEnded()
	}
	if err == nil {
		err = stillEntitled(r, &link, &o)
	}
	return link, o, err
}

// stillEntitled ends a link that its maker has seen and may no longer make, because the operator got a higher role, or the maker got a
// lower one or was suspended. The link would open an account beyond the maker's own role and scope (O10). A link that only the operator's
// own mailbox has received stays. A link of a release that did not store its maker ends, because the maker may have been any operator.
func stillEntitled(r store.Reader, link *directory.Link, o *directory.Operator) error {
	if link.Mailed {
		return nil
	}
	if link.By == "" {
		return &directory.Error{
			Code: directory.NotFound, Field: "link", Rule: "O10",
			Message: "this link was made by an earlier release, which did not keep who made it, so that it opens nothing any more: ask for a new one",
		}
	}
	maker, ok := directory.ParseID(link.By)
	if !ok || maker == o.ID { // the local operator has no id
		return nil
	}
	by, known, err := txn.Optional(r.Operator(maker))
	if err != nil {
		return err
	}
	if !known || by.Status != directory.OperatorActive || !policy.Covers(directory.Access{Role: by.Role, Scope: by.Scope}, o) {
		return errLinkEnded()
	}
	return nil
}

// UseLink does what a link is for, once: registers the first Owner or a pending operator, sets a new password, takes a second factor away,
// or confirms a new address. Every session of the operator ends, except for a new address. The operator then signs in as usual.
// NotFound, Invalid, Conflict for an address that another operator has by now, Throttled as for Link.
func (s *Service) UseLink(ctx context.Context, text string, a LinkAnswer, from credential.Client) (View, error) {
	used, err := s.useLink(ctx, text, a, from)
	return used, s.throttleGuess(ctx, err, from)
}

func (s *Service) useLink(ctx context.Context, text string, a LinkAnswer, from credential.Client) (View, error) {
	view, err := s.viewLink(ctx, text) // before the password is hashed
	if err != nil {
		return View{}, err
	}
	stored := ""
	if view.Kind != directory.FactorReset && view.Kind != directory.EmailChange {
		email := view.Email
		if view.Kind == directory.FirstOwner {
			email = strings.TrimSpace(a.Email)
		}
		if err := checkPassword(a.Password, email); err != nil {
			return View{}, err
		}
		if stored, err = s.passwords.hash(ctx, a.Password); err != nil {
			return View{}, err
		}
	}
	var out directory.Operator
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "link", Name: string(view.Kind)}, Request: from.Request}
	err = s.write(ctx, p, func(t tx) error {
		link, o, err := s.openLink(t.Reader, text)
		if err != nil {
			return err
		}
		if link.Kind == directory.FirstOwner {
			t.Change.DropLinks = append(t.Change.DropLinks, link.ID)
			out, err = s.firstOwner(t, a, stored)
			return err
		}
		if err := t.confirmsOwn(&link, &o, a.SignedIn); err != nil {
			return err
		}
		if err := t.dropLinks(o.ID, link.Kind); err != nil { // an operator who asked twice has two
			return err
		}
		t.Principal.Actor = directory.Actor{Kind: directory.ByOperator, ID: o.ID.String(), Name: o.Name()}
		if link.Kind == directory.EmailChange {
			err := s.confirmAddress(t, &o, &link)
			out = o
			return err
		}
		before := o
		if link.Kind == directory.FactorReset {
			o.Factor = nil
		} else {
			o.Password, o.PasswordSet = stored, t.Now
		}
		if o.Status == directory.OperatorPending {
			o.Status = directory.OperatorActive
		}
		if err := t.endSessions(o.ID, directory.ID{}); err != nil {
			return err
		}
		out = o
		return t.changeOperator(&before, o, link.Kind.UsedAction(), shownTo(&link))
	})
	if err != nil {
		return View{}, err
	}
	return View{Operator: withoutSecrets(out), Registered: out.Password != "", MFARequired: out.MFARequired, MFAEnrolled: out.Enrolled()}, nil
}

// confirmsOwn refuses to confirm an address by a link whose text another operator got, because no mail is sent: it shows nothing about who has
// the mailbox. The operator confirms it while signed in (O10). The local operator may do everything.
func (t tx) confirmsOwn(link *directory.Link, o *directory.Operator, signedIn directory.ID) error {
	if link.Kind != directory.EmailChange || link.Shown == "" || signedIn == o.ID {
		return nil
	}
	if _, ok := directory.ParseID(link.By); !ok {
		return nil
	}
	return t.Refuse(&policy.Refusal{
		Code: directory.Forbidden, Rule: "O10", Field: "link",
		Message: "no mail is sent here, so this link does not prove whose the new address is: " + o.Name() + " must sign in first, and then use the link",
	}, directory.ActionOperatorEmailChange, operatorSubject(o))
}

// shownTo records in the audit trail that another person than the operator could use a link.
func shownTo(link *directory.Link) string {
	if link.Shown == "" {
		return ""
	}
	return "by a link that was shown to " + link.Shown
}

func (s *Service) firstOwner(t tx, a LinkAnswer, stored string) (directory.Operator, error) {
	settings, err := t.Reader.ProviderSettings()
	if err != nil {
		return directory.Operator{}, err
	}
	o := directory.Operator{
		ID: t.NewID(), Version: 1, Created: t.Now, Modified: t.Now, FirstName: strings.TrimSpace(a.FirstName), LastName: strings.TrimSpace(a.LastName),
		Email: strings.TrimSpace(a.Email), Role: directory.RoleOwner, Scope: directory.Scope{All: true}, Status: directory.OperatorActive,
		MFARequired: settings.RequireMFA, APIAccess: true, Password: stored, PasswordSet: t.Now,
	}
	if err := s.checkOperator(t, nil, nil, &o); err != nil {
		return o, err
	}
	t.Principal.Actor = directory.Actor{Kind: directory.ByOperator, ID: o.ID.String(), Name: o.Name()}
	t.Change.Operators = append(t.Change.Operators, o)
	line := t.Line(directory.ActionOperatorFirstOwner, operatorSubject(&o))
	line.After = txn.Document(operatorFacts(&o))
	t.Audit(line)
	t.Event(directory.OperatorCreated, operatorSubject(&o), operatorFacts(&o))
	return o, nil
}
