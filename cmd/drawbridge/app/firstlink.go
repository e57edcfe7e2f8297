package app

import (
	"context"
	"path/filepath"
	"time"

	"drawbridge/console"
	"drawbridge/directory"
)

// firstLinkName is the file in the data folder that holds the link for the first Owner.
const firstLinkName = "first-owner.link"

// FirstLinkPath is where a server that keeps its data in the folder data leaves the link for the first Owner.
func FirstLinkPath(data string) string { return filepath.Join(data, firstLinkName) }

// FirstLink is the one-time link that registers the first Owner.
type FirstLink struct {
	URL     string // a secret, never for a log; "" if there is an operator already, or if the API is not on the network
	File    string // contains the URL while the server runs; only its owner may read it
	Expires time.Time
}

// FirstLink makes the link for the first Owner, which replaces an earlier one, and writes it into a file of the data folder. The log
// only names the file. If several servers share a database, one makes the link, because each new link ends the earlier one.
func (a *App) FirstLink(ctx context.Context) (FirstLink, error) {
	file := FirstLinkPath(a.config.Data)
	if err := remove(file); err != nil { // what an earlier process left
		return FirstLink{}, err
	}
	if a.network == nil {
		return FirstLink{}, nil
	}
	a.undo("first link", func(context.Context) error { return remove(file) })
	if a.database == nil {
		return a.makeFirstLink(ctx, file)
	}
	shared := firstLinks{app: a, file: file}
	err := shared.run(ctx)
	a.undo("lease of the first link", func(ctx context.Context) error { return a.database.Release(ctx, firstLinkLease, a.name) })
	a.background("first link", leaderRenewal, shared.run)
	return shared.made, err
}

// firstLinkLease is held by the server that has made the link.
const firstLinkLease = "first link"

// firstLinks makes the link if no other live server has made it.
type firstLinks struct {
	app    *App
	file   string
	made   FirstLink
	done   bool // the link was made, or none is needed
	logged bool // the log says which server has it
}

// run takes the lease, and makes the link when it has the lease.
func (f *firstLinks) run(ctx context.Context) error {
	a := f.app
	if f.done && f.made.URL == "" {
		return nil
	}
	mine, holder, err := a.fleet.lease.take(ctx, firstLinkLease, leaderLease)
	switch {
	case err != nil:
		return err
	case !mine && f.made.URL != "": // this server was away for so long that another one has made a link, which ends this one
		f.made, f.done = FirstLink{}, false
		return remove(f.file)
	case !mine && !f.logged:
		a.log.InfoContext(ctx, "if there is no operator yet, the one-time link for the first Owner is in the data folder of another server", "server", holder)
		f.logged = true
	case mine && !f.done:
		f.made, err = a.makeFirstLink(ctx, f.file)
		f.done = err == nil
	}
	return err
}

// makeFirstLink makes the link and its file, if there is no operator yet.
func (a *App) makeFirstLink(ctx context.Context, file string) (FirstLink, error) {
	secret, err := a.operators.FirstLink(ctx)
	if directory.CodeOf(err) == directory.Unavailable { // a full disk: the server is not ready, but it serves reads
		a.log.WarnContext(ctx, "no one-time link for the first Owner was made; restart the server when the store takes writes", "error", err)
		return FirstLink{}, nil
	}
	if err != nil || secret.Text == "" {
		return FirstLink{}, err
	}
	out := FirstLink{URL: console.LinkURL(a.APIURL(), secret.Text), File: file, Expires: secret.Link.Expires}
	if err := writeNew(file, []byte(out.URL+"\n")); err != nil {
		a.log.WarnContext(ctx, "the file with the one-time link for the first Owner cannot be written; restart the server when it can be", "file", file, "error", err)
		return FirstLink{}, nil
	}
	a.log.InfoContext(ctx, "there is no operator yet; a one-time link for the first Owner is in a file that only this user may read", "file", file, "expires", out.Expires.UTC())
	return out, nil
}
