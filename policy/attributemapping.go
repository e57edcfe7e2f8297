package policy

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
)

// Mapped is a user whose attributes a mapping has set (C13).
type Mapped struct {
	User       directory.UserDraft // Document is what the mapping makes; Sent is what was sent
	Attributes []MappedAttribute   // in the order of the rules
	Refuse     *Refusal
}

// MappedAttribute says where the value of an attribute came from.
type MappedAttribute struct {
	Target directory.MappingTarget
	Sent   string // what was sent for it
	Value  string // what it became; "": it has no value
	From   string // the path of the source, "constant" or "default"; "": the source has no value, and there is no default
}

// longestSource is how long the path of a source may be, in bytes; longestValue is for constants and defaults.
const (
	longestSource = 512
	longestValue  = 256
)

// CheckAttributeMapping finds the first mistake in a mapping. The error is Invalid with Field "attribute_mapping".
func CheckAttributeMapping(m *directory.AttributeMapping) error {
	if m == nil {
		return nil
	}
	seen := map[directory.MappingTarget]bool{}
	for _, r := range m.Attributes {
		if err := checkRule(&r); err != nil {
			return err
		}
		if seen[r.Target] {
			return wrongMapping("%s has two rules: leave one", r.Target)
		}
		seen[r.Target] = true
	}
	if err := checkRoleRules(m.Roles); err != nil {
		return err
	}
	if m.OutsideDomains != "" && m.OutsideDomains != directory.OutsideRefuse {
		return wrongMapping("outside_domains is refuse, or empty for what the company says (rule B4)")
	}
	return nil
}

// mostRoleRules is how many rules for roles a mapping has at most.
const mostRoleRules = 100

func checkRoleRules(rules []directory.RoleRule) error {
	if len(rules) > mostRoleRules {
		return wrongMapping("a mapping has at most %d rules for roles", mostRoleRules)
	}
	for i, r := range rules {
		switch {
		case r.Source != directory.FromRoles && r.Source != directory.FromEntitlements:
			return wrongMapping("%q grants nothing: a role comes from roles or from entitlements", r.Source)
		case r.Grants == directory.TeamMembers:
			return wrongMapping("every member is in Team Members without a mapping")
		case r.Grants == "" || !slices.Contains(directory.BuiltIns(), r.Grants):
			return wrongMapping("%q is not a built-in group: owners, administrators, security or provision_managers", r.Grants)
		case slices.Contains(rules[:i], r):
			return wrongMapping("%s %q grants %s twice: leave one rule", r.Source, r.Value, r.Grants)
		}
		if err := CheckText("attribute_mapping", r.Value, 1, longestValue); err != nil {
			return err
		}
	}
	return nil
}

// RolesByAttribute gives the built-in groups that the roles and entitlements in a document grant, in the order of directory.BuiltIns (G4, C13).
func RolesByAttribute(rules []directory.RoleRule, document directory.Document) []directory.BuiltIn {
	if len(rules) == 0 {
		return nil
	}
	has := map[directory.RoleSource]map[string]bool{}
	for _, from := range []directory.RoleSource{directory.FromRoles, directory.FromEntitlements} {
		has[from] = foldedValues(document.Value(string(from)))
	}
	given := map[directory.BuiltIn]bool{}
	for _, r := range rules {
		if has[r.Source][directory.Fold(r.Value)] {
			given[r.Grants] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(directory.BuiltIns()), func(name directory.BuiltIn) bool { return !given[name] })
}

// foldedValues gives the values of an attribute of several values: those of objects, and plain texts.
func foldedValues(v any) map[string]bool {
	elements, several := v.([]any)
	if !several {
		elements = []any{v}
	}
	out := map[string]bool{}
	for _, element := range elements {
		if object, ok := element.(directory.Attributes); ok {
			element, _ = object.Get("value")
		}
		if text := plainText(element); text != "" {
			out[directory.Fold(text)] = true
		}
	}
	return out
}

// GrantedByAttribute refuses to remove a user by hand from a built-in group that a role or an entitlement grants (G4).
func GrantedByAttribute(u *directory.User, g *directory.Group) *Refusal {
	return conflict("G4", "group", fmt.Sprintf("%s is in %s by a role or an entitlement that connection %q maps: take it from the user in the identity provider, or change the attribute mapping", u.UserName, g.DisplayName, u.Connection))
}

func wrongMapping(format string, values ...any) error {
	return &directory.Error{Code: directory.Invalid, Rule: "C13", Field: "attribute_mapping", Message: fmt.Sprintf(format, values...)}
}

func checkRule(r *directory.AttributeRule) error {
	unique := r.Target == directory.TargetUserName || r.Target == directory.TargetEmail
	switch {
	case !slices.Contains(directory.MappingTargets(), r.Target):
		return wrongMapping("%q cannot be mapped: a target is userName, email, userType or department", r.Target)
	case (r.Source == "") == (r.Constant == ""):
		return wrongMapping("%s needs a source or a constant, one of them", r.Target)
	case r.Constant != "" && r.Default != "":
		return wrongMapping("%s has a constant, so that the default is never used: leave it out", r.Target)
	case unique && r.Constant+r.Default != "":
		return wrongMapping("%s differs from user to user: it needs a source, and has neither constant nor default", r.Target)
	}
	for _, text := range []string{r.Constant, r.Default} {
		if err := CheckText("attribute_mapping", text, 0, longestValue); err != nil {
			return err
		}
	}
	if r.Source == "" {
		return nil
	}
	if err := CheckText("attribute_mapping", r.Source, 1, longestSource); err != nil {
		return err
	}
	_, err := parseSource(r.Source)
	return err
}

// source is the path of an attribute: a schema, a name, a condition on one of several values, and a sub-attribute.
type source struct {
	schema, name, sub string
	where, equals     string // the element whose sub-attribute where is equals; "": the primary one, or the first
}

// parseSource reads a path such as name.familyName, emails[type eq "work"].value, or
// urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department.
func parseSource(text string) (source, error) {
	var s source
	wrong := wrongMapping("%q is not the path of an attribute: write name.familyName, emails[type eq \"work\"].value, or the URN of an extension, a colon and an attribute", text)
	rest, condition, filtered := strings.Cut(text, "[")
	if len(rest) > 4 && strings.EqualFold(rest[:4], "urn:") {
		at := strings.LastIndexByte(rest, ':')
		s.schema, rest = rest[:at], rest[at+1:]
	}
	if !filtered {
		s.name, s.sub, filtered = strings.Cut(rest, ".")
		if !attributeName(s.name) || filtered && !attributeName(s.sub) {
			return s, wrong
		}
		return s, nil
	}
	s.name = rest
	condition, after, closed := strings.Cut(condition, "]")
	words := strings.SplitN(condition, " ", 3)
	if !closed || len(words) != 3 || !strings.EqualFold(words[1], "eq") || !attributeName(s.name) || !attributeName(words[0]) {
		return s, wrong
	}
	s.where, s.equals = words[0], words[2]
	if quoted := strings.TrimSuffix(strings.TrimPrefix(s.equals, `"`), `"`); len(quoted) == len(s.equals)-2 {
		s.equals = quoted
	} else if s.equals != "true" && s.equals != "false" {
		return s, wrong
	}
	if after == "" {
		return s, nil
	}
	if s.sub = strings.TrimPrefix(after, "."); s.sub == after || !attributeName(s.sub) {
		return s, wrong
	}
	return s, nil
}

// attributeName reports whether text can be the name of an attribute (RFC 7643 §2.1; Google's custom schemas have "_" too).
func attributeName(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '$' || c == '_'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '-') {
			return false
		}
	}
	return text != ""
}

// value reads the source in a document.
func (s *source) value(document directory.Attributes) string {
	if s.schema != "" {
		extension, _ := document.Get(s.schema)
		document, _ = extension.(directory.Attributes)
	}
	v, _ := document.Get(s.name)
	if elements, ok := v.([]any); ok {
		v = s.element(elements)
	} else if s.where != "" {
		return ""
	}
	if object, ok := v.(directory.Attributes); ok {
		name := s.sub
		if name == "" {
			name = "value"
		}
		v, _ = object.Get(name)
	} else if s.sub != "" && s.sub != "value" {
		return ""
	}
	return plainText(v)
}

// element picks one of several values.
func (s *source) element(elements []any) any {
	for _, element := range elements {
		object, _ := element.(directory.Attributes)
		if s.where == "" {
			if primary, _ := object.Get("primary"); primary == true {
				return element
			}
			continue
		}
		if has, ok := object.Get(s.where); ok && directory.Fold(plainText(has)) == directory.Fold(s.equals) {
			return element
		}
	}
	if s.where != "" || len(elements) == 0 {
		return nil
	}
	return elements[0]
}

func plainText(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case directory.Number:
		return string(v)
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

// MapUser applies a mapping to a user that a connection sent (C13).
func MapUser(m *directory.AttributeMapping, s directory.Settings, sent directory.UserDraft) Mapped {
	out := Mapped{User: sent}
	out.User.Sent = sent.Document
	before, err := sent.Document.Attributes()
	if err != nil {
		out.Refuse = refuse("C13", "the record is damaged: the mapping cannot read it")
		return out
	}
	after := before.Clone()
	for i := range m.Attributes {
		r := &m.Attributes[i]
		a := MappedAttribute{Target: r.Target, Sent: sentValue(r.Target, before), Value: r.Constant, From: "constant"}
		if r.Source != "" {
			a.Value, a.From = "", r.Source
			if path, err := parseSource(r.Source); err == nil {
				a.Value = path.value(before)
			}
			if a.Value == "" {
				if a.Value, a.From = r.Default, "default"; r.Default == "" {
					a.From = ""
				}
			}
		}
		if a.Value == "" && r.Target == directory.TargetUserName {
			out.Refuse = refuse("C13", fmt.Sprintf("the mapping takes userName from %s, and %s has no value there: give the user one, or change the mapping", r.Source, sent.UserName))
		}
		setTarget(&out.User, &after, r.Target, a.Value)
		out.Attributes = append(out.Attributes, a)
	}
	out.User.Document = after.Document()
	if out.Refuse == nil && m.OutsideDomains == directory.OutsideRefuse {
		out.Refuse = outside(s.MemberDomains, &out.User)
	}
	return out
}

// sentValue is what was sent for a target.
func sentValue(target directory.MappingTarget, document directory.Attributes) string {
	path := source{name: string(target)}
	switch target {
	case directory.TargetEmail:
		path = source{name: "emails", sub: "value", where: "type", equals: "work"}
	case directory.TargetDepartment:
		path.schema = directory.EnterpriseUser
	case directory.TargetUserName, directory.TargetUserType:
	}
	return path.value(document)
}

// TargetValues gives the values that a document has for the targets of attributes.
func TargetValues(document directory.Document, attributes []MappedAttribute) []string {
	out := make([]string, len(attributes))
	tree, err := document.Attributes()
	if err != nil {
		return out
	}
	for i := range attributes {
		out[i] = sentValue(attributes[i].Target, tree)
	}
	return out
}

// setTarget sets an attribute of a user; "" removes it.
func setTarget(u *directory.UserDraft, document *directory.Attributes, target directory.MappingTarget, value string) {
	switch target {
	case directory.TargetUserName:
		u.UserName = value
		document.Set("userName", value)
	case directory.TargetUserType:
		u.UserType = value
		setText(document, "userType", value)
	case directory.TargetEmail:
		setWorkAddress(document, value)
		emails, _ := document.Get("emails")
		u.Emails = directory.EmailsOf(emails)
	case directory.TargetDepartment:
		setDepartment(document, value)
	}
}

func setText(document *directory.Attributes, name, value string) {
	if value == "" {
		document.Delete(name)
		return
	}
	document.Set(name, value)
}

// setWorkAddress sets the address of type work. It is primary if no other address is.
func setWorkAddress(document *directory.Attributes, address string) {
	value, _ := document.Get("emails")
	elements, _ := value.([]any)
	var out []any
	primary, done := false, address == ""
	for _, element := range elements {
		object, _ := element.(directory.Attributes)
		if directory.Fold(object.String("type")) == "work" {
			if done {
				continue
			}
			object.Set("value", address)
			object.Delete("display")
			element, done = object, true
		}
		is, _ := object.Get("primary")
		primary = primary || is == true
		out = append(out, element)
	}
	if !done {
		work := directory.Attributes{{Name: "value", Value: address}, {Name: "type", Value: "work"}}
		if !primary {
			work = append(work, directory.Attribute{Name: "primary", Value: true})
		}
		out = append(out, work)
	}
	if len(out) == 0 {
		document.Delete("emails")
		return
	}
	document.Set("emails", out)
}

// setDepartment sets the department of the enterprise extension, and names the extension in schemas if it has a value.
func setDepartment(document *directory.Attributes, value string) {
	held, _ := document.Get(directory.EnterpriseUser)
	extension, _ := held.(directory.Attributes)
	setText(&extension, "department", value)
	if len(extension) == 0 {
		document.Delete(directory.EnterpriseUser)
	} else {
		document.Set(directory.EnterpriseUser, extension)
	}
	list, _ := document.Get("schemas")
	urns, _ := list.([]any)
	isExtension := func(urn any) bool {
		text, _ := urn.(string)
		return strings.EqualFold(text, directory.EnterpriseUser)
	}
	named := slices.ContainsFunc(urns, isExtension)
	switch {
	case len(extension) > 0 && !named:
		document.Set("schemas", append(urns, directory.EnterpriseUser))
	case len(extension) == 0 && named:
		document.Set("schemas", slices.DeleteFunc(urns, isExtension))
	}
}

// outside refuses a user without an address in the domains of the tenant.
func outside(domains []string, u *directory.UserDraft) *Refusal {
	if !Foreign(domains, Person{UserName: u.UserName, Emails: u.Emails}) {
		return nil
	}
	address := u.UserName
	if len(u.Emails) > 0 {
		address = strings.Join(u.Emails, ", ")
	}
	return refuse("C13", fmt.Sprintf("%s is in none of the domains of the company (%s), and the mapping of the connection refuses such users: change the address, or add its domain to member_domains",
		address, strings.Join(domains, ", ")))
}

// TypeIsMapped refuses to convert a user whose userType a mapping sets.
func TypeIsMapped(c directory.ConnectionID) *Refusal {
	return conflict("C13", "type", fmt.Sprintf("the attribute mapping of connection %q sets the userType of its users: change it there, or at the identity provider", c))
}

// MaxMapped is for how many users of a connection a mapping is changed at most: all of them change in one transaction, or none.
const MaxMapped = 20_000

// CheckMappedUsers refuses to change the mapping of more users than one transaction can change (C13). to is the new mapping; nil: none.
//
// Users are not transferred to a connection whose mapping sets userName (CheckTransfer), so another way is left for such a mapping.
func CheckMappedUsers(users int, to *directory.AttributeMapping) *Refusal {
	if users <= MaxMapped {
		return nil
	}
	way := "make another connection with the mapping, and transfer the users to it in stages"
	if to.Sets(directory.TargetUserName) {
		way = fmt.Sprintf("let the identity provider itself send another userName, or divide the users: transfer them in stages to other connections, until none has more than %d, and then map userName at each", MaxMapped)
	}
	return conflict("C13", "attribute_mapping", fmt.Sprintf("this connection manages %d users, and a mapping changes for at most %d at once: %s", users, MaxMapped, way))
}

// MappingMerges is the refusal of a mapping that gives two users one userName. Both are named as they were sent.
func MappingMerges(userName, one, other string) *Refusal {
	return conflict("C13", "userName", fmt.Sprintf("the mapping would give %s and %s the same userName, %s: take userName from an attribute that differs", one, other, userName))
}

// MappingRefuses is the refusal of a mapping that refuses users who are there. names are the first of them.
func MappingRefuses(refused int, names []string, first *Refusal) *Refusal {
	return &Refusal{Code: directory.Conflict, Rule: "C13", Field: "attribute_mapping", Message: fmt.Sprintf(
		"the mapping refuses %s (%s): %s", withAccess(refused), strings.Join(names, ", "), first.Message)}
}

func withAccess(n int) string {
	if n == 1 {
		return "1 user who has access now"
	}
	return fmt.Sprintf("%d users who have access now", n)
}
