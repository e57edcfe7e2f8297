package profile

import (
	"time"

	"drawbridge/directory"
)

// Profile is what the server expects of a type of identity provider, and how it answers.
type Profile struct {
	Type  directory.ConnectionType
	Title string // the provider's own name

	UnknownPaths directory.Leniency   // an explicit PATCH path that no schema has (C6)
	UserPatch    directory.PatchReply // the answer to a successful PATCH of a user
	GroupPatch   directory.PatchReply // the reply to a PATCH of a group; Entra ID advises against member lists

	// Cadence is the interval at which a healthy provider sends requests; twice as long without a request is quiet (C7).
	Cadence time.Duration

	// Auth are the kinds of credential that the provider can send, the recommended one first; none for one that is pulled.
	Auth []directory.CredentialKind

	// UserNameFromEmail: a user without a userName gets the primary e-mail address as its userName. Other providers get 400 for a user
	// without a userName, as RFC 7643 §4.1.1 requires and conformance suites check.
	UserNameFromEmail bool

	Setup Setup
}

// Setup says where in the provider's console the connection is configured, in the words of that console.
type Setup struct {
	Page  string   // the way through the menus
	URL   string   // the field for the base URL
	Token string   // the field for the token
	Steps []string // what else to choose, in order
	Test  string   // the button that tests the connection, and what it sends
}

// For is the profile of a connection: the defaults of its type with the connection's own settings over them. An unknown
// type is treated as generic.
func For(c directory.Connection) Profile {
	p := of(c.Type)
	if c.UnknownPaths != nil {
		p.UnknownPaths = *c.UnknownPaths
	}
	if c.UserPatch != nil {
		p.UserPatch = *c.UserPatch
	}
	if c.GroupPatch != nil {
		p.GroupPatch = *c.GroupPatch
	}
	return p
}

// All lists the profiles in the order of directory.ConnectionTypes.
func All() []Profile {
	types := directory.ConnectionTypes()
	out := make([]Profile, len(types))
	for i, t := range types {
		out[i] = of(t)
	}
	return out
}

func of(t directory.ConnectionType) Profile {
	switch t {
	case directory.Okta:
		return okta()
	case directory.Entra:
		return entra()
	case directory.Google:
		return google()
	case directory.GoogleDirectory:
		return googleDirectory()
	case directory.OneLogin:
		return oneLogin()
	case directory.JumpCloud:
		return jumpCloud()
	case directory.Rippling:
		return rippling()
	case directory.Ping:
		return ping()
	}
	return generic()
}

// week is the cadence of providers that speak only when something changes.
const week = 7 * 24 * time.Hour

// named gives the settings that all named providers share. Unknown paths are ignored, because an identity provider would otherwise stop to
// write a person for one attribute.
func named(t directory.ConnectionType, title string) Profile {
	return Profile{
		Type: t, Title: title,
		UnknownPaths: directory.Ignore,
		UserPatch:    directory.ReplyResource,
		GroupPatch:   directory.ReplyNoContent,
		Cadence:      week,
		Auth:         []directory.CredentialKind{directory.BearerToken},
	}
}
