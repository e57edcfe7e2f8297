package app

import (
	"context"
	"crypto/ed25519"
	"errors"
	"time"

	"drawbridge/archive"
	"drawbridge/store"
)

// archiveWait is how long the server waits for the archive to answer. A folder on a network may hang.
const archiveWait = 15 * time.Second

// watchArchive tests every minute whether the archive can be written.
func (a *App) watchArchive() {
	if a.record.Archives() {
		a.background("archive", time.Minute, a.checkArchive)
	}
}

// checkArchive gives what is wrong as a warning: the server works without.
func (a *App) checkArchive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, archiveWait)
	defer cancel()
	if err := a.record.CheckArchive(ctx); err != nil {
		return warning{userError{err}}
	}
	return nil
}

// openArchive is the configured archive; nil if there is none. The server starts even if it cannot be reached.
func (a *App) openArchive(ctx context.Context, secrets store.Secrets) (*archive.Archive, error) {
	if !a.config.Archive.On() {
		return nil, nil //nolint:nilnil // there is none
	}
	seed, err := secrets.Secret(ctx, archiveKey, randomKey)
	if err != nil {
		return nil, err
	}
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("the key archive in the store has a wrong length; put it back from a copy, or remove it to have a new one made (docs/archive.md says what that means)")
	}
	return archive.New(archive.NewFolder(a.config.Archive.Folder), ed25519.NewKeyFromSeed(seed)), nil
}
