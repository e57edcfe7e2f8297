package console_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"drawbridge/console"
)

var update = flag.Bool("update", false, "write openapi.json from the code instead of comparing it")

// TestOpenAPIFileIsCurrent compares openapi.json with the document that the server serves. The types of the browser console are generated
// from the file.
func TestOpenAPIFileIsCurrent(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	cfg := d.config
	cfg.Version = "0"
	cfg.OIDC = &console.OIDC{}
	golden(t, console.New(cfg), documentPath, "openapi.json")
}

// A value that is shown once and stored nowhere is in the field secret, in every answer. The command line prints these answers with -o
// json.
func TestSecretsHaveOneName(t *testing.T) {
	t.Parallel()
	doc := newKit(t).document()
	found := 0
	for name, schema := range doc.Components.Schemas {
		for field, property := range schema.Value.Properties {
			about := property.Value.Description
			if !strings.Contains(about, "kept nowhere") && !strings.Contains(about, "stored nowhere") && !strings.Contains(about, "shown once") {
				continue
			}
			if found++; field != "secret" && field != "codes" {
				t.Errorf("%s.%s: %s", name, field, about)
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d secrets were found", found)
	}
}

// golden compares the document at path with a file.
func golden(t *testing.T, handler http.Handler, path, file string) {
	t.Helper()
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
	if rec.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, rec.Body.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is not what the code says: run go test ./%s -run OpenAPIFile -update", file, "console")
	}
}
