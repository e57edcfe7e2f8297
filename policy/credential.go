package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"drawbridge/directory"
)

// liveCredentials is how many credentials of one kind a connection may have at a time (C2): two, so that a rotation needs no outage.
const liveCredentials = 2

// MakeCredential refuses a third live credential of one kind (C2): it would end one that may be in use. live are the live
// credentials of the kind; uses say when each was used last.
func MakeCredential(c *directory.Connection, live []directory.Token, uses []directory.Use) *Refusal {
	if len(live) < liveCredentials {
		return nil
	}
	names := make([]string, 0, len(live))
	for i := range live {
		names = append(names, credentialText(&live[i], uses))
	}
	return conflict("C2", "replace", fmt.Sprintf("connection %q has %d live credentials of this kind: %s; revoke one of them first, or name the one to replace",
		c.ID, len(live), strings.Join(names, ", ")))
}

// credentialText names a credential by its first characters, with its last use.
func credentialText(t *directory.Token, uses []directory.Use) string {
	used := "never used"
	for i := range uses {
		if uses[i].Token != t.ID || uses[i].Last.IsZero() {
			continue
		}
		used = "last used " + minute(uses[i].Last)
		if uses[i].Address != "" {
			used += " from " + uses[i].Address
		}
	}
	return fmt.Sprintf("%s… (id %s, made %s, %s)", t.Prefix, t.ID, t.Created.UTC().Format(time.DateOnly), used)
}

// RevokeCredential says that an identity provider can no longer sync after a credential is revoked (C2); "" if another usable one is live.
// tokens are all credentials of the connection. Access tokens do not count, because a client secret makes them.
func RevokeCredential(c *directory.Connection, revoked directory.TokenID, tokens []directory.Token, now time.Time) string {
	live := slices.ContainsFunc(tokens, func(t directory.Token) bool {
		return t.ID != revoked && t.Kind != directory.AccessToken && t.Live(now)
	})
	if live {
		return ""
	}
	return fmt.Sprintf("No other credential of connection %q is live: %s cannot sync until it gets a new one.", c.ID, IdPTitle(c.Type))
}
