package policy

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
)

// Person is what tells a guest from a member.
type Person struct {
	UserName string
	Emails   []string
	UserType string // SCIM's userType
	Mapped   bool   // a mapped group makes the user a guest
}

// TypeOf says whether a user is a member or a guest (B4). A user is a guest because of a value of userType in the tenant's settings, a
// mapped group, or a foreign e-mail address.
func TypeOf(s directory.Settings, p Person) directory.UserType {
	if p.Mapped || guestUserType(s.GuestUserTypes, p.UserType) || Foreign(s.MemberDomains, p) {
		return directory.Guest
	}
	return directory.TeamMember
}

func guestUserType(guests []string, userType string) bool {
	if userType == "" {
		return false
	}
	folded := directory.Fold(userType)
	return slices.ContainsFunc(guests, func(guest string) bool { return directory.Fold(guest) == folded })
}

// Foreign reports whether a person has e-mail addresses, and none of them is in one of the domains (B4). The userName counts as an
// address only for a person without any, because Entra ID gives its guests a userName in the domain of the host. Without domains, no person is foreign.
func Foreign(domains []string, p Person) bool {
	if len(domains) == 0 {
		return false
	}
	if len(p.Emails) == 0 {
		domain, ok := emailDomain(p.UserName)
		return ok && !containsDomain(domains, domain)
	}
	return !slices.ContainsFunc(p.Emails, func(address string) bool {
		domain, ok := emailDomain(address)
		return ok && containsDomain(domains, domain)
	})
}

// emailDomain is the part after the last @.
func emailDomain(address string) (string, bool) {
	at := strings.LastIndexByte(address, '@')
	return address[at+1:], at >= 0
}

func containsDomain(domains []string, domain string) bool {
	folded := directory.Fold(domain)
	return slices.ContainsFunc(domains, func(d string) bool { return directory.Fold(d) == folded })
}

// GuestIn refuses a guest in a built-in group (B4), except Security.
func GuestIn(u *directory.User, name directory.BuiltIn) *Refusal {
	if u.Type != directory.Guest || name == directory.Security {
		return nil
	}
	return refuse("B4", fmt.Sprintf("guests are never in %s, and %s would be a guest there: make %s a member, or take %s out of %s",
		name.Title(), u.UserName, u.UserName, u.UserName, name.Title()))
}

// GuestGroups refuses a guest who would be in too many groups (B4). groups is the number afterwards, including built-in groups.
func GuestGroups(s directory.Settings, id directory.ID, groups int) *Refusal {
	if s.GuestMaxGroups <= 0 || groups <= s.GuestMaxGroups {
		return nil
	}
	return refuse("B4", fmt.Sprintf(
		"user %s is a guest and would be in %d groups, but guests may be in %d at most: take the guest out of another group first, or make the user a member",
		id, groups, s.GuestMaxGroups))
}
