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

// Draft is what a new operator is to be (O3).
type Draft struct {
	FirstName, LastName string
	Email               string
	Role                directory.Role
	Scope               directory.Scope
	MFARequired         bool
	APIAccess           bool
	ShowLink            bool // in the answer, although it could be mailed: for Owners
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

// List is the operators whom the caller may see, and risks of all of them.
type List struct {
	Operators []View
	Settings  directory.ProviderSettings
	Warnings  []string // O8
}

// Local is the Principal of the local operator in one request: a process that may open the socket acts as an Owner. Verbs that take a
// tenant point it there themselves; for the others the caller sets its Tenant. Other operators sign in (see AuthenticateOperator).
func Local(id, name, request string) directory.Principal {
	return directory.Principal{
		Actor:   directory.Actor{Kind: directory.ByOperator, ID: id, Name: name},
		Access:  directory.Access{Role: directory.RoleOwner, Scope: directory.Scope{All: true}, AuthMethod: directory.ByLocal, RecentAuth: true},
		Request: request,
	}
}

// Permit says whether the caller may do something (O1, O2): NotFound outside the scope, Forbidden if the role lacks the
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

// PermitList is Permit for a list of tenants or of their records: the list shows only what is in the scope.
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

// showTo removes from an operator what the caller may not know, and reports whether anything was removed (O10).
func showTo(p directory.Principal, o *directory.Operator) (beyond bool) {
	if o.Scope.All {
		beyond = !p.Access.Scope.All && !isOwn(p, o.ID)
	} else {
		o.Scope.Tenants, beyond = seenTenants(p, o, o.Scope.Tenants)
	}
	if s := o.Subscription; s != nil {
		s.Tenants, _ = seenTenants(p, o, s.Tenants)
	}
	return beyond
}

// seenTenants gives the tenants of an operator that the caller may know of. Operators know all of their own.
func seenTenants(p directory.Principal, o *directory.Operator, all []directory.TenantID) (seen []directory.TenantID, more bool) {
	if isOwn(p, o.ID) {
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
	o.Scope.Tenants = slices.Clone(o.Scope.Tenants) // records of a store must not be changed
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

// managed reads an operator whom the caller may manage (O10). NotFound; Forbidden, with the words of action.
func (t tx) managed(id directory.ID, action directory.Action) (directory.Operator, error) {
	o, err := seenOperator(t.Reader, t.Principal, id)
	if err == nil {
		err = t.Refuse(policy.ManageOperator(t.Principal, &o, &o), action, operatorSubject(&o))
	}
	return o, err
}

// ownOrManaged is managed for actions that every operator may do to themselves.
func (t tx) ownOrManaged(id directory.ID, action directory.Action) (directory.Operator, error) {
	if isOwn(t.Principal, id) {
		return t.operator(id)
	}
	return t.managed(id, action)
}

// ownOrCovered reads an operator whose sessions, keys and subscription the caller may see: the caller, or an operator whom the caller may
// manage (O10).
func ownOrCovered(r store.Reader, p directory.Principal, id directory.ID) (directory.Operator, error) {
	o, err := seenOperator(r, p, id)
	if err != nil || isOwn(p, id) {
		return o, err
	}
	err = policy.ManageOperator(p, &o, &o).Err()
	return o, err
}

// isOwn reports whether an operator is the caller.
func isOwn(p directory.Principal, id directory.ID) bool { return p.Actor.ID == id.String() }

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
// once (O3). Invalid, Conflict with Field email, Forbidden for a role or tenants beyond the caller's own.
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
		if err := t.Refuse(policy.ManageOperator(t.Principal, nil, &out), directory.ActionOperatorCreate, operatorSubject(&out)); err != nil {
			return err
		}
		t.issueLink(&link, out.ID, s.linkLife(directory.Invitation))
		t.Change.Operators = append(t.Change.Operators, out)
		line := t.Line(directory.ActionOperatorCreate, operatorSubject(&out))
		line.After = txn.Document(operatorFacts(&out))
		t.Audit(line)
		t.Event(directory.OperatorCreated, operatorSubject(&out), operatorFacts(&out))
		to := LinkByMail
		if d.ShowLink {
			to = LinkToCaller
		}
		return s.deliverLink(t, &link, &out, to)
	})
	if err != nil {
		return View{}, OneTimeLink{}, err
	}
	return View{Operator: withoutSecrets(out), MFARequired: policy.NeedsFactor(&out, settings)}, link, nil
}

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

// EditOperator changes an operator. edit may change names, address, role, scope, whether a second factor is required, and API access;
// without API access the keys are revoked in the same transaction (O5). A new address of an operator who has registered takes effect once
// it is confirmed by a link that goes there (O10). NotFound, Stale, Invalid, Conflict, Forbidden, Refused O6 and O8.
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
		before, err := t.managed(id, directory.ActionOperatorUpdate)
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
			}, directory.ActionOperatorUpdate, operatorSubject(&before))
		}
		if no := policy.ManageOperator(t.Principal, &before, &after); no != nil {
			return t.Refuse(no, directory.ActionOperatorUpdate, operatorSubject(&before))
		}
		if err := s.announceAddress(t, &before, &after, &link); err != nil {
			return err
		}
		if before.APIAccess && !after.APIAccess {
			if err := t.revokeKeys(id); err != nil {
				return err
			}
		}
		return t.changeOperator(&before, after, directory.ActionOperatorUpdate, "")
	})
	if err != nil {
		return View{}, err
	}
	return s.OperatorByID(ctx, p, id)
}

// changeOperator puts an operator that has changed into the Change, after the check of O8.
func (t tx) changeOperator(before *directory.Operator, after directory.Operator, action directory.Action, reason string) error {
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
	case directory.ActionOperatorSuspend:
		kind = directory.OperatorSuspension
	case directory.ActionOperatorRestore:
		kind = directory.OperatorRestored
	}
	t.Event(kind, operatorSubject(&after), append(is, directory.Attribute{Name: "changed", Value: txn.Texts(changed)}))
	return nil
}

// putOperator writes a secret of an operator (a factor, a password). The audit line says only that it changed.
func (t tx) putOperator(o directory.Operator, action directory.Action) error {
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

// dropLinks ends the links of an operator, of some kinds or all, and the mails that would contain them.
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
			t.putKey(&keys[i], directory.ActionAPIKeyRevoke)
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
