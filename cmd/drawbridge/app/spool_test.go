package app

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"drawbridge/directory"
)

func TestSpoolIsRemovedAfterUse(t *testing.T) {
	t.Parallel()
	s := newSpool(t.TempDir(), 10<<20)
	files := func() int {
		all, err := os.ReadDir(s.dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	kept, err := s.store(t.Context(), strings.NewReader(strings.Repeat("x", 10<<20)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(kept)
	if err != nil || len(text) != 10<<20 || files() != 1 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	if err := kept.Close(); err != nil || files() != 0 {
		t.Errorf("what is closed is still there: %v", err)
	}
	for name, tt := range map[string]struct {
		body io.Reader
		free int64
		want directory.Code
	}{
		"too long":         {strings.NewReader(strings.Repeat("x", 10<<20+1)), 1 << 40, directory.TooLarge},
		"breaks off":       {io.MultiReader(strings.NewReader("x"), failingReader{}), 1 << 40, directory.Unavailable},
		"no room":          {strings.NewReader("x"), spoolReserve, directory.Unavailable},
		"no room half-way": {strings.NewReader(strings.Repeat("x", 10<<20)), -2, directory.Unavailable},
		"nobody knows":     {strings.NewReader("x"), -1, ""},
	} {
		looks := 0
		s.free = func(string) (int64, error) {
			if looks++; tt.free == -2 {
				return spoolReserve + spoolStep - int64(looks-1), nil
			}
			return tt.free, nil
		}
		kept, err := s.store(t.Context(), tt.body)
		if directory.CodeOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if err := kept.Close(); err != nil {
				t.Error(err)
			}
		}
		if files() != 0 || len(s.slots) != 0 {
			t.Errorf("%s: %d files and %d slots are left", name, files(), len(s.slots))
		}
	}
	s.free = func(string) (int64, error) { return 1 << 40, nil }
	// The next start removes what a killed process left.
	if _, err := s.store(t.Context(), strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.drop(); err != nil || files() != 0 {
		t.Errorf("%d files are left, %v", files(), err)
	}
}

func TestSpoolsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSpool(t.TempDir(), 1<<20)
	s.free = func(string) (int64, error) { return 1 << 40, nil }
	var all []io.Closer
	for range spoolsAtOnce {
		kept, err := s.store(t.Context(), strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, kept)
	}
	if _, err := s.store(t.Context(), strings.NewReader("x")); directory.CodeOf(err) != directory.Unavailable {
		t.Errorf("one more: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = all[0].Close()
	if _, err := s.store(ctx, failingReader{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that has gone: %v", err)
	}
	if len(s.slots) != spoolsAtOnce-1 {
		t.Errorf("%d slots are taken", len(s.slots))
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("gone") }
