package operators

import (
	"slices"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/directory"
	"drawbridge/internal/limit"
)

// How many networks of an operator are known, and for how long after the last sign-in from there. They are in the store, so that a restart
// does not forget them.
const (
	mostKnown = 20
	knownFor  = 30 * 24 * time.Hour
)

// known reports whether the operator signed in from the network of address lately. A sign-in in the future counts too: the clock was
// ahead when it happened.
func known(o *directory.Operator, address string, now time.Time) bool {
	network := limit.Network(address).String()
	return slices.ContainsFunc(o.Known, func(k directory.KnownNetwork) bool { return k.Network == network && now.Sub(k.At).Abs() < knownFor })
}

// remember puts the network of address first in the known networks of the operator.
func remember(o *directory.Operator, address string, now time.Time) {
	network := limit.Network(address).String()
	all := []directory.KnownNetwork{{Network: network, At: now}}
	for _, k := range o.Known {
		if k.Network != network && now.Sub(k.At).Abs() < knownFor && len(all) < mostKnown {
			all = append(all, k)
		}
	}
	o.Known = all
}

// The kinds of attempt. Each kind has its own throttle.
const (
	signInAttempt = "sign-in"
	codeAttempt   = "code"
	linkAttempt   = "link"
	forgotAttempt = "forgot"
)

// attempt is an attempt at the account of an operator.
func (s *Service) attempt(o *directory.Operator, account string, from credential.Client) credential.Attempt {
	return credential.Attempt{For: signInAttempt, Account: account, Address: from.Address, Known: known(o, from.Address, s.instant())}
}
