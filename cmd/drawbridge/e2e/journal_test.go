package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"drawbridge/console/client"
	"drawbridge/console/transcript"
)

// TestExportedTranscriptPlaysAgain plays conversations, exports them from the request journal, unchanged and anonymised, and plays the
// exports, so that a developer can reproduce a bug report.
func TestExportedTranscriptPlaysAgain(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for _, name := range []string{"okta/conversation-oin", "entra/conversation-mixed", "entra/q14-redundant-adds"} {
		text, err := os.ReadFile(filepath.Join(transcripts, name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		base := slug("journal-" + name)
		playTranscript(t, s, base, txtar.Parse(text))
		connection, err := s.operator.Connection(t.Context(), base)
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.operator.Journal(t.Context(), base, client.JournalSearch{Limit: 500})
		if err != nil || len(page.Items) < 3 || page.Next != 0 {
			t.Fatalf("%s: %d exchanges, next %d, %v", name, len(page.Items), page.Next, err)
		}
		for _, anonymous := range []bool{false, true} {
			export := transcript.Write(transcript.Options{About: "An export.", ConnectionType: connection.Type, Anonymous: anonymous}, page.Items)
			archive := txtar.Parse([]byte(export))
			if len(archive.Files) != 2*len(page.Items)+1 {
				t.Errorf("%s: %d parts of %d exchanges", name, len(archive.Files), len(page.Items))
			}
			if anonymous && (strings.Contains(export, "@acme") || strings.Contains(export, "mira") || strings.Contains(export, "Mira")) {
				t.Errorf("%s: a person's name is in\n%s", name, export)
			}
			again := base + "-a"
			if anonymous {
				again = base + "-b"
			}
			t.Run(again, func(t *testing.T) {
				defer func() {
					if t.Failed() {
						t.Log(export)
					}
				}()
				playTranscript(t, s, again, archive)
			})
		}
	}
}
