package profile

import (
	"time"

	"drawbridge/directory"
)

// googleDirectory is Google Workspace, read by the server. Nothing is pushed, so there is no credential to show.
func googleDirectory() Profile {
	p := named(directory.GoogleDirectory, "Google Workspace (read by Drawbridge)")
	p.Cadence = 10 * time.Minute // how often it runs, unless google.every says another time
	p.Auth = nil
	p.Setup = Setup{
		Page:  "Google Admin console > Security > Access and data control > API controls > Manage Domain Wide Delegation > Add new",
		URL:   "none: Google is read, and pushes nothing",
		Token: "none: the key of a service account is entered here",
		Steps: []string{
			`Google Cloud console > APIs & Services > Library > Admin SDK API > Enable, in the project of the service account.`,
			`"Client ID" is the Unique ID of the service account (Google Cloud console > IAM & Admin > Service Accounts).`,
			`"OAuth scopes": https://www.googleapis.com/auth/admin.directory.user.readonly,https://www.googleapis.com/auth/admin.directory.group.readonly,https://www.googleapis.com/auth/admin.directory.group.member.readonly`,
			`The administrator needs the privileges Users > Read and Groups > Read (Google Admin console > Account > Admin roles).`,
		},
		Test: `a check of the connection, then the preview of a run (drawbridge connection check, drawbridge connection sync --preview)`,
	}
	return p
}
