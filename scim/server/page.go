package server

import (
	"net/http"
	"strconv"

	"drawbridge/directory"
	"drawbridge/scim"
)

const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

// pageHead is space for the part of a ListResponse before its resources, which is known last.
const pageHead = 192

// page is a ListResponse that is being built: resources are appended during the transaction, head and tail when the totals are known.
// Nothing is sent before, so that a slow client never holds a transaction open.
type page struct {
	call    *call
	buffer  *buffer
	claimed int // bytes of memory
	limit   int // bytes
	given   int
}

func (s *server) page(c *call) *page {
	b := s.buffer()
	if cap(b.b) < pageHead {
		b.b = make([]byte, 0, 4096)
	}
	b.b = b.b[:pageHead]
	return &page{call: c, buffer: b, limit: s.limits.AnswerBytes}
}

// next gives the buffer to append a resource to; put takes it back.
func (p *page) next() []byte {
	if p.given > 0 {
		return append(p.buffer.b, ',')
	}
	return p.buffer.b
}

func (p *page) put(b []byte, err error) error {
	if err != nil {
		return err
	}
	p.buffer.b = b
	p.given++
	if more := cap(b) - p.claimed; more > 0 {
		if err := p.call.grow(int64(more)); err != nil {
			return err
		}
		p.claimed = cap(b)
	}
	if len(b) > p.limit {
		return scim.TooMany("the answer would be larger than " + strconv.Itoa(p.limit) + " bytes; ask for fewer resources with count, or for less of each with attributes").At(scim.LimitAnswer)
	}
	return nil
}

// finish makes the answer. start is 0 when the client pages by cursor; next is the cursor of the next page.
func (p *page) finish(total, start int, next string) reply {
	var room [pageHead]byte
	head := append(room[:0], `{"schemas":["`+listSchema+`"],"totalResults":`...)
	head = strconv.AppendInt(head, int64(total), 10)
	if start > 0 {
		head = append(head, `,"startIndex":`...)
		head = strconv.AppendInt(head, int64(start), 10)
	}
	head = append(head, `,"itemsPerPage":`...)
	head = strconv.AppendInt(head, int64(p.given), 10)
	head = append(head, `,"Resources":[`...)
	b := p.buffer
	b.b = append(b.b, ']')
	if next != "" {
		b.b = append(b.b, `,"nextCursor":`...)
		b.b = directory.AppendJSONString(b.b, next)
	}
	b.b = append(b.b, '}')
	b.from = pageHead - len(head)
	copy(b.b[b.from:], head)
	return reply{status: http.StatusOK, body: b}
}
