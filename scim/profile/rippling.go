package profile

import "drawbridge/directory"

// rippling sends what an administrator ticked; in some set-ups that is e-mail addresses and no userName.
func rippling() Profile {
	p := named(directory.Rippling, "Rippling")
	p.UserNameFromEmail = true
	p.Setup = Setup{
		Page:  "IT management > Custom apps > (your app) > SCIM provisioning",
		URL:   "SCIM base URL",
		Token: "Bearer Token",
		Steps: []string{
			`Choose SCIM version 2.0 and the authorization method "Bearer Token".`,
			`Tick "Supports Groups", "Supports Pagination", "Create & Delete Groups" and "Use PATCH to edit Groups".`,
			`Tick externalId among the supported attributes; send attributes on creation and on updates.`,
		},
		Test: `the last step of the installation, which lists the users to match them`,
	}
	return p
}
