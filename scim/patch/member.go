package patch

import (
	"fmt"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
)

// member reads an operation on the members of a group.
func (c *compiler) member(k kind, p path, g given) error {
	switch {
	case p.sub != nil:
		return scim.Mutability(fmt.Sprintf("%q is immutable: a member can be added or removed, not changed", short(p.text)))
	case p.selection != nil && k != remove:
		return scim.Mutability("members are immutable: remove one and add the other")
	case p.selection != nil:
		// members[value eq "id"], the usual form, does not need the other members.
		if only := p.selection.Given; len(only) == 1 && only[0].Name == "value" {
			if id, ok := only[0].Value.(string); ok {
				c.edit(directory.MemberEdit{Op: directory.RemoveMembers, Members: []directory.MemberRef{{Value: id}}})
				return nil
			}
		}
		c.edit(directory.MemberEdit{Op: directory.RemoveMembersWhere, Where: p.selection.Where})
		return nil
	case k == remove && g.value == nil:
		c.quirks.Add(scim.QuirkRemoveAll)
		c.edit(directory.MemberEdit{Op: directory.ReplaceMembers})
		return nil
	case !g.stated:
		return scim.InvalidValue(k.String() + " needs a value")
	}
	refs, err := scim.MemberRefs(g.value, c.quirks)
	if err != nil {
		return err
	}
	switch {
	case k == replace:
		c.edit(directory.MemberEdit{Op: directory.ReplaceMembers, Members: refs})
	case k == remove:
		// The list may be empty: then no member is removed. It must never mean all members.
		c.quirks.Add(scim.QuirkRemoveByValue)
		if len(refs) == 0 {
			c.quirks.Add(scim.QuirkNoEffect)
			break
		}
		c.edit(directory.MemberEdit{Op: directory.RemoveMembers, Members: refs})
	case len(refs) == 0:
		c.quirks.Add(scim.QuirkNoEffect)
	default:
		c.edit(directory.MemberEdit{Op: directory.AddMembers, Members: refs})
	}
	return nil
}

// edit adds a step on the membership, or extends the last step if it is of the same kind.
func (c *compiler) edit(e directory.MemberEdit) {
	if n := len(c.patch.members); n > 0 && (e.Op == directory.AddMembers || e.Op == directory.RemoveMembers) {
		if last := &c.patch.members[n-1]; last.Op == e.Op {
			last.Members = append(last.Members, e.Members...)
			return
		}
	}
	c.patch.members = append(c.patch.members, e)
}

// legacy reads the PATCH of SCIM 1.1: a partial resource, in which "operation" says whether a member is added or removed.
func (c *compiler) legacy(body directory.Attributes) error {
	_, members := body.Get("members")
	if members && c.resource.Kind() == directory.GroupKind {
		c.quirks.Add(scim.QuirkMemberOperation)
	} else {
		c.quirks.Add(scim.QuirkSchemaAlias)
	}
	for i := range body {
		if c.resource.Kind() != directory.GroupKind || !strings.EqualFold(body[i].Name, "members") {
			if err := c.key(replace, body[i].Name, given{body[i].Value, true}); err != nil {
				return err
			}
			continue
		}
		list, ok := body[i].Value.([]any)
		if !ok {
			list = []any{body[i].Value}
		}
		for _, element := range list {
			k := add
			if member, ok := element.(directory.Attributes); ok {
				switch operation := member.String("operation"); {
				case operation == "", strings.EqualFold(operation, "add"):
				case strings.EqualFold(operation, "delete"):
					k = remove
				default:
					return scim.InvalidValue("the operation of a member must be add or delete")
				}
				member = append(directory.Attributes(nil), member...)
				member.Delete("operation")
				element = member
			}
			refs, err := scim.MemberRefs([]any{element}, c.quirks)
			if err != nil {
				return err
			}
			switch {
			case len(refs) == 0:
			case k == add:
				c.edit(directory.MemberEdit{Op: directory.AddMembers, Members: refs})
			default:
				c.edit(directory.MemberEdit{Op: directory.RemoveMembers, Members: refs})
			}
		}
	}
	return nil
}
