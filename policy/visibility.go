package policy

import (
	"slices"

	"drawbridge/directory"
)

// Visibility decides what a caller may see of the records of the installation itself (O10): records that name an operator who does not
// exist for the caller, or a tenant outside the caller's scope, are left out. The zero Visibility shows everything.
type Visibility struct {
	limited   bool
	by        directory.Principal
	operators map[string]*directory.Operator // all there are, by id
}

// NewVisibility makes the Visibility of a caller. operators are all operators of the installation.
func NewVisibility(by directory.Principal, operators []directory.Operator) Visibility {
	if by.Actor.Kind == directory.BySystem || by.Access.Scope.All {
		return Visibility{}
	}
	v := Visibility{limited: true, by: by, operators: make(map[string]*directory.Operator, len(operators))}
	for i := range operators {
		v.operators[operators[i].ID.String()] = &operators[i]
	}
	return v
}

// Limited reports whether anything may be left out.
func (v Visibility) Limited() bool { return v.limited }

// Line reports whether an audit line is shown.
func (v Visibility) Line(a *directory.Audit) bool {
	return !v.limited || v.actor(a.Actor) && v.subject(a.Subject, a.After) && v.document(a.Before) && v.document(a.After)
}

// Event reports whether an event is shown.
func (v Visibility) Event(e *directory.Event) bool {
	return !v.limited || v.actor(e.Actor) && v.subject(e.Subject, e.Data) && v.document(e.Data)
}

// Mail reports whether a mail of the outbox is shown.
func (v Visibility) Mail(m *directory.Mail) bool {
	switch {
	case !v.limited:
		return true
	case m.Tenant != directory.Provider && !v.by.Access.Scope.Covers(m.Tenant):
		return false
	case !m.Operator.IsZero():
		return v.operator(m.Operator.String())
	}
	return v.address(m.To)
}

// address reports whether an address belongs to no operator who does not exist for the caller.
func (v Visibility) address(to string) bool {
	for _, o := range v.operators {
		if directory.Fold(o.Email) == directory.Fold(to) && !SeesOperator(v.by, o) {
			return false
		}
	}
	return true
}

func (v Visibility) actor(a directory.Actor) bool {
	if a.Kind != directory.ByOperator {
		return true
	}
	if _, ok := directory.ParseID(a.ID); !ok { // the local operator
		return true
	}
	return v.operator(a.ID)
}

// operator reports whether an operator exists for the caller.
func (v Visibility) operator(id string) bool {
	o := v.operators[id]
	return o != nil && SeesOperator(v.by, o)
}

// subject decides about the subject of a record. A kind of subject that could name an operator or a tenant is left out.
func (v Visibility) subject(s directory.Subject, data directory.Document) bool {
	switch s.Kind {
	case "operator":
		return s.ID == "" || v.operator(s.ID) // "": it is not known which
	case "api_key", "link":
		id, _ := data.Value("operator").(string)
		return v.operator(id)
	case "mail":
		return v.address(s.Name)
	case "tenant":
		return s.ID == string(directory.Provider) || v.tenant(s.ID)
	case "provider", "job", "backup":
		return true
	case "request":
		return s.Name == "" // otherwise it has the path, which may contain any name
	}
	return false
}

func (v Visibility) tenant(slug string) bool {
	return slug == string(directory.Provider) || v.by.Access.Scope.Covers(directory.TenantID(slug))
}

// document reports whether a document names only tenants in the caller's scope.
func (v Visibility) document(d directory.Document) bool {
	if len(d) == 0 {
		return true
	}
	a, err := d.Attributes()
	return err == nil && v.value("", a)
}

// value decides about the value of the attribute name and everything in it. Tenants are in attributes named tenant and tenants.
func (v Visibility) value(name string, value any) bool {
	switch x := value.(type) {
	case directory.Attributes:
		return !slices.ContainsFunc(x, func(a directory.Attribute) bool { return !v.value(a.Name, a.Value) })
	case []any:
		return !slices.ContainsFunc(x, func(one any) bool { return !v.value(name, one) })
	case string:
		return name != "tenant" && name != "tenants" || v.tenant(x)
	}
	return true
}
