package profile

import "drawbridge/directory"

// generic is any other client that speaks SCIM 2.0. The server refuses its wrong paths.
func generic() Profile {
	p := named(directory.Generic, "SCIM 2.0")
	p.Auth = []directory.CredentialKind{directory.BearerToken, directory.ClientSecret, directory.BasicSecret}
	p.UnknownPaths = directory.Refuse
	p.Setup = Setup{
		Page:  "wherever your identity provider configures SCIM 2.0 provisioning",
		URL:   "base URL, sometimes called tenant URL or endpoint",
		Token: "bearer token",
		Steps: []string{`Choose SCIM version 2.0, content type application/scim+json, and userName as the matching attribute.`},
		Test:  `any GET, for example of /Users?count=1`,
	}
	return p
}
