package postgres

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/s2"

	"drawbridge/directory"
	"drawbridge/store/record"
)

// The exchanges of a tenant that are written at the same time share rows. A row is a block: its format, and then the exchanges, each with its
// length, compressed. They have the number of the row and those after it. The first release had a row for each exchange, in JSON and without a
// block.
const (
	blockMost  = 64        // exchanges in a row
	blockBytes = 128 << 10 // before compression; an exchange that is larger has a row of its own
	blockLimit = 2 * journalBytes

	blockFormat  = 1
	exchangeRest = 1 << 10 // what an exchange takes beside its bodies, more or less
)

// gapNewer is what a server of an older release shows in the place of a block.
const gapNewer directory.Gap = "newer"

// journalRows are columns of the table journal.
type journalRows struct {
	tenants []string
	numbers []int64
	times   []time.Time // of the last exchange of each row
	bodies  bytesArray
	blocks  bytesArray
	text    []byte // of the last block, before compression
}

// rows divides exchanges into rows.
func (j *Journal) rows(all []noted) (*journalRows, error) {
	slices.SortStableFunc(all, func(a, b noted) int {
		if c := strings.Compare(string(a.tenant), string(b.tenant)); c != 0 {
			return c
		}
		return a.at.Compare(b.at)
	})
	out := &journalRows{}
	for len(all) > 0 {
		n, size := 0, 0
		for n < len(all) && n < blockMost && all[n].tenant == all[0].tenant && (n == 0 || size+len(all[n].body) <= blockBytes) {
			size += len(all[n].body)
			n++
		}
		if err := out.add(all[:n], j.numbers(n)); err != nil {
			return nil, err
		}
		all = all[n:]
	}
	return out, nil
}

// add adds a row for exchanges of one tenant.
func (r *journalRows) add(some []noted, number int64) error {
	last := some[len(some)-1]
	body, err := json.Marshal(&directory.Exchange{Time: last.at, Tenant: last.tenant, Gap: gapNewer, Missed: len(some)})
	if err != nil {
		return err
	}
	r.text = append(r.text[:0], blockFormat)
	for _, n := range some {
		r.text = record.AppendText(r.text, n.body)
	}
	r.tenants, r.numbers, r.times = append(r.tenants, string(last.tenant)), append(r.numbers, number), append(r.times, last.at)
	r.bodies, r.blocks = append(r.bodies, body), append(r.blocks, s2.Encode(nil, r.text))
	return nil
}

// encoded gives an exchange as a part of a block.
func encoded(e *directory.Exchange) []byte {
	return record.AppendExchange(make([]byte, 0, len(e.Body)+len(e.Answer)+exchangeRest), e)
}

// exchanges reads a row, the newest exchange first. In the place of a block of another format it shows the gap that the row has for readers who
// cannot read the block.
func exchanges(tenant directory.TenantID, number int64, body, block []byte) (all []directory.Exchange, err error) {
	if block != nil {
		all, err = fromBlock(block)
	}
	if all == nil && err == nil {
		all = make([]directory.Exchange, 1)
		err = json.Unmarshal(body, &all[0])
	}
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Seq, all[i].Tenant = uint64(number)+uint64(i), tenant
	}
	slices.Reverse(all)
	return all, nil
}

// fromBlock gives the exchanges of a block; nil: it has another format.
func fromBlock(block []byte) (all []directory.Exchange, err error) {
	size, err := s2.DecodedLen(block)
	if err != nil {
		return nil, err
	}
	if size > blockLimit {
		return nil, errors.New("the block is too large")
	}
	text, err := s2.Decode(nil, block)
	if err != nil {
		return nil, err
	}
	d := record.NewReader(string(text))
	if d.Byte() != blockFormat {
		return nil, nil
	}
	for d.More() {
		one := record.NewReader(d.Text())
		e, err := one.ReadExchange()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, d.End()
}
