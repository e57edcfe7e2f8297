package profile

import "drawbridge/directory"

// oneLogin sends users by a template that the administrator edits, so any shape may arrive, even without "active".
func oneLogin() Profile {
	p := named(directory.OneLogin, "OneLogin")
	p.Setup = Setup{ //nolint:gosec // G101: the words of a console, no credentials
		Page:  "Applications > Applications > (your app) > Configuration",
		URL:   "SCIM Base URL",
		Token: "SCIM Bearer Token",
		Steps: []string{
			`Add the app "SCIM Provisioner with SAML (SCIM v2 Enterprise, full SAML)".`,
			`In the SCIM JSON Template keep "active" and "externalId": attributes that the template leaves out are not changed here.`,
			`Under Provisioning tick "Enable provisioning" and choose what happens when users are deleted or suspended.`,
			`Under Rules map roles to groups with "Set Groups in app". A role that is removed in OneLogin is not reported.`,
		},
		Test: `"Enable" at API Connection, which looks up a user that does not exist`,
	}
	return p
}
