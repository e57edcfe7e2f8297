package profile

import (
	"time"

	"drawbridge/directory"
)

// google is Google Workspace. It pushes only to apps of its own catalogue; for other needs the server reads its directory.
func google() Profile {
	p := named(directory.Google, "Google Workspace")
	p.Cadence = 24 * time.Hour // "every few hours"
	p.Setup = Setup{
		Page:  "Admin console > Apps > Web and mobile apps > (a catalogue app with autoprovisioning) > Autoprovisioning",
		URL:   "Endpoint URL",
		Token: "Access token",
		Steps: []string{
			`Google offers autoprovisioning only for apps of its catalogue, not for custom SAML apps.`,
			`Choose when to suspend and delete under "Deprovisioning"; groups are not sent.`,
		},
		Test: `none: the first cycle starts within hours`,
	}
	return p
}
