// Package signatures owns the tests of the signatures of all functions and methods of the module: no boolean parameters, one shape of
// walks, and fewer than a hundred exported methods on a type. It has no code.
package signatures
