package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

type (
	// OperatorPath is an operator in a path.
	OperatorPath struct {
		Operator string `path:"operator" minLength:"1" maxLength:"254" doc:"The id of the operator, or the e-mail address."`
	}
)

func (a *api) operatorRoutes() []operation {
	return []operation{
		{
			id: "list-operators", method: http.MethodGet, path: "/operators",
			right: directory.OperatorRead,
			tag:   "operators", summary: "List operators",
			about: "All operators, with role, scope, second factor and last sign-in (rule O4), and warnings where there are too few of a kind (rule O8).",
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.listOperators),
		},
		{
			id: "export-operators", method: http.MethodGet, path: "/operators.csv",
			right: directory.OperatorRead,
			tag:   "operators", summary: "Operators as a table",
			about: "The CSV form of list-operators, with the same filters: all that match, in the order of their addresses.",
			codes: []directory.Code{directory.Invalid},
			do:    handle(a.exportOperators),
		},
		{
			id: "create-operator", method: http.MethodPost, path: "/operators", status: created,
			right: directory.OperatorManage, fresh: true, human: true,
			tag: "operators", summary: "Add an operator",
			about: "The operator is pending until the person opens the link and chooses a password. The link is mailed. If no mail is sent, the link is in this answer and never shown again.",
			codes: []directory.Code{directory.Conflict, directory.Invalid},
			do:    handle(a.createOperator),
		},
		{
			id: "get-operator", method: http.MethodGet, path: "/operators/{operator}",
			right: directory.OperatorRead,
			tag:   "operators", summary: "Show an operator",
			about: "By id or e-mail address (rule O4).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getOperator),
		},
		{
			id: "update-operator", method: http.MethodPatch, path: "/operators/{operator}",
			right: directory.OperatorManage, fresh: true, human: true,
			tag: "operators", summary: "Change an operator",
			about: "Changes what the body names and leaves the rest. You need at least the operator's role and scope, and can give nothing that you do not have yourself (rule O10). A new e-mail address of an operator who has registered is `new_email` until it is confirmed by a link that is mailed there; the old address is told. Where no mail is sent, make the link with create-operator-link.",
			codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Refused, directory.Conflict},
			do:    handle(a.updateOperator),
		},
		{
			id: "suspend-operator", method: http.MethodPost, path: "/operators/{operator}/suspend",
			right: directory.OperatorManage, fresh: true, human: true,
			tag: "operators", summary: "Suspend an operator",
			about: "Sessions, API keys and links end with it (rule O7).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Invalid},
			do:    handle(a.suspendOperator),
		},
		{
			id: "restore-operator", method: http.MethodPost, path: "/operators/{operator}/restore",
			right: directory.OperatorManage, fresh: true, human: true,
			tag: "operators", summary: "End the suspension of an operator",
			about: "API keys stay revoked, and API access stays off (rule O7).",
			codes: []directory.Code{directory.NotFound, directory.Conflict},
			do:    handle(a.restoreOperator),
		},
		{
			id: "delete-operator", method: http.MethodDelete, path: "/operators/{operator}", status: noContent,
			right: directory.OperatorManage, fresh: true, human: true,
			tag: "operators", summary: "End the account of an operator for good",
			about: "Sessions, API keys, links, scope and subscription go with it, and nothing restores it (rule O7). The audit trail keeps the name. The address can be invited again, as a new account. Operators cannot end their own account, and there is always an active Owner (rule O8).",
			codes: []directory.Code{directory.NotFound, directory.Refused, directory.Invalid},
			do:    handle(a.deleteOperator),
		},
	}
}

type deleteOperatorInput struct {
	OperatorPath
	VersionHeader
	PreviewQuery
	Reason string `query:"reason" maxLength:"500" doc:"Why, for the audit trail."`
}

// operatorAccessRoutes are about the access of an operator: links, sessions and API keys.
func (a *api) operatorAccessRoutes() []operation {
	return []operation{
		{
			id: "list-operator-sessions", method: http.MethodGet, path: "/operators/{operator}/sessions",
			right: directory.OperatorRead,
			tag:   "operators", summary: "List where an operator is signed in",
			about: "Each with the address and the program that used it last (rule O9).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listOperatorSessions),
		},
		{
			id: "end-operator-sessions", method: http.MethodDelete, path: "/operators/{operator}/sessions", status: noContent,
			right: directory.OperatorManage, human: true,
			tag: "operators", summary: "Sign an operator out everywhere",
			about: "All of the operator's sessions end at once; the account stays (rule O9).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.endOperatorSessions),
		},
		{
			id: "list-operator-api-keys", method: http.MethodGet, path: "/operators/{operator}/api-keys",
			right: directory.OperatorRead,
			tag:   "operators", summary: "List the API keys of an operator",
			about: "Without their secrets, which are stored nowhere (rule O5).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.listOperatorAPIKeys),
		},
		{
			id: "revoke-operator-api-key", method: http.MethodDelete, path: "/operators/{operator}/api-keys/{key}", status: noContent,
			right: directory.OperatorManage, human: true,
			tag: "operators", summary: "Revoke an API key of an operator",
			about: "It is refused from this moment on (rule O5).",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.revokeOperatorAPIKey),
		},
		{
			id: "create-operator-link", method: http.MethodPost, path: "/operators/{operator}/links", status: created,
			right: directory.OperatorManage, fresh: true, human: true,
			tag: "operators", summary: "Make a one-time link",
			about: "An invitation for an operator who is pending; a reset of the password or of the second factor, or the confirmation of `new_email`, for one who is active. Earlier links of the operator end. The link is mailed, the last one to the new address. If no mail is sent, the link is in this answer and never shown again.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid},
			do:    handle(a.createOperatorLink),
		},
	}
}

type listOperatorsInput struct {
	httpapi.PageQuery
	OperatorFilter
	Sort string `query:"sort" enum:"created,name,email,role,status" default:"created" doc:"The order."`
	Dir  string `query:"dir" enum:"asc,desc" default:"asc" doc:"From the first to the last, or the other way round."`
}

// OperatorFilter says which operators to list. All conditions must hold.
type OperatorFilter struct {
	Q      string `query:"q" maxLength:"200" doc:"A part of the name or the e-mail address, in any case."`
	Role   string `query:"role" enum:"owner,administrator_billing,administrator,technician,help_desk,read_only" doc:"Only operators with this role. Missing: all."`
	Status string `query:"status" enum:"pending,active,suspended" doc:"Only operators with this status. Missing: all."`
	MFA    string `query:"mfa" enum:"enrolled,not_enrolled,missing" doc:"enrolled: only operators who have a second factor; not_enrolled: only those who have none; missing: only those of whom one is required and who have none."`
	Tenant string `query:"tenant" maxLength:"40" doc:"Only operators with access to this tenant, those with access to all included (rule O2)."`
}

func (f *OperatorFilter) wants(o *wire.Operator) bool {
	switch {
	case f.Role != "" && o.Role != f.Role, f.Status != "" && o.Status != f.Status:
		return false
	case f.MFA == "enrolled" && !o.MFAEnrolled, f.MFA == "not_enrolled" && o.MFAEnrolled, f.MFA == "missing" && (o.MFAEnrolled || !o.MFARequired):
		return false
	case f.Tenant != "" && !o.AllTenants && !slices.Contains(o.Tenants, f.Tenant):
		return false
	}
	return httpapi.Matches(f.Q, o.FirstName+" "+o.LastName, o.Email)
}

type createOperatorInput struct{ Body wire.OperatorCreate }

type updateOperatorInput struct {
	OperatorPath
	VersionHeader
	PreviewQuery
	Body wire.OperatorUpdate
}

type suspendOperatorInput struct {
	OperatorPath
	VersionHeader
	PreviewQuery
	Body wire.ReasonRequest
}

type restoreOperatorInput struct {
	OperatorPath
	VersionHeader
	PreviewQuery
}

type createOperatorLinkInput struct {
	OperatorPath
	Body wire.LinkRequest
}

type operatorPage struct {
	OperatorPath
	httpapi.PageQuery
}

type revokeOperatorAPIKeyInput struct {
	OperatorPath
	Key string `path:"key" maxLength:"40" doc:"The id of the key."`
}

func (a *api) listOperators(ctx context.Context, p directory.Principal, in *listOperatorsInput) (*output[wire.OperatorPage], error) {
	all, err := a.Operators.Operators(ctx, p)
	if err != nil {
		return nil, err
	}
	entries := make([]wire.Operator, 0, len(all.Operators))
	for i := range all.Operators {
		if o := operatorView(all.Operators[i]); in.wants(&o) {
			entries = append(entries, o)
		}
	}
	page, err := httpapi.Sorted(entries, in.PageQuery, httpapi.Order(in.Dir), func(o wire.Operator) httpapi.Position {
		key := ""
		switch in.Sort {
		case "name":
			key = directory.Fold(o.LastName + " " + o.FirstName)
		case "email":
			key = directory.Fold(o.Email)
		case "role":
			key = o.Role
		case "status":
			key = o.Status
		}
		return httpapi.Position{Key: key, ID: o.ID}
	})
	if err != nil {
		return nil, err
	}
	out := wire.OperatorPage{Items: page.Items, Next: page.Next, RequireMFA: all.Settings.RequireMFA, Warnings: all.Warnings}
	if out.Warnings == nil {
		out.Warnings = []string{}
	}
	return &output[wire.OperatorPage]{out}, nil
}

func (a *api) exportOperators(ctx context.Context, p directory.Principal, in *OperatorFilter) (*httpapi.File, error) {
	all, err := a.Operators.Operators(ctx, p)
	if err != nil {
		return nil, err
	}
	var found []wire.Operator
	for i := range all.Operators {
		if o := operatorView(all.Operators[i]); in.wants(&o) {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b wire.Operator) int {
		return cmp.Or(strings.Compare(directory.Fold(a.Email), directory.Fold(b.Email)), strings.Compare(a.ID, b.ID))
	})
	rows := [][]string{{
		"email", "first_name", "last_name", "role", "status", "all_tenants", "tenants", "mfa_required", "mfa_enrolled", "api_access", "api_keys", "last_sign_in", "created",
	}}
	for i := range found {
		o := &found[i]
		last := ""
		if o.LastSignIn != nil {
			last = o.LastSignIn.Format(time.RFC3339)
		}
		rows = append(rows, []string{
			o.Email, o.FirstName, o.LastName, o.Role, o.Status, strconv.FormatBool(o.AllTenants), strings.Join(o.Tenants, " "),
			strconv.FormatBool(o.MFARequired), strconv.FormatBool(o.MFAEnrolled), strconv.FormatBool(o.APIAccess), strconv.Itoa(o.APIKeys), last, o.Created.Format(time.RFC3339),
		})
	}
	return table("operators", rows), nil
}

func (a *api) createOperator(ctx context.Context, p directory.Principal, in *createOperatorInput) (*output[wire.OperatorLink], error) {
	b := in.Body
	v, link, err := a.Operators.CreateOperator(ctx, p, operators.Draft{
		FirstName: b.FirstName, LastName: b.LastName, Email: b.Email, Role: directory.Role(b.Role),
		Scope: directory.Scope{All: b.AllTenants, Tenants: tenantIDs(b.Tenants)}, MFARequired: b.MFARequired, APIAccess: b.APIAccess, ShowLink: b.ShowLink,
	})
	if err != nil {
		return nil, err
	}
	return answer(a.linkView(v, link), nil)
}

func (a *api) getOperator(ctx context.Context, p directory.Principal, in *OperatorPath) (*versioned[wire.Operator], error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return showOperator(a.Operators.OperatorByID(ctx, p, id))
}

func (a *api) updateOperator(ctx context.Context, p directory.Principal, in *updateOperatorInput) (*versioned[wire.Operator], error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return showOperator(a.Operators.EditOperator(ctx, p, id, in.precondition(), func(o directory.Operator) (directory.Operator, error) {
		b := in.Body
		assign(&o.FirstName, b.FirstName)
		assign(&o.LastName, b.LastName)
		if b.Email != nil {
			o.Email, o.NewEmail = *b.Email, ""
		}
		assign(&o.MFARequired, b.MFARequired)
		assign(&o.APIAccess, b.APIAccess)
		if b.Role != nil {
			o.Role = directory.Role(*b.Role)
		}
		return o, editScope(&o.Scope, &b)
	}))
}

func (a *api) suspendOperator(ctx context.Context, p directory.Principal, in *suspendOperatorInput) (*versioned[wire.Operator], error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return showOperator(a.Operators.SuspendOperator(ctx, p, id, in.Body.Reason))
}

func (a *api) restoreOperator(ctx context.Context, p directory.Principal, in *restoreOperatorInput) (*versioned[wire.Operator], error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return showOperator(a.Operators.RestoreOperator(ctx, p, id))
}

func (a *api) deleteOperator(ctx context.Context, p directory.Principal, in *deleteOperatorInput) (*httpapi.None, error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return nil, a.Operators.DeleteOperator(ctx, p, id, in.Reason)
}

func (a *api) createOperatorLink(ctx context.Context, p directory.Principal, in *createOperatorLinkInput) (*output[wire.OperatorLink], error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	link, err := a.Operators.IssueLink(ctx, p, id, directory.LinkKind(in.Body.Kind), recipientOf(in.Body.ShowLink))
	if err != nil {
		return nil, err
	}
	v, err := a.Operators.OperatorByID(ctx, p, id)
	if err != nil {
		return nil, err
	}
	return answer(a.linkView(v, link), nil)
}

func (a *api) listOperatorSessions(ctx context.Context, p directory.Principal, in *operatorPage) (*output[wire.Page[wire.Session]], error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return answer(a.sessions(ctx, p, id, in.PageQuery))
}

func (a *api) endOperatorSessions(ctx context.Context, p directory.Principal, in *OperatorPath) (*httpapi.None, error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return nil, a.Operators.EndSessions(ctx, p, id, directory.ID{})
}

func (a *api) listOperatorAPIKeys(ctx context.Context, p directory.Principal, in *operatorPage) (*output[wire.Page[wire.APIKey]], error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	return answer(a.keys(ctx, p, id, in.PageQuery))
}

func (a *api) revokeOperatorAPIKey(ctx context.Context, p directory.Principal, in *revokeOperatorAPIKeyInput) (*httpapi.None, error) {
	id, err := a.findOperator(ctx, p, in.Operator)
	if err != nil {
		return nil, err
	}
	key, err := idOf(in.Key, "API key")
	if err != nil {
		return nil, err
	}
	return nil, a.Operators.RevokeAPIKey(ctx, p, id, key)
}

func tenantIDs(slugs []string) []directory.TenantID {
	var out []directory.TenantID
	for _, slug := range slugs {
		out = append(out, directory.TenantID(slug))
	}
	return out
}

// editScope changes a scope as the body of update-operator says.
func editScope(scope *directory.Scope, b *wire.OperatorUpdate) error {
	assign(&scope.All, b.AllTenants)
	if b.Tenants != nil {
		scope.Tenants = tenantIDs(*b.Tenants)
	}
	if len(b.AddTenants)+len(b.RemoveTenants) == 0 {
		return nil
	}
	field := "add_tenants"
	if len(b.AddTenants) == 0 {
		field = "remove_tenants"
	}
	if scope.All {
		return &directory.Error{Code: directory.Invalid, Field: field, Rule: "O2", Message: "the operator has access to all tenants: set all_tenants to false first"}
	}
	remove := tenantIDs(b.RemoveTenants)
	scope.Tenants = slices.DeleteFunc(append(scope.Tenants, tenantIDs(b.AddTenants)...), func(t directory.TenantID) bool { return slices.Contains(remove, t) })
	return nil
}

// findOperator finds an operator by id or e-mail address.
func (a *api) findOperator(ctx context.Context, p directory.Principal, ref string) (directory.ID, error) {
	if id, ok := directory.ParseID(ref); ok {
		return id, nil
	}
	all, err := a.Operators.Operators(ctx, p)
	if err != nil {
		return directory.ID{}, err
	}
	for i := range all.Operators {
		if o := &all.Operators[i].Operator; directory.Fold(o.Email) == directory.Fold(ref) {
			return o.ID, nil
		}
	}
	return directory.ID{}, &directory.Error{Code: directory.NotFound, Message: "there is no operator with the id or e-mail address " + ref}
}

func idOf(text, what string) (directory.ID, error) {
	id, ok := directory.ParseID(text)
	if !ok {
		return id, notThere(what)
	}
	return id, nil
}

func notThere(what string) error {
	return &directory.Error{Code: directory.NotFound, Message: "there is no " + what + " with this id"}
}

func showOperator(v operators.View, err error) (*versioned[wire.Operator], error) {
	if err != nil {
		return nil, err
	}
	return withVersion(v.Operator.Version, operatorView(v)), nil
}

func operatorView(v operators.View) wire.Operator {
	o := v.Operator
	out := wire.Operator{
		ID: o.ID.String(), Version: o.Version, Created: o.Created.UTC(), Modified: o.Modified.UTC(), FirstName: o.FirstName, LastName: o.LastName,
		Email: o.Email, NewEmail: o.NewEmail, Beyond: v.Beyond, Role: string(o.Role), AllTenants: o.Scope.All, Tenants: []string{}, Status: string(o.Status),
		MFARequired: v.MFARequired, MFAEnrolled: v.MFAEnrolled, RecoveryCodes: v.RecoveryCodes,
		APIAccess: o.APIAccess, APIKeys: v.LiveKeys, Sessions: v.Sessions, LastSignIn: httpapi.Time(o.LastSignIn),
	}
	for _, t := range o.Scope.Tenants {
		out.Tenants = append(out.Tenants, string(t))
	}
	return out
}

// recipientOf says who gets a link.
func recipientOf(show bool) operators.LinkRecipient {
	if show {
		return operators.LinkToCaller
	}
	return operators.LinkByMail
}
