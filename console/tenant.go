package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/overview"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) tenantRoutes() []operation {
	return []operation{
		{
			id: "create-tenant", method: http.MethodPost, path: "/tenants", status: created,
			right: directory.TenantCreate,
			tag:   "tenants", summary: "Create a tenant",
			about: "Creates a managed company with its built-in groups.",
			codes: []directory.Code{directory.Conflict, directory.Invalid},
			again: a.createdTenant, do: handle(a.createTenant),
		},
		{
			id: "list-tenants", method: http.MethodGet, path: "/tenants",
			right: directory.TenantRead, list: true,
			tag: "tenants", summary: "List tenants",
			about: "The companies in the operator's scope: name, status, plan, seats as they are now, connections with the health of their sync, last sync (rule T3).",
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.listTenants),
		},
		{
			id: "list-tenant-names", method: http.MethodGet, path: "/tenant-names",
			right: directory.TenantRead, list: true,
			tag: "tenants", summary: "Look up the names of tenants",
			about: "For a client that shows the name where another answer has only the slug. Tenants that do not exist, or are outside the scope, are missing.",
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.listTenantNames),
		},
		{
			id: "get-tenant", method: http.MethodGet, path: "/tenants/{tenant}",
			right: directory.TenantRead,
			tag:   "tenants", summary: "Show a tenant",
			about: "One company at a glance (rule T4).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getTenant),
		},
		{
			id: "get-tenant-overview", method: http.MethodGet, path: "/tenants/{tenant}/overview",
			right: directory.TenantRead,
			tag:   "tenants", summary: "Show everything about a tenant in one place",
			about: "Seats, connections with the health of their sync, who works inside, deletion requests, held removals, operators with access and the last audit lines and the open alerts (rule T4). A part that needs a right of its own is missing without that right.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getTenantOverview),
		},
		{
			id: "update-tenant", method: http.MethodPatch, path: "/tenants/{tenant}",
			right: directory.TenantUpdate,
			tag:   "tenants", summary: "Change a tenant",
			about: "Changes what the body names and leaves the rest.",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Refused},
			do:    handle(a.updateTenant),
		},
		{
			id: "get-seats", method: http.MethodGet, path: "/tenants/{tenant}/seats",
			right: directory.TenantRead,
			tag:   "tenants", summary: "Count seats",
			about: "Who occupies seats, who is billed, and what the limit is.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getSeats),
		},
	}
}

type createTenantInput struct{ Body wire.TenantCreate }

type listTenantsInput struct {
	httpapi.PageQuery
	Q      string `query:"q" maxLength:"200" doc:"A part of the name, the slug or the customer number, in any case."`
	Status string `query:"status" enum:"active,unlinked" doc:"Only tenants with this status. Missing: all."`
	Plan   string `query:"plan" maxLength:"40" doc:"Only tenants with this plan."`
	Health string `query:"health" enum:"never_connected,healthy,quiet,failing" doc:"Only tenants with a connection in this state (rule C7)."`
	Tag    string `query:"tag" maxLength:"40" doc:"Only tenants with this tag."`
	Alerts string `query:"alerts" enum:"open" doc:"open: only tenants with open alerts."`
	Sort   string `query:"sort" enum:"slug,name,status,seats,last_sync,alerts" default:"slug" doc:"The order; seats: the number that is filled now (rule T3)."`
	Dir    string `query:"dir" enum:"asc,desc" default:"asc" doc:"From the first to the last, or the other way round."`
}

type listTenantNamesInput struct {
	httpapi.PageQuery
	Slugs string `query:"slugs" maxLength:"10000" doc:"The slugs, with commas between them; at most 100. Missing: none." example:"acme,globex"`
}

type updateTenantInput struct {
	httpapi.TenantPath
	VersionHeader
	PreviewQuery
	Body wire.TenantUpdate
}

func (a *api) createTenant(ctx context.Context, p directory.Principal, in *createTenantInput) (*versioned[wire.Tenant], error) {
	b := in.Body
	var own directory.Overrides
	assign(&own, b.Overrides)
	if b.Plan != "" || b.Seats != 0 || !own.SameCosts(&directory.Overrides{}) {
		if err := a.Operators.PermitList(p, directory.TenantBilling); err != nil { // the tenant does not exist yet
			return nil, err
		}
	}
	with, err := a.newHolders(ctx, p, b.Operators)
	if err != nil {
		return nil, err
	}
	t, err := a.Bridge.CreateTenant(ctx, p, bridge.TenantDraft{
		Overrides: own,
		ID:        directory.TenantID(b.Slug), Name: b.Name, Website: b.Website, Address: b.Address, DataRegion: b.DataRegion,
		Plan: a.plan(b.Plan), Seats: b.Seats,
		Notes: directory.ProviderNotes{Tags: b.Tags, CustomerNumber: b.CustomerNumber, AccountManager: b.AccountManager, Note: b.Note},
	})
	if err != nil {
		return nil, err
	}
	p.Access.Scope.Tenants = append(p.Access.Scope.Tenants, t.ID) // T8
	for i, id := range with {
		_, err := a.Operators.EditOperator(ctx, p, id, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
			if !o.Scope.Covers(t.ID) {
				o.Scope.Tenants = append(o.Scope.Tenants, t.ID)
			}
			return o, nil
		})
		if err != nil {
			return nil, fmt.Errorf("tenant %s was created, but %s has no access to it yet: %w", t.ID, b.Operators[i], err)
		}
	}
	return a.showTenant(ctx, p, t.ID)
}

// newHolders finds the operators who get access to a tenant before it is created, so that an error comes before the tenant exists.
func (a *api) newHolders(ctx context.Context, p directory.Principal, refs []string) ([]directory.ID, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	if err := a.Operators.PermitList(p, directory.OperatorManage); err != nil {
		return nil, err
	}
	try := p
	try.Report = &directory.Report{DryRun: true}
	var out []directory.ID
	for _, ref := range refs {
		id, err := a.findOperator(ctx, p, ref)
		if err == nil {
			_, err = a.Operators.EditOperator(ctx, try, id, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) { return o, nil })
		}
		if err != nil {
			return nil, notGiven(ref, err)
		}
		out = append(out, id)
	}
	return out, nil
}

func (a *api) listTenants(ctx context.Context, p directory.Principal, in *listTenantsInput) (*output[wire.TenantPage], error) {
	q := overview.TenantQuery{
		Q: in.Q, Status: directory.TenantStatus(in.Status), Plan: in.Plan, Health: directory.HealthState(in.Health), Tag: in.Tag, Alerting: in.Alerts != "",
		Sort: overview.TenantSort(in.Sort), Descending: httpapi.Order(in.Dir) == httpapi.Descending, Count: in.Limit,
	}
	if in.Cursor != "" {
		at, err := httpapi.ParseCursor(in.Cursor)
		if err != nil {
			return nil, err
		}
		q.After = &overview.TenantMark{Key: at.Key, ID: directory.TenantID(at.ID)}
	}
	found, err := a.Overview.ListTenants(ctx, p, q)
	if err != nil {
		return nil, err
	}
	page := wire.TenantPage{Items: make([]wire.Tenant, 0, len(found.Tenants)), Total: found.Total}
	for i := range found.Tenants {
		page.Items = append(page.Items, tenantView(found.Tenants[i]))
	}
	if found.Next != nil {
		page.Next = httpapi.Position{Key: found.Next.Key, ID: string(found.Next.ID)}.Cursor()
	}
	return &output[wire.TenantPage]{page}, nil
}

// mostNames is how many names of tenants one request looks up.
const mostNames = 100

func (a *api) listTenantNames(ctx context.Context, p directory.Principal, in *listTenantNamesInput) (*output[wire.Page[wire.TenantName]], error) {
	slugs := strings.Split(in.Slugs, ",")
	if len(slugs) > mostNames {
		return nil, &directory.Error{Code: directory.Invalid, Field: "slugs", Message: fmt.Sprintf("%d slugs are too many: ask for at most %d at once", len(slugs), mostNames)}
	}
	found, err := a.Overview.ListTenants(ctx, p, overview.TenantQuery{Only: tenantIDs(slugs), Sort: overview.BySlug, Count: mostNames})
	if err != nil {
		return nil, err
	}
	names := make([]wire.TenantName, 0, len(found.Tenants))
	for i := range found.Tenants {
		t := &found.Tenants[i].Tenant
		names = append(names, wire.TenantName{Slug: string(t.ID), Name: t.Name})
	}
	return answer(httpapi.InOrder(names, in.PageQuery, func(n *wire.TenantName) string { return n.Slug }))
}

func (a *api) getTenant(ctx context.Context, p directory.Principal, in *httpapi.TenantPath) (*versioned[wire.Tenant], error) {
	return a.showTenant(ctx, p, in.TenantID())
}

func (a *api) getTenantOverview(ctx context.Context, p directory.Principal, in *httpapi.TenantPath) (*output[wire.Overview], error) {
	o, err := a.Overview.Overview(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	out := overviewView(o, a.Now())
	if a.Operators.Permit(p, directory.OperatorRead, in.TenantID()) == nil {
		with, err := a.Operators.OperatorsOf(ctx, p, in.TenantID())
		if err != nil {
			return nil, err
		}
		for _, v := range with {
			out.Operators = append(out.Operators, operatorView(v))
		}
	}
	return &output[wire.Overview]{out}, nil
}

func (a *api) updateTenant(ctx context.Context, p directory.Principal, in *updateTenantInput) (*versioned[wire.Tenant], error) {
	if in.Body.Plan != nil || in.Body.Seats != nil {
		if err := a.Operators.Permit(p, directory.TenantBilling, in.TenantID()); err != nil {
			return nil, err
		}
	}
	_, err := a.Bridge.EditTenant(ctx, p, in.TenantID(), in.precondition(), func(t directory.Tenant) (directory.Tenant, error) {
		b := in.Body
		assign(&t.Name, b.Name)
		assign(&t.Website, b.Website)
		if to := b.Address; to != nil {
			assign(&t.Address.Country, to.Country)
			assign(&t.Address.Lines, to.Lines)
			assign(&t.Address.Locality, to.Locality)
			assign(&t.Address.PostalCode, to.PostalCode)
		}
		assign(&t.DataRegion, b.DataRegion)
		assign(&t.Plan, b.Plan)
		assign(&t.Seats, b.Seats)
		if own := b.Overrides; own != nil && !own.SameCosts(&t.Overrides) {
			if err := a.Operators.Permit(p, directory.TenantBilling, in.TenantID()); err != nil {
				return t, err
			}
		}
		assign(&t.Overrides, b.Overrides)
		assign(&t.Tags, b.Tags)
		assign(&t.CustomerNumber, b.CustomerNumber)
		assign(&t.AccountManager, b.AccountManager)
		assign(&t.Note, b.Note)
		return t, nil
	})
	if err != nil {
		return nil, err
	}
	return a.showTenant(ctx, p, in.TenantID())
}

func (a *api) getSeats(ctx context.Context, p directory.Principal, in *httpapi.TenantPath) (*output[wire.Seats], error) {
	report, err := a.Bridge.Seats(ctx, p, in.TenantID())
	if err != nil {
		return nil, err
	}
	return &output[wire.Seats]{seatsView(report)}, nil
}

// notGiven says why an operator does not get access to a new tenant.
func notGiven(ref string, err error) error {
	var why *directory.Error
	switch {
	case !errors.As(err, &why):
		return err
	case why.Code == directory.NotFound:
		return &directory.Error{Code: directory.Invalid, Field: "operators", Message: why.Message}
	}
	return &directory.Error{Code: why.Code, Rule: why.Rule, Field: "operators", Message: ref + " cannot be given access: " + why.Message, Err: err}
}

// createdTenant answers the repeat of create-tenant.
func (a *api) createdTenant(ctx context.Context, p directory.Principal, made directory.Subject) (any, error) {
	return a.showTenant(ctx, p, directory.TenantID(made.ID))
}

// assign sets a field that the body names.
func assign[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// plan is the plan of a tenant that names none: the first one that identity providers can use.
func (a *api) plan(name string) string {
	if name != "" {
		return name
	}
	for _, p := range a.Plans {
		if p.SCIM {
			return p.Name
		}
	}
	return ""
}

func (a *api) showTenant(ctx context.Context, p directory.Principal, id directory.TenantID) (*versioned[wire.Tenant], error) {
	t, err := a.Bridge.TenantOverview(ctx, p, id)
	if err != nil {
		return nil, err
	}
	return withVersion(t.Tenant.Version, tenantView(t)), nil
}

func tenantView(o bridge.TenantOverview) wire.Tenant {
	t := o.Tenant
	out := wire.Tenant{
		Slug: string(t.ID), Version: t.Version, Created: t.Created.UTC(), Modified: t.Modified.UTC(), Name: t.Name,
		Website: t.Website, Address: t.Address, DataRegion: t.DataRegion, Status: string(t.Status), Plan: t.Plan,
		Seats: seatsView(o.Seats), Users: byState(o.Usage), Groups: o.Usage.Groups,
		PlanMissing: o.PlanMissing, Connections: []wire.ConnectionSummary{}, LastSync: httpapi.Time(o.LastSync), Alerts: len(o.Alerts),
		Tags: append([]string{}, t.Tags...), CustomerNumber: t.CustomerNumber, AccountManager: t.AccountManager, Note: t.Note,
	}
	if t.Overrides != (directory.Overrides{}) {
		out.Overrides = &t.Overrides
	}
	for _, c := range o.Connections {
		out.Connections = append(out.Connections, wire.ConnectionSummary{
			Slug: string(c.Connection.ID), Type: string(c.Connection.Type), Paused: c.Connection.Paused, Health: string(c.Health.State), LastSuccess: httpapi.Time(c.LastSuccess),
		})
	}
	return out
}

func overviewView(o overview.Overview, now time.Time) wire.Overview {
	out := wire.Overview{
		Tenant: tenantView(o.TenantOverview), Inside: []wire.SupportSession{}, Requests: []wire.DeletionRequest{}, Held: []wire.HeldSummary{}, Alerts: []wire.Alert{}, Audit: o.Lines,
	}
	for _, v := range o.Alerts {
		out.Alerts = append(out.Alerts, alertView(bridge.TenantAlert{Tenant: o.Tenant.ID, Name: o.Tenant.Name, Alert: v}, now))
	}
	for _, e := range o.SupportSessions {
		out.Inside = append(out.Inside, supportSessionView(e))
	}
	for _, q := range o.Requests {
		out.Requests = append(out.Requests, requestView(q))
	}
	for i := range o.Held {
		h := &o.Held[i]
		out.Held = append(out.Held, wire.HeldSummary{Connection: string(h.Connection), Action: string(h.Action), Name: h.Subject.Name, First: h.First.UTC(), Times: h.Times})
	}
	return out
}

func seatsView(r bridge.SeatReport) wire.Seats {
	out := wire.Seats{
		Tenant: string(r.Tenant), Plan: r.Plan, Occupied: r.Occupied, Billable: r.Billable, Limit: r.Limit, Purchased: r.Purchased,
		Members: r.Members, Guests: r.Guests, IncludedGuests: r.IncludedGuests, Users: byState(r.Usage),
	}
	if r.Limit > 0 {
		free := max(0, r.Limit-r.Occupied)
		out.Free = &free
	}
	return out
}

// byState adds members and guests up. Every state is in it, so that a reader need not know which may be missing.
func byState(u directory.Usage) map[string]int {
	out := map[string]int{"gone": u.Gone}
	for _, state := range directory.AllStates() {
		n := 0
		for _, states := range u.Users {
			n += states[state]
		}
		out[state.String()] = n
	}
	return out
}
