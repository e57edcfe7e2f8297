package storetest

import (
	"fmt"

	"drawbridge/directory"
	"drawbridge/store"
)

func auditEventTests() []contractTest {
	return []contractTest{
		{"audit lines come back as they were, numbered", func(f *fixture) {
			line := directory.Audit{
				Seq: 77, Time: moment(1), Tenant: acme, Actor: directory.Actor{Kind: directory.ByOperator, ID: "o", Name: "Op"}, Action: "user.update",
				Subject: directory.Subject{Kind: "User", ID: "1", Name: "anna"}, Outcome: directory.WasDenied, Rule: "B2", Reason: "no seat",
				Before: directory.Document(`{"a":1}`), After: directory.Document(`{"a":2}`), Deviations: []string{"quirk"}, Request: "r", Address: "192.0.2.1",
			}
			f.ok(f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{Audit: []directory.Audit{line, line}}, nil
			}))
			f.same("the caller's line", line.Seq, uint64(77))
			f.view(acme, func(r store.Reader) {
				got, last, err := r.Audit(1, 10)
				f.ok(err)
				two, three := line, line
				two.Seq, three.Seq = 2, 3
				first, _, err := r.Audit(0, 1)
				f.ok(err)
				two.Hash = two.Sum(first[0].Hash)
				three.Hash = three.Sum(two.Hash)
				f.same("lines", got, []directory.Audit{two, three})
				f.same("last", last, uint64(3))
			})
		}},
		{"credentials without a connection are listed apart", func(f *fixture) {
			key := directory.Token{ID: "k", Kind: directory.ApplicationKey, Tenant: acme, Name: "Portal", Hash: [32]byte{7}, Created: moment(1)}
			f.change(acme, directory.Change{Tokens: []directory.Token{key}})
			f.view(acme, func(r store.Reader) {
				got, err := r.Tokens("")
				f.ok(err)
				f.same("keys", got, []directory.Token{key})
			})
			f.view(beta, func(r store.Reader) {
				got, err := r.Tokens("")
				f.ok(err)
				f.same("keys of another tenant", len(got), 0)
			})
			found, err := f.store.Token(f.ctx, key.Hash)
			f.ok(err)
			f.same("found", found, key)
		}},
		{"audit lines are chained, tenant by tenant, within a batch and across", func(f *fixture) {
			for i := range 20 {
				for _, tenant := range []directory.TenantID{acme, beta, directory.Provider} {
					line := directory.Audit{Time: moment(i), Tenant: tenant, Action: "x", Outcome: directory.Done}
					f.ok(f.store.Update(f.ctx, tenant, nil, func(store.Reader) (directory.Change, error) {
						return directory.Change{Audit: []directory.Audit{line, line}}, nil
					}))
				}
			}
			heads := map[directory.Hash]bool{}
			for _, tenant := range []directory.TenantID{acme, beta, directory.Provider} {
				f.view(tenant, func(r store.Reader) {
					lines, last, err := r.Audit(0, 1000)
					f.ok(err)
					var chain directory.Chain
					for i := range lines {
						f.same("what is wrong", chain.Follow(&lines[i]), "")
					}
					f.same("the start", chain.Start, uint64(1))
					f.same("the end", chain.Last, last)
					heads[chain.Head] = true
				})
			}
			f.same("different heads", len(heads), 3)
		}},
		{"SearchAudit returns lines from the newest to the oldest", func(f *fixture) {
			var lines []directory.Audit
			for i := range 30 {
				lines = append(lines, directory.Audit{
					Time: moment(i), Tenant: acme, Actor: directory.Actor{Kind: directory.ByOperator, ID: fmt.Sprint("op-", i%2)},
					Action: []directory.Action{"user.create", "user.update", "token.create"}[i%3], Subject: directory.Subject{Kind: "User", ID: fmt.Sprint(i), Name: "Anna"},
					Outcome: []directory.Outcome{directory.Done, directory.WasDenied}[i%2],
				})
			}
			f.ok(f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{Audit: lines}, nil
			}))
			base := f.auditSeq(acme) - 30
			f.view(acme, func(r store.Reader) {
				for _, q := range []directory.AuditQuery{
					{},
					{Actor: "OP-1"},
					{Action: "user.update"},
					{Action: "user.*"},
					{Outcome: directory.WasDenied, Action: "token."},
					{Subject: "17"},
					{Subject: "ann"},
					{From: moment(10), To: moment(20)},
					{Kind: directory.ByIdP},
					{Limit: 4},
					{Scan: 5, Actor: "op-0"},
				} {
					var want, got []string
					for i := len(lines) - 1; i >= 0; i-- {
						if q.Matches(&lines[i]) {
							want = append(want, lines[i].Subject.ID)
						}
					}
					for pages := 0; ; pages++ {
						page, next, err := r.SearchAudit(q)
						f.ok(err)
						if q.Limit > 0 && len(page) > q.Limit {
							f.Fatalf("%d lines, and at most %d were wanted", len(page), q.Limit)
						}
						for _, line := range page {
							if line.Seq > base {
								got = append(got, line.Subject.ID)
							}
						}
						if next == 0 {
							break
						}
						if q.Before != 0 && next >= q.Before || pages > 100 {
							f.Fatalf("the search does not move: %d after %d", next, q.Before)
						}
						q.Before = next
					}
					f.same("lines", got, want)
				}
			})
		}},
		{"events come back as they were, numbered per tenant", func(f *fixture) {
			event := directory.Event{
				Time: moment(1), Tenant: acme, Kind: directory.UserCreated, Subject: directory.Subject{Kind: "User", ID: "1", Name: "anna"},
				Actor: directory.Actor{Kind: directory.ByIdP, ID: "okta"}, Data: directory.Document(`{"x":1}`),
			}
			event.Txn, event.Verb, event.Version = "request-1", directory.VerbCreate, `W/"1"`
			for range 5 {
				f.change(acme, directory.Change{Events: []directory.Event{event, {Kind: directory.UserUpdated}}})
			}
			f.change(beta, directory.Change{Events: []directory.Event{event}})
			f.view(acme, func(r store.Reader) {
				got, last, err := r.Events(0, 1)
				f.ok(err)
				want := event
				want.Seq = 1
				f.same("events", got, []directory.Event{want})
				f.same("last", last, uint64(10))
				got, last, err = r.Events(4, 3)
				f.ok(err)
				f.same("numbers", []uint64{got[0].Seq, got[1].Seq, got[2].Seq, last}, []uint64{5, 6, 7, 10})
				got, _, err = r.Events(10, 3)
				f.ok(err)
				f.same("events", len(got), 0)
				got, _, err = r.Events(1<<63, 3)
				f.ok(err)
				f.same("events", len(got), 0)
			})
			f.view(beta, func(r store.Reader) {
				_, last, err := r.Events(0, 9)
				f.ok(err)
				f.same("last", last, uint64(1))
			})
		}},
		{"forgotten events leave no later gap, and no number is used again", func(f *fixture) {
			add := func(n int) {
				f.change(acme, directory.Change{Events: make([]directory.Event, n)})
			}
			kept := func(after uint64) (seqs []uint64, last uint64) {
				f.view(acme, func(r store.Reader) {
					got, end, err := r.Events(after, 100)
					f.ok(err)
					for i := range got {
						seqs = append(seqs, got[i].Seq)
					}
					last = end
				})
				return seqs, last
			}
			check := func(after uint64, want []uint64, wantLast uint64) {
				f.Helper()
				got, last := kept(after)
				f.same("numbers", got, want)
				f.same("the last number", last, wantLast)
			}
			f.change(acme, directory.Change{ForgetEvents: 5})
			check(0, nil, 0)
			add(6)
			f.change(acme, directory.Change{ForgetEvents: 2})
			check(0, []uint64{3, 4, 5, 6}, 6)
			check(1, []uint64{3, 4, 5, 6}, 6)
			check(3, []uint64{4, 5, 6}, 6)
			f.change(acme, directory.Change{ForgetEvents: 2}) // again: nothing happens
			f.change(acme, directory.Change{ForgetEvents: 1})
			check(0, []uint64{3, 4, 5, 6}, 6)
			f.change(acme, directory.Change{ForgetEvents: 99, Events: make([]directory.Event, 2)})
			check(0, []uint64{6, 7, 8}, 8)
			f.change(acme, directory.Change{ForgetEvents: 1 << 63})
			check(0, []uint64{8}, 8)
			add(1)
			check(0, []uint64{8, 9}, 9)
			check(9, nil, 9)
		}},
		{"events of another tenant are not forgotten", func(f *fixture) {
			for _, tenant := range []directory.TenantID{acme, beta} {
				f.change(tenant, directory.Change{Events: make([]directory.Event, 3)})
			}
			f.change(acme, directory.Change{ForgetEvents: 3})
			f.view(beta, func(r store.Reader) {
				got, _, err := r.Events(0, 10)
				f.ok(err)
				f.same("events", len(got), 3)
			})
		}},
		{"archived audit lines leave no later gap, the chain goes on, and no number is used again", func(f *fixture) {
			before := f.auditSeq(acme)
			for range 5 {
				f.change(acme, directory.Change{})
			}
			forget := f.archived(acme, before+2)
			check := func(first, last uint64) {
				f.Helper()
				f.view(acme, func(r store.Reader) {
					lines, end, err := r.Audit(0, 100)
					f.ok(err)
					f.same("the first, the last", []uint64{lines[0].Seq, lines[len(lines)-1].Seq, end}, []uint64{first, last, last})
					chain := directory.Chain{Last: lines[0].Seq, Head: lines[0].Hash, Start: 1}
					for i := range lines[1:] {
						f.same("the chain", chain.Follow(&lines[i+1]), "")
					}
					found, next, err := r.SearchAudit(directory.AuditQuery{})
					f.ok(err)
					f.same("found", []uint64{uint64(len(found)), next}, []uint64{last - first + 1, 0})
				})
			}
			f.change(acme, forget)
			check(before+3, before+6)
			f.change(acme, forget) // again: nothing happens
			check(before+3, before+7)
			err := f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
				return audited(directory.Change{ForgetAudit: before + 7}), nil
			})
			f.code(err, directory.Internal) // nothing says where the rest begins
			check(before+3, before+7)
		}},
		{"forgetting events needs an audit line", func(f *fixture) {
			f.change(acme, directory.Change{Events: make([]directory.Event, 3)})
			err := f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) { return directory.Change{ForgetEvents: 1}, nil })
			f.code(err, directory.Internal)
		}},
	}
}
