package profile

import (
	"slices"
	"strconv"
	"strings"

	"drawbridge/scim"
)

// Row is one quirk of identity providers and what is done about it.
type Row struct {
	Number int          // 1 to 70
	Who    string       // the provider that is known for it; "": several, or servers that failed on it
	What   string       // what they do
	Names  []scim.Quirk // the counters of this quirk; none: the standard requires it anyway, or it is not a leniency
	Where  string       // the package that handles it
	How    string       // what is done
}

// Rows is the table of quirks, complete and in order. docs/quirks.md is made from it.
func Rows() []Row { return slices.Concat(numberedRows(), furtherRows()) }

func names(list ...scim.Quirk) []scim.Quirk { return list }

// numberedRows are the quirks that were known from the documents of identity providers and from other servers.
func numberedRows() []Row {
	return []Row{
		{1, "Entra", "`Add`, `Replace`, `Remove`", names(scim.QuirkOpCase), "scim/patch", "The case of an operation is folded once, when it is read."},
		{2, "Entra", "`\"False\"`, `\"true\"`, `\"FALSE\"` for booleans", names(scim.QuirkStringBoolean), "scim", "Read as the boolean, in any case, in POST, PUT and PATCH; any other string is 400 `invalidValue`."},
		{3, "Okta", "a path-less `{\"active\": false}`", nil, "scim/patch", "Only the attributes that are named change; a path-less replace never replaces the resource."},
		{4, "Entra", "keys that are paths, in a body or in a value without a path", names(scim.QuirkPathKeys, scim.QuirkBareExtension), "scim, scim/patch", "Each key is read as a path: dotted, with the URN of an extension or of the core schema, with a filter; the URN of a schema holds an object. An attribute that only one extension has needs no URN. Two values for one attribute are 400 `invalidValue`."},
		{5, "Okta", "`id` in the value of a group's rename", names(scim.QuirkReadOnlyInValue), "scim/patch", "Ignored; an id never changes."},
		{6, "Entra", "both dialects from one tenant", nil, "scim", "There is no switch: Drawbridge accepts every dialect on every connection."},
		{7, "Entra", "a filter path whose element does not exist, or has no type", names(scim.QuirkElementCreated, scim.QuirkUntypedElement), "scim/patch", "If the attribute has exactly one element, and it has no type (or no primary), Drawbridge uses that element and sets its type; an add does so only for `work` or primary. Otherwise add and replace create the element from the `eq` terms of the filter. On connections that refuse unknown paths, a replace is 400 `noTarget` in both cases (RFC 7644 §3.5.2.3). If an added element has the same value as an existing one, and only one of the two has a type, they are the same element."},
		{8, "Entra, JumpCloud", "`Remove members` with a list of values", names(scim.QuirkRemoveByValue), "scim/patch", "Only those are removed; an empty list removes no member."},
		{9, "", "`remove members` with neither filter nor value", names(scim.QuirkRemoveAll), "scim/patch", "Empties the group, as RFC 7644 §3.5.2.2 says; it is counted and audited."},
		{10, "Okta, Entra", "`members[value eq \"id\"]`", nil, "scim/patch", "Removes that member; ids are UUIDs and need no escaping."},
		{11, "", "removing a user who is not a member", nil, "bridge", "A success that changes nothing."},
		{12, "Okta", "`replace members []`", nil, "scim/patch", "The group is empty afterwards."},
		{13, "Entra, Okta", "members with `$ref: null`, without `type`, or as bare ids", names(scim.QuirkRefNull, scim.QuirkMemberString, scim.QuirkMemberRef, scim.QuirkMemberType), "scim", "Accepted; an id is looked up among users, then groups."},
		{14, "Entra, JumpCloud", "adding members again and again", nil, "bridge", "A member stays a member: no write, no event."},
		{15, "", "a member that does not exist", names(scim.QuirkUnknownMember), "bridge", "400 `invalidValue`, or left out and counted, as the connection says; never 500."},
		{16, "Entra, OneLogin", "manager as string, object, list, `managerId` or null; an address as a string", names(scim.QuirkValueBare, scim.QuirkManagerID), "scim", "A bare value is the `value` of a complex attribute or element. A manager may be a user who does not exist yet."},
		{17, "Entra", "a list of one, or an object with a `value`, for a single value", names(scim.QuirkArrayUnwrapped, scim.QuirkValueWrapped), "scim", "The value is taken; two or more are 400 `invalidValue`, and so is an object with anything else in it."},
		{18, "Entra", "JSON as text, `displayName` for `display`", names(scim.QuirkJSONText, scim.QuirkDisplayName), "scim", "Read for a complex or multi-valued attribute, for one element, and in the `value` of an element; a text that is not such JSON stays unchanged."},
		{19, "OneLogin", "`emails` as an object, or one value for a list", names(scim.QuirkArrayWrapped), "scim", "Becomes a list of one."},
		{20, "Ping, OneLogin", "several primary values, or none, or an empty one; the same value twice", names(scim.QuirkPrimary, scim.QuirkDuplicate), "scim", "The first primary that is not empty stays primary; equal pairs of type and value are merged; never 400."},
		{21, "Entra, OneLogin", "unknown, legacy, mistyped or missing URNs in `schemas`, of resources and of messages", names(scim.QuirkSchemaAlias, scim.QuirkSchemaUnknown, scim.QuirkSchemaMissing), "scim", "Legacy names and variants mean the standard schema, unknown ones are ignored beside it; schemas that name something else are 400 `invalidSyntax`. Without `schemas` the endpoint decides, alike in POST, PUT, PATCH, Bulk and .search."},
		{22, "Entra", "extension data without its URN in `schemas`", names(scim.QuirkExtensionMissing), "scim", "Accepted; the answer lists the right `schemas`."},
		{23, "Entra, Ping", "names in another case", names(scim.QuirkNameCase), "scim", "Names have no case, in bodies, paths, filters and messages (RFC 7643 §2.1); answers spell them as the schema does."},
		{24, "Ping", "`Eq`, `Co`", names(scim.QuirkOperatorCase), "scim/filter", "Operators have no case."},
		{25, "Entra", "filter values without quotes, booleans with them", names(scim.QuirkUnquoted, scim.QuirkQuotedBoolean), "scim/filter", "Read as what the attribute's type wants."},
		{26, "OneLogin, Entra", "`+` for a space, a trailing `&` or `?`, unknown parameters", names("query.untidy"), "scim/server", "Standard form decoding; unknown parameters and empty ones are ignored. An empty `filter` is 400 `invalidFilter`: it must not list all users."},
		{27, "Entra", "`id eq … and manager eq …`, `members eq …`, `emails[…].value eq …`", names(scim.QuirkValuePathFilter), "scim/filter", "A complex attribute compares by its `value`; all attributes can be filtered."},
		{28, "", "`externalId eq …`", nil, "store", "Indexed, with case, for users and groups."},
		{29, "", "a userName in another case, composition (NFD) or width, or with outer spaces", names(scim.QuirkUserNameForm), "directory", "userName is unique, found and sorted in its prepared form (RFC 7643 §4.1.1, RFC 7644 §5) and shown as it was sent. Invisible characters in a new one are 400 `invalidValue`."},
		{30, "", "apostrophes, `+`, `#`, other alphabets in values", nil, "scim/filter", "Values are JSON strings, read by a lexer."},
		{31, "", "`eq` that matches parts", nil, "directory", "`eq` compares whole values only."},
		{32, "Okta, Entra", "looking up an inactive user", nil, "bridge", "Found, with `active: false`."},
		{33, "OneLogin, Rippling, Ping", "no paging parameters, count 0 or -1, startIndex 0", names("query.count"), "scim/server", "Defaults, and values brought into range; count 0 gives the total alone."},
		{34, "Okta", "an import that wants a stable order", nil, "store", "Lists are ordered by id, which never changes."},
		{35, "Entra", "`excludedAttributes=members`", nil, "scim, scim/server", "The members are not read from the store."},
		{36, "Okta", "GET before every PUT", nil, "scim", "Answered from the stored bytes; no tree is built."},
		{37, "Okta", "PUT of `id`, `meta`, `groups` that were read before, PATCH of read-only attributes", names(scim.QuirkReadOnly), "scim, scim/patch", "Read-only attributes are dropped (RFC 7644 §3.5.1). An explicit PATCH path to one is 400 `mutability`, or ignored, as the connection says of unknown paths (C6)."},
		{38, "", "PUT that collides with the resource itself", nil, "store", "The resource's own name is not a conflict."},
		{39, "OneLogin", "PUT without `active`", nil, "scim, policy", "The state stays; only a write that states `active: true` reactivates (L4)."},
		{40, "Okta", "passwords", names(scim.QuirkPassword), "scim", "Discarded before anything is stored or logged; so is every attribute with `returned: never`."},
		{41, "Entra", "unknown attributes and paths", names(scim.QuirkUnknownAttribute, scim.QuirkUnknownPath), "scim, scim/patch", "Unknown attributes are ignored and counted; an explicit path is 400 `invalidPath`, or ignored, as the connection says (C6)."},
		{42, "Entra", "deactivation together with an operation that fails", nil, "scim/patch", "A PATCH is atomic: what is understood but unknown is ignored, so that the deactivation is done; what cannot be understood is 400 for all of it."},
		{43, "Okta", "an answer whose `active` differs from what was sent", nil, "directory", "Invited and unconfirmed users read `active: true`; only suspended ones read false."},
		{44, "Okta, Entra", "POST of a user who exists and is inactive", nil, "policy", "The user is restored if the provider itself suspended them, else 409 `uniqueness` (L5)."},
		{45, "Okta", "a POST that is repeated after a time-out", nil, "policy", "409 `uniqueness`, or the record of the first one if the tenant says so (L5)."},
		{46, "JumpCloud", "a test user that is created and deleted", nil, "policy", "DELETE frees the userName at once; the test is repeatable."},
		{47, "", "DELETE", nil, "policy", "The provider gets 404 from then on; Drawbridge keeps the record in grace (D4)."},
		{48, "", "a new id after a second provisioning", nil, "policy", "A tombstone with the same externalId is restored with the same id (L5)."},
		{49, "Entra", "restore without memberships", nil, "bridge", "Suspended users keep their memberships, hidden downstream (L3)."},
		{50, "OneLogin, Okta", "groups or users that are never deleted", nil, "bridge", "An operator deletes them: `drawbridge user delete`, `drawbridge group delete`."},
		{51, "Entra, Okta", "groups created without members, or with", nil, "scim", "Both work."},
		{52, "", "PUT of a group without `members`, or with `[]`", names("members.kept"), "scim/server", "Without `members`: `generic` empties the group, as the RFC says; every other type keeps the members. `[]` empties the group."},
		{53, "OneLogin", "`members[].operation` of SCIM 1.1", names(scim.QuirkMemberOperation), "scim/patch", "Translated to add and remove."},
		{54, "Okta, Entra", "a thousand operations, groups of a hundred thousand", nil, "store", "One key per membership: adding one costs the same in any group."},
		{55, "", "concurrent PATCHes of one group", nil, "store", "Writes of one tenant happen one after the other; none is lost."},
		{56, "Okta", "`Retry-After` in whole seconds only", nil, "scim/server", "Always whole seconds."},
		{57, "Entra", "quarantine after too many failures", nil, "scim/profile", "What can be understood is accepted, so that it does not count as a failure."},
		{58, "Entra", "500 is repeated without end", nil, "scim", "A client's mistake is 4xx, never 500."},
		{59, "", "401 as HTML or redirect", nil, "scim/server", "401 is a SCIM error."},
		{60, "OneLogin, Entra", "`application/json` and `application/scim+json`, DELETE with a body", names("content_type.missing", "content_type.charset"), "scim/server", "Both are accepted and negotiated; a missing Content-Type is JSON. A charset such as ISO-8859-1 is accepted if the body is ASCII, else 415."},
		{61, "Okta", "a token without `Bearer`, or with it twice", names("authorization.bare", "authorization.twice"), "scim/server", "The word is removed in any case; the rest is the token."},
		{62, "Okta, Ping, Entra", "Basic, client credentials", nil, "bridge", "Kinds of credential of a connection (C1, C4)."},
		{63, "", "tokens that expire", nil, "bridge", "Two may live at once; expiry is announced (C2)."},
		{64, "Okta, Entra", "no `_` and `.` in URLs, slashes at the end or twice", names("path.slashes"), "scim/server", "Slugs are a-z, 0-9 and hyphen; slashes are normalised without a redirect."},
		{65, "Entra", "TLS 1.2 only", nil, "cmd/drawbridge/app", "TLS 1.2 and later are accepted."},
		{66, "", "values that come back changed, or have another JSON type", names(scim.QuirkEmptyString, scim.QuirkStringNumber, scim.QuirkNumberForString), "scim", "Stored and answered verbatim; indexes have their own form. An empty string where a number, dateTime, binary or list belongs is unassigned, and it clears the `value` of an element; an empty `path` of an add or a replace is no path; a number in quotes is a number; a number for a string is its digits."},
		{67, "", "`status` as number, 404 for an empty search", nil, "scim, scim/server", "`status` is a string; an empty search gives an empty list."},
		{68, "", "discovery without a token", nil, "scim/server", "Only `/ServiceProviderConfig`; it shows the features that are on."},
		{69, "Google", "no push", nil, "scim/profile", "docs/google.md says what works."},
		{70, "Google", "nested groups", nil, "bridge", "Stored as they are, read flat; a circle of groups is 400 `invalidValue`."},
	}
}

// furtherRows are quirks that were found since. They have no number.
func furtherRows() []Row {
	return []Row{
		{0, "", "an operation that can change nothing: `add` of `[]`, `active` that is removed or `null`, a value without a path that is `{}`, `schemas` as a path, a removal whose filter or list selects no member", names(scim.QuirkNoEffect), "scim/patch", "A success that changes nothing. A list element without a value (`[{}]`, `[null]`, `[\"\"]`) is 400 `invalidValue` everywhere: it is never dropped."},
		{0, "", "a user who gets the externalId of another live user of the connection", names(scim.QuirkSharedExternalID), "bridge", "Allowed, because an externalId need not be unique, but counted: most often these are two records of one person (L5)."},
		{0, "Rippling", "a user without userName", names(scim.QuirkUserNameEmail), "scim/server", "On connections of this type the primary e-mail address, else the one of type work, else the first; on others 400 `invalidValue`."},
		{0, "", "a group with the name of a built-in one, such as Owners, that no mapping of the connection names", names("displayName.built_in"), "bridge", "A normal group that gives no rights. `drawbridge connection map` gives its members the built-in group (G4)."},
		{0, "", "a path in a Bulk request without its leading slash", names("bulk.path"), "scim/server", "Accepted."},
		{0, "", "`attributes` and `excludedAttributes` together", names(scim.QuirkBothProjections), "scim", "`attributes` wins; the other is ignored."},
	}
}

// Markdown writes the table as docs/quirks.md.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# Quirks of identity providers

This page lists how identity providers deviate from the RFCs, or from each other, and what Drawbridge does. It is for operators who meet the name of a
quirk, and for people who integrate a SCIM client.

Each row holds on every connection, unless it says otherwise: Drawbridge does not guess which provider sends a request. A name in the third column is counted in the
metric ` + "`drawbridge_quirks_total`" + `. It is also in the audit line of the write, and in the header ` + "`Drawbridge-Quirks`" + ` of the answer.

` + "`go test ./scim/profile -update`" + ` writes this page from scim/profile/quirk.go.

| # | what (who) | counted as | what Drawbridge does | package |
|---|---|---|---|---|
`)
	for _, row := range Rows() {
		number := "–"
		if row.Number > 0 {
			number = strconv.Itoa(row.Number)
		}
		what := row.What
		if row.Who != "" {
			what += " (" + row.Who + ")"
		}
		counted := make([]string, len(row.Names))
		for i, name := range row.Names {
			counted[i] = "`" + string(name) + "`"
		}
		b.WriteString("| " + number + " | " + what + " | " + strings.Join(counted, ", ") + " | " + row.How + " | " + row.Where + " |\n")
	}
	return b.String()
}
