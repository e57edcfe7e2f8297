package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// TenantDraft describes a new tenant.
type TenantDraft struct {
	ID         directory.TenantID // the slug; "": made from Name
	Name       string
	Website    string
	Address    directory.Address
	DataRegion string
	Plan       string
	Seats      int // purchased; 0: as many as the plan allows
	Notes      directory.ProviderNotes
	Overrides  directory.Overrides // settings of its own
}

// TenantOverview is a tenant at a glance.
type TenantOverview struct {
	Tenant      directory.Tenant
	Usage       directory.Usage
	Seats       SeatReport
	Connections []ConnectionOverview
	PlanMissing bool              // the plan is not in the catalogue: nothing can be written until that is fixed (B5)
	LastSync    time.Time         // the last request of any connection that was answered below 400; zero: none yet
	Alerts      []directory.Alert // open ones, the last ones first
}

// Tenant gives a tenant, without a check of rights. NotFound.
func (s *Service) Tenant(ctx context.Context, id directory.TenantID) (directory.Tenant, error) {
	var out directory.Tenant
	err := s.store.View(ctx, id, nil, func(r store.Reader) error {
		t, err := r.Tenant()
		out = t.Clone()
		return err
	})
	if err != nil {
		return directory.Tenant{}, err
	}
	return out, nil
}

// CreateTenant makes a tenant with its built-in groups (T1). Invalid, and Conflict with Field tenant if the slug is taken.
func (s *Service) CreateTenant(ctx context.Context, p directory.Principal, d TenantDraft) (directory.Tenant, error) {
	p, err := txn.ForOperator(p, d.ID)
	if err == nil {
		err = s.txn.AlreadyDone(ctx, p)
	}
	if err != nil {
		return directory.Tenant{}, err
	}
	tenant := directory.Tenant{
		ID: d.ID, Name: strings.TrimSpace(d.Name), Website: d.Website, Address: d.Address, DataRegion: d.DataRegion,
		Status: directory.TenantActive, Plan: d.Plan, Seats: d.Seats, ProviderNotes: d.Notes, Overrides: d.Overrides,
	}
	tenant.Address.Country = strings.ToUpper(tenant.Address.Country)
	if tenant.DataRegion == "" {
		tenant.DataRegion = s.region
	}
	if err := s.checkTenant(&tenant); err != nil {
		return directory.Tenant{}, err
	}
	if err := policy.SameRegion(s.region, tenant.DataRegion).Err(); err != nil {
		return directory.Tenant{}, err
	}
	if d.ID != "" {
		if err := checkSlug("tenant", string(d.ID), maxTenantSlug); err != nil {
			return directory.Tenant{}, err
		}
		return s.createTenant(ctx, p, tenant)
	}
	base := slug(tenant.Name, maxTenantSlug-4)
	if base == "" {
		return directory.Tenant{}, &directory.Error{Code: directory.Invalid, Field: "slug", Message: "no slug can be made from the name: choose one of a-z, 0-9 and hyphen"}
	}
	for n := 1; ; n++ {
		tenant.ID = directory.TenantID(base)
		if n > 1 {
			tenant.ID = directory.TenantID(fmt.Sprintf("%s-%d", base, n))
		}
		p.Tenant = tenant.ID
		made, err := s.createTenant(ctx, p, tenant)
		if errors.As(err, new(*directory.AlreadyDone)) || directory.CodeOf(err) != directory.Conflict || n == 999 {
			return made, err
		}
	}
}

func (s *Service) createTenant(ctx context.Context, p directory.Principal, tenant directory.Tenant) (directory.Tenant, error) {
	var out directory.Tenant
	err := s.write(ctx, p, func(t *tenantTx) error {
		if _, taken, err := txn.Optional(t.Reader.Tenant()); err != nil {
			return err
		} else if taken {
			return &directory.Error{Code: directory.Conflict, Field: "tenant", Message: fmt.Sprintf("there is a tenant %q already: choose another slug", tenant.ID)}
		}
		if err := t.checkOnboarding(&directory.Tenant{}, &tenant); err != nil {
			return err
		}
		out = tenant
		out.Version, out.Created, out.Modified = 1, t.Now, t.Now
		t.Change.Tenant = &out
		for _, name := range directory.BuiltIns() {
			schemas := []any{"urn:ietf:params:scim:schemas:core:2.0:Group"}
			t.Change.Groups = append(t.Change.Groups, directory.Group{
				ID: t.NewID(), Version: 1, Created: t.Now, Modified: t.Now, DisplayName: name.Title(), BuiltIn: name,
				Document: directory.Attributes{{Name: "schemas", Value: schemas}, {Name: "displayName", Value: name.Title()}}.Document(),
			})
		}
		line := t.Line(directory.ActionTenantCreate, tenantSubject(&out))
		line.After = txn.Document(tenantFacts(&out))
		t.Audit(line)
		t.Event(directory.TenantCreated, tenantSubject(&out), tenantNews(tenantFacts(&out)))
		return nil
	})
	if err != nil {
		return directory.Tenant{}, err
	}
	s.journalSettings(ctx, &directory.Overrides{}, &out.Overrides)
	if err := s.operators.AddToScope(ctx, p, out.ID); err != nil {
		return directory.Tenant{}, fmt.Errorf("tenant %s is there, but not yet in your scope: ask an operator who manages operators: %w", out.ID, err)
	}
	return out.Clone(), nil
}

// EditTenant changes a tenant. edit must not change slug, status, version and times. NotFound, Stale, Invalid, Refused B8,
// and the errors of edit; schemas with data are changed by EditSchemas.
func (s *Service) EditTenant(ctx context.Context, p directory.Principal, id directory.TenantID, pre directory.Precondition, edit func(directory.Tenant) (directory.Tenant, error)) (directory.Tenant, error) {
	return s.editTenant(ctx, p, id, tenantEdit{pre: pre, do: edit})
}

type tenantEdit struct {
	pre     directory.Precondition
	discard bool // removes data that loses its schema
	do      func(directory.Tenant) (directory.Tenant, error)
}

func (s *Service) editTenant(ctx context.Context, p directory.Principal, id directory.TenantID, edit tenantEdit) (directory.Tenant, error) {
	p, err := txn.ForOperator(p, id)
	if err != nil {
		return directory.Tenant{}, err
	}
	var out directory.Tenant
	var own directory.Overrides // as they were
	err = s.write(ctx, p, func(t *tenantTx) error {
		before, err := t.Reader.Tenant()
		if err != nil {
			return err
		}
		own = before.Overrides
		if err := edit.pre.Check(before.Version); err != nil {
			return err
		}
		after, err := edit.do(before.Clone())
		if err != nil {
			return err
		}
		after.ID, after.Version, after.Created, after.Modified = before.ID, before.Version, before.Created, before.Modified
		after.Status, after.Handover = before.Status, before.Handover
		after.Address.Country = strings.ToUpper(after.Address.Country)
		if err := s.checkTenant(&after); err != nil {
			return err
		}
		if after.DataRegion != before.DataRegion {
			if err := t.Refuse(policy.SameRegion(s.region, after.DataRegion), directory.ActionTenantUpdate, tenantSubject(&before)); err != nil {
				return err
			}
		}
		if err := t.checkOnboarding(&before, &after); err != nil {
			return err
		}
		if err := t.checkSeats(&before, &after); err != nil {
			return err
		}
		if err := t.checkPlan(&before, &after); err != nil {
			return err
		}
		was, is, changed := txn.Diff(tenantFacts(&before), tenantFacts(&after))
		if len(changed) == 0 {
			out = before
			return nil
		}
		if err := t.changeSchemas(&before, &after, edit); err != nil {
			return err
		}
		after.Version, after.Modified = before.Version+1, txn.Later(t.Now, before.Modified)
		line := t.Line(directory.ActionTenantUpdate, tenantSubject(&after))
		line.Before, line.After = txn.Document(was), txn.Document(is)
		t.Audit(line)
		if news := slices.DeleteFunc(slices.Clone(changed), providersOwn); len(news) > 0 {
			t.Event(directory.TenantUpdated, tenantSubject(&after), append(tenantNews(is), directory.Attribute{Name: "changed", Value: txn.Texts(news)}))
		}
		t.Change.Tenant = &after
		out = after
		return nil
	})
	if err != nil {
		return directory.Tenant{}, err
	}
	if !p.Report.Dry() {
		s.journalSettings(ctx, &own, &out.Overrides)
	}
	return out.Clone(), nil
}

// checkPlan refuses a plan without SCIM while connections of the tenant are in use (B5).
func (t *tenantTx) checkPlan(before, after *directory.Tenant) error {
	if before.Plan == after.Plan {
		return nil
	}
	plan, err := t.s.planOf(after)
	if err != nil {
		return err
	}
	connections, err := t.Reader.Connections()
	if err != nil {
		return err
	}
	return t.Refuse(policy.KeepSCIM(plan, connections), directory.ActionTenantUpdate, tenantSubject(before))
}

// checkSeats refuses a plan, a number of seats or settings that make the limit lower than what is occupied (B8).
func (t *tenantTx) checkSeats(before, after *directory.Tenant) error {
	usage, err := t.Reader.Usage()
	if err != nil {
		return err
	}
	is, err := t.s.stateOf(after, usage, t.Now)
	if err != nil {
		return err
	}
	was, err := t.s.stateOf(before, usage, t.Now)
	if err != nil { // the old plan is no longer in the catalogue, so every limit is new
		was.Usage = usage
	}
	t.tenant, t.state, t.seatsMoved = *after, is, true
	return t.Refuse(policy.ChangeLimit(was, is), directory.ActionTenantUpdate, tenantSubject(after))
}

// TenantOverview gives one tenant at a glance (T4). NotFound.
func (s *Service) TenantOverview(ctx context.Context, p directory.Principal, id directory.TenantID) (TenantOverview, error) {
	p, err := txn.ForOperator(p, id)
	if err != nil {
		return TenantOverview{}, err
	}
	var out TenantOverview
	err = s.read(ctx, p, func(r store.Reader) error {
		tenant, seats, err := s.seats(r)
		if err != nil {
			return err
		}
		out = TenantOverview{Tenant: tenant.Clone(), Usage: seats.Usage, Seats: seats}
		if out.Alerts, err = alertsOf(r, OpenAlerts, s.instant()); err != nil {
			return err
		}
		_, known := policy.FindPlan(s.plans, tenant.Plan)
		out.PlanMissing = !known
		out.Connections, err = connections(r)
		return err
	})
	if err != nil {
		return TenantOverview{}, err
	}
	if err := s.addUses(ctx, out.Connections); err != nil {
		return TenantOverview{}, err
	}
	for i := range out.Connections {
		if last := out.Connections[i].LastSuccess; last.After(out.LastSync) {
			out.LastSync = last
		}
	}
	return out, nil
}

func (s *Service) checkTenant(t *directory.Tenant) error {
	for _, check := range []struct {
		field, text string
		least, most int
	}{
		{"name", t.Name, 1, 200},
		{"website", t.Website, 0, 500},
		{"address.lines", strings.ReplaceAll(t.Address.Lines, "\n", " "), 0, 1000},
		{"address.locality", t.Address.Locality, 0, 200},
		{"address.postal_code", t.Address.PostalCode, 0, 40},
		{"data_region", t.DataRegion, 0, 64},
	} {
		if err := policy.CheckText(check.field, check.text, check.least, check.most); err != nil {
			return err
		}
	}
	if err := policy.CheckNotes(&t.ProviderNotes); err != nil {
		return err
	}
	invalid := func(field, message string) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: message}
	}
	if err := policy.CheckCountry(t.Address.Country); err != nil {
		return err
	}
	if t.Seats < 0 || t.Seats > 100_000_000 {
		return invalid("seats", "seats is between 0 (as many as the plan allows) and 100000000")
	}
	plan, ok := policy.FindPlan(s.plans, t.Plan)
	if !ok {
		return invalid("plan", fmt.Sprintf("there is no plan %q: choose one of %s", t.Plan, s.planNames()))
	}
	if plan.MaxMembers > 0 && t.Seats > plan.MaxMembers {
		return invalid("seats", fmt.Sprintf("the plan %s has at most %d seats", plan.Title, plan.MaxMembers))
	}
	if zoned := t.Overrides.SnapshotZone; zoned != nil {
		if _, err := zone(*zoned); err != nil {
			return err
		}
	}
	return policy.CheckOverrides(t.Overrides)
}

func (s *Service) planNames() string {
	names := make([]string, len(s.plans))
	for i := range s.plans {
		names[i] = s.plans[i].Name
	}
	return strings.Join(names, ", ")
}

const (
	maxTenantSlug     = 40
	maxConnectionSlug = 60
)

// checkSlug refuses a text that cannot be part of a URL for every identity provider.
func checkSlug(field, text string, most int) error {
	ok := text != "" && len(text) <= most && text[0] != '-' && text[len(text)-1] != '-'
	for i := 0; ok && i < len(text); i++ {
		c := text[i]
		ok = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-'
	}
	if ok {
		return nil
	}
	return &directory.Error{Code: directory.Invalid, Field: field, Message: fmt.Sprintf(
		"a slug has 1 to %d characters of a-z, 0-9 and hyphen, and neither begins nor ends with a hyphen", most)}
}

// slug makes a slug of a name: letters and digits stay, everything between them becomes one hyphen.
func slug(name string, most int) string {
	var b strings.Builder
	gap := false
	for _, r := range name {
		r = unicode.ToLower(r)
		if r < 'a' && (r < '0' || r > '9') || r > 'z' {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	text := b.String()
	if len(text) > most {
		text = text[:most]
	}
	return strings.Trim(text, "-")
}

func tenantSubject(t *directory.Tenant) directory.Subject {
	return directory.Subject{Kind: "tenant", ID: string(t.ID), Name: t.Name}
}

// tenantFacts are the fields of a tenant as audit lines show them. Of the note they have only a checksum, which shows a change but not the
// text.
func tenantFacts(t *directory.Tenant) directory.Attributes {
	facts := txn.Facts(t, "slug", "version", "created", "modified", "note")
	if t.Note != "" {
		sum := sha256.Sum256([]byte(t.Note))
		facts.Set("note", "sha256:"+hex.EncodeToString(sum[:8]))
	}
	return facts
}

// tenantNews are the fields of a tenant as events show them: applications do not see the provider's own notes.
func tenantNews(facts directory.Attributes) directory.Attributes {
	return slices.DeleteFunc(slices.Clone(facts), func(a directory.Attribute) bool { return providersOwn(a.Name) })
}

func providersOwn(field string) bool {
	return slices.Contains([]string{"tags", "customer_number", "account_manager", "note"}, field)
}

// TenantIDs gives the tenants that are served, in order.
func (s *Service) TenantIDs(ctx context.Context) ([]directory.TenantID, error) {
	all, err := s.store.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	var out []directory.TenantID
	for i := range all {
		if all[i].Status == directory.TenantActive {
			out = append(out, all[i].ID)
		}
	}
	return out, nil
}
