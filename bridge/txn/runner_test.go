package txn_test

import (
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

var at = time.Date(2026, 5, 4, 9, 0, 0, 123456789, time.UTC)

type kit struct {
	*txn.Runner
	t       *testing.T
	store   store.Store
	refused []directory.Rule
}

func start(t *testing.T) *kit {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "drawbridge.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	k := &kit{t: t, store: db}
	ids := uint64(0)
	k.Runner = txn.New(txn.Config{
		Store: storetest.Checked(t, db), Now: func() time.Time { return at },
		NewID: func() directory.ID {
			ids++
			var id directory.ID
			binary.BigEndian.PutUint64(id[8:], ids)
			id[6] = 0x70
			return id
		},
		Refused: func(_ directory.TenantID, rule directory.Rule) { k.refused = append(k.refused, rule) },
	})
	return k
}

func (k *kit) audit() []string {
	k.t.Helper()
	var out []string
	err := k.store.View(context.Background(), directory.Provider, nil, func(r store.Reader) error {
		lines, _, err := r.Audit(0, 100)
		for i := range lines {
			out = append(out, string(lines[i].Action)+" "+string(lines[i].Outcome)+" "+string(lines[i].Rule))
		}
		return err
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return out
}

var (
	anna    = directory.Principal{Actor: directory.Actor{Kind: directory.ByOperator, ID: "anna"}, Request: "req-1"}
	subject = directory.Subject{Kind: "thing", ID: "1"}
	no      = &policy.Refusal{Code: directory.Refused, Rule: "T6", Message: "no"}
)

func touch(t *txn.Tx) error {
	t.Audit(t.Line("thing.update", subject))
	return nil
}

// The kit's store runs every decision twice and compares the results, ids included.
func TestRunCommitsDecidedRemovals(t *testing.T) {
	t.Parallel()
	k := start(t)
	var first, second directory.ID
	err := k.Run(context.Background(), anna, func(tx *txn.Tx) error {
		first, second = tx.NewID(), tx.NewID()
		line := tx.Line("thing.update", directory.Subject{Kind: "thing", ID: first.String() + second.String()})
		if line.Time != at.Truncate(time.Microsecond) {
			t.Errorf("the line is of %v", line.Time)
		}
		tx.Audit(line)
		return nil
	})
	if err != nil || first == second {
		t.Fatalf("%v, ids %s and %s", err, first, second)
	}
	if got := k.audit(); !slices.Equal(got, []string{"thing.update done "}) {
		t.Errorf("the trail is %q", got)
	}
}

func TestRefusalIsRecordedInsteadOfTheChange(t *testing.T) {
	t.Parallel()
	k := start(t)
	steps := 0
	err := k.Run(context.Background(), anna, func(tx *txn.Tx) error {
		if err := touch(tx); err != nil {
			return err
		}
		return tx.Refuse(no, "thing.delete", subject)
	}, func(tx *txn.Tx) error {
		steps++
		if !tx.Refused() || len(tx.Change.Events) != 1 {
			t.Errorf("the step does not see the record of the refusal: %+v", tx.Change)
		}
		return nil
	})
	var e *directory.Error
	if !errors.As(err, &e) || e.Rule != "T6" || steps != 2 {
		t.Errorf("error %v after %d steps", err, steps)
	}
	if got := k.audit(); !slices.Equal(got, []string{"thing.delete refused T6"}) {
		t.Errorf("the trail is %q", got)
	}
	if !slices.Equal(k.refused, []directory.Rule{"T6"}) {
		t.Errorf("counted: %q", k.refused)
	}
}

func TestErrorOfAStepWritesNothing(t *testing.T) {
	t.Parallel()
	k := start(t)
	stop := errors.New("stop")
	var order []string
	err := k.Run(context.Background(), anna, touch,
		func(*txn.Tx) error { order = append(order, "one"); return stop },
		func(*txn.Tx) error { order = append(order, "two"); return nil })
	if !errors.Is(err, stop) || len(k.audit()) != 0 || !slices.Equal(order, []string{"one"}) {
		t.Errorf("error %v, steps %q, trail %q", err, order, k.audit())
	}
}

func TestHeldBackPartIsCounted(t *testing.T) {
	t.Parallel()
	k := start(t)
	err := k.Run(context.Background(), anna, func(tx *txn.Tx) error { tx.HoldBack("L4"); return touch(tx) })
	if err != nil || !slices.Equal(k.refused, []directory.Rule{"L4"}) || len(k.audit()) != 1 {
		t.Errorf("error %v, counted %q, trail %q", err, k.refused, k.audit())
	}
}

func TestWaitEndsWithTheNextCommit(t *testing.T) {
	t.Parallel()
	k := start(t)
	looked := make(chan struct{}, 10)
	ended := make(chan error)
	go func() {
		ended <- k.Wait(context.Background(), directory.Provider, 0, func(r store.Reader) (uint64, error) {
			_, last, err := r.Audit(0, 0)
			looked <- struct{}{}
			return last, err
		})
	}()
	<-looked
	if err := k.Run(context.Background(), anna, touch); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
