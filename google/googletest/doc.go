// Package googletest is a stand-in for Google's Directory API and its token endpoint: an account in memory that a test changes, behind an
// http.Handler. It is written from Google's published reference alone and shares no code with package google, so that a mistake of
// the client is not repeated here. It has never been compared with Google itself.
//
// It knows what clients get wrong: page tokens that are bound to their query and expire, listings that lag behind changes, 404 for an
// unknown user and 412 for a deleted one, quotas with three reasons, and faults that a test puts on any request.
package googletest
