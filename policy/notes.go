package policy

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
)

const (
	mostTags = 20
	mostTag  = 40
	mostNote = 4000
)

// CheckNotes puts the provider's notes about a tenant into their stored form, and refuses texts that are too long. The error is Invalid.
func CheckNotes(n *directory.ProviderNotes) error {
	n.CustomerNumber, n.AccountManager, n.Note = strings.TrimSpace(n.CustomerNumber), strings.TrimSpace(n.AccountManager), strings.TrimSpace(n.Note)
	tags := make([]string, 0, len(n.Tags))
	for _, tag := range n.Tags {
		tag = directory.Fold(strings.TrimSpace(tag))
		if err := CheckText("tags", tag, 1, mostTag); err != nil {
			return err
		}
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	if tags = slices.Compact(tags); len(tags) > mostTags {
		return &directory.Error{Code: directory.Invalid, Field: "tags", Message: fmt.Sprintf("a tenant has at most %d tags", mostTags)}
	}
	if n.Tags = tags; len(tags) == 0 {
		n.Tags = nil
	}
	for _, f := range []struct {
		field, text string
		most        int
	}{{"customer_number", n.CustomerNumber, 100}, {"account_manager", n.AccountManager, 200}, {"note", strings.ReplaceAll(n.Note, "\n", " "), mostNote}} {
		if err := CheckText(f.field, f.text, 0, f.most); err != nil {
			return err
		}
	}
	return nil
}
