package client

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"drawbridge/console/wire"
)

// JournalSearch says which exchanges to return. An empty field matches all.
type JournalSearch struct {
	User   string // id, userName or externalId
	Status string // "409", "4xx"
	Effect string
	From   time.Time
	To     time.Time
	Before uint64 // Next of the page before
	After  uint64 // only what is younger than this Seq
	Limit  int
}

// Journal reads the journal of a connection.
func (c *Client) Journal(ctx context.Context, connection string, s JournalSearch) (wire.Journal, error) {
	return get[wire.Journal](ctx, c, "/connections/"+segment(connection)+"/journal", s.query())
}

// TenantJournal reads the journal of all connections of a tenant.
func (c *Client) TenantJournal(ctx context.Context, tenant string, s JournalSearch) (wire.Journal, error) {
	return get[wire.Journal](ctx, c, "/tenants/"+segment(tenant)+"/journal", s.query())
}

func (s *JournalSearch) query() url.Values {
	q := url.Values{}
	set(q, "user", s.User)
	set(q, "status", s.Status)
	set(q, "effect", s.Effect)
	setTime(q, "from", s.From)
	setTime(q, "to", s.To)
	if s.Before > 0 {
		q.Set("before", strconv.FormatUint(s.Before, 10))
	}
	if s.After > 0 {
		q.Set("after", strconv.FormatUint(s.After, 10))
	}
	if s.Limit > 0 {
		q.Set("limit", strconv.Itoa(s.Limit))
	}
	return q
}

// Transcript reads one exchange without names, addresses and ids.
func (c *Client) Transcript(ctx context.Context, connection, request string) (wire.Transcript, error) {
	return get[wire.Transcript](ctx, c, "/connections/"+segment(connection)+"/journal/"+segment(request)+"/transcript", nil)
}

// Exchange reads one exchange by the id of its request.
func (c *Client) Exchange(ctx context.Context, connection, request string) (wire.Exchange, error) {
	return get[wire.Exchange](ctx, c, "/connections/"+segment(connection)+"/journal/"+segment(request), nil)
}
