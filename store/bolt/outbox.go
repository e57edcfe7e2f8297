package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"time"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// The outbox is one bucket; the first byte of the key tells the kinds apart. Mails are ordered by due time, parked ones last.
const (
	outboxDue  byte = 'd' // due, id → mail
	outboxID   byte = 'i' // id → due
	outboxJoin byte = 'j' // Mail.Join → id
)

const dueLength = 8

func mailKey(m *directory.Mail) []byte {
	due := uint64(math.MaxUint64)
	if m.Parked.IsZero() {
		due = dueNumber(m.Due)
	}
	return append(binary.BigEndian.AppendUint64([]byte{outboxDue}, due), m.ID[:]...)
}

// dueNumber is a time as a number with the same order.
func dueNumber(at time.Time) uint64 { return uint64(max(at.UnixMicro(), 0)) }

func mailIDKey(id directory.ID) []byte  { return append([]byte{outboxID}, id[:]...) }
func mailJoinKey(join string) []byte    { return append([]byte{outboxJoin}, join...) }
func outbox(tx *bbolt.Tx) *bbolt.Bucket { return tx.Bucket([]byte(outboxBucket)) }

// readMail returns a mail of the outbox. NotFound.
func readMail(tx *bbolt.Tx, id directory.ID) (directory.Mail, error) {
	b := outbox(tx)
	due := b.Get(mailIDKey(id))
	if len(due) != dueLength {
		return directory.Mail{}, notFound("mail")
	}
	key := append(append([]byte{outboxDue}, due...), id[:]...)
	var m directory.Mail
	if err := decodeJSON(&m, key, b.Get(key)); err != nil {
		return m, damaged(directory.Provider, "mail", id.String(), err)
	}
	return m, nil
}

// Mails returns mails by due time.
func (s *Store) Mails(ctx context.Context, before time.Time, limit int) (all []directory.Mail, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		prefix := []byte{outboxDue}
		end := binary.BigEndian.AppendUint64([]byte{outboxDue}, math.MaxUint64)
		if !before.IsZero() {
			end = binary.BigEndian.AppendUint64([]byte{outboxDue}, dueNumber(before)+1)
		}
		c := outbox(tx).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix) && len(all) < limit; k, v = c.Next() {
			if !before.IsZero() && bytes.Compare(k, end) >= 0 {
				return nil
			}
			var m directory.Mail
			if err := decodeJSON(&m, k, v); err != nil {
				return damaged(directory.Provider, "mail", "record", err)
			}
			all = append(all, m)
		}
		return nil
	})
	return all, err
}

// Delivered removes a mail that still has the version that was read.
func (s *Store) Delivered(ctx context.Context, m directory.Mail) error {
	return s.updateMail(ctx, m, dropMail)
}

// Retry writes the result of an attempt, if the mail still has the version that was read.
func (s *Store) Retry(ctx context.Context, m directory.Mail) error {
	return s.updateMail(ctx, m, func(tx *bbolt.Tx, _ *directory.Mail) error { return putMail(tx, m) })
}

func (s *Store) updateMail(ctx context.Context, m directory.Mail, do func(tx *bbolt.Tx, old *directory.Mail) error) error {
	return s.submit(ctx, directory.Provider, func(b *batch) error {
		old, err := readMail(b.tx, m.ID)
		if directory.CodeOf(err) == directory.NotFound || err == nil && old.Version != m.Version {
			return nil
		}
		if err != nil {
			return err
		}
		return b.put(func() error { return do(b.tx, &old) })
	})
}

// putMail writes a mail with the next version; it replaces the one with the same ID.
func putMail(tx *bbolt.Tx, m directory.Mail) error {
	m.Version = 1
	old, err := readMail(tx, m.ID)
	switch {
	case err == nil:
		m.Version = old.Version + 1
		if err := dropMail(tx, &old); err != nil {
			return err
		}
	case directory.CodeOf(err) != directory.NotFound:
		return err
	}
	b, key := outbox(tx), mailKey(&m)
	record, err := encodeJSON(&m, key)
	if err != nil {
		return err
	}
	if err := b.Put(key, record); err != nil {
		return err
	}
	if err := b.Put(mailIDKey(m.ID), bytes.Clone(key[1:1+dueLength])); err != nil {
		return err
	}
	if m.Join == "" {
		return nil
	}
	return b.Put(mailJoinKey(m.Join), bytes.Clone(m.ID[:]))
}

func dropMail(tx *bbolt.Tx, old *directory.Mail) error {
	b := outbox(tx)
	if err := b.Delete(mailKey(old)); err != nil {
		return err
	}
	if old.Join != "" && bytes.Equal(b.Get(mailJoinKey(old.Join)), old.ID[:]) {
		if err := b.Delete(mailJoinKey(old.Join)); err != nil {
			return err
		}
	}
	return b.Delete(mailIDKey(old.ID))
}

// verifyMails checks the mails of a change.
func (w *writer) verifyMails(c *directory.Change) error {
	put := make(map[directory.ID]bool, len(c.Mails))
	joins := make(map[string]bool, len(c.Mails))
	for i := range c.Mails {
		m := &c.Mails[i]
		if err := putOnce(put, idSet(c.DropMails), "mail", m.ID); err != nil {
			return err
		}
		if m.To == "" || m.Kind == "" || m.Due.IsZero() && m.Parked.IsZero() {
			return internal("mail %s has no recipient, no kind, or is never due", m.ID)
		}
		if m.Join == "" {
			continue
		}
		other := outbox(w.batch.tx).Get(mailJoinKey(m.Join))
		// An earlier mail of the same change may have given the name up.
		if joins[m.Join] || other != nil && !bytes.Equal(other, m.ID[:]) && !put[directory.ID(other)] {
			return internal("two mails gather the notices of %q", m.Join)
		}
		joins[m.Join] = true
	}
	if c.Noticed == nil {
		return nil
	}
	if events := w.reader.part(events); events != nil && *c.Noticed > events.Sequence() {
		return internal("notices of event %d, and the last one is %d", *c.Noticed, events.Sequence())
	}
	return nil
}

func (w *writer) applyMails(c *directory.Change) error {
	for i := range c.Mails {
		w.batch.bytes += len(c.Mails[i].Data)
		if err := putMail(w.batch.tx, c.Mails[i]); err != nil {
			return err
		}
	}
	for _, id := range c.DropMails {
		old, err := readMail(w.batch.tx, id)
		if directory.CodeOf(err) == directory.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		if err := dropMail(w.batch.tx, &old); err != nil {
			return err
		}
	}
	if c.Noticed == nil {
		return nil
	}
	return w.put(facts, noticedKey(), encodeNumber(*c.Noticed, noticedKey()))
}

func noticedKey() []byte { return []byte("noticed") }

// Noticed returns the number of the last event that was announced by mail; known is false if none ever was.
func (r *reader) Noticed() (seq uint64, known bool, err error) {
	record := r.get(facts, noticedKey())
	if record == nil {
		return 0, false, nil
	}
	if seq, err = decodeNumber(noticedKey(), record); err != nil {
		return 0, false, damaged(r.tenant, "note", "of the events of which notice was given", err)
	}
	return seq, true, nil
}

// Mail returns one mail.
func (r *reader) Mail(id directory.ID) (directory.Mail, error) { return readMail(r.tx, id) }

// Gathering returns the mail that collects notices under a name.
func (r *reader) Gathering(join string) (directory.Mail, error) {
	id := outbox(r.tx).Get(mailJoinKey(join))
	if len(id) != idLength {
		return directory.Mail{}, notFound("mail")
	}
	return readMail(r.tx, directory.ID(id))
}

// outbox checks that mails and the keys that lead to them agree.
func (c *checker) outbox() {
	mails, ids, joins, wanted := 0, 0, 0, 0
	c.must(outbox(c.tx).ForEach(func(key, value []byte) error {
		switch key[0] {
		case outboxDue:
			mails++
			var m directory.Mail
			if err := decodeJSON(&m, key, value); err != nil {
				c.find("%s", sentenceOf(damaged(directory.Provider, "mail", "record", err)))
				return nil
			}
			if !bytes.Equal(mailKey(&m), key) {
				c.find("mail %s is stored under a wrong key of the outbox", m.ID)
			}
			if m.Join != "" {
				wanted++
			}
		case outboxID, outboxJoin:
			id := value
			if key[0] == outboxID {
				ids++
				id = key[1:]
			} else {
				joins++
			}
			if len(id) != idLength {
				c.find("the outbox has a damaged entry")
			} else if _, err := readMail(c.tx, directory.ID(id)); err != nil {
				c.find("the outbox names mail %s, which cannot be read", directory.ID(id))
			}
		default:
			c.find("the outbox has an entry of an unknown kind")
		}
		return nil
	}))
	if mails != ids || joins > wanted {
		c.find("the outbox has %d mails, %d of them by id, and %d of %d that gather", mails, ids, joins, wanted)
	}
}
