// Package app wires Drawbridge together: configuration, listeners, logging, metrics, health, and the order in which the parts start and
// stop. It is the only package that knows every other one.
//
// It owns no rule, no protocol and no signal: the command that uses it decides when to stop, and tests embed an App on a free port.
package app
