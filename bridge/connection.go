package bridge

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// ConnectionDraft describes a new connection.
type ConnectionDraft struct {
	ID             directory.ConnectionID // the slug; "": made from Tenant and Type
	Tenant         directory.TenantID
	Type           directory.ConnectionType
	UnknownPaths   *directory.Leniency
	UnknownMembers *directory.Leniency
	UserPatch      *directory.PatchReply
	GroupPatch     *directory.PatchReply
	Mappings       []directory.GroupMapping
	Attributes     *directory.AttributeMapping
	Token          TokenOptions // of the first credential
	Google         *directory.GooglePull
	Credential     PullCredential // of a pulled connection, which has no other credential
}

// ConnectionOverview is a connection with its credentials and their last use.
type ConnectionOverview struct {
	Connection  directory.Connection
	TenantName  string            // in lists; "" elsewhere
	Tokens      []directory.Token // without their hashes
	Uses        []directory.Use
	LastRequest time.Time                      // zero: never
	LastSuccess time.Time                      // the last request that was answered below 400; zero: never
	Requests    [directory.HoursCounted]uint32 // in each of the last hours, the oldest first; the last is the hour that runs
	Health      Health
	Held        int // removals that wait for an operator (C8)
	// Detached: its Google project is not attached to the tenant any more, so nothing is read (C11).
	Detached bool
	// Credential names the sealed credential of a pulled connection, without its data.
	Credential directory.SealedCredential
}

// CreateConnection makes a connection with its first credential, which is shown here and never again; a pulled connection has none, and
// its Credential is sealed. NotFound for the tenant, Invalid, Conflict with Field connection if the slug is taken, Conflict L9 for a second
// connection to one directory, Unavailable if there is no key to seal with.
func (s *Service) CreateConnection(ctx context.Context, p directory.Principal, d ConnectionDraft) (directory.Connection, credential.Secret, error) {
	p, err := txn.ForOperator(p, d.Tenant)
	if err != nil {
		return directory.Connection{}, credential.Secret{}, err
	}
	if d.Type == "" {
		d.Type = directory.Generic
	}
	if d.ID == "" {
		d.ID = directory.ConnectionID(string(d.Tenant) + "-" + string(d.Type))
	}
	c := directory.Connection{
		ID: d.ID, Tenant: d.Tenant, Type: d.Type, UnknownPaths: d.UnknownPaths, UnknownMembers: d.UnknownMembers,
		UserPatch: d.UserPatch, GroupPatch: d.GroupPatch, Mappings: slices.Clone(d.Mappings), Google: d.Google,
		AttributeMapping: d.Attributes.Clone(),
	}
	if err := checkSlug("connection", string(d.ID), maxConnectionSlug); err != nil {
		return directory.Connection{}, credential.Secret{}, err
	}
	if err := checkConnection(&c); err != nil {
		return directory.Connection{}, credential.Secret{}, err
	}
	secret, sealed, err := s.firstCredential(&c, &d)
	if err != nil {
		return directory.Connection{}, credential.Secret{}, err
	}
	err = s.write(ctx, p, func(t *tenantTx) error {
		if err := t.mayConnect(&c, directory.ActionConnectionCreate); err != nil {
			return err
		}
		if err := t.refuseSecondPull(&c); err != nil {
			return err
		}
		if _, taken, err := txn.Optional(t.Reader.Connection(c.ID)); err != nil {
			return err
		} else if taken {
			return &directory.Error{Code: directory.Conflict, Field: "connection", Message: fmt.Sprintf("there is a connection %q already: choose another slug", c.ID)}
		}
		c.Version, c.Created, c.Modified = 1, t.Now, t.Now
		t.Change.Connections = append(t.Change.Connections, c)
		line := t.Line(directory.ActionConnectionCreate, connectionSubject(&c))
		line.After = txn.Document(connectionFacts(&c))
		t.Audit(line)
		t.Event(directory.ConnectionCreated, connectionSubject(&c), connectionFacts(&c))
		switch {
		case c.Type.Pulled() && c.Google.Project != "":
			return t.useProject(nil, &c)
		case c.Type.Pulled():
			return t.putCredential(&c, sealed)
		}
		token := secret.Token
		token.Created = t.Now
		t.putToken(&token, directory.ActionTokenCreate)
		return nil
	})
	if err != nil {
		return directory.Connection{}, credential.Secret{}, err
	}
	return c.Clone(), secret.Shown(), nil
}

// firstCredential makes the first credential of a connection, or seals the one that it was given. A connection that uses a Google project has
// none.
func (s *Service) firstCredential(c *directory.Connection, d *ConnectionDraft) (secret credential.Secret, sealed directory.SealedCredential, err error) {
	given := len(d.Credential.Text) > 0
	switch {
	case !c.Type.Pulled():
		secret, err = s.mint(c, d.Token)
	case c.Google.Project != "" && given:
		err = &directory.Error{Code: directory.Invalid, Field: "google.project", Message: "a connection has a key of its own or uses a Google project: give one of the two"}
	case c.Google.Project != "":
	case !given:
		err = &directory.Error{Code: directory.Invalid, Field: "google.credentials", Message: "the key of a service account is missing: the setting google.credentials is the JSON file that Google Cloud console made. Or name a Google project that is attached to the company: google.project"}
	default:
		sealed, err = s.seal(c, d.Credential)
	}
	return secret, sealed, err
}

// EditConnection changes a connection: pause, replies, mappings. edit must not change slug, tenant, version and times.
// Changed mappings are applied to every group (G4) and user (C13) of the connection in the same transaction.
//
// NotFound, Stale, Invalid, Refused G3, B2 or B4 because of the effect of a mapping, and the errors of edit.
func (s *Service) EditConnection(ctx context.Context, p directory.Principal, id directory.ConnectionID, pre directory.Precondition, edit func(directory.Connection) (directory.Connection, error)) (directory.Connection, error) {
	return s.editConnection(ctx, p, id, connectionEdit{pre: pre, do: edit})
}

// connectionEdit is a change of a connection.
type connectionEdit struct {
	pre      directory.Precondition
	do       func(directory.Connection) (directory.Connection, error)
	remapped *remapping // gets what a new attribute mapping makes of the users; nil: it is not asked for
}

func (s *Service) editConnection(ctx context.Context, p directory.Principal, id directory.ConnectionID, edit connectionEdit) (directory.Connection, error) {
	p, err := s.operatorOf(ctx, p, id)
	if err != nil {
		return directory.Connection{}, err
	}
	var out directory.Connection
	err = s.write(ctx, p, func(t *tenantTx) error {
		before, err := t.Reader.Connection(id)
		if err != nil {
			return err
		}
		if err := notEnding(&before); err != nil {
			return err
		}
		if err := edit.pre.Check(before.Version); err != nil {
			return err
		}
		after, err := edit.do(before.Clone())
		if err != nil {
			return err
		}
		if after.AttributeMapping.Empty() {
			after.AttributeMapping = nil
		}
		after.ID, after.Tenant, after.Version, after.Created, after.Modified = before.ID, before.Tenant, before.Version, before.Created, before.Modified
		after.Ending, after.Observing = nil, before.Observing
		if err := checkConnection(&after); err != nil {
			return err
		}
		if err := t.refuseSecondPull(&after); err != nil {
			return err
		}
		if before.Type != after.Type && (before.Type.Pulled() || after.Type.Pulled()) {
			return &directory.Error{Code: directory.Invalid, Field: "type", Message: "a connection that is pulled stays one: make another connection"}
		}
		if before.Paused && !after.Paused {
			if err := t.mayConnect(&after, directory.ActionConnectionUpdate); err != nil {
				return err
			}
		}
		was, is, changed := txn.Diff(connectionFacts(&before), connectionFacts(&after))
		if len(changed) == 0 {
			out = before
			return nil
		}
		after.Version, after.Modified = before.Version+1, txn.Later(t.Now, before.Modified)
		line := t.Line(directory.ActionConnectionUpdate, connectionSubject(&after))
		line.Before, line.After = txn.Document(was), txn.Document(is)
		t.Audit(line)
		t.Event(directory.ConnectionUpdated, connectionSubject(&after), append(is, directory.Attribute{Name: "changed", Value: txn.Texts(changed)}))
		if err := t.useProject(&before, &after); err != nil {
			return err
		}
		t.Change.Connections = append(t.Change.Connections, after)
		out = after
		if !slices.Equal(before.Mappings, after.Mappings) {
			if err := t.remap(&before, &after); err != nil {
				return err
			}
		}
		return t.remapUsers(&before, &after, edit.remapped)
	})
	if err != nil {
		return directory.Connection{}, err
	}
	return out.Clone(), nil
}

// mayConnect refuses a connection that the plan of the tenant does not allow (B5).
func (t *tenantTx) mayConnect(c *directory.Connection, action directory.Action) error {
	if err := t.load(); err != nil {
		return err
	}
	return t.Refuse(policy.Connect(t.state.Plan), action, connectionSubject(c))
}

// observedYet is the error of a verb that cannot run while the connection is in observe mode (C9).
func observedYet(id directory.ConnectionID) error {
	return &directory.Error{Code: directory.Conflict, Rule: "C9", Message: fmt.Sprintf("connection %q is in observe mode: promote or drop the observation first", id)}
}

// notEnding refuses a change of a connection that is being disconnected (C10).
func notEnding(c *directory.Connection) error {
	if c.Ending == nil {
		return nil
	}
	return &directory.Error{Code: directory.Conflict, Rule: "C10", Message: fmt.Sprintf("connection %q is being disconnected: there is nothing left to change about it", c.ID)}
}

// remap applies new mappings of a connection to its groups.
func (t *tenantTx) remap(before, after *directory.Connection) error {
	if err := t.load(); err != nil {
		return err
	}
	t.mappings = map[directory.ConnectionID][]directory.GroupMapping{after.ID: after.Mappings}
	var groups []directory.Group
	_, err := t.Reader.Groups(directory.Query{Count: math.MaxInt}, func(g *directory.Group, _ []directory.Member) error {
		if g.Connection == after.ID {
			groups = append(groups, g.Clone())
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range groups {
		g := &groups[i]
		was := policy.Grants(before.Mappings, g.DisplayName, g.ExternalID)
		is := policy.Grants(after.Mappings, g.DisplayName, g.ExternalID)
		if was.Equal(is) {
			continue
		}
		if err := t.regrant(g, was, is, membersChange{}, directory.ActionConnectionUpdate); err != nil {
			return err
		}
	}
	return nil
}

// Connections gives the connections of a tenant with their credentials and last use, by slug. NotFound.
func (s *Service) Connections(ctx context.Context, p directory.Principal, tenant directory.TenantID) ([]ConnectionOverview, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	var out []ConnectionOverview
	err = s.read(ctx, p, func(r store.Reader) error {
		if err := txn.Exists(r, tenant); err != nil {
			return err
		}
		var err error
		out, err = connections(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, s.addUses(ctx, out)
}

func connections(r store.Reader) ([]ConnectionOverview, error) {
	all, err := r.Connections()
	if err != nil {
		return nil, err
	}
	out := make([]ConnectionOverview, len(all))
	for i := range all {
		out[i].Connection = all[i].Clone()
		tokens, err := r.Tokens(all[i].ID)
		if err != nil {
			return nil, err
		}
		out[i].Tokens = slices.Clone(tokens)
		for j := range out[i].Tokens {
			out[i].Tokens[j].Hash = [32]byte{}
		}
		if err := out[i].addReport(r); err != nil {
			return nil, err
		}
		if all[i].Type.Pulled() {
			if out[i].Credential, _, err = txn.Get[directory.SealedCredential](r, directory.SealedKV, string(all[i].ID)); err != nil {
				return nil, err
			}
			out[i].Credential.Data = nil
			if project := all[i].Google.Project; project != "" {
				attached, err := attachedProjects(r)
				if err != nil {
					return nil, err
				}
				out[i].Detached = !slices.Contains(attached, project)
			}
		}
	}
	return out, nil
}

// addUses adds when the credentials were used, including uses that are still in memory.
func (s *Service) addUses(ctx context.Context, connections []ConnectionOverview) error {
	for i := range connections {
		c := &connections[i]
		var err error
		if c.Uses, err = s.usesOf(ctx, c.Connection.ID); err != nil {
			return err
		}
		c.addUses(c.Uses)
		s.health(c, s.instant())
	}
	return nil
}

// ConnectionFrom is a connection at a glance, with the uses of its credentials that are still in memory. It shares the memory of sum, and does
// not know what the tenant keeps about the connection: when its health was announced, and what is held.
func (s *Service) ConnectionFrom(sum *store.ConnectionSummary) ConnectionOverview {
	c := ConnectionOverview{Connection: sum.Connection, Tokens: sum.Tokens}
	c.addUses(s.uses.Merge(sum.Connection.ID, slices.Clone(sum.Uses)))
	s.health(&c, s.instant())
	return c
}

// addUses adds when the credentials were used.
func (c *ConnectionOverview) addUses(uses []directory.Use) {
	c.Uses = uses
	for _, use := range uses {
		if use.Last.After(c.LastRequest) {
			c.LastRequest = use.Last
		}
		if use.Success.After(c.LastSuccess) {
			c.LastSuccess = use.Success
		}
	}
}

// operatorOf points an operator at the tenant of a connection. NotFound.
func (s *Service) operatorOf(ctx context.Context, p directory.Principal, id directory.ConnectionID) (directory.Principal, error) {
	if p, err := txn.ForOperator(p, directory.Provider); err != nil {
		return p, err
	}
	c, ok, err := txn.Optional(s.store.Connection(ctx, id))
	if err != nil {
		return p, err
	}
	if !ok {
		return p, &directory.Error{Code: directory.NotFound, Message: fmt.Sprintf("there is no connection %q", id)}
	}
	return txn.ForOperator(p, c.Tenant)
}

func checkConnection(c *directory.Connection) error {
	invalid := func(field, message string) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: message}
	}
	if !slices.Contains(directory.ConnectionTypes(), c.Type) {
		names := make([]string, 0, len(directory.ConnectionTypes()))
		for _, t := range directory.ConnectionTypes() {
			names = append(names, string(t))
		}
		return invalid("type", "there is no such type of connection: choose one of "+strings.Join(names, ", "))
	}
	for field, l := range map[string]*directory.Leniency{"unknown_paths": c.UnknownPaths, "unknown_members": c.UnknownMembers} {
		if l != nil && *l != directory.Refuse && *l != directory.Ignore {
			return invalid(field, field+" is refuse or ignore")
		}
	}
	for field, r := range map[string]*directory.PatchReply{"user_patch": c.UserPatch, "group_patch": c.GroupPatch} {
		if r != nil && *r != directory.ReplyResource && *r != directory.ReplyNoContent {
			return invalid(field, field+" is resource or no_content")
		}
	}
	if len(c.Mappings) > 1000 {
		return invalid("mappings", "a connection has at most 1000 mappings")
	}
	if err := checkPull(c); err != nil {
		return err
	}
	if err := policy.CheckAttributeMapping(c.AttributeMapping); err != nil {
		return err
	}
	return policy.CheckMappings(c.Mappings)
}

func connectionSubject(c *directory.Connection) directory.Subject {
	return directory.Subject{Kind: "connection", ID: string(c.ID)}
}

func connectionFacts(c *directory.Connection) directory.Attributes {
	return txn.Facts(c, "slug", "tenant", "version", "created", "modified")
}

// TenantOf gives the tenant of a connection. NotFound, also for a connection of a tenant outside the scope.
func (s *Service) TenantOf(ctx context.Context, p directory.Principal, id directory.ConnectionID) (directory.TenantID, error) {
	c, ok, err := txn.Optional(s.store.Connection(ctx, id))
	if err != nil {
		return "", err
	}
	if !ok || !policy.Sees(p, c.Tenant) {
		return "", &directory.Error{Code: directory.NotFound, Message: "there is no connection " + string(id)}
	}
	return c.Tenant, nil
}
