package bridgetest

import (
	"drawbridge/directory"
)

// Team is a directory.GroupEdit that makes a group.
func Team(name string, steps ...directory.MemberEdit) directory.GroupEdit {
	return func(*directory.Group) (directory.GroupDraft, error) {
		a := directory.Attributes{{Name: "schemas", Value: []any{"urn:ietf:params:scim:schemas:core:2.0:Group"}}, {Name: "displayName", Value: name}}
		return directory.GroupDraft{DisplayName: name, Document: a.Document(), Members: steps}, nil
	}
}

// Steps changes the members of a group and nothing else.
func Steps(all ...directory.MemberEdit) directory.GroupEdit {
	return func(before *directory.Group) (directory.GroupDraft, error) {
		return directory.GroupDraft{DisplayName: before.DisplayName, ExternalID: before.ExternalID, Document: before.Document, Members: all}, nil
	}
}

// Step is one operation on the members of a group.
func Step(op directory.MemberOp, who ...directory.ID) directory.MemberEdit {
	e := directory.MemberEdit{Op: op}
	for _, id := range who {
		e.Members = append(e.Members, directory.MemberRef{Value: id.String()})
	}
	return e
}

// Add adds members.
func Add(who ...directory.ID) directory.MemberEdit { return Step(directory.AddMembers, who...) }

// Remove removes members.
func Remove(who ...directory.ID) directory.MemberEdit { return Step(directory.RemoveMembers, who...) }

// Replace replaces all members.
func Replace(who ...directory.ID) directory.MemberEdit { return Step(directory.ReplaceMembers, who...) }
