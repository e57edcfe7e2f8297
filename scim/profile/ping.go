package profile

import "drawbridge/directory"

// ping is PingOne and PingFederate.
func ping() Profile {
	p := named(directory.Ping, "Ping Identity")
	p.Auth = []directory.CredentialKind{directory.BearerToken, directory.BasicSecret, directory.ClientSecret}
	p.Setup = Setup{ //nolint:gosec // G101: the words of a console, no credentials
		Page:  "PingOne > Integrations > Provisioning > New Connection > Identity Store > SCIM Outbound",
		URL:   "SCIM Base URL",
		Token: "OAuth Access Token (Authentication Method: OAuth 2 Bearer Token)",
		Steps: []string{
			`Set the SCIM version to 2.0, the user filter to userName Eq "%s" and the unique user identifier to userName.`,
			`Set the group membership handling to "Overwrite" if the groups belong to PingOne alone, else "Merge".`,
			`Choose the remove action "Disable" or "Delete", then add a rule for users and one for groups.`,
		},
		Test: `"Test Connection"`,
	}
	return p
}
