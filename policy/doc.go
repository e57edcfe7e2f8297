// Package policy decides. Each rule of product.md stands in the file of its noun; a decision takes values and gives values
// (whether, why, and what then), and whoever asks has already read all that the decision may depend on.
//
// It does no input or output, knows no clock and no context, and keeps nothing: package bridge reads, asks and writes.
package policy
