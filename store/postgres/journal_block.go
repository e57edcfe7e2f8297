package postgres

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/s2"

	"drawbridge/directory"
)

// The exchanges of a tenant that are written at the same time share rows. A row of several is a block: their JSON values one after the
// other, compressed. They have the number of the row and those after it.
const (
	blockMost  = 64        // exchanges in a row
	blockBytes = 128 << 10 // before compression; an exchange that is larger has a row of its own
	blockLimit = 2 * journalBytes
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
	r.tenants, r.numbers, r.times = append(r.tenants, string(last.tenant)), append(r.numbers, number), append(r.times, last.at)
	if len(some) == 1 {
		r.bodies, r.blocks = append(r.bodies, last.body), append(r.blocks, nil)
		return nil
	}
	body, err := json.Marshal(&directory.Exchange{Time: last.at, Tenant: last.tenant, Gap: gapNewer, Missed: len(some)})
	if err != nil {
		return err
	}
	bodies := make([][]byte, len(some))
	for i, n := range some {
		bodies[i] = n.body
	}
	text := slices.Concat(bodies...)
	r.bodies, r.blocks = append(r.bodies, body), append(r.blocks, s2.Encode(nil, text))
	return nil
}

// exchanges reads a row, the newest exchange first.
func exchanges(number int64, body, block []byte) ([]directory.Exchange, error) {
	if block != nil {
		size, err := s2.DecodedLen(block)
		if err == nil && size > blockLimit {
			err = errors.New("the block is too large")
		}
		if err == nil {
			body, err = s2.Decode(nil, block)
		}
		if err != nil {
			return nil, err
		}
	}
	var all []directory.Exchange
	for d := json.NewDecoder(bytes.NewReader(body)); ; {
		var e directory.Exchange
		err := d.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		e.Seq = uint64(number) + uint64(len(all))
		all = append(all, e)
	}
	slices.Reverse(all)
	return all, nil
}
