package policy

import (
	"fmt"

	"drawbridge/directory"
)

// TypeOf says whether a user is a member or a guest (B4): a guest by one of the values of userType that the tenant calls
// so, or as a member of a mapped group.
func TypeOf(s directory.Settings, userType string, mapped bool) directory.UserType {
	if mapped {
		return directory.Guest
	}
	if userType == "" {
		return directory.TeamMember
	}
	folded := directory.Fold(userType)
	for _, guest := range s.GuestUserTypes {
		if directory.Fold(guest) == folded {
			return directory.Guest
		}
	}
	return directory.TeamMember
}

// GuestGroups says no to a guest who would be in more groups than guests may (B4). groups is the number afterwards,
// built-in groups not counted.
func GuestGroups(s directory.Settings, id directory.ID, groups int) *Refusal {
	if s.GuestMaxGroups <= 0 || groups <= s.GuestMaxGroups {
		return nil
	}
	return refuse("B4", fmt.Sprintf(
		"user %s is a guest and would be in %d groups, but guests may be in %d at most: take the guest out of another group first, or make the user a member",
		id, groups, s.GuestMaxGroups))
}
