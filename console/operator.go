package console

import (
	"context"
	"net/http"
	"strings"

	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

type (
	operatorOutput struct {
		ETag string `header:"ETag"`
		Body wire.Operator
	}
	linkOutput struct{ Body wire.OperatorLink }
	// OperatorPath is an operator in a path.
	OperatorPath struct {
		Operator string `path:"operator" minLength:"1" maxLength:"254" doc:"The id of the operator, or the e-mail address."`
	}
)

func (a *api) operatorRoutes() {
	type listInput struct {
		PageQuery
		Q    string `query:"q" maxLength:"200" doc:"A part of the name or the e-mail address, whatever its case."`
		Sort string `query:"sort" enum:"created,name,email,role,status" default:"created" doc:"The order."`
		Dir  string `query:"dir" enum:"asc,desc" default:"asc" doc:"From the first to the last, or the other way round."`
	}
	type listOutput struct{ Body wire.OperatorPage }
	handle(a, operation{
		id: "list-operators", right: directory.OperatorRead, method: http.MethodGet, path: "/operators", tag: "operators", summary: "List operators",
		about: "Everybody who administers, with role, scope, second factor and last sign-in (rule O4), and what is thin about it (rule O8).",
		codes: []directory.Code{directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *listInput) (*listOutput, error) {
		all, err := a.Operators.Operators(ctx, p)
		if err != nil {
			return nil, err
		}
		entries := make([]wire.Operator, 0, len(all.Operators))
		for i := range all.Operators {
			if o := &all.Operators[i].Operator; matches(in.Q, o.Name(), o.Email) {
				entries = append(entries, operatorView(all.Operators[i]))
			}
		}
		page, err := paged(entries, in.PageQuery, in.Dir == "desc", func(o wire.Operator) place {
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
			return place{key: key, id: o.ID}
		})
		if err != nil {
			return nil, err
		}
		out := wire.OperatorPage{Items: page.Items, Next: page.Next, RequireMFA: all.Settings.RequireMFA, Warnings: all.Warnings}
		if out.Warnings == nil {
			out.Warnings = []string{}
		}
		return &listOutput{out}, nil
	})

	type createInput struct{ Body wire.OperatorCreate }
	handle(a, operation{
		id: "create-operator", right: directory.OperatorManage, human: true, fresh: true, method: http.MethodPost, path: "/operators", tag: "operators", status: created,
		summary: "Add an operator", about: "The operator is pending until the person opens the link and chooses a password. The link is mailed; where no mail is sent it is in the answer, shown this once.",
		codes: []directory.Code{directory.Conflict, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *createInput) (*linkOutput, error) {
		b := in.Body
		v, link, err := a.Operators.CreateOperator(ctx, p, operators.Draft{
			FirstName: b.FirstName, LastName: b.LastName, Email: b.Email, Role: directory.Role(b.Role),
			Scope: scope(b.AllTenants, b.Tenants), MFARequired: b.MFARequired, APIAccess: b.APIAccess, ShowLink: b.ShowLink,
		})
		if err != nil {
			return nil, err
		}
		return a.linked(v, link), nil
	})

	handle(a, operation{
		id: "get-operator", right: directory.OperatorRead, method: http.MethodGet, path: "/operators/{operator}", tag: "operators", summary: "Show an operator",
		about: "By id or e-mail address (rule O4).",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *OperatorPath) (*operatorOutput, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		return showOperator(a.Operators.OperatorByID(ctx, p, id))
	})

	type updateInput struct {
		OperatorPath
		VersionHeader
		Body wire.OperatorUpdate
	}
	handle(a, operation{
		id: "update-operator", right: directory.OperatorManage, human: true, fresh: true, method: http.MethodPatch, path: "/operators/{operator}", tag: "operators", summary: "Change an operator",
		about: "Changes what the body names and leaves the rest. Nobody gives away more than they have: a higher role, or tenants outside their own scope.",
		codes: []directory.Code{directory.NotFound, directory.Invalid, directory.Stale, directory.Refused, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *updateInput) (*operatorOutput, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		return showOperator(a.Operators.EditOperator(ctx, p, id, in.precondition(), func(o directory.Operator) (directory.Operator, error) {
			b := in.Body
			assign(&o.FirstName, b.FirstName)
			assign(&o.LastName, b.LastName)
			assign(&o.Email, b.Email)
			assign(&o.MFARequired, b.MFARequired)
			assign(&o.APIAccess, b.APIAccess)
			if b.Role != nil {
				o.Role = directory.Role(*b.Role)
			}
			assign(&o.Scope.All, b.AllTenants)
			if b.Tenants != nil {
				o.Scope.Tenants = scope(false, *b.Tenants).Tenants
			}
			return o, nil
		}))
	})

	type suspendInput struct {
		OperatorPath
		VersionHeader
		Body wire.ReasonRequest
	}
	handle(a, operation{
		id: "suspend-operator", right: directory.OperatorManage, human: true, fresh: true, method: http.MethodPost, path: "/operators/{operator}/suspend", tag: "operators",
		summary: "Suspend an operator", about: "Sessions, API keys and links end with it (rule O7).",
		codes: []directory.Code{directory.NotFound, directory.Refused, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *suspendInput) (*operatorOutput, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		return showOperator(a.Operators.SuspendOperator(ctx, p, id, in.Body.Reason))
	})

	type restoreInput struct {
		OperatorPath
		VersionHeader
	}
	handle(a, operation{
		id: "restore-operator", right: directory.OperatorManage, human: true, fresh: true, method: http.MethodPost, path: "/operators/{operator}/restore", tag: "operators",
		summary: "End the suspension of an operator", about: "API keys stay dead and the access to the API is off (rule O7).",
		codes: []directory.Code{directory.NotFound, directory.Conflict},
	}, func(ctx context.Context, p directory.Principal, in *restoreInput) (*operatorOutput, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		return showOperator(a.Operators.RestoreOperator(ctx, p, id))
	})

	type linkInput struct {
		OperatorPath
		Body wire.LinkRequest
	}
	handle(a, operation{
		id: "create-operator-link", right: directory.OperatorManage, human: true, fresh: true, method: http.MethodPost, path: "/operators/{operator}/links", tag: "operators", status: created,
		summary: "Make a one-time link", about: "An invitation for an operator who is pending; a reset of the password or of the second factor for one who is active. Earlier links of the operator end. The link is mailed; where no mail is sent it is in the answer, shown this once.",
		codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *linkInput) (*linkOutput, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		link, err := a.Operators.IssueLink(ctx, p, id, directory.LinkKind(in.Body.Kind), in.Body.ShowLink)
		if err != nil {
			return nil, err
		}
		v, err := a.Operators.OperatorByID(ctx, p, id)
		if err != nil {
			return nil, err
		}
		return a.linked(v, link), nil
	})

	type sessionsOutput struct{ Body wire.Page[wire.Session] }
	type pageInput struct {
		OperatorPath
		PageQuery
	}
	handle(a, operation{
		id: "list-operator-sessions", right: directory.OperatorRead, method: http.MethodGet, path: "/operators/{operator}/sessions", tag: "operators",
		summary: "List where an operator is signed in",
		about:   "Each with the address and the program that used it last (rule O9).",
		codes:   []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *pageInput) (*sessionsOutput, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		page, err := a.sessions(ctx, p, id, in.PageQuery)
		return &sessionsOutput{page}, err
	})
	handle(a, operation{
		id: "end-operator-sessions", right: directory.OperatorManage, human: true, method: http.MethodDelete, path: "/operators/{operator}/sessions", tag: "operators", status: noContent,
		summary: "Sign an operator out everywhere",
		about:   "All of the operator's sessions end at once; the account stays (rule O9).",
		codes:   []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *OperatorPath) (*none, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		return nil, a.Operators.EndSessions(ctx, p, id, directory.ID{})
	})

	type keysOutput struct{ Body wire.Page[wire.APIKey] }
	handle(a, operation{
		id: "list-operator-api-keys", right: directory.OperatorRead, method: http.MethodGet, path: "/operators/{operator}/api-keys", tag: "operators",
		summary: "List the API keys of an operator",
		about:   "Without their secrets, which are kept nowhere (rule O5).",
		codes:   []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *pageInput) (*keysOutput, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		page, err := a.keys(ctx, p, id, in.PageQuery)
		return &keysOutput{page}, err
	})
	type revokeInput struct {
		OperatorPath
		Key string `path:"key" maxLength:"40" doc:"The id of the key."`
	}
	handle(a, operation{
		id: "revoke-operator-api-key", right: directory.OperatorManage, human: true, method: http.MethodDelete, path: "/operators/{operator}/api-keys/{key}", tag: "operators", status: noContent,
		summary: "Revoke an API key of an operator",
		about:   "It opens nothing from this moment on (rule O5).",
		codes:   []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *revokeInput) (*none, error) {
		id, err := a.findOperator(ctx, p, in.Operator)
		if err != nil {
			return nil, err
		}
		key, err := idOf(in.Key, "API key")
		if err != nil {
			return nil, err
		}
		return nil, a.Operators.RevokeAPIKey(ctx, p, id, key)
	})

	type providerOutput struct {
		ETag string `header:"ETag"`
		Body wire.ProviderSettings
	}
	show := func(s directory.ProviderSettings) *providerOutput {
		return &providerOutput{wire.ETag(s.Version), wire.ProviderSettings{Version: s.Version, RequireMFA: s.RequireMFA}}
	}
	handle(a, operation{
		id: "get-provider", right: directory.OperatorRead, method: http.MethodGet, path: "/provider", tag: "operators", summary: "Show the settings of the installation",
		about: "Settings that hold for all operators (rule O6).",
	}, func(ctx context.Context, p directory.Principal, _ *struct{}) (*providerOutput, error) {
		all, err := a.Operators.Operators(ctx, p)
		return show(all.Settings), err
	})
	type providerInput struct {
		VersionHeader
		Body wire.ProviderUpdate
	}
	handle(a, operation{
		id: "update-provider", right: directory.ProviderMFA, human: true, fresh: true, method: http.MethodPatch, path: "/provider", tag: "operators", summary: "Change the settings of the installation",
		about: "require_mfa requires a second factor of all present and future operators. Turning it off leaves every one of them required, each changeable again (rule O6).",
		codes: []directory.Code{directory.Stale, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *providerInput) (*providerOutput, error) {
		if in.Body.RequireMFA == nil {
			return nil, &directory.Error{Code: directory.Invalid, Field: "require_mfa", Message: "name what is to change: require_mfa"}
		}
		s, err := a.Operators.RequireMFA(ctx, p, in.precondition(), *in.Body.RequireMFA)
		return show(s), err
	})

	type rolesOutput struct{ Body wire.Page[wire.RoleInfo] }
	handle(a, operation{
		id: "list-roles", right: directory.Self, method: http.MethodGet, path: "/roles", tag: "operators", summary: "Show the table of roles and rights",
		about: "The one table that says what each role may do; what is not in it is denied (rule O1).",
	}, func(_ context.Context, _ directory.Principal, in *PageQuery) (*rolesOutput, error) {
		var out []wire.RoleInfo
		for _, role := range directory.Roles() {
			out = append(out, wire.RoleInfo{Role: role, Title: role.Title(), Rights: a.Operators.RightsOf(role)})
		}
		page, err := inOrder(out, *in, func(r *wire.RoleInfo) string { return string(r.Role) })
		return &rolesOutput{page}, err
	})
}

func scope(all bool, tenants []string) directory.Scope {
	out := directory.Scope{All: all}
	for _, t := range tenants {
		out.Tenants = append(out.Tenants, directory.TenantID(t))
	}
	return out
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

func showOperator(v operators.View, err error) (*operatorOutput, error) {
	if err != nil {
		return nil, err
	}
	return &operatorOutput{ETag: wire.ETag(v.Operator.Version), Body: operatorView(v)}, nil
}

func (a *api) linked(v operators.View, link operators.OneTimeLink) *linkOutput {
	out := wire.OperatorLink{Operator: operatorView(v), Kind: string(link.Link.Kind), MailedTo: link.Mailed, Link: link.Text, Expires: link.Link.Expires.UTC()}
	if link.Text != "" {
		out.URL = LinkURL(a.APIURL(), link.Text)
	}
	return &linkOutput{out}
}

// LinkURL is where a one-time link is opened and used; "" where the API is not on the network.
func LinkURL(base, link string) string {
	if base == "" {
		return ""
	}
	return strings.TrimRight(base, "/") + prefix + "/links/" + link
}

func operatorView(v operators.View) wire.Operator {
	o := v.Operator
	out := wire.Operator{
		ID: o.ID.String(), Version: o.Version, Created: o.Created.UTC(), Modified: o.Modified.UTC(), FirstName: o.FirstName, LastName: o.LastName,
		Email: o.Email, Role: string(o.Role), AllTenants: o.Scope.All, Tenants: []string{}, Status: string(o.Status),
		MFARequired: v.MFARequired, MFAEnrolled: v.MFAEnrolled, RecoveryCodes: v.RecoveryCodes,
		APIAccess: o.APIAccess, APIKeys: v.LiveKeys, Sessions: v.Sessions, LastSignIn: stamp(o.LastSignIn),
	}
	for _, t := range o.Scope.Tenants {
		out.Tenants = append(out.Tenants, string(t))
	}
	return out
}
