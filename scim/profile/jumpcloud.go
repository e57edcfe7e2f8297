package profile

import "drawbridge/directory"

// jumpCloud creates, changes and deletes a test user and a test group whenever its connector is saved.
func jumpCloud() Profile {
	p := named(directory.JumpCloud, "JumpCloud")
	p.Setup = Setup{
		Page:  "User Authentication > SSO Applications > (your app) > Identity Management",
		URL:   "Base URL",
		Token: "Token Key",
		Steps: []string{
			`Add a custom application with "Export users to this app (Identity Management)"; choose SCIM API and SCIM 2.0.`,
			`Give a Test User Email that no person has: that user is created and deleted with every activation.`,
			`Tick "Enable management of User Groups and Group Membership in this application".`,
		},
		Test: `"Test Connection" and "Activate", which create, change and delete a test user and a test group`,
	}
	return p
}
