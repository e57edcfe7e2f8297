package operators

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Draft is what somebody wants a new operator to be (O3).
type Draft struct {
	FirstName, LastName string
	Email               string
	Role                directory.Role
	Scope               directory.Scope
	MFARequired         bool
	APIAccess           bool
	ShowLink            bool // in the answer, though it could be mailed: for Owners
}

// View is an operator as the list shows it (O4), without any secret.
type View struct {
	Operator      directory.Operator // its Password, Factor and Subject are empty
	Registered    bool               // has a password or signs in elsewhere
	MFARequired   bool               // of this one, or of all
	MFAEnrolled   bool
	RecoveryCodes int // how many are left
	LiveKeys      int
	Sessions      int
	Beyond        bool // has tenants outside the caller's scope, which are left out (O10)
}

// List is the operators whom the caller may see, and what is risky about all of them.
type List struct {
	Operators []View
	Settings  directory.ProviderSettings
	Warnings  []string // O8
}

// Local is the Principal of the local operator in one request: who may open the socket is an Owner. Verbs that take a tenant point it
// there themselves; for the others the caller sets its Tenant. Other operators sign in (see AuthenticateOperator).
func Local(id, name, request string) directory.Principal {
	return directory.Principal{
		Actor:   directory.Actor{Kind: directory.ByOperator, ID: id, Name: name},
		Access:  directory.Access{Role: directory.RoleOwner, Scope: directory.Scope{All: true}, AuthMethod: directory.ByLocal, RecentAuth: true},
		Request: request,
	}
}

// Permit says whether whoever asks may do something (O1, O2): NotFound outside the scope, Forbidden if the role lacks the
// right or a second factor is missing. What is not expressly allowed is denied.
func (s *Service) Permit(p directory.Principal, right directory.Right, tenant directory.TenantID) error {
	if p.Actor.Kind != directory.ByOperator {
		return &directory.Error{Code: directory.Forbidden, Message: "this is for operators: the credential of a connection cannot do it"}
	}
	return policy.Allow(p.Access, right, tenant)
}

// RightsOf lists what a role may do.
func (s *Service) RightsOf(role directory.Role) []directory.Right {
	out := []directory.Right{}
	for _, right := range directory.Rights() {
		if policy.Has(role, right) {
			out = append(out, right)
		}
	}
	return out
}

// PermitList is Permit for a list of tenants or of what is in them: the list shows what is in the scope.
func (s *Service) PermitList(p directory.Principal, right directory.Right) error {
	if p.Actor.Kind != directory.ByOperator {
		return &directory.Error{Code: directory.Forbidden, Message: "this is for operators: the credential of a connection cannot do it"}
	}
	return policy.AllowList(p.Access, right)
}

// Operators lists the operators (O4), in the order in which they were added. It leaves out operators and tenants that are outside the
// caller's scope (O10).
func (s *Service) Operators(ctx context.Context, p directory.Principal) (List, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return List{}, err
	}
	var out List
	err = s.read(ctx, p, func(r store.Reader) error {
		all, err := r.Operators()
		if err != nil {
			return err
		}
		if out.Settings, err = r.ProviderSettings(); err != nil {
			return err
		}
		out.Warnings = policy.OperatorWarnings(all)
		for i := range all {
			if !policy.SeesOperator(p, &all[i]) {
				continue
			}
			v, err := s.view(r, &all[i], out.Settings)
			if err != nil {
				return err
			}
			v.Beyond = showTo(p, &v.Operator)
			out.Operators = append(out.Operators, v)
		}
		return nil
	})
	return out, err
}

// OperatorsOf lists the operators in whose scope a tenant is and who are not suspended (T4).
func (s *Service) OperatorsOf(ctx context.Context, p directory.Principal, tenant directory.TenantID) ([]View, error) {
	all, err := s.Operators(ctx, p)
	out := []View{}
	for i := range all.Operators {
		o := &all.Operators[i].Operator
		if o.Status != directory.OperatorSuspended && o.Scope.Covers(tenant) {
			out = append(out, all.Operators[i])
		}
	}
	return out, err
}

// OperatorByID shows one operator, without the tenants that are outside the caller's scope (O10). NotFound.
func (s *Service) OperatorByID(ctx context.Context, p directory.Principal, id directory.ID) (View, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return View{}, err
	}
	var out View
	err = s.read(ctx, p, func(r store.Reader) error {
		o, err := seenOperator(r, p, id)
		if err != nil {
			return err
		}
		settings, err := r.ProviderSettings()
		if err != nil {
			return err
		}
		out, err = s.view(r, &o, settings)
		out.Beyond = showTo(p, &out.Operator)
		return err
	})
	return out, err
}

func (s *Service) view(r store.Reader, o *directory.Operator, settings directory.ProviderSettings) (View, error) {
	keys, err := r.APIKeys(o.ID)
	if err != nil {
		return View{}, err
	}
	sessions, err := r.Sessions(o.ID)
	if err != nil {
		return View{}, err
	}
	v := View{
		Operator: *o, Registered: o.Registered(), MFARequired: policy.NeedsFactor(o, settings), MFAEnrolled: o.Enrolled(),
	}
	if o.Factor != nil {
		v.RecoveryCodes = len(o.Factor.Recovery)
	}
	now := s.instant()
	for i := range keys {
		if keys[i].Live(now) {
			v.LiveKeys++
		}
	}
	for i := range sessions {
		if now.Before(sessions[i].Expires) {
			v.Sessions++
		}
	}
	v.Operator = withoutSecrets(*o)
	return v, nil
}

// showTo takes out of an operator what the caller may not know of, and reports whether that was anything (O10).
func showTo(p directory.Principal, o *directory.Operator) (beyond bool) {
	if o.Scope.All {
		beyond = !p.Access.Scope.All && p.Actor.ID != o.ID.String()
	} else {
		o.Scope.Tenants, beyond = seenTenants(p, o, o.Scope.Tenants)
	}
	if s := o.Subscription; s != nil {
		s.Tenants, _ = seenTenants(p, o, s.Tenants)
	}
	return beyond
}

// seenTenants gives those of an operator's tenants that the caller may know of. Operators know all of their own.
func seenTenants(p directory.Principal, o *directory.Operator, all []directory.TenantID) (seen []directory.TenantID, more bool) {
	if p.Actor.ID == o.ID.String() {
		return all, false
	}
	return policy.SeenTenants(p, all)
}

// withoutSecrets is an operator as it may leave the bridge.
func withoutSecrets(o directory.Operator) directory.Operator {
	o.Password, o.Factor, o.Subject = "", nil, ""
	o.Scope.Tenants = slices.Clone(o.Scope.Tenants)
	if s := o.Subscription; s != nil {
		o.Subscription = &directory.Subscription{Kinds: slices.Clone(s.Kinds), Tenants: slices.Clone(s.Tenants), Daily: s.Daily}
	}
	return o
}

// findOperator reads an operator. The error is NotFound.
func findOperator(r store.Reader, id directory.ID) (directory.Operator, error) {
	o, err := r.Operator(id)
	if txn.IsNotFound(err) {
		return o, noOperator(id)
	}
	o.Scope.Tenants = slices.Clone(o.Scope.Tenants) // what a store gives must not be changed
	return o, err
}

func noOperator(id directory.ID) error {
	return txn.NotFound("operator", id)
}

func (t tx) operator(id directory.ID) (directory.Operator, error) {
	return findOperator(t.Reader, id)
}

// seenOperator reads an operator. The error is NotFound for one who does not exist for the caller (O10), too.
func seenOperator(r store.Reader, p directory.Principal, id directory.ID) (directory.Operator, error) {
	o, err := findOperator(r, id)
	if err == nil && !policy.SeesOperator(p, &o) {
		return directory.Operator{}, noOperator(id)
	}
	return o, err
}

// managed reads an operator whom the caller may do something to (O10). NotFound; a refusal of what action names.
func (t tx) managed(id directory.ID, action string) (directory.Operator, error) {
	o, err := seenOperator(t.Reader, t.Principal, id)
	if err == nil {
		err = t.Refuse(policy.ManageOperator(t.Principal, &o, &o), action, operatorSubject(&o))
	}
	return o, err
}

// ownOrManaged is managed for what every operator may do to themselves.
func (t tx) ownOrManaged(id directory.ID, action string) (directory.Operator, error) {
	if t.Principal.Actor.ID == id.String() {
		return t.operator(id)
	}
	return t.managed(id, action)
}

// waysIn says no to a caller who may not see the sessions and keys of an operator: their own, or those of one whom they may manage (O10).
func waysIn(r store.Reader, p directory.Principal, id directory.ID) error {
	o, err := seenOperator(r, p, id)
	if err != nil || p.Actor.ID == id.String() {
		return err
	}
	return policy.ManageOperator(p, &o, &o).Err()
}

// ownAccount points p at the installation and gives the account that it belongs to. The local operator has none.
func ownAccount(p directory.Principal) (directory.Principal, directory.ID, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return p, directory.ID{}, err
	}
	id, ok := directory.ParseID(p.Actor.ID)
	if !ok {
		return p, id, &directory.Error{Code: directory.Conflict, Message: "the local operator has no account: sign in over the network, or name an operator"}
	}
	return p, id, nil
}

// CreateOperator adds a pending operator. The link of the invitation is mailed, or, where no mail is sent, given and shown this
// once (O3). Invalid, Conflict with Field email, Forbidden for a role or tenants beyond one's own.
func (s *Service) CreateOperator(ctx context.Context, p directory.Principal, d Draft) (View, OneTimeLink, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return View{}, OneTimeLink{}, err
	}
	link, err := s.newLink(directory.Invitation)
	if err != nil {
		return View{}, OneTimeLink{}, err
	}
	known, err := s.tenantSet(ctx)
	if err != nil {
		return View{}, OneTimeLink{}, err
	}
	var out directory.Operator
	var settings directory.ProviderSettings
	err = s.write(ctx, p, func(t tx) error {
		var err error
		if settings, err = t.Reader.ProviderSettings(); err != nil {
			return err
		}
		out = directory.Operator{
			ID: t.NewID(), Version: 1, Created: t.Now, Modified: t.Now, FirstName: strings.TrimSpace(d.FirstName), LastName: strings.TrimSpace(d.LastName),
			Email: strings.TrimSpace(d.Email), Role: d.Role, Scope: tidyScope(d.Scope), Status: directory.OperatorPending,
			MFARequired: d.MFARequired || settings.RequireMFA, APIAccess: d.APIAccess,
		}
		if err := s.checkOperator(t, known, nil, &out); err != nil {
			return err
		}
		if err := t.Refuse(policy.ManageOperator(t.Principal, nil, &out), "operator.create", operatorSubject(&out)); err != nil {
			return err
		}
		t.issueLink(&link, out.ID, s.linkLife(directory.Invitation))
		t.Change.Operators = append(t.Change.Operators, out)
		line := t.Line("operator.create", operatorSubject(&out))
		line.After = txn.Document(operatorFacts(&out))
		t.Audit(line)
		t.Event(directory.OperatorCreated, operatorSubject(&out), operatorFacts(&out))
		return s.deliverLink(t, &link, &out, d.ShowLink)
	})
	if err != nil {
		return View{}, OneTimeLink{}, err
	}
	return View{Operator: withoutSecrets(out), MFARequired: policy.NeedsFactor(&out, settings)}, link, nil
}

// tidyScope puts the tenants of a scope in order, each once.
func tidyScope(scope directory.Scope) directory.Scope {
	if scope.All {
		return directory.Scope{All: true}
	}
	tenants := slices.Clone(scope.Tenants)
	slices.Sort(tenants)
	return directory.Scope{Tenants: slices.Compact(tenants)}
}

// maxScope is how many tenants an explicit list may have; beyond it "all" is meant.
const maxScope = 10000

func (s *Service) checkOperator(t tx, known map[directory.TenantID]bool, before, o *directory.Operator) error {
	for _, check := range []struct{ field, text string }{{"first_name", o.FirstName}, {"last_name", o.LastName}} {
		if err := policy.CheckText(check.field, check.text, 1, 100); err != nil {
			return err
		}
	}
	if err := policy.CheckRole(o.Role); err != nil {
		return err
	}
	if len(o.Scope.Tenants) > maxScope {
		return &directory.Error{Code: directory.Invalid, Field: "scope.tenants", Message: fmt.Sprintf("a scope lists at most %d tenants; beyond that, all is meant", maxScope)}
	}
	if err := t.checkAddress(o.Email, o.ID); err != nil {
		return err
	}
	if len(o.Scope.Tenants) == 0 || before != nil && slices.Equal(before.Scope.Tenants, o.Scope.Tenants) {
		return nil
	}
	for _, tenant := range o.Scope.Tenants {
		if !known[tenant] || !policy.Sees(t.Principal, tenant) {
			return &directory.Error{Code: directory.Invalid, Field: "scope.tenants", Message: fmt.Sprintf("there is no tenant %q", tenant)}
		}
	}
	return nil
}

// EditOperator changes an operator. edit may change names, address, role, scope, and whether a second factor and API keys
// go with it; taking the access away revokes the keys in the same transaction (O5). A new address of an operator who has registered takes
// effect once it is confirmed by a link that goes there (O10). NotFound, Stale, Invalid, Conflict,
// Forbidden, Refused O6 and O8.
func (s *Service) EditOperator(ctx context.Context, p directory.Principal, id directory.ID, pre directory.Precondition, edit func(directory.Operator) (directory.Operator, error)) (View, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return View{}, err
	}
	known, err := s.tenantSet(ctx)
	if err != nil {
		return View{}, err
	}
	link, err := s.newLink(directory.EmailChange)
	if err != nil {
		return View{}, err
	}
	err = s.write(ctx, p, func(t tx) error {
		before, err := t.managed(id, "operator.update")
		if err != nil {
			return err
		}
		if err := pre.Check(before.Version); err != nil {
			return err
		}
		wish, err := edit(withoutSecrets(before))
		if err != nil {
			return err
		}
		after := before
		after.FirstName, after.LastName = strings.TrimSpace(wish.FirstName), strings.TrimSpace(wish.LastName)
		if err := t.chooseAddress(&before, &after, &wish); err != nil {
			return err
		}
		after.Role, after.Scope, after.MFARequired, after.APIAccess = wish.Role, tidyScope(wish.Scope), wish.MFARequired, wish.APIAccess
		if err := s.checkOperator(t, known, &before, &after); err != nil {
			return err
		}
		settings, err := t.Reader.ProviderSettings()
		if err != nil {
			return err
		}
		if settings.RequireMFA && after.MFARequired != before.MFARequired {
			return t.Refuse(&policy.Refusal{
				Code: directory.Refused, Rule: "O6", Field: "mfa_required",
				Message: "a second factor is required of all operators: turn that off before it can be changed for one",
			}, "operator.update", operatorSubject(&before))
		}
		if no := policy.ManageOperator(t.Principal, &before, &after); no != nil {
			return t.Refuse(no, "operator.update", operatorSubject(&before))
		}
		if err := s.announceAddress(t, &before, &after, &link); err != nil {
			return err
		}
		if before.APIAccess && !after.APIAccess {
			if err := t.revokeKeys(id); err != nil {
				return err
			}
		}
		return t.changeOperator(&before, after, "operator.update", "")
	})
	if err != nil {
		return View{}, err
	}
	return s.OperatorByID(ctx, p, id)
}

// SuspendOperator ends an operator's sessions, keys and links in the transaction that suspends (O7). Who is suspended stays
// so, without a change. NotFound, Forbidden, Refused O8.
func (s *Service) SuspendOperator(ctx context.Context, p directory.Principal, id directory.ID, reason string) (View, error) {
	if err := policy.CheckText("reason", reason, 0, 500); err != nil {
		return View{}, err
	}
	return s.changeStatus(ctx, p, id, "operator.suspend", reason, func(t tx, o *directory.Operator) error {
		if o.Status == directory.OperatorSuspended {
			return nil
		}
		o.Status, o.APIAccess, o.NewEmail = directory.OperatorSuspended, false, ""
		return t.endAccess(o.ID, directory.ID{})
	})
}

// RestoreOperator ends a suspension, and nothing else does (O7). Keys stay dead, and the access to new ones is off.
// NotFound, Forbidden, Conflict for somebody who is not suspended.
func (s *Service) RestoreOperator(ctx context.Context, p directory.Principal, id directory.ID) (View, error) {
	return s.changeStatus(ctx, p, id, "operator.restore", "", func(_ tx, o *directory.Operator) error {
		if o.Status != directory.OperatorSuspended {
			return &directory.Error{Code: directory.Conflict, Field: "status", Rule: "O7", Message: "only a suspended operator can be restored; this one is " + string(o.Status)}
		}
		o.Status = directory.OperatorPending
		if o.Registered() {
			o.Status = directory.OperatorActive
		}
		return nil
	})
}

func (s *Service) changeStatus(ctx context.Context, p directory.Principal, id directory.ID, action, reason string, change func(tx, *directory.Operator) error) (View, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return View{}, err
	}
	err = s.write(ctx, p, func(t tx) error {
		before, err := t.managed(id, action)
		if err == nil {
			err = p.If.Check(before.Version)
		}
		if err != nil {
			return err
		}
		after := before
		if err := change(t, &after); err != nil {
			return err
		}
		return t.changeOperator(&before, after, action, reason)
	})
	if err != nil {
		return View{}, err
	}
	return s.OperatorByID(ctx, p, id)
}

// changeOperator puts a changed operator into the Change if it has changed, after O8 was asked.
func (t tx) changeOperator(before *directory.Operator, after directory.Operator, action, reason string) error {
	after.Subscription = policy.KeepSubscription(&after)
	was, is, changed := txn.Diff(operatorFacts(before), operatorFacts(&after))
	if len(changed) == 0 && t.Change.Empty() {
		return nil
	}
	all, err := t.Reader.Operators()
	if err != nil {
		return err
	}
	then := slices.Clone(all)
	for i := range then {
		if then[i].ID == after.ID {
			then[i] = after
		}
	}
	if err := t.Refuse(policy.KeepOperators(all, then), action, operatorSubject(before)); err != nil {
		return err
	}
	after.Version, after.Modified = before.Version+1, txn.Later(t.Now, before.Modified)
	t.Change.Operators = append(t.Change.Operators, after)
	line := t.Line(action, operatorSubject(&after))
	line.Before, line.After, line.Reason = txn.Document(was), txn.Document(is), reason
	t.Audit(line)
	kind := directory.OperatorUpdated
	switch action {
	case "operator.suspend":
		kind = directory.OperatorSuspension
	case "operator.restore":
		kind = directory.OperatorRestored
	}
	t.Event(kind, operatorSubject(&after), append(is, directory.Attribute{Name: "changed", Value: txn.Texts(changed)}))
	return nil
}

// putOperator writes what belongs to an operator alone (a factor, a password), of which the audit line says only that.
func (t tx) putOperator(o directory.Operator, action string) error {
	o.Version, o.Modified = o.Version+1, txn.Later(t.Now, o.Modified)
	t.Change.Operators = append(t.Change.Operators, o)
	t.Audit(t.Line(action, operatorSubject(&o)))
	t.Event(directory.OperatorUpdated, operatorSubject(&o), directory.Attributes{{Name: "action", Value: action}})
	return nil
}

// endAccess ends the sessions, keys and links of an operator; the session keep stays.
func (t tx) endAccess(id, keep directory.ID) error {
	if err := t.revokeKeys(id); err != nil {
		return err
	}
	if err := t.endSessions(id, keep); err != nil {
		return err
	}
	return t.dropLinks(id)
}

func (t tx) endSessions(id, keep directory.ID) error {
	sessions, err := t.Reader.Sessions(id)
	for i := range sessions {
		if sessions[i].ID != keep {
			t.Change.EndSessions = append(t.Change.EndSessions, sessions[i].ID)
		}
	}
	return err
}

// dropLinks ends the links of an operator, those of some kinds or all, and the mails that would carry them.
func (t tx) dropLinks(id directory.ID, kinds ...directory.LinkKind) error {
	links, err := t.Reader.Links(id)
	for i := range links {
		if links[i].Operator == id && (len(kinds) == 0 || slices.Contains(kinds, links[i].Kind)) {
			t.Change.DropLinks = append(t.Change.DropLinks, links[i].ID)
			t.Change.DropMails = append(t.Change.DropMails, links[i].ID)
		}
	}
	return err
}

func (t tx) revokeKeys(id directory.ID) error {
	keys, err := t.Reader.APIKeys(id)
	for i := range keys {
		if keys[i].Revoked.IsZero() {
			keys[i].Revoked = t.Now
			t.putKey(&keys[i], "api_key.revoke")
		}
	}
	return err
}

func operatorSubject(o *directory.Operator) directory.Subject {
	return directory.Subject{Kind: "operator", ID: o.ID.String(), Name: o.Name()}
}

// operatorFacts are the fields of an operator as audit lines and events show them: no secret is among them.
func operatorFacts(o *directory.Operator) directory.Attributes {
	b := withoutSecrets(*o)
	return txn.Facts(&b, "id", "version", "created", "modified", "last_sign_in", "password_set")
}

// AddToScope adds a tenant to the scope of the operator who created it, unless the scope has all tenants (T8).
func (s *Service) AddToScope(ctx context.Context, p directory.Principal, tenant directory.TenantID) error {
	if p.Access.AuthMethod == directory.ByLocal || p.Access.Scope.All || p.Actor.Kind != directory.ByOperator {
		return nil
	}
	p, id, err := ownAccount(p)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t tx) error {
		before, err := t.operator(id)
		if err != nil || before.Scope.Covers(tenant) {
			return err
		}
		after := before
		after.Scope = tidyScope(directory.Scope{Tenants: append(slices.Clone(before.Scope.Tenants), tenant)})
		return t.changeOperator(&before, after, "operator.update", "created the tenant (T8)")
	})
}

// RemoveTenant takes a tenant out of the scopes of operators (T6). Those who do not have it are skipped.
func (s *Service) RemoveTenant(ctx context.Context, p directory.Principal, tenant directory.TenantID, ids []directory.ID, why string) error {
	return s.rescope(ctx, p, ids, why, func(scope []directory.TenantID) []directory.TenantID {
		return slices.DeleteFunc(scope, func(x directory.TenantID) bool { return x == tenant })
	})
}

// ReturnTenant puts a tenant back into the scopes of operators (T6). Those who have it are skipped.
func (s *Service) ReturnTenant(ctx context.Context, p directory.Principal, tenant directory.TenantID, ids []directory.ID, why string) error {
	return s.rescope(ctx, p, ids, why, func(scope []directory.TenantID) []directory.TenantID { return append(scope, tenant) })
}

// rescope changes the explicit lists of operators, one transaction for each. Operators who are gone or have all tenants are skipped.
func (s *Service) rescope(ctx context.Context, p directory.Principal, ids []directory.ID, why string, change func([]directory.TenantID) []directory.TenantID) error {
	p.Tenant = directory.Provider
	for _, id := range ids {
		err := s.write(ctx, p, func(t tx) error {
			before, ok, err := txn.Optional(t.Reader.Operator(id))
			if err != nil || !ok || before.Scope.All {
				return err
			}
			after := before
			after.Scope = tidyScope(directory.Scope{Tenants: change(slices.Clone(before.Scope.Tenants))})
			if slices.Equal(after.Scope.Tenants, before.Scope.Tenants) {
				return nil
			}
			return t.changeOperator(&before, after, "operator.update", why)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tenantSet gives the slugs of all tenants. It is read before a transaction that looks into it: no slug ever goes, so that
// what is in it stays right.
func (s *Service) tenantSet(ctx context.Context) (map[directory.TenantID]bool, error) {
	all, err := s.store.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[directory.TenantID]bool, len(all))
	for i := range all {
		out[all[i].ID] = true
	}
	return out, nil
}
