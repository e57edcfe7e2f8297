package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store/postgres"
)

// journal opens the journal of a database with a clock that stands.
func journal(t *testing.T, url string) *postgres.Journal {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, postgres.Options{Now: func() time.Time { return time.Unix(1000, 0) }})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	j := s.Journal()
	t.Cleanup(func() { must(t, j.Close(context.WithoutCancel(t.Context()))) })
	must(t, second(j.Keep(t.Context(), nil, directory.JournalBounds{Days: 30, Bytes: 1 << 30}, directory.RunApply)))
	return j
}

func note(j *postgres.Journal, tenant directory.TenantID, from, to int) {
	for n := from; n < to; n++ {
		j.Note(&directory.Exchange{Tenant: tenant, Connection: "okta", Time: time.Now().Add(time.Duration(n) * time.Microsecond), Request: fmt.Sprint(n), Method: "GET", Path: "/Users", Status: 200})
	}
}

// walk reads the whole journal of a tenant in pages, and gives the ids of the requests, the newest first.
func walk(t *testing.T, j *postgres.Journal, tenant directory.TenantID, q directory.JournalQuery) (requests []string) {
	t.Helper()
	for {
		found, next, err := j.Exchanges(t.Context(), tenant, q)
		must(t, err)
		for i := range found {
			requests = append(requests, found[i].Request)
		}
		if next == 0 {
			return requests
		}
		q.Before = next
	}
}

// TestExchangesShareRows notes exchanges of two tenants at the same time, and reads them in pages that end within a row.
func TestExchangesShareRows(t *testing.T) {
	t.Parallel()
	const many = 300
	url := server.Database(t)
	j := journal(t, url)
	note(j, "birch", 0, 1)
	note(j, acme, 0, many)
	note(j, "birch", 1, 2)
	for _, limit := range []int{0, 7, 64, 1000} {
		all := walk(t, j, acme, directory.JournalQuery{Limit: limit})
		if len(all) != many {
			t.Fatalf("with pages of %d there are %d exchanges", limit, len(all))
		}
		for i, request := range all {
			if request != fmt.Sprint(many-1-i) {
				t.Fatalf("with pages of %d, exchange %d is request %s", limit, i, request)
			}
		}
	}
	if all := walk(t, j, "birch", directory.JournalQuery{}); len(all) != 2 {
		t.Errorf("the other tenant has %v", all)
	}
	if one := walk(t, j, acme, directory.JournalQuery{Request: "33"}); len(one) != 1 {
		t.Errorf("the search for one request gives %v", one)
	}
	newest, _, err := j.Exchanges(t.Context(), acme, directory.JournalQuery{Limit: 5})
	must(t, err)
	if after := walk(t, j, acme, directory.JournalQuery{After: newest[4].Seq}); len(after) != 4 {
		t.Errorf("after the fifth newest come %v", after)
	}
	if rows := count(t, url, "select count(*) from journal where tenant = 'acme'"); rows > many/10 {
		t.Errorf("%d exchanges take %d rows", many, rows)
	}
}

// TestOlderServersSeeAGap reads a row of several exchanges as a server of the last release does, and a row of that release.
func TestOlderServersSeeAGap(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	j := journal(t, url)
	note(j, acme, 0, 2)
	if all := walk(t, j, acme, directory.JournalQuery{}); len(all) != 2 {
		t.Fatalf("there are %v", all)
	}
	if gaps := count(t, url, `select count(*) from journal where block is not null and convert_from(body, 'UTF8')::json->>'Gap' = 'newer'`); gaps != 1 {
		t.Errorf("%d rows look like a gap", gaps)
	}
	statement(t, url, `insert into journal (tenant, seq, at, body) values ('acme', 1, now(), '{"Request":"old","Status":200}')`)
	if all := walk(t, j, acme, directory.JournalQuery{}); len(all) != 3 || all[2] != "old" {
		t.Errorf("with a row of the last release there are %v", all)
	}
}

// TestUnknownBlocksAreGaps reads a row whose block another release has written.
func TestUnknownBlocksAreGaps(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	j := journal(t, url)
	note(j, acme, 0, 3)
	if all := walk(t, j, acme, directory.JournalQuery{}); len(all) != 3 {
		t.Fatalf("there are %v", all)
	}
	statement(t, url, `update journal set block = '\x02040901'::bytea where block is not null`) // two bytes, as they are: format 9
	found, _, err := j.Exchanges(t.Context(), acme, directory.JournalQuery{})
	must(t, err)
	if len(found) != 1 || found[0].Gap == "" || found[0].Missed != 3 || found[0].Tenant != acme {
		t.Errorf("the row is read as %+v", found)
	}
}

// TestKeepCountsBlocks removes the oldest exchanges beyond a size.
func TestKeepCountsBlocks(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	j := journal(t, url)
	note(j, acme, 0, 640)
	before := len(walk(t, j, acme, directory.JournalQuery{Limit: 1000}))
	size := count(t, url, "select sum(length(body) + length(block)) from journal")
	removed, err := j.Keep(t.Context(), map[directory.TenantID]directory.JournalBounds{acme: {Days: 30, Bytes: int64(size / 2)}}, directory.JournalBounds{Days: 30, Bytes: 1 << 30}, directory.RunApply)
	must(t, err)
	after := len(walk(t, j, acme, directory.JournalQuery{Limit: 1000}))
	if before != 640 || after == 0 || after >= before || removed[acme] == 0 {
		t.Errorf("of %d exchanges %d are left, and %d bytes were removed", before, after, removed[acme])
	}
}

// count gives the number that a statement selects.
func count(t *testing.T, url, sql string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { must(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	must(t, conn.QueryRow(t.Context(), sql).Scan(&n))
	return n
}
