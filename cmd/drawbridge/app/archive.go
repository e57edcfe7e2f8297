package app

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"drawbridge/archive"
	"drawbridge/archive/s3"
	"drawbridge/internal/outbound"
	"drawbridge/store"
)

// archiveWait is how long the server waits for the archive to answer. A folder on a network may hang.
const archiveWait = 15 * time.Second

// bucketBytes is the longest answer of storage: a segment is smaller, and so is a page of a list.
const bucketBytes = 80 << 20

// checkArchive refuses an archive that cannot be.
func (c *Config) checkArchive(add func(string, ...any)) {
	if f := c.Archive.Folder; f != "" && !filepath.IsAbs(f) {
		add("archive.folder: %q is not an absolute path", f)
	}
	b := c.Archive.S3
	if b.Bucket == "" {
		if b.Endpoint != "" || b.AccessKey != "" || b.SecretKey != "" || b.CredentialsFile != "" {
			add("archive.s3.bucket: it is missing, and other settings of archive.s3 are there")
		}
		return
	}
	if c.Archive.Folder != "" {
		add("archive.folder and archive.s3.bucket are both set; only one of them can count")
	}
	if err := s3.CheckName(b.Bucket); err != nil {
		add("archive.s3.bucket: %s", messageOf(err))
	}
	b.checkCredentials(add)
	if p := b.Prefix; strings.HasPrefix(p, "/") || strings.HasSuffix(p, "/") || strings.Trim(strings.ToLower(p), "abcdefghijklmnopqrstuvwxyz0123456789-_./") != "" || strings.Contains(p, "//") || strings.Contains(p, "..") {
		add("archive.s3.prefix: %q is not letters, digits, hyphens, dots and single slashes, without a slash at its ends", p)
	}
	if _, err := c.guard(nil).ParseURL("archive.s3.endpoint", b.Endpoint); err != nil {
		add("archive.s3.endpoint: %s", messageOf(err))
	} else if _, err := s3.New(c.bucket(nil, nil)); err != nil {
		add("archive.s3.endpoint: %s", messageOf(err))
	}
}

// checkCredentials refuses settings that do not fit where the credentials come from.
func (b *S3Config) checkCredentials(add func(string, ...any)) {
	source := s3.Source(cmp.Or(b.Credentials, string(s3.Keys)))
	if !slices.Contains(s3.Sources(), source) {
		add("archive.s3.credentials: %q is none of %v", b.Credentials, s3.Sources())
		return
	}
	switch given := b.AccessKey != "" || b.SecretKey != "" || b.SessionToken != ""; {
	case source == s3.Keys && (b.AccessKey == "" || b.SecretKey == ""):
		add("archive.s3.access_key and archive.s3.secret_key: both are needed")
	case source != s3.Keys && given:
		add("archive.s3.access_key, archive.s3.secret_key and archive.s3.session_token: they are not used with archive.s3.credentials: %s", source)
	}
	switch {
	case source == s3.SharedFile && !filepath.IsAbs(b.CredentialsFile):
		add("archive.s3.credentials_file: %q is not an absolute path", b.CredentialsFile)
	case source != s3.SharedFile && b.CredentialsFile != "":
		add("archive.s3.credentials_file: it is used with archive.s3.credentials: file")
	}
}

// bucket is the configured bucket.
func (c *Config) bucket(transport http.RoundTripper, now func() time.Time) s3.Config {
	b := c.Archive.S3
	return s3.Config{
		Endpoint: strings.TrimSuffix(b.Endpoint, "/"), Region: b.Region, Bucket: b.Bucket, Prefix: b.Prefix, AccessKey: b.AccessKey, SecretKey: string(b.SecretKey), SessionToken: string(b.SessionToken),
		Source: s3.Source(b.Credentials), File: b.CredentialsFile, Profile: cmp.Or(b.Profile, s3.DefaultProfile), Transport: transport, Now: now,
	}
}

// archiveStorage is the configured storage; requests to a bucket pass the guard.
func (c *Config) archiveStorage(guard *outbound.Guard, now func() time.Time) (archive.Storage, error) {
	if c.Archive.S3.Bucket == "" {
		return archive.NewFolder(c.Archive.Folder), nil
	}
	return s3.New(c.bucket(guard.Client(0, bucketBytes).Transport, now))
}

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
	storage, err := a.config.archiveStorage(a.outbound, a.now)
	if err != nil {
		return nil, err
	}
	return archive.New(storage, ed25519.NewKeyFromSeed(seed)), nil
}
