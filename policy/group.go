package policy

import (
	"fmt"

	"drawbridge/directory"
)

// CreateGroup refuses a group on a plan without custom groups (G1, B5).
func CreateGroup(plan directory.Plan) *Refusal {
	if plan.CustomGroups {
		return nil
	}
	return refuse("B5", fmt.Sprintf("the plan %s has no groups of its own: choose a plan with custom groups, or push users only", plan.Title))
}

// GroupNameTaken is the refusal of a displayName that g has. It names the record, so that the caller can use it.
func GroupNameTaken(g *directory.Group) *Refusal {
	return conflict("", "displayName", fmt.Sprintf("displayName is taken by group %s: look the group up and update that record", g.ID))
}

// Protected refuses a change of a built-in group itself (G1).
func Protected(g *directory.Group) *Refusal {
	if g.BuiltIn == "" {
		return nil
	}
	return refuse("G1", fmt.Sprintf("%s is a built-in group: it can be neither renamed nor deleted, and only operators and group mappings change who is in it",
		g.BuiltIn.Title()))
}

// JoinBuiltIn says whether u may be put into a built-in group by hand (G1, G2, B4). Every member is in Team Members anyway (implicit).
func JoinBuiltIn(name directory.BuiltIn, u *directory.User) (implicit bool, no *Refusal) {
	switch {
	case name == directory.TeamMembers && u.Type == directory.Guest:
		return false, refuse("G2", "guests are never in Team Members: make the user a member instead")
	case name == directory.TeamMembers:
		return true, nil
	}
	return false, GuestIn(u, name)
}

// LeaveBuiltIn refuses to remove a member from Team Members (G2).
func LeaveBuiltIn(name directory.BuiltIn) *Refusal {
	if name != directory.TeamMembers {
		return nil
	}
	return refuse("G2", "every member is in Team Members: make the user a guest, or suspend it, instead")
}

// Granted refuses to remove a user by hand from a built-in group that a mapped group grants (G4).
func Granted(u *directory.User, g, source *directory.Group) *Refusal {
	return conflict("G4", "group", fmt.Sprintf("%s is in %s by way of the group %q: take the user out of that group in the identity provider, or change the mapping of connection %q",
		u.UserName, g.DisplayName, source.DisplayName, source.Connection))
}

// Grant is what one of an IdP's groups gives to the users who are directly in it (G4).
type Grant struct {
	BuiltIns []directory.BuiltIn // without repetition, in the order of directory.BuiltIns
	Guest    bool
}

// Equal reports whether g and other give the same.
func (g Grant) Equal(other Grant) bool {
	if g.Guest != other.Guest || len(g.BuiltIns) != len(other.BuiltIns) {
		return false
	}
	for i := range g.BuiltIns {
		if g.BuiltIns[i] != other.BuiltIns[i] {
			return false
		}
	}
	return true
}

// Empty reports whether g gives nothing.
func (g Grant) Empty() bool { return !g.Guest && len(g.BuiltIns) == 0 }

// Grants gives what the mappings of a connection grant to a group of it.
func Grants(mappings []directory.GroupMapping, displayName, externalID string) Grant {
	var out Grant
	given := map[directory.BuiltIn]bool{}
	folded := directory.Fold(displayName)
	for _, m := range mappings {
		byName := m.DisplayName != "" && directory.Fold(m.DisplayName) == folded
		byExternalID := m.ExternalID != "" && m.ExternalID == externalID
		if !byName && !byExternalID {
			continue
		}
		out.Guest = out.Guest || m.Guest
		given[m.Grants] = true
	}
	for _, name := range directory.BuiltIns() {
		if given[name] && name != directory.TeamMembers {
			out.BuiltIns = append(out.BuiltIns, name)
		}
	}
	return out
}

// CheckMappings finds the first mapping without a group or a grant, or with two of one. The error is Invalid with Field "mappings".
func CheckMappings(mappings []directory.GroupMapping) error {
	for i, m := range mappings {
		wrong := func(message string) error {
			return &directory.Error{Code: directory.Invalid, Field: "mappings", Message: fmt.Sprintf("mapping %d: %s", i+1, message)}
		}
		if (m.DisplayName == "") == (m.ExternalID == "") {
			return wrong("name the group by display_name or by external_id, one of them")
		}
		if err := CheckText("mappings", m.DisplayName+m.ExternalID, 1, 1024); err != nil {
			return err
		}
		if (m.Grants == "") != m.Guest {
			return wrong("say what it grants: a built-in group, or the guest type")
		}
		switch m.Grants {
		case "", directory.Owners, directory.Administrators, directory.Security, directory.ProvisionManagers:
		case directory.TeamMembers:
			return wrong("every member is in Team Members without a mapping")
		default:
			return wrong(fmt.Sprintf("%q is not a built-in group: owners, administrators, security or provision_managers", m.Grants))
		}
	}
	return nil
}
