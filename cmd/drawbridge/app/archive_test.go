package app

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drawbridge/archive/s3/s3test"
	"drawbridge/console/wire"
)

// bucketAt sets a bucket of s3test.New as the archive.
func bucketAt(c *Config, endpoint, bucket string) {
	known := s3test.New(time.Now)
	c.Outbound.Allow = []string{"127.0.0.1"}
	c.Archive.S3 = S3Config{Endpoint: endpoint, Region: known.Region, Bucket: bucket, AccessKey: known.AccessKey, SecretKey: Secret(known.SecretKey)}
}

// The status names the bucket, and what is wrong with it while something is.
func TestE6ArchiveInABucket(t *testing.T) {
	t.Parallel()
	storage := s3test.New(time.Now, "archive")
	server := httptest.NewServer(storage)
	t.Cleanup(server.Close)
	a, operator := start(t, func(c *Config) { bucketAt(c, server.URL, "archive") })
	status := func(want string) {
		t.Helper()
		got, err := operator.Archive(t.Context(), "")
		if err != nil || got.Place != "bucket archive at "+server.URL || !strings.Contains(got.Error, want) || (want == "") != (got.Error == "") {
			t.Errorf("the status says %+v, %v", got, err)
		}
		if err := a.checkArchive(t.Context()); (err == nil) != (want == "") {
			t.Errorf("the check says %v", err)
		}
	}
	status("")
	storage.Fail(s3test.Refuse("", http.StatusForbidden, "RequestTimeTooSkewed"))
	status("the clock of this server and that of the storage differ")
	storage.Fail(nil)
	status("")
}

func TestInvalidBucketsAreMistakes(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(*Config){
		"both":               func(c *Config) { c.Archive.Folder = "/srv/archive" },
		"no endpoint":        func(c *Config) { c.Archive.S3.Endpoint = "" },
		"a path":             func(c *Config) { c.Archive.S3.Endpoint += "/path" },
		"plain HTTP":         func(c *Config) { c.Outbound.Allow = nil },
		"credentials":        func(c *Config) { c.Archive.S3.Endpoint = "http://user:secret@127.0.0.1" },
		"no key":             func(c *Config) { c.Archive.S3.AccessKey = "" },
		"a key and a role":   func(c *Config) { c.Archive.S3.Credentials = "role" },
		"no such way":        func(c *Config) { c.Archive.S3.Credentials = "guess" },
		"no secret":          func(c *Config) { c.Archive.S3.SecretKey = "" },
		"no bucket":          func(c *Config) { c.Archive.S3.Bucket = "" },
		"an invalid bucket":  func(c *Config) { c.Archive.S3.Bucket = "Archive" },
		"a slash at the end": func(c *Config) { c.Archive.S3.Prefix = "a/" },
		"an invalid prefix":  func(c *Config) { c.Archive.S3.Prefix = "a/../b" },
	} {
		c := defaults(t)
		bucketAt(c, "http://127.0.0.1:9000", "archive")
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		role := *c
		role.Archive.S3.Credentials, role.Archive.S3.AccessKey, role.Archive.S3.SecretKey = "role", "", ""
		if err := role.Validate(); err != nil {
			t.Fatal(err)
		}
		change(c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "archive.") || strings.Contains(err.Error(), "a secret of the test") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A missing archive is in the status of the server, which stays ready.
func TestE6MissingArchiveIsAWarning(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "archive")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	a, _ := start(t, func(c *Config) { c.Archive.Folder = folder })
	part := func() wire.Component {
		a.health.report("archive", time.Minute, a.checkArchive(t.Context()))
		parts, ready := a.health.ready()
		for _, p := range parts {
			if p.Name == "archive" {
				return wire.Component{Ready: p.Ready && ready, Message: p.Message}
			}
		}
		t.Fatal("the status does not name the archive")
		return wire.Component{}
	}
	if p := part(); !p.Ready || p.Message != "" {
		t.Errorf("%+v", p)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	if p := part(); !p.Ready || !strings.Contains(p.Message, "is its disk mounted?") {
		t.Errorf("%+v", p)
	}
}
