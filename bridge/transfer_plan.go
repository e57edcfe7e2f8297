package bridge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// TransferScope says which records of a connection are to move: one of its fields is set.
type TransferScope struct {
	All   bool         // all users and groups
	Group directory.ID // a group, if the connection manages it, and its direct members
	Users []string     // ids or userNames
}

// TransferPlan is what a transfer would do. Digest covers all of it.
type TransferPlan struct {
	From, To directory.ConnectionID
	Scope    string // in words
	Users    int
	Groups   int
	Stays    []TransferStay // what of the scope does not move
	Unknown  []string       // names of the list that no user has
	Digest   string
	Items    []TransferItem // the first of them
	NextFrom string         // what the next write of the first connection will get (E7)

	records []transferRecord
}

// TransferItem is a record that would move.
type TransferItem struct {
	Kind directory.Kind
	ID   directory.ID
	Name string
	Next string // for a user: what the next sync of the second connection will do (E7)
}

// TransferStay is how many records of a kind do not move, and why in a sentence.
type TransferStay struct {
	What   policy.Staying
	Number int
	Reason string
}

// transferRecord is a record of the scope of a transfer, without what its document holds.
type transferRecord struct {
	kind  directory.Kind
	id    directory.ID
	name  string
	said  string         // what the preview depends on
	stays policy.Staying // "": it moves
}

// How many records a preview names, and for how many users it works out the next sync.
const (
	namedRecords  = 100
	forecastItems = 10
)

// Preview says what a transfer would do. NotFound; Conflict C14 for connections that are not both at work, and for too many records; Invalid.
func (v Transfers) Preview(ctx context.Context, p directory.Principal, from, to directory.ConnectionID, scope TransferScope) (TransferPlan, error) {
	p, err := v.s.operatorOf(ctx, p, from)
	if err != nil {
		return TransferPlan{}, err
	}
	var out TransferPlan
	err = v.s.read(ctx, p, func(r store.Reader) error {
		first, second, err := transferEnds(r, from, to)
		if err != nil {
			return err
		}
		if err := policy.CheckTransfer(&first, &second).Err(); err != nil {
			return err
		}
		if out, err = planTransfer(r, &first, &second, scope); err != nil {
			return err
		}
		return v.s.forecastTransfer(r, &out, &second)
	})
	return out, err
}

// transferEnds reads the two connections. Both belong to the tenant of r.
func transferEnds(r store.Reader, from, to directory.ConnectionID) (first, second directory.Connection, err error) {
	read := func(id directory.ConnectionID) (directory.Connection, error) {
		c, ok, err := txn.Optional(r.Connection(id))
		if err == nil && !ok {
			err = &directory.Error{Code: directory.NotFound, Field: "to", Message: fmt.Sprintf("the company has no connection %q", id)}
		}
		return c.Clone(), err
	}
	if first, err = read(from); err == nil {
		second, err = read(to)
	}
	return first, second, err
}

// planTransfer lists what a transfer moves: users in the order of their ids, then groups.
func planTransfer(r store.Reader, from, to *directory.Connection, scope TransferScope) (TransferPlan, error) {
	out := TransferPlan{From: from.ID, To: to.ID, NextFrom: policy.TransferLeaves(from.ID, to.ID)}
	var all []transferRecord
	var err error
	stays := map[policy.Staying]int{}
	switch {
	case scope.All && scope.Group.IsZero() && len(scope.Users) == 0:
		out.Scope = "all users and groups"
		if all, err = wholeScope(r, from.ID); err == nil {
			stays[policy.StayingResources], err = resourcesOf(r, from.ID)
		}
	case !scope.All && !scope.Group.IsZero() && len(scope.Users) == 0:
		if all, err = groupScope(r, from.ID, scope.Group); err == nil {
			out.Scope = "group " + all[len(all)-1].name
		}
	case !scope.All && scope.Group.IsZero() && len(scope.Users) > 0:
		out.Scope = fmt.Sprintf("a list of %d users", len(scope.Users))
		all, out.Unknown, err = listScope(r, from.ID, scope.Users)
	default:
		err = &directory.Error{Code: directory.Invalid, Field: "scope", Rule: "C14", Message: "say what is to move: all, a group, or a list of users, one of them"}
	}
	if err != nil {
		return out, err
	}
	sum := sha256.New()
	note(sum, "%s\n%s\n%d\n", from.ID, to.ID, to.Version)
	for _, one := range all {
		if one.stays != "" {
			stays[one.stays]++
			continue
		}
		note(sum, "%s %s %s\n", one.kind, one.id, one.said)
		out.records = append(out.records, one)
		if one.kind == directory.GroupKind {
			out.Groups++
		} else {
			out.Users++
		}
	}
	for _, what := range []policy.Staying{policy.StayingOthers, policy.StayingGone, policy.StayingGroups, policy.StayingResources} {
		if n := stays[what]; n > 0 {
			note(sum, "%s %d\n", what, n)
			out.Stays = append(out.Stays, TransferStay{what, n, policy.TransferStays(what, n, from.ID, to.ID)})
		}
	}
	out.Digest = hex.EncodeToString(sum.Sum(nil))[:16]
	return out, policy.CheckTransferSize(len(out.records)).Err()
}

func userRecord(u *directory.User, from directory.ConnectionID) transferRecord {
	out := transferRecord{kind: directory.UserKind, id: u.ID, name: strings.Clone(u.UserName), said: string(u.State) + " " + string(u.Statement)}
	switch {
	case u.Connection != from:
		out.stays = policy.StayingOthers
	case u.Gone():
		out.stays = policy.StayingGone
	}
	return out
}

func groupRecord(g *directory.Group, from directory.ConnectionID) transferRecord {
	out := transferRecord{kind: directory.GroupKind, id: g.ID, name: strings.Clone(g.DisplayName)}
	if g.Connection != from || g.BuiltIn != "" {
		out.stays = policy.StayingGroups
	}
	return out
}

// wholeScope gives all users and groups of a connection.
func wholeScope(r store.Reader, from directory.ConnectionID) (all []transferRecord, err error) {
	err = ofUsers(r, from, func(u *directory.User) error {
		all = append(all, userRecord(u, from))
		return nil
	})
	if err == nil {
		err = ofGroups(r, from, func(g *directory.Group) error {
			all = append(all, groupRecord(g, from))
			return nil
		})
	}
	return all, err
}

func resourcesOf(r store.Reader, from directory.ConnectionID) (n int, err error) {
	tenant, err := r.Tenant()
	if err == nil {
		err = ofResources(r, &tenant, from, func(*directory.Resource) error { n++; return nil })
	}
	return n, err
}

// groupScope gives the users who are directly in a group, and the group after them.
func groupScope(r store.Reader, from directory.ConnectionID, id directory.ID) (all []transferRecord, err error) {
	g, ok, err := txn.Optional(r.Group(id))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, txn.NotFound("group", id)
	}
	group := groupRecord(&g, from)
	var ids []directory.ID
	err = r.Members(id, directory.ID{}, func(m directory.Membership) error {
		if m.Member.Kind == directory.UserKind {
			ids = append(ids, m.Member.ID)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(slices.Compact(ids), readBatch) {
		found, err := r.UsersByID(part)
		if err != nil {
			return nil, err
		}
		for _, id := range part {
			if u, ok := found[id]; ok {
				all = append(all, userRecord(&u, from))
			}
		}
	}
	return append(all, group), nil
}

// listScope gives the users whom a list names, each once, in the order of their ids.
func listScope(r store.Reader, from directory.ConnectionID, names []string) (all []transferRecord, unknown []string, err error) {
	seen := map[directory.ID]bool{}
	for _, name := range names {
		u, err := findUser(r, name)
		switch directory.CodeOf(err) {
		case "":
			if !seen[u.ID] {
				seen[u.ID] = true
				all = append(all, userRecord(&u, from))
			}
		case directory.Conflict: // several users who were deleted had the name
			all = append(all, transferRecord{kind: directory.UserKind, name: name, stays: policy.StayingGone})
		case directory.NotFound:
			unknown = append(unknown, name)
		default:
			return nil, nil, err
		}
	}
	slices.SortFunc(all, func(x, y transferRecord) int { return bytes.Compare(x.id[:], y.id[:]) })
	return all, unknown, nil
}

// forecastTransfer names the first records, and what the next sync of the second connection would do to them.
func (s *Service) forecastTransfer(r store.Reader, plan *TransferPlan, to *directory.Connection) error {
	tenant, err := r.Tenant()
	if err != nil {
		return err
	}
	for i, record := range plan.records[:min(namedRecords, len(plan.records))] {
		item := TransferItem{Kind: record.kind, ID: record.id, Name: record.name}
		if record.kind == directory.UserKind && i < forecastItems {
			u, err := r.User(record.id)
			if err != nil {
				return err
			}
			taken := u.Clone()
			taken.ExternalID, taken.Document, taken.Sent = "", withoutExternalID(taken.Document), nil
			f, err := s.forecastAs(r, &taken, &tenant, to, plan.From)
			if err != nil {
				return err
			}
			taken.Connection = to.ID
			item.Next = policy.NextSync(&taken, []policy.Forecast{f})
		}
		plan.Items = append(plan.Items, item)
	}
	return nil
}
