// Package profile owns what is known about each identity provider, as values: one small file for each.
//
// A profile tunes replies, expectations and words for people. It never decides whether a request is understood: every
// connection accepts every dialect (rule C6), and the table of quirks in quirk.go names the package that implements each. The one
// exception is described at Profile.UserNameFromEmail.
package profile
