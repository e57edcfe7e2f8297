// Package policy decides. It owns the rules of docs/rules.md; each rule is in the file of its noun. A decision takes values and returns
// values: whether it is allowed, why, and what follows. The caller has already read all that the decision may depend on.
//
// It does no input or output, has no clock and no context, and keeps no state: package bridge reads, asks and writes.
package policy
