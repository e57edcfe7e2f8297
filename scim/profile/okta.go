package profile

import "drawbridge/directory"

// okta is both of Okta's clients: custom SAML and SWA apps, which PUT, and the apps of the integration network and the
// "SCIM 2.0 Test App" templates, which PATCH.
func okta() Profile {
	p := named(directory.Okta, "Okta")
	p.Auth = []directory.CredentialKind{directory.BearerToken, directory.BasicSecret}
	p.Setup = Setup{ //nolint:gosec // G101: the words of a console, no credentials
		Page:  "Applications > Applications > (your app) > Provisioning > Integration",
		URL:   "SCIM connector base URL",
		Token: "HTTP Header: Authorization (Bearer)",
		Steps: []string{
			`In a custom app: General > App Settings > Edit, set Provisioning to "SCIM".`,
			`Set "Unique identifier field for users" to userName.`,
			`Tick "Push New Users", "Push Profile Updates" and "Push Groups".`,
			`Set "Authentication Mode" to "HTTP Header".`,
			`Then under Provisioning > To App switch on "Create Users", "Update User Attributes" and "Deactivate Users".`,
		},
		Test: `"Test Connector Configuration" (templates: "Test API Credentials"), which lists two users and up to a hundred groups`,
	}
	return p
}
