package server

import "drawbridge/scim"

// The leniencies of the HTTP surface; those of bodies, filters and paths are in package scim. The number is the row of the
// table of quirks in docs/quirks.md.
const (
	quirkQuery        scim.Quirk = "query.untidy"         // 26: a trailing "&" or "?"
	quirkCount        scim.Quirk = "query.count"          // 33: a negative count, a startIndex below 1
	quirkContentType  scim.Quirk = "content_type.missing" // 60: a body without a Content-Type
	quirkCharset      scim.Quirk = "content_type.charset" // 60: another charset than UTF-8 of a body that is ASCII
	quirkBareToken    scim.Quirk = "authorization.bare"   // 61: a token without "Bearer"
	quirkBearerTwice  scim.Quirk = "authorization.twice"  // 61: "Bearer Bearer x"
	quirkSlashes      scim.Quirk = "path.slashes"         // 64: double and trailing slashes
	quirkMembersKept  scim.Quirk = "members.kept"         // 52: a PUT of a group without members leaves them as they are
	quirkBulkAbsolute scim.Quirk = "bulk.path"            // a path in a Bulk request without its leading slash
)
