package storetest

import (
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

func mailTests() []contractTest {
	mail := func(n byte, due int) directory.Mail {
		return directory.Mail{ID: directory.ID{9, n}, Tenant: acme, To: "ops@example.test", Kind: directory.NoticeMail, Data: directory.Document(`{"n":1}`), Created: moment(0), Due: moment(due)}
	}
	first := func(m directory.Mail) directory.Mail { m.Version = 1; return m }
	return []contractTest{
		{"mails are ordered by due time", func(f *fixture) {
			one, two, three := mail(1, 30), mail(2, 10), mail(3, 20)
			parked := mail(4, 5)
			parked.Parked = moment(6)
			f.change(acme, directory.Change{Mails: []directory.Mail{one, two}})
			f.change(directory.Provider, directory.Change{Mails: []directory.Mail{three, parked}})
			all, err := f.store.Mails(f.ctx, time.Time{}, 10)
			f.ok(err)
			f.same("all", all, []directory.Mail{first(two), first(three), first(one), first(parked)})
			due, err := f.store.Mails(f.ctx, moment(20), 10)
			f.ok(err)
			f.same("due", due, []directory.Mail{first(two), first(three)})
			due, err = f.store.Mails(f.ctx, moment(99), 1)
			f.ok(err)
			f.same("one", due, []directory.Mail{first(two)})
			f.change(acme, directory.Change{DropMails: []directory.ID{one.ID, {77}}})
			_, err = f.mail(one.ID)
			f.code(err, directory.NotFound)
		}},
		{"an attempt is recorded only on the version of the mail that was read", func(f *fixture) {
			m := mail(1, 10)
			f.change(acme, directory.Change{Mails: []directory.Mail{m}})
			read, err := f.mail(m.ID)
			f.ok(err)
			m.Data = directory.Document(`{"n":2}`)
			f.change(acme, directory.Change{Mails: []directory.Mail{m}})
			f.ok(f.store.Delivered(f.ctx, read))
			now, err := f.mail(m.ID)
			f.ok(err)
			f.same("what was added", now.Data, m.Data)
			read.Error = "away"
			f.ok(f.store.Retry(f.ctx, read))
			now.Due, now.Attempts, now.Error = moment(50), 1, "full"
			f.ok(f.store.Retry(f.ctx, now))
			now, err = f.mail(m.ID)
			f.ok(err)
			f.same("the attempt", []any{now.Error, now.Attempts, now.Due, now.Version}, []any{"full", 1, moment(50), uint64(3)})
			f.ok(f.store.Delivered(f.ctx, now))
			_, err = f.mail(m.ID)
			f.code(err, directory.NotFound)
			f.ok(f.store.Retry(f.ctx, now)) // it does not come back
			_, err = f.mail(m.ID)
			f.code(err, directory.NotFound)
		}},
		{"notices need no audit line, and are collected under a name", func(f *fixture) {
			f.change(acme, directory.Change{Events: make([]directory.Event, 3)})
			m := mail(1, 10)
			m.Join = "ops acme"
			seq := uint64(3)
			f.ok(f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
				return directory.Change{Mails: []directory.Mail{m}, Noticed: &seq}, nil
			}))
			f.view(acme, func(r store.Reader) {
				got, known, err := r.Noticed()
				f.ok(err)
				f.same("noticed", []any{got, known}, []any{seq, true})
				found, err := r.Gathering("ops acme")
				f.ok(err)
				f.same("gathering", found, first(m))
				_, err = r.Gathering("ops beta")
				f.code(err, directory.NotFound)
			})
			f.view(beta, func(r store.Reader) {
				_, known, err := r.Noticed()
				f.ok(err)
				f.same("of another tenant", known, false)
			})
			twin := mail(2, 10)
			twin.Join = m.Join
			future := uint64(1 << 40)
			for _, bad := range []directory.Change{
				{Mails: []directory.Mail{twin}, Noticed: &seq}, {Mails: []directory.Mail{mail(5, 1)}}, {Noticed: &future}, {DropMails: []directory.ID{m.ID}, Noticed: &seq},
			} {
				err := f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) { return bad, nil })
				f.code(err, directory.Internal)
			}
			gone := first(m)
			f.ok(f.store.Delivered(f.ctx, gone))
			f.change(acme, directory.Change{Mails: []directory.Mail{twin}}) // the name is free again
		}},
	}
}
