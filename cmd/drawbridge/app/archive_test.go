package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drawbridge/console/wire"
)

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
