package app

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"drawbridge/store/bolt"
)

// TestHalfAMove: in a folder with an incomplete move, no server makes a new store, and the next move continues.
func TestHalfAMove(t *testing.T) {
	t.Parallel()
	to := t.TempDir()
	st, _, err := openFolder(to)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil { // as if it was killed
		t.Fatal(err)
	}
	cfg := defaults(t)
	cfg.Data, cfg.Listen = to, "127.0.0.1:0"
	if _, err := New(cfg, Options{Env: noLimit(), LogTo: io.Discard}); err == nil || !strings.Contains(err.Error(), "run drawbridge move again to its end") {
		t.Errorf("a server starts on it: %v", err)
	}
	if _, err := os.Stat(StorePath(to)); err == nil {
		t.Error("the server made a store")
	}

	// As if it was killed when some of the files were in their places.
	if err := os.WriteFile(filepath.Join(to, "cursor.key"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	st, finish, err := openFolder(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := st.(*bolt.Store); !ok {
		t.Errorf("%T", st)
	}
	if err := finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(StorePath(to)); err != nil {
		t.Error(err)
	}
	if _, _, err := openFolder(to); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("a move into an installation: %v", err)
	}
}
