// Package googletest imitates Google's Directory API and its token endpoint: an account in memory that a test changes, with an
// http.Handler. It is written from Google's published reference alone and shares no code with package google, so that it does not repeat a
// mistake of the client. It has never been compared with Google itself.
//
// It owns what clients often get wrong: page tokens that are bound to their query and expire, listings that lag after changes, 404 for an
// unknown user and 412 for a deleted one, quotas with three reasons, and faults that a test sets on any request.
package googletest
