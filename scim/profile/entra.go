package profile

import (
	"time"

	"drawbridge/directory"
)

// entra is Microsoft Entra ID in both of its dialects, which one tenant mixes: provision on demand ignores the flag
// aadOptscim062020.
func entra() Profile {
	p := named(directory.Entra, "Microsoft Entra ID")
	p.Auth = []directory.CredentialKind{directory.BearerToken, directory.ClientSecret}
	p.Cadence = 40 * time.Minute // the fixed interval of its cycles
	p.Setup = Setup{
		Page:  "Entra admin center > Enterprise apps > (your app) > Provisioning > Connectivity (older: Admin Credentials)",
		URL:   "Tenant URL",
		Token: "Secret Token",
		Steps: []string{
			`New application > Create your own application > "Integrate any other application you don't find in the gallery (Non-gallery)".`,
			`Set the provisioning mode to "Automatic".`,
			`Optional: end the Tenant URL with ?aadOptscim062020, for the dialect that is closer to the RFC. Both are understood.`,
			`Under Mappings keep userName as the matching attribute; mapping externalId to objectId makes renames safe.`,
			`Set the provisioning status to "On"; the first cycle may take hours, the next ones come every 40 minutes.`,
		},
		Test: `"Test Connection", which looks up a random user and group and expects an empty list`,
	}
	return p
}
