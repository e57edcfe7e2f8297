package postgres

import (
	"bytes"
	"context"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"drawbridge/store"
)

var _ store.Buckets = (*Store)(nil)

// TakeTokens takes one token from each bucket, or none.
func (s *Store) TakeTokens(ctx context.Context, buckets []store.Bucket) (wait time.Duration, err error) {
	err = s.withBuckets(ctx, buckets, func(tokens []float64) {
		wait = 0
		for i, b := range buckets {
			if tokens[i] < 1 {
				seconds := (1 - tokens[i]) / b.PerSecond
				wait = max(wait, time.Duration(math.Ceil(seconds*1000))*time.Millisecond, time.Millisecond)
			}
		}
		if wait > 0 {
			return
		}
		for i := range tokens {
			tokens[i]--
		}
	})
	return wait, err
}

// GiveTokens gives tokens back.
func (s *Store) GiveTokens(ctx context.Context, buckets []store.Bucket) error {
	return s.withBuckets(ctx, buckets, func(tokens []float64) {
		for i, b := range buckets {
			tokens[i]++
			if b.Refill {
				tokens[i] = float64(b.Burst)
			}
		}
	})
}

// withBuckets locks the buckets in the order of their keys, refills them up to now, lets change change their tokens, and writes them.
// change may run more than once.
func (s *Store) withBuckets(ctx context.Context, buckets []store.Bucket, change func(tokens []float64)) error {
	slices.SortFunc(buckets, func(a, b store.Bucket) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		tokens := make([]float64, len(buckets))
		b := &pgx.Batch{}
		b.Queue("set local synchronous_commit = off")
		for i := range buckets {
			b.Queue(`insert into bucket (key, tokens, at, full_at) values ($1, $2, clock_timestamp(), clock_timestamp())
 on conflict (key) do update set
  tokens = least($2, bucket.tokens + $3 * greatest(0, extract(epoch from clock_timestamp() - bucket.at))), at = clock_timestamp()
 returning tokens`,
				buckets[i].Key[:], float64(buckets[i].Burst), buckets[i].PerSecond).QueryRow(func(row pgx.Row) error { return row.Scan(&tokens[i]) })
		}
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		change(tokens)
		b = &pgx.Batch{}
		for i := range buckets {
			left := max(0, min(tokens[i], float64(buckets[i].Burst)))
			full := time.Duration((float64(buckets[i].Burst) - left) / buckets[i].PerSecond * float64(time.Second))
			b.Queue("update bucket set tokens = $2, full_at = clock_timestamp() + $3::interval where key = $1", buckets[i].Key[:], left, full)
		}
		return tx.SendBatch(ctx, b).Close()
	})
	if err != nil {
		s.discard(conn)
		return failed("the number of attempts could not be counted", err)
	}
	conn.Release()
	return nil
}
