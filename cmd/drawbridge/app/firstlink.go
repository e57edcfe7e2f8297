package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"drawbridge/console"
)

// firstLinkName is the file in the data folder that holds the link for the first Owner.
const firstLinkName = "first-owner.link"

// FirstLinkPath is where a server that keeps its data in the folder data leaves the link for the first Owner.
func FirstLinkPath(data string) string { return filepath.Join(data, firstLinkName) }

// FirstLink is the one-time link that registers the first Owner.
type FirstLink struct {
	URL     string // a secret, never for a log; "" if there is an operator already, or if the API is not on the network
	File    string // holds the URL while the server runs, for its owner alone
	Expires time.Time
}

// FirstLink makes the link for the first Owner, in the place of an earlier one, and writes it into a file of the data folder. The log
// names the file only.
func (a *App) FirstLink(ctx context.Context) (FirstLink, error) {
	file := FirstLinkPath(a.config.Data)
	if err := remove(file); err != nil { // what an earlier process left
		return FirstLink{}, err
	}
	if a.network == nil {
		return FirstLink{}, nil
	}
	secret, err := a.operators.FirstLink(ctx)
	if err != nil || secret.Text == "" {
		return FirstLink{}, err
	}
	out := FirstLink{URL: console.LinkURL(a.APIURL(), secret.Text), File: file, Expires: secret.Link.Expires}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return FirstLink{}, err
	}
	a.undo("first link", func(context.Context) error { return remove(file) })
	_, err = f.WriteString(out.URL + "\n")
	if closed := f.Close(); err == nil {
		err = closed
	}
	a.log.InfoContext(ctx, "there is no operator yet; a one-time link for the first Owner is in a file that only this user may read", "file", file, "expires", out.Expires.UTC())
	return out, err
}
