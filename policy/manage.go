package policy

import (
	"fmt"

	"drawbridge/directory"
)

// Manage says whether a connection may write a record that owner manages (L9): a record that nobody manages is adopted
// by the first who writes it, any other is left to its owner. asking is "" for an operator, who may write all and adopts
// nothing. what names the record in the answer, such as "user" or "group".
func Manage(asking, owner directory.ConnectionID, what string, id directory.ID) (adopts bool, no *Refusal) {
	switch {
	case asking == "" || asking == owner:
		return false, nil
	case owner == "":
		return true, nil
	}
	return false, refuse("L9", fmt.Sprintf(
		"%s %s is managed by connection %q: it can be written by connection %q only after an operator has released it",
		what, id, owner, asking))
}
