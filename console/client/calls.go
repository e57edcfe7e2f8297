package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// List says which page of which list is wanted. Zero values are left out.
type List struct {
	Q      string // a part of the name
	Sort   string
	Dir    string // "asc" or "desc"
	Cursor string // Next of the page before
	Limit  int
}

func (l List) query() url.Values {
	v := url.Values{}
	set(v, "q", l.Q)
	set(v, "sort", l.Sort)
	set(v, "dir", l.Dir)
	set(v, "cursor", l.Cursor)
	if l.Limit > 0 {
		v.Set("limit", strconv.Itoa(l.Limit))
	}
	return v
}

func set(v url.Values, name, value string) {
	if value != "" {
		v.Set(name, value)
	}
}

// Status asks the server about itself.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return call[Status](ctx, c, http.MethodGet, "/status", nil, "", nil)
}

// Backup makes a verified copy of the store and returns when it is on the disk.
func (c *Client) Backup(ctx context.Context, in BackupCreate) (Backup, error) {
	return call[Backup](ctx, c, http.MethodPost, "/backups", nil, "", in)
}

// Backups lists the copies in backup.dir, and says what is under way.
func (c *Client) Backups(ctx context.Context) (Backups, error) {
	return call[Backups](ctx, c, http.MethodGet, "/backups", url.Values{"limit": {"500"}}, "", nil)
}

// Check looks at every page and record of the store, in a copy.
func (c *Client) Check(ctx context.Context) (CheckReport, error) {
	return call[CheckReport](ctx, c, http.MethodPost, "/checks", nil, "", nil)
}

// Trim takes away what a tenant keeps no longer.
func (c *Client) Trim(ctx context.Context, tenant string, dry bool) (Trimmed, error) {
	return call[Trimmed](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/trim", dryRun(dry), "", nil)
}

// TrimAll takes away what all tenants and the installation itself keep no longer.
func (c *Client) TrimAll(ctx context.Context, dry bool) (Page[Trimmed], error) {
	return call[Page[Trimmed]](ctx, c, http.MethodPost, "/trim", dryRun(dry), "", nil)
}

func dryRun(dry bool) url.Values {
	if !dry {
		return nil
	}
	return url.Values{"dry_run": {"true"}}
}

// CreateTenant creates a tenant with its built-in groups.
func (c *Client) CreateTenant(ctx context.Context, in TenantCreate) (Tenant, error) {
	return call[Tenant](ctx, c, http.MethodPost, "/tenants", nil, "", in)
}

// Tenants lists tenants.
func (c *Client) Tenants(ctx context.Context, l List) (Page[Tenant], error) {
	return call[Page[Tenant]](ctx, c, http.MethodGet, "/tenants", l.query(), "", nil)
}

// Tenant shows one tenant.
func (c *Client) Tenant(ctx context.Context, tenant string) (Tenant, error) {
	return call[Tenant](ctx, c, http.MethodGet, "/tenants/"+seg(tenant), nil, "", nil)
}

// Overview shows everything about a tenant in one place.
func (c *Client) Overview(ctx context.Context, tenant string) (Overview, error) {
	return call[Overview](ctx, c, http.MethodGet, "/tenants/"+seg(tenant)+"/overview", nil, "", nil)
}

// UpdateTenant changes a tenant. etag "" means whatever its version.
func (c *Client) UpdateTenant(ctx context.Context, tenant, etag string, in TenantUpdate) (Tenant, error) {
	return call[Tenant](ctx, c, http.MethodPatch, "/tenants/"+seg(tenant), nil, etag, in)
}

// Seats counts the seats of a tenant.
func (c *Client) Seats(ctx context.Context, tenant string) (Seats, error) {
	return call[Seats](ctx, c, http.MethodGet, "/tenants/"+seg(tenant)+"/seats", nil, "", nil)
}

// CreateConnection creates a connection with its first credential, which is shown this once.
func (c *Client) CreateConnection(ctx context.Context, in ConnectionCreate) (Issued, error) {
	return call[Issued](ctx, c, http.MethodPost, "/connections", nil, "", in)
}

// Connections lists the connections of one tenant, or of all for "".
func (c *Client) Connections(ctx context.Context, tenant string, l List) (Page[Connection], error) {
	q := l.query()
	set(q, "tenant", tenant)
	return call[Page[Connection]](ctx, c, http.MethodGet, "/connections", q, "", nil)
}

// Connection shows one connection.
func (c *Client) Connection(ctx context.Context, slug string) (Connection, error) {
	return call[Connection](ctx, c, http.MethodGet, "/connections/"+seg(slug), nil, "", nil)
}

// UpdateConnection changes a connection. etag "" means whatever its version.
func (c *Client) UpdateConnection(ctx context.Context, slug, etag string, in ConnectionUpdate) (Connection, error) {
	return call[Connection](ctx, c, http.MethodPatch, "/connections/"+seg(slug), nil, etag, in)
}

// CreateToken makes a new credential beside the one that is there.
func (c *Client) CreateToken(ctx context.Context, slug string, in TokenCreate) (Issued, error) {
	return call[Issued](ctx, c, http.MethodPost, "/connections/"+seg(slug)+"/tokens", nil, "", in)
}

// Tokens lists the credentials of a connection.
func (c *Client) Tokens(ctx context.Context, slug string) (Page[Token], error) {
	return whole[Token](ctx, c, "/connections/"+seg(slug)+"/tokens", nil)
}

// RevokeToken ends a credential at once.
func (c *Client) RevokeToken(ctx context.Context, slug, token string) error {
	return c.do(ctx, http.MethodDelete, "/connections/"+seg(slug)+"/tokens/"+seg(token), nil, "", nil, nil)
}

// UserList says which users are wanted.
type UserList struct {
	List
	Active string // "true" or "false"; "" for both
	State  string // one of the states; "" for all
	Gone   bool   // those that the identity provider deleted, too
}

// Users lists users of a tenant.
func (c *Client) Users(ctx context.Context, tenant string, l UserList) (Page[User], error) {
	q := l.query()
	set(q, "active", l.Active)
	set(q, "state", l.State)
	if l.Gone {
		q.Set("gone", "true")
	}
	return call[Page[User]](ctx, c, http.MethodGet, "/tenants/"+seg(tenant)+"/users", q, "", nil)
}

func userPath(tenant, user string) string { return "/tenants/" + seg(tenant) + "/users/" + seg(user) }

// User shows one user, by id or userName.
func (c *Client) User(ctx context.Context, tenant, user string) (User, error) {
	return call[User](ctx, c, http.MethodGet, userPath(tenant, user), nil, "", nil)
}

// SuspendUser suspends a user at once.
func (c *Client) SuspendUser(ctx context.Context, tenant, user string, in SuspendRequest) (Suspended, error) {
	return call[Suspended](ctx, c, http.MethodPost, userPath(tenant, user)+"/suspend", nil, "", in)
}

// HoldUser makes a suspension stay until it is released; YieldUser lets the next sync end it.
func (c *Client) HoldUser(ctx context.Context, tenant, user string) (Suspended, error) {
	return call[Suspended](ctx, c, http.MethodPost, userPath(tenant, user)+"/hold", nil, "", nil)
}

// YieldUser lets the next sync end a suspension.
func (c *Client) YieldUser(ctx context.Context, tenant, user string) (Suspended, error) {
	return call[Suspended](ctx, c, http.MethodPost, userPath(tenant, user)+"/yield", nil, "", nil)
}

// ReleaseUser ends a suspension, after a seat check.
func (c *Client) ReleaseUser(ctx context.Context, tenant, user string) (User, error) {
	return call[User](ctx, c, http.MethodPost, userPath(tenant, user)+"/release", nil, "", nil)
}

// ReleaseUserManagement takes a user away from the connection that manages it.
func (c *Client) ReleaseUserManagement(ctx context.Context, tenant, user string) error {
	return c.do(ctx, http.MethodPost, userPath(tenant, user)+"/release-management", nil, "", nil, nil)
}

// DeleteUser deletes a user for good. force and a reason delete one whom the identity provider still calls active.
func (c *Client) DeleteUser(ctx context.Context, tenant, user string, force bool, reason string) error {
	return c.do(ctx, http.MethodDelete, userPath(tenant, user), forcing(force, reason), "", nil, nil)
}

// DeleteGroup deletes a group for good; its members stay. force and a reason delete one that a connection manages.
func (c *Client) DeleteGroup(ctx context.Context, tenant, group string, force bool, reason string) error {
	return c.do(ctx, http.MethodDelete, groupPath(tenant, group), forcing(force, reason), "", nil, nil)
}

func forcing(force bool, reason string) url.Values {
	q := url.Values{}
	if force {
		q.Set("force", "true")
	}
	set(q, "reason", reason)
	return q
}

func groupPath(tenant, group string) string {
	return "/tenants/" + seg(tenant) + "/groups/" + seg(group)
}

// Groups lists groups of a tenant, built-in ones first.
func (c *Client) Groups(ctx context.Context, tenant string, l List) (Page[Group], error) {
	return call[Page[Group]](ctx, c, http.MethodGet, "/tenants/"+seg(tenant)+"/groups", l.query(), "", nil)
}

// Group shows one group, by id, display name or built-in name.
func (c *Client) Group(ctx context.Context, tenant, group string) (Group, error) {
	return call[Group](ctx, c, http.MethodGet, groupPath(tenant, group), nil, "", nil)
}

// Members lists the members of a group.
func (c *Client) Members(ctx context.Context, tenant, group string, l List) (Page[Member], error) {
	return call[Page[Member]](ctx, c, http.MethodGet, groupPath(tenant, group)+"/members", l.query(), "", nil)
}

// AddMember puts a user into a built-in group.
func (c *Client) AddMember(ctx context.Context, tenant, group, user string) error {
	return c.do(ctx, http.MethodPut, groupPath(tenant, group)+"/members/"+seg(user), nil, "", nil, nil)
}

// RemoveMember takes a user out of a built-in group.
func (c *Client) RemoveMember(ctx context.Context, tenant, group, user string) error {
	return c.do(ctx, http.MethodDelete, groupPath(tenant, group)+"/members/"+seg(user), nil, "", nil, nil)
}

// ReleaseGroupManagement takes a group away from the connection that manages it.
func (c *Client) ReleaseGroupManagement(ctx context.Context, tenant, group string) error {
	return c.do(ctx, http.MethodPost, groupPath(tenant, group)+"/release-management", nil, "", nil, nil)
}

func feedPath(tenant, feed string) string {
	if tenant == "" {
		return "/" + feed
	}
	return "/tenants/" + seg(tenant) + "/" + feed
}

func feedQuery(after uint64, limit int, wait time.Duration) url.Values {
	q := url.Values{}
	if after > 0 {
		q.Set("after", strconv.FormatUint(after, 10))
	}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	if wait > 0 {
		q.Set("wait", strconv.Itoa(int(wait.Seconds())))
	}
	return q
}

// Events reads the feed of a tenant ("" for the installation's own) behind the event numbered after. With wait it answers
// as soon as there is something, or with nothing when the time is over.
func (c *Client) Events(ctx context.Context, tenant string, after uint64, limit int, wait time.Duration) (Events, error) {
	return call[Events](ctx, c, http.MethodGet, feedPath(tenant, "events"), feedQuery(after, limit, wait), "", nil)
}

// Audit reads the audit trail of a tenant ("" for the installation's own) behind the line numbered after, and waits like Events.
func (c *Client) Audit(ctx context.Context, tenant string, after uint64, limit int, wait time.Duration) (AuditLines, error) {
	return call[AuditLines](ctx, c, http.MethodGet, feedPath(tenant, "audit"), feedQuery(after, limit, wait), "", nil)
}

// Schemas lists the schemas that a tenant has of its own.
func (c *Client) Schemas(ctx context.Context, tenant string) (Page[Schema], error) {
	return whole[Schema](ctx, c, "/tenants/"+seg(tenant)+"/schemas", nil)
}

// LoadSchema adds a schema to a tenant, or takes the place of the one with the same URN. With discard, data that no schema has
// any more leaves every record; without it, such data is 409.
func (c *Client) LoadSchema(ctx context.Context, tenant string, in Schema, discard bool) (Schema, error) {
	return call[Schema](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/schemas", discarding(discard), "", in)
}

// RemoveSchema takes a schema from a tenant; discard is that of LoadSchema.
func (c *Client) RemoveSchema(ctx context.Context, tenant, urn string, discard bool) error {
	_, err := call[struct{}](ctx, c, http.MethodDelete, "/tenants/"+seg(tenant)+"/schemas/"+seg(urn), discarding(discard), "", nil)
	return err
}

func discarding(discard bool) url.Values {
	if !discard {
		return nil
	}
	return url.Values{"discard": {"true"}}
}
