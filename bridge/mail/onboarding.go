package mail

import "time"

// onboarding is what mails about the onboarding of a person show beside the name of the company.
type onboarding struct {
	Person  string `json:"person"`
	Address string `json:"address"`
}

// Until is the expiry of the link as people read it; "" if there is none.
func (d data) Until() string {
	at, err := time.Parse(time.RFC3339, d.Expires)
	if err != nil {
		return ""
	}
	return at.UTC().Format("2 January 2006, 15:04 MST")
}
