package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// prefix of every path of the API.
const prefix = "/api/v1"

// The statuses of success that operations name.
const (
	created   = http.StatusCreated
	accepted  = http.StatusAccepted
	noContent = http.StatusNoContent
)

// operation is a row of the API.
type operation struct {
	id, method, path string
	status           int // of success; 0: 200

	right directory.Right // the right that the caller must have; an operation without one is denied to all
	list  bool            // lists tenants or their records in the scope, without a tenant in its path
	open  bool            // needs no credential; right is empty then
	fresh bool            // dangerous: the operator must have proved who they are recently
	human bool            // not for API keys: it changes the account itself, or other operators

	tag     string
	summary string
	about   string // what the summary does not say
	codes   []directory.Code

	body   int64 // how long the body may be; 0: as usual
	upload bool  // the body is a bundle, which the handler reads

	// again gives the answer to a create that was done before, from what it made; nil if the answer cannot be given again.
	again func(context.Context, directory.Principal, directory.Subject) (any, error)
	do    httpapi.Handler
}

// Route is a row of the list of operations, for tests of roles and scopes and for documentation.
type Route struct {
	ID, Method, Path         string
	Right                    directory.Right
	List, Open, Fresh, Human bool
}

// Routes lists every operation.
func Routes(cfg Config) []Route {
	var out []Route
	for _, op := range (&api{Config: cfg}).operations() {
		out = append(out, Route{
			ID: op.id, Method: op.method, Path: prefix + op.path, Right: op.right, List: op.list, Open: op.open, Fresh: op.fresh, Human: op.human,
		})
	}
	return out
}

// handle makes the handler of an operation. fn gets the caller as an argument. The right was checked before.
func handle[I, O any](fn func(ctx context.Context, p directory.Principal, in *I) (*O, error)) httpapi.Handler {
	h := httpapi.Handle(func(ctx context.Context, c *httpapi.Call, in *I) (*O, error) {
		return fn(ctx, principalOf(c), in)
	})
	if _, ok := any(new(I)).(dryRunner); ok {
		return h.OrElse(wire.Preview{}, preview)
	}
	return h
}

// dryRunner is the input of an operation that can say what it would do.
type dryRunner interface{ dryRun() bool }

// preview runs an operation on a snapshot, if the request asks for it, and answers with its effect. An error that refuses the operation
// refuses its preview too.
func preview(_ context.Context, c *httpapi.Call, in any, run func() error) (*httpapi.Other, error) {
	d, ok := in.(dryRunner)
	if !ok || !d.dryRun() {
		return nil, nil //nolint:nilnil // the operation itself is wanted
	}
	p := principalOf(c)
	p.Report = &directory.Report{DryRun: true}
	c.Who = p
	if err := run(); err != nil {
		return nil, err
	}
	return &httpapi.Other{Body: previewView(p.Report, c.Response.Started)}, nil
}

// principalOf is who asks.
func principalOf(c *httpapi.Call) directory.Principal {
	p, _ := c.Who.(directory.Principal)
	p.Idempotency = c.Repeat
	return p
}

// register adds every operation to the API and to the list by which rights are decided.
func (a *api) register() {
	a.byID = make(map[string]operation)
	for _, op := range a.operations() {
		a.byID[op.id] = op
		out := httpapi.Operation{
			ID: op.id, Method: op.method, Path: op.path, Status: op.status, Tag: op.tag, Summary: op.summary, About: op.description(), Codes: op.codes,
			MaxBody: op.body, Open: op.open, Upload: op.upload, Repeatable: op.status == created && !op.open, Handler: op.do,
		}
		if again := op.again; again != nil {
			out.Repeat = func(ctx context.Context, c *httpapi.Call, made directory.Subject) (any, error) {
				return again(ctx, principalOf(c), made)
			}
		}
		a.http.Register(out)
	}
}

// inTenant is an input that names a tenant in its path.
type inTenant interface{ TenantID() directory.TenantID }

// inConnection is an input that names a connection in its path; its tenant is looked up.
type inConnection interface{ id() directory.ConnectionID }

// inBody is an input that names a tenant in its body.
type inBody interface{ bodyTenant() directory.TenantID }

// admit decides whether a call may proceed. The scope is checked before the role, so that a foreign tenant looks like a missing one.
func (a *api) admit(ctx context.Context, c *httpapi.Call, o *httpapi.Operation, in any) error {
	op := a.byID[o.ID]
	if op.open {
		return nil
	}
	p := principalOf(c)
	tenant := directory.Provider
	switch t := in.(type) {
	case inTenant:
		tenant = t.TenantID()
	case inConnection:
		found, err := a.Bridge.TenantOf(ctx, p, t.id())
		if err != nil {
			return err
		}
		tenant = found
	}
	p.Tenant, c.Response.Tenant = tenant, string(tenant)
	if versioned, ok := in.(interface{ precondition() directory.Precondition }); ok {
		p.If = versioned.precondition()
	}
	c.Who = p
	if _, later := in.(inBody); later || op.list {
		if err := a.Operators.PermitList(p, op.right); err != nil {
			return err
		}
	} else if err := a.Operators.Permit(p, op.right, tenant); err != nil {
		return err
	}
	if _, named := in.(inTenant); named && op.method == http.MethodGet && tenant != directory.Provider {
		// A write checks that itself. A list of an unknown tenant would be empty, as if the tenant existed.
		if _, err := a.Bridge.Tenant(ctx, tenant); err != nil {
			return err
		}
	}
	switch {
	case op.human && p.Access.AuthMethod == directory.ByKey:
		return &directory.Error{Code: directory.Forbidden, Rule: "O5", Message: "an API key cannot do this: sign in as a person"}
	case op.fresh && !wantsPreview(in) && p.Access.AuthMethod == directory.BySession && !p.Access.RecentAuth:
		return &directory.Error{Code: directory.Forbidden, Rule: "O9", Field: "session", Message: "this wants a recent proof of who you are: POST /api/v1/session/prove with your password, and a code if you have a second factor, then repeat it"}
	}
	return nil
}

// wantsPreview reports whether a request asks only for a preview, which needs no recent proof.
func wantsPreview(in any) bool {
	d, ok := in.(dryRunner)
	return ok && d.dryRun()
}

// admitBody decides the same for an operation whose body names the tenant.
func (a *api) admitBody(_ context.Context, c *httpapi.Call, o *httpapi.Operation, in any) error {
	named, ok := in.(inBody)
	if !ok {
		return nil
	}
	p := principalOf(c)
	p.Tenant = named.bodyTenant()
	c.Who, c.Response.Tenant = p, string(p.Tenant)
	return a.Operators.Permit(p, a.byID[o.ID].right, p.Tenant)
}

// description adds to about the right that the caller needs.
func (op *operation) description() string {
	if op.open {
		return strings.TrimSpace(op.about + " Needs no credential.")
	}
	text := op.about + " Needs the right `" + string(op.right) + "` (rule O1)"
	switch {
	case op.right.InTenant() && op.list:
		text += "; shows what is in the operator's scope (rule O2)"
	case op.right.InTenant():
		text += ", and the tenant in the operator's scope (rule O2)"
	}
	if op.human {
		text += "; an API key cannot do it (rule O5)"
	}
	if op.fresh {
		text += "; a session must have proved itself within ten minutes (rule O9)"
	}
	return strings.TrimSpace(text + ".")
}

// output is the output of an operation that answers with a body.
type output[T any] struct{ Body T }

// answer makes an output.
func answer[T any](body T, err error) (*output[T], error) {
	if err != nil {
		return nil, err
	}
	return &output[T]{body}, nil
}

// versioned is the output of an operation that answers with a body that has a version.
type versioned[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// withVersion makes a versioned output.
func withVersion[T any](version uint64, body T) *versioned[T] {
	return &versioned[T]{ETag: wire.ETag(version), Body: body}
}

// secret is the output of an operation whose body holds a secret that no cache may keep.
type secret[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

func withSecret[T any](body T) *secret[T] { return &secret[T]{CacheControl: "no-store", Body: body} }

// Inputs that many operations share. They are exported because the library reads exported fields only, those of embedded structs too.
type (
	// TenantPage is a page of a list in a tenant.
	TenantPage struct {
		httpapi.TenantPath
		httpapi.PageQuery
	}
	// VersionHeader is the version that a change is based on.
	VersionHeader struct {
		IfMatch string `header:"If-Match" maxLength:"200" doc:"The ETag that was read; 412 if the version is another one now."`
	}
	// DryRunQuery asks what an operation would do, without doing it.
	DryRunQuery struct {
		DryRun bool `query:"dry_run" doc:"Only say what would be done."`
	}
	// PreviewQuery asks for a Preview instead of the action.
	PreviewQuery struct {
		DryRun bool `query:"dry_run" doc:"Answer with a Preview of what would happen, or with the error that would refuse it. Nothing is done and nothing is recorded (rule E7)."`
	}
)

// runOf is the run that a request asks for.
func runOf(dry bool) directory.Run {
	if dry {
		return directory.RunDry
	}
	return directory.RunApply
}

func (q PreviewQuery) dryRun() bool { return q.DryRun }

// precondition reads If-Match.
func (m VersionHeader) precondition() directory.Precondition {
	var pre directory.Precondition
	if strings.TrimSpace(m.IfMatch) == "" {
		return pre
	}
	pre.MatchSet = true
	for part := range strings.SplitSeq(m.IfMatch, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == "*" {
			pre.MatchAny = true
		} else if n, err := strconv.ParseUint(strings.Trim(part, `"`), 10, 64); err == nil {
			pre.Match = append(pre.Match, n)
		}
	}
	return pre
}

// operations lists every operation.
func (a *api) operations() []operation {
	return slices.Concat(
		a.statusRoutes(), a.backupRoutes(), a.jobRoutes(), a.trimRoutes(), a.mailRoutes(),
		a.inboxRoutes(), a.tenantRoutes(), a.tenantDeletionRoutes(), a.settingRoutes(), a.schemaRoutes(), a.handoverRoutes(), a.supportSessionRoutes(),
		a.connectionRoutes(), a.attributeMappingRoutes(), a.transferRoutes(), a.pullRoutes(), a.tokenRoutes(), a.doctorRoutes(), a.observeRoutes(), a.brakeRoutes(), a.disconnectRoutes(), a.journalRoutes(),
		a.userRoutes(), a.searchRoutes(), a.bulkRoutes(), a.suspensionRoutes(), a.whyRoutes(), a.deletionRoutes(), a.invitationRoutes(), a.importRoutes(), a.idleRoutes(),
		a.groupRoutes(), a.billingRoutes(), a.eventRoutes(), a.changeRoutes(), a.auditRoutes(), a.auditTrailsRoutes(), a.alertRoutes(), a.appKeyRoutes(),
		a.operatorRoutes(), a.operatorAccessRoutes(), a.providerRoutes(), a.subscriptionRoutes(), a.webhookRoutes(), a.targetRoutes(), a.googleProjectRoutes(),
		a.sessionRoutes(), a.linkRoutes(), a.accountRoutes(), a.factorRoutes(), a.oidcRoutes(),
	)
}
