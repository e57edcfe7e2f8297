package bolt_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

func TestBoltKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Store {
		s, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		return &checked{s, t}
	})
}

// checked is a store that is checked from end to end before it is closed.
type checked struct {
	*bolt.Store
	t *testing.T
}

func (s *checked) Close() error {
	findings, _ := s.Check(context.Background()) // a second Close finds it closed
	for _, finding := range findings {
		s.t.Error(finding)
	}
	return s.Store.Close()
}

func TestBoltIsMoved(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T) store.Store {
		s, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		return &checked{s, t}
	}
	storetest.RunMove(t, open, open)
}

func TestBoltHasARoster(t *testing.T) {
	t.Parallel()
	storetest.RunRoster(t, func(t *testing.T) store.Store {
		s, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	})
}
