// Package signatures owns the tests of the signatures of all functions and methods of the module: no boolean parameters, and one shape
// of walks. It has no code.
package signatures
