package bridge

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// InvitationLink describes a link from a mail, as its holder sees it.
type InvitationLink struct {
	Confirms bool   // it confirms another person; otherwise it accepts an invitation
	Company  string // the name of the tenant
	Person   string // the name of the person who is confirmed or invited
	Address  string // of that person; "" in an invitation
	Expires  time.Time
	State    directory.State // of the person, after the link was used
}

// letterKey is a link in its parts.
type linkParts struct {
	user    directory.ID
	manager directory.ID // zero in an invitation
	proof   [sha256.Size]byte
}

func (k linkParts) mark() string {
	if k.manager.IsZero() {
		return invitationMark
	}
	return confirmationMark
}

func (k linkParts) text() string {
	raw := append([]byte{}, k.user[:]...)
	if !k.manager.IsZero() {
		raw = append(raw, k.manager[:]...)
	}
	return k.mark() + base64.RawURLEncoding.EncodeToString(append(raw, k.proof[:]...))
}

func (k linkParts) hash() directory.Hash { return sha256.Sum256([]byte(k.text())) }

// parseLink reads what text wrote, and nothing else.
func parseLink(text string) (k linkParts, ok bool) {
	encoded, invitation := strings.CutPrefix(text, invitationMark)
	if !invitation {
		if encoded, ok = strings.CutPrefix(text, confirmationMark); !ok {
			return k, false
		}
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return k, false
	}
	raw = raw[copy(k.user[:], raw):]
	if !invitation {
		raw = raw[copy(k.manager[:], raw):]
	}
	copy(k.proof[:], raw)
	return k, len(raw) == len(k.proof) && k.manager.IsZero() == invitation
}

// InvitationPath is where a link is used, on the address of this server.
func InvitationPath(tenant directory.TenantID, link string) string {
	return "/invitation/" + string(tenant) + "/" + link
}

// makeLink makes the link of an invitation, or that with which manager confirms the user.
func (s *Service) makeLink(tenant directory.TenantID, user, invitation, manager directory.ID) linkParts {
	k := linkParts{user: user, manager: manager}
	mac := hmac.New(sha256.New, s.invitationKey)
	_, _ = mac.Write([]byte(k.mark())) // a hash never fails
	_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(tenant))))
	_, _ = mac.Write([]byte(tenant))
	for _, id := range []directory.ID{user, invitation, manager} {
		_, _ = mac.Write(id[:])
	}
	mac.Sum(k.proof[:0])
	return k
}

// linkEnded is the one answer for a link that is unknown, used, expired or revoked, or of an unknown tenant. It
// does not reveal which, or whether there is such a person.
func linkEnded() error {
	return &directory.Error{Code: directory.NotFound, Field: "link", Message: "this link does not work: it was used, has expired, was replaced by a newer one, or is not complete"}
}

// openLink finds what a valid link is for.
func (s *Service) openLink(r store.Reader, text string) (k linkParts, u directory.User, i directory.UserInvitation, err error) {
	k, ok := parseLink(text)
	if !ok {
		return k, u, i, linkEnded()
	}
	tenant, ok, err := txn.Optional(r.Tenant())
	if err != nil {
		return k, u, i, err
	}
	if !ok || tenant.Status != directory.TenantActive {
		return k, u, i, linkEnded()
	}
	i, ok, err = txn.Get[directory.UserInvitation](r, directory.InvitationKV, k.user.String())
	if err != nil {
		return k, u, i, err
	}
	if ok {
		u, ok, err = txn.Optional(r.User(k.user))
	}
	switch {
	case err != nil:
		return k, u, i, err
	case !ok:
		return k, u, i, linkEnded()
	case k.manager.IsZero():
		ok = u.State == directory.Invited && i.Live(s.instant()) && sameHash(i.Hash, k.hash())
	default:
		at := slices.IndexFunc(i.Asked, func(a directory.Ask) bool { return a.Person == k.manager })
		ok = u.State == directory.AwaitingConfirmation && at >= 0 && sameHash(i.Asked[at].Hash, k.hash())
		if ok {
			ok, err = mayConfirm(r, k.manager)
		}
	}
	if err == nil && !ok {
		err = linkEnded()
	}
	return k, u, i, err
}

func sameHash(x, y directory.Hash) bool { return subtle.ConstantTimeCompare(x[:], y[:]) == 1 }

// Link says what a link is for, without using it, so programs that open the links in mails do no harm. NotFound, the same for every
// cause; Throttled for an address that shows many that do not work.
func (in Invitations) Link(ctx context.Context, tenant directory.TenantID, text string, from credential.Client) (InvitationLink, error) {
	var out InvitationLink
	err := in.s.store.View(ctx, tenant, nil, func(r store.Reader) error {
		k, u, i, err := in.s.openLink(r, text)
		if err != nil {
			return err
		}
		out, err = linkView(r, k, &u, &i)
		return err
	})
	return out, in.s.throttleGuess(ctx, err, from)
}

// throttleGuess counts invalid links by address. It never delays a valid link.
func (s *Service) throttleGuess(ctx context.Context, err error, from credential.Client) error {
	if !txn.IsNotFound(err) {
		return err
	}
	if slow := s.throttle.Admit(ctx, s.instant(), credential.Attempt{For: "invitation", Address: from.Address}); slow != nil {
		return slow
	}
	return err
}

func linkView(r store.Reader, k linkParts, u *directory.User, i *directory.UserInvitation) (InvitationLink, error) {
	tenant, err := r.Tenant()
	out := InvitationLink{Confirms: !k.manager.IsZero(), Company: strings.Clone(tenant.Name), Person: strings.Clone(personName(u)), Expires: i.Expires, State: u.State}
	if out.Confirms {
		out.Address, out.Expires = strings.Clone(i.To), time.Time{}
	}
	return out, err
}
