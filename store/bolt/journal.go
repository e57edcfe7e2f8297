package bolt

import (
	"encoding/binary"
	"errors"
	"strconv"

	"drawbridge/directory"
)

// Events gives events behind after and the number of the last one.
func (r *reader) Events(after uint64, limit int) ([]directory.Event, uint64, error) {
	return journal(r, events, after, limit, decodeEvent)
}

// Audit gives audit lines behind after and the number of the last one.
func (r *reader) Audit(after uint64, limit int) ([]directory.Audit, uint64, error) {
	return journal(r, audit, after, limit, decodeAudit)
}

func journal[T any](r *reader, p part, after uint64, limit int, decode func(seq uint64, key, record []byte) (T, error)) ([]T, uint64, error) {
	b := r.part(p)
	if b == nil {
		return nil, 0, nil
	}
	var lines []T
	if after >= b.Sequence() {
		return nil, b.Sequence(), nil
	}
	c := b.Cursor()
	for k, v := c.Seek(seqKey(after + 1)); k != nil && len(lines) < limit; k, v = c.Next() {
		if len(k) != 8 {
			return nil, 0, damaged(r.tenant, string(p.name()), "line", errors.New("its key has a wrong length"))
		}
		seq := binary.BigEndian.Uint64(k)
		line, err := decode(seq, k, v)
		if err != nil {
			return nil, 0, damaged(r.tenant, string(p.name()), "line "+strconv.FormatUint(seq, 10), err)
		}
		lines = append(lines, line)
	}
	return lines, b.Sequence(), nil
}
