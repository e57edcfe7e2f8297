package console_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"drawbridge/console"
)

var update = flag.Bool("update", false, "write openapi.json from the code instead of comparing it")

// TestOpenAPIFile keeps openapi.json equal to the document that the server gives out: the browser console makes its types
// from the file.
func TestOpenAPIFile(t *testing.T) {
	d := newDesk(t)
	cfg := d.config
	cfg.Version = "0"
	cfg.OIDC = &console.OIDC{}
	golden(t, console.New(cfg), documentPath, "openapi.json")
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
