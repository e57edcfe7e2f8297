// Package search owns what all stores have in common to answer a directory.Query: which look-ups in indexes name every record that can
// match (Plan), which records come first in an order (First), and how memberships show as attributes.
//
// It does not own the indexes themselves, and it does not read: a store looks up what a plan names, and passes each record that it finds to
// directory.Match again.
package search
