// Package doctor keeps the copies of connections on which `drawbridge doctor` plays an identity provider (D7).
//
// A session is a copy of one connection in a store of its own: the same settings, schemas, mappings and code, and nobody's data. A request
// belongs to a session if it names it in the header Drawbridge-Doctor, and then it never reaches the real connection. So what doctor does
// is in no feed, metric, health state, alert, seat count or bill, and it is gone when the session ends, however it ends.
//
// The package owns the sessions, who may use them, and how the identity provider's real credential is checked without a trace. It does not
// play (package scim/emulator does), and it does not know how a copy is stored: Config.Open makes one.
package doctor
