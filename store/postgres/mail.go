package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
)

// The outbox belongs to the whole installation. A mail that an update has read is locked until the update ends, so that it is not delivered
// before it is complete.
const (
	mailSQL      = "select body from mail where id = $1"
	gatheringSQL = "select body from mail where join_name = $1"
	mailsSQL     = "select body from mail order by parked, due, id limit $1"
	mailsDueSQL  = "select body from mail where not parked and due <= $2 order by due, id limit $1"
	joinedSQL    = "select body from mail where join_name = any($1) for update"
	putMailSQL   = "insert into mail (id, version, due, parked, join_name, body) values ($1, $2, $3, $4, $5, $6)"
)

func (t *tx) mail(sql string, arg any) (directory.Mail, error) {
	if t.update {
		sql += " for update"
	}
	return askOne[directory.Mail](t, "mail", sql, arg)
}

// verifyMails checks the mails that are put into the outbox.
func (t *tx) verifyMails(c *directory.Change) error {
	mails := t.owners("mail", c.DropMails)
	var joins []string
	for i := range c.Mails {
		m := &c.Mails[i]
		if err := mails.add(m.ID); err != nil {
			return err
		}
		if m.To == "" || m.Kind == "" || m.Due.IsZero() && m.Parked.IsZero() {
			return internal("mail %s has no recipient, no kind, or is never due", m.ID)
		}
		if m.Join != "" {
			joins = append(joins, m.Join)
		}
	}
	if c.Noticed != nil && *c.Noticed > uint64(t.head.eventSeq) {
		return internal("notices of event %d, and the last one is %d", *c.Noticed, t.head.eventSeq)
	}
	if len(joins) == 0 {
		return nil
	}
	holders, err := askAll[directory.Mail](t, "mail", joinedSQL, joins)
	if err != nil {
		return err
	}
	holder := make(map[string]directory.ID, len(joins))
	for i := range holders {
		holder[holders[i].Join] = holders[i].ID
	}
	earlier, taken := map[directory.ID]bool{}, map[string]bool{}
	for i := range c.Mails {
		m := &c.Mails[i]
		earlier[m.ID] = true
		if m.Join == "" {
			continue
		}
		// An earlier mail of the same change may have given the name up.
		if other, ok := holder[m.Join]; taken[m.Join] || ok && !earlier[other] {
			return internal("two mails gather the notices of %q", m.Join)
		}
		taken[m.Join] = true
	}
	return nil
}

func (t *tx) applyMails(c *directory.Change) error {
	for i := range c.Mails {
		m := c.Mails[i]
		m.Version = 1
		old, err := t.mail(mailSQL, uuidOf(m.ID))
		switch {
		case err == nil:
			m.Version = old.Version + 1
			t.also("delete from mail where id = $1", uuidOf(m.ID))
		case directory.CodeOf(err) != directory.NotFound:
			return err
		}
		args, err := mailRow(&m)
		if err != nil {
			return err
		}
		t.also(putMailSQL, args...)
	}
	for _, id := range c.DropMails {
		t.also("delete from mail where id = $1", uuidOf(id))
	}
	if c.Noticed != nil {
		seq := int64(*c.Noticed)
		t.head.noticed = &seq
	}
	return nil
}

func mailRow(m *directory.Mail) ([]any, error) {
	body, err := marshal(m)
	if err != nil {
		return nil, err
	}
	var join *string
	if m.Join != "" {
		join = &m.Join
	}
	return []any{uuidOf(m.ID), int64(m.Version), m.Due, !m.Parked.IsZero(), join, body}, nil
}

// Mails gives mails in the order in which they are due.
func (s *Store) Mails(ctx context.Context, before time.Time, limit int) ([]directory.Mail, error) {
	limit = min(limit, 1<<30)
	if before.IsZero() {
		return queryAll[directory.Mail](ctx, s, "mail", mailsSQL, limit)
	}
	return queryAll[directory.Mail](ctx, s, "mail", mailsDueSQL, limit, before)
}

// Delivered removes a mail that still has the version that was read.
func (s *Store) Delivered(ctx context.Context, m directory.Mail) error {
	return s.write(ctx, func(b *pgx.Batch) error {
		b.Queue("delete from mail where id = $1 and version = $2", uuidOf(m.ID), int64(m.Version))
		return nil
	})
}

// Retry writes the result of an attempt, if the mail still has the version that was read.
func (s *Store) Retry(ctx context.Context, m directory.Mail) error {
	return s.write(ctx, func(b *pgx.Batch) error {
		read := int64(m.Version)
		m.Version++
		args, err := mailRow(&m)
		if err != nil {
			return err
		}
		b.Queue("update mail set version = $2, due = $3, parked = $4, join_name = $5, body = $6 where id = $1 and version = $7", append(args, read)...)
		return nil
	})
}
