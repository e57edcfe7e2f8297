package wire

// AttributeMapping says how the users of a connection get attributes from what its identity provider sends (rule C13).
type AttributeMapping struct {
	Attributes     []AttributeRule `json:"attributes" nullable:"false" maxItems:"4" doc:"At most one for each target."`
	Roles          []RoleRule      `json:"roles,omitempty" maxItems:"100" doc:"Built-in groups that roles and entitlements of a user grant (rule G4)."`
	OutsideDomains string          `json:"outside_domains,omitempty" enum:"refuse," doc:"refuse: users whose addresses are in none of member_domains are refused. Missing: they are guests, as the tenant says (rule B4)."`
}

// AttributeRule says how one attribute is set.
type AttributeRule struct {
	Target   string `json:"target" enum:"userName,email,userType,department" doc:"What is set. email is the address of type work; department is that of the enterprise extension."`
	Source   string `json:"source,omitempty" maxLength:"512" doc:"The path of the attribute that is taken. Missing: constant." example:"emails[type eq \"work\"].value"`
	Constant string `json:"constant,omitempty" maxLength:"256" doc:"The value for everybody."`
	Default  string `json:"default,omitempty" maxLength:"256" doc:"The value for users who have none at the source."`
}

// RoleRule grants a built-in group to the users who have a role or an entitlement.
type RoleRule struct {
	Source string `json:"source" enum:"roles,entitlements" doc:"The attribute of the user."`
	Value  string `json:"value" minLength:"1" maxLength:"256" doc:"One of its values, in any case."`
	Grants string `json:"grants" enum:"owners,administrators,security,provision_managers" doc:"The built-in group."`
}

// MappingTry asks what a mapping would do.
type MappingTry struct {
	Mapping AttributeMapping `json:"mapping"`
	User    string           `json:"user,omitempty" maxLength:"1024" doc:"The id or the userName of one user of the tenant. Missing: those of the connection."`
	Limit   int              `json:"limit,omitempty" minimum:"1" maximum:"200" default:"20" doc:"How many users are listed."`
}

// MappingTrial is what a mapping would do. Nothing was changed.
type MappingTrial struct {
	Users   int           `json:"users" doc:"How many users the mapping was tried on."`
	Changed int           `json:"changed"`
	Refused int           `json:"refused" doc:"How many users with access the mapping refuses. Then it cannot be saved."`
	Missing []MissingFrom `json:"missing" nullable:"false" doc:"For each source, how many users have no value there."`
	Items   []TriedUser   `json:"items" nullable:"false" doc:"Refused users first, then changed ones, then others."`
	Refusal string        `json:"refusal,omitempty" doc:"Why the mapping cannot be saved. Missing: it can."`
}

// MissingFrom says how many users have no value at the source of a target.
type MissingFrom struct {
	Target string `json:"target"`
	Source string `json:"source"`
	Users  int    `json:"users"`
}

// TriedUser is what a mapping would make of one user.
type TriedUser struct {
	ID         string            `json:"id"`
	UserName   string            `json:"userName" doc:"As everybody sees it now."`
	Attributes []MappedAttribute `json:"attributes" nullable:"false"`
	Roles      []string          `json:"roles,omitempty" doc:"The built-in groups that roles and entitlements would grant."`
	Changes    bool              `json:"changes"`
	Refused    string            `json:"refused,omitempty" doc:"Why the mapping refuses the user. Missing: it does not."`
}

// MappedAttribute says where the value of an attribute comes from.
type MappedAttribute struct {
	Target string `json:"target"`
	Sent   string `json:"sent,omitempty" doc:"What the identity provider sent for it."`
	Before string `json:"before,omitempty" doc:"What everybody sees now."`
	Value  string `json:"value,omitempty" doc:"What the mapping makes of it. Missing: it has no value."`
	From   string `json:"from,omitempty" doc:"The path of the source, constant, or default. Missing: the source has no value, and there is no default."`
}
