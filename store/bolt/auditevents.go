package bolt

import (
	"encoding/binary"
	"errors"
	"strconv"

	"drawbridge/directory"
)

// Events returns events after a number, and the number of the last one.
func (r *reader) Events(after uint64, limit int) ([]directory.Event, uint64, error) {
	return readNumbered(r, events, after, limit, decodeEvent)
}

// Audit returns audit lines after a number, and the number of the last one.
func (r *reader) Audit(after uint64, limit int) ([]directory.Audit, uint64, error) {
	return readNumbered(r, audit, after, limit, decodeAudit)
}

func readNumbered[T any](r *reader, p part, after uint64, limit int, decode func(seq uint64, key, record []byte) (T, error)) ([]T, uint64, error) {
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

// SearchAudit goes back from the newest line, or from q.Before, and returns the lines that match.
func (r *reader) SearchAudit(q directory.AuditQuery) (lines []directory.Audit, next uint64, err error) {
	b := r.part(audit)
	if b == nil {
		return nil, 0, nil
	}
	c := b.Cursor()
	k, v := c.Last()
	if q.Before != 0 {
		if k, v = c.Seek(seqKey(q.Before)); k == nil {
			k, v = c.Last()
		}
		for len(k) == 8 && binary.BigEndian.Uint64(k) >= q.Before {
			k, v = c.Prev()
		}
	}
	for seen := 0; k != nil; k, v = c.Prev() {
		if len(k) != 8 {
			return nil, 0, damaged(r.tenant, string(audit.name()), "line", errors.New("its key has a wrong length"))
		}
		seq := binary.BigEndian.Uint64(k)
		if q.Limit > 0 && len(lines) >= q.Limit || q.Scan > 0 && seen >= q.Scan {
			return lines, seq + 1, nil
		}
		seen++
		line, err := decodeAudit(seq, k, v)
		if err != nil {
			return nil, 0, damaged(r.tenant, string(audit.name()), "line "+strconv.FormatUint(seq, 10), err)
		}
		if q.Over(&line) {
			break
		}
		if q.Matches(&line) {
			lines = append(lines, line)
		}
	}
	return lines, 0, nil
}
