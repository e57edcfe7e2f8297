package pull

import (
	"encoding/json"
	"slices"
	"strings"

	"drawbridge/directory"
	"drawbridge/google"
	"drawbridge/scim"
)

const (
	userSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

	// CustomSchema is the prefix of the URN of an extension that gets the values of a custom schema of Google. The name of Google's schema
	// follows.
	CustomSchema = "urn:google:workspace:schemas:"
)

// renderer makes SCIM resources of Google's users and groups, with the attribute table of a tenant.
type renderer struct {
	catalog *scim.Catalog
	// managers gives the id of the connection's user with an address; "": none.
	managers func(address string) string
}

// user makes the draft of a user. Its bytes depend on the values alone, so that an unchanged person gives an unchanged draft.
func (r *renderer) user(u *google.User) (directory.UserDraft, error) {
	a := directory.Attributes{
		{Name: "schemas", Value: []any{userSchema}},
		{Name: "externalId", Value: u.ID},
		{Name: "userName", Value: u.PrimaryEmail},
	}
	put := func(name string, value any) {
		if !directory.Unassigned(value) {
			a = append(a, directory.Attribute{Name: name, Value: value})
		}
	}
	put("name", texts("formatted", u.Name.FullName, "familyName", u.Name.FamilyName, "givenName", u.Name.GivenName))
	put("displayName", first(u.Name.DisplayName, u.Name.FullName))
	job := organization(u.Organizations)
	put("title", job.Title)
	put("preferredLanguage", language(u.Languages))
	put("emails", emails(u))
	put("phoneNumbers", phones(u.Phones))
	put("addresses", addresses(u.Addresses))
	put("active", active(u))
	put(enterpriseSchema, r.enterprise(u, &job))
	for _, s := range r.custom(u) {
		put(s.Name, s.Value)
	}
	var quirks scim.Quirks
	resource, _, err := r.catalog.User.Decode(a, scim.DecodeOptions{}, &quirks)
	if err != nil {
		return directory.UserDraft{}, err
	}
	return resource.UserDraft(nil), nil
}

// active is false for suspended and archived people.
func active(u *google.User) bool { return !u.Suspended && !u.Archived }

// group makes the draft of a group, without members.
func (r *renderer) group(g *google.Group, name string) (directory.GroupDraft, error) {
	a := directory.Attributes{
		{Name: "schemas", Value: []any{groupSchema}},
		{Name: "externalId", Value: g.ID},
		{Name: "displayName", Value: name},
	}
	resource, _, err := r.catalog.Group.Decode(a, scim.DecodeOptions{}, nil)
	if err != nil {
		return directory.GroupDraft{}, err
	}
	return resource.GroupDraft(nil), nil
}

func (r *renderer) enterprise(u *google.User, job *google.Organization) directory.Attributes {
	out := texts("employeeNumber", employeeNumber(u.ExternalIDs), "costCenter", job.CostCenter, "organization", job.Name, "department", job.Department)
	for _, relation := range u.Relations {
		if relation.Type != "manager" || relation.Value == "" {
			continue
		}
		if id := r.managers(relation.Value); id != "" {
			out = append(out, directory.Attribute{Name: "manager", Value: directory.Attributes{{Name: "value", Value: id}}})
		}
		break
	}
	return out
}

// custom gives the values of the custom schemas for which the tenant has an extension.
func (r *renderer) custom(u *google.User) directory.Attributes {
	var out directory.Attributes
	names := make([]string, 0, len(u.CustomSchemas))
	for name := range u.CustomSchemas {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		extension := r.catalog.User.Extension(CustomSchema + name)
		if extension == nil {
			continue
		}
		var values directory.Attributes
		fields := make([]string, 0, len(u.CustomSchemas[name]))
		for field := range u.CustomSchemas[name] {
			fields = append(fields, field)
		}
		slices.Sort(fields)
		for _, field := range fields {
			if value := customValue(u.CustomSchemas[name][field]); value != nil {
				values = append(values, directory.Attribute{Name: field, Value: value})
			}
		}
		if len(values) > 0 {
			out = append(out, directory.Attribute{Name: extension.URN, Value: values})
		}
	}
	return out
}

// customValue reads the value of a field. Google writes one with several values as objects with value and type.
func customValue(text json.RawMessage) any {
	value, err := directory.ParseJSON(text, directory.DefaultLimits())
	if err != nil {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		return value
	}
	var out []any
	for _, element := range list {
		if object, ok := element.(directory.Attributes); ok {
			element, _ = object.Get("value")
		}
		if element != nil {
			out = append(out, element)
		}
	}
	return out
}

// texts makes an object of the values that are not empty.
func texts(pairs ...string) directory.Attributes {
	var out directory.Attributes
	for i := 0; i+1 < len(pairs); i += 2 {
		if text := strings.TrimSpace(pairs[i+1]); text != "" {
			out = append(out, directory.Attribute{Name: pairs[i], Value: text})
		}
	}
	return out
}

func first(values ...string) string {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

// organization is the primary job, else the first.
func organization(all []google.Organization) google.Organization {
	for _, o := range all {
		if o.Primary {
			return o
		}
	}
	if len(all) > 0 {
		return all[0]
	}
	return google.Organization{}
}

// language is the preferred language, else the first.
func language(all []google.Language) string {
	for _, l := range all {
		if l.Preference == "preferred" && l.Code != "" {
			return l.Code
		}
	}
	if len(all) > 0 {
		return all[0].Code
	}
	return ""
}

// employeeNumber is the external id of type organization, which Google's console calls the employee ID.
func employeeNumber(all []google.Typed) string {
	for _, id := range all {
		if id.Type == "organization" {
			return id.Value
		}
	}
	return ""
}

// kind is the type of a value: one that SCIM also knows, or "other".
func kind(t string) string {
	switch t = strings.ToLower(t); t {
	case "work", "home", "mobile", "pager":
		return t
	case "work_mobile":
		return "mobile"
	case "work_fax", "home_fax":
		return "fax"
	case "work_pager":
		return "pager"
	}
	return "other"
}

// testDomain is the end of an address that Google adds to every user and that receives no mail.
const testDomain = ".test-google-a.com"

// emails gives the primary address first, as work, then the others by address.
func emails(u *google.User) []any {
	seen := map[string]bool{directory.Fold(u.PrimaryEmail): true}
	out := []any{directory.Attributes{{Name: "value", Value: u.PrimaryEmail}, {Name: "type", Value: "work"}, {Name: "primary", Value: true}}}
	type email struct{ address, kind string }
	var more []email
	add := func(address, of string) {
		address = strings.TrimSpace(address)
		if key := directory.Fold(address); address != "" && !seen[key] && !strings.HasSuffix(key, testDomain) {
			seen[key] = true
			more = append(more, email{address, of})
		}
	}
	for _, e := range u.Emails {
		add(e.Address, kind(e.Type))
	}
	for _, address := range u.Aliases {
		add(address, "other")
	}
	for _, address := range u.NonEditableAliases {
		add(address, "other")
	}
	slices.SortFunc(more, func(x, y email) int { return strings.Compare(x.address, y.address) })
	for _, e := range more {
		out = append(out, directory.Attributes{{Name: "value", Value: e.address}, {Name: "type", Value: e.kind}})
	}
	return out
}

func phones(all []google.Typed) []any {
	var out []any
	primary := false
	for _, p := range all {
		value := strings.TrimSpace(p.Value)
		if value == "" {
			continue
		}
		phone := directory.Attributes{{Name: "value", Value: value}, {Name: "type", Value: kind(p.Type)}}
		if p.Primary && !primary {
			primary = true
			phone = append(phone, directory.Attribute{Name: "primary", Value: true})
		}
		out = append(out, phone)
	}
	return out
}

func addresses(all []google.Address) []any {
	var out []any
	primary := false
	for _, p := range all {
		address := texts("formatted", p.Formatted, "streetAddress", p.StreetAddress, "locality", p.Locality, "region", p.Region, "postalCode", p.PostalCode, "country", country(&p))
		if len(address) == 0 {
			continue
		}
		address = append(address, directory.Attribute{Name: "type", Value: kind(p.Type)})
		if p.Primary && !primary {
			primary = true
			address = append(address, directory.Attribute{Name: "primary", Value: true})
		}
		out = append(out, address)
	}
	return out
}

// country is the code of a country, which has two letters in SCIM.
func country(a *google.Address) string {
	if len(a.CountryCode) == 2 {
		return strings.ToUpper(a.CountryCode)
	}
	if len(a.Country) == 2 {
		return strings.ToUpper(a.Country)
	}
	return ""
}
