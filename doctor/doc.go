// Package doctor keeps the copies of connections on which `drawbridge doctor` plays an identity provider (D7).
//
// A session is a copy of a connection in a separate store: the same settings, schemas, mappings and code, without its users and groups. A
// request that names a session in the header Drawbridge-Doctor belongs to it and never reaches the real connection. So nothing that doctor
// does appears in a feed, metric, health state, alert, seat count or bill, and all of it is removed when the session ends.
//
// The package owns the sessions, who may use them, and how the identity provider's real credential is checked without a trace. It does not
// play an identity provider, which package scim/emulator does. It does not know how a copy is stored: Config.Open makes one.
package doctor
