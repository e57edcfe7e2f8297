package bolt

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
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

// archived is the mark of the audit lines that are in the archive.
func (r *reader) archived() (directory.ArchiveMark, error) {
	kv, err := r.KV(directory.ArchiveKV, directory.ArchivedAudit)
	if directory.CodeOf(err) == directory.NotFound {
		return directory.ArchiveMark{}, nil
	}
	if err != nil {
		return directory.ArchiveMark{}, err
	}
	return directory.ReadArchiveMark(kv)
}

// addAudit numbers a line and chains it to the one before it.
func (w *writer) addAudit(a *directory.Audit) error {
	previous, err := w.chainHead()
	if err != nil {
		return err
	}
	key, err := w.nextKey(audit)
	if err != nil {
		return err
	}
	line := *a
	line.Seq = binary.BigEndian.Uint64(key)
	line.ChainStart = previous == directory.Hash{}
	line.Hash = line.Sum(previous)
	w.head = line.Hash
	return w.put(audit, key, encodeAudit(&line, key))
}

// chainHead returns the hash of the last audit line, zero if the chain has not begun. If the last line is damaged, the chain
// continues from a hash of its bytes: verification then always names that line, and the tenant can still be written.
func (w *writer) chainHead() (directory.Hash, error) {
	if w.headKnown {
		return w.head, nil
	}
	b := w.reader.part(audit)
	if b == nil {
		return directory.Hash{}, errors.New("the tenant has no bucket for " + string(audit.name()))
	}
	if k, v := b.Cursor().Last(); k != nil {
		last, err := decodeAudit(0, k, v)
		if err != nil {
			w.batch.store.options.Logger.Error("the last audit line is damaged", "tenant", w.reader.tenant, "key", hex.EncodeToString(k), "error", err)
			last.Hash = sha256.Sum256(v)
		}
		w.head = last.Hash
	}
	w.headKnown = true
	return w.head, nil
}

func (w *writer) addEvent(v *directory.Event) error {
	key, err := w.nextKey(events)
	if err != nil {
		return err
	}
	return w.put(events, key, encodeEvent(v, key))
}

// forget removes the events up to seq except the last one, and records where the remaining ones begin, so that a check can tell
// forgotten events from lost ones.
func (w *writer) forget(seq uint64) error {
	b := w.reader.part(events)
	if b == nil || seq == 0 || b.Sequence() == 0 {
		return nil
	}
	seq = min(seq, b.Sequence()-1)
	before, err := w.reader.forgotten()
	if err != nil || seq <= before {
		return err
	}
	if err := w.removeLines(events, seq); err != nil {
		return err
	}
	return w.put(facts, forgottenKey(), encodeForgotten(seq))
}

// forgetAudit removes the audit lines up to seq except the last one. The ArchiveMark says where the remaining ones begin.
func (w *writer) forgetAudit(seq uint64) error {
	b := w.reader.part(audit)
	if b == nil || seq == 0 || b.Sequence() == 0 {
		return nil
	}
	return w.removeLines(audit, min(seq, b.Sequence()-1))
}

// removeLines removes the audit lines or events up to seq.
func (w *writer) removeLines(p part, seq uint64) error {
	var old [][]byte // collected first: a cursor must not see deletions
	c := w.reader.part(p).Cursor()
	for k, _ := c.First(); k != nil && bytes.Compare(k, seqKey(seq)) <= 0; k, _ = c.Next() {
		old = append(old, bytes.Clone(k))
	}
	for _, key := range old {
		if err := w.remove(p, key); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) nextKey(p part) ([]byte, error) {
	b := w.reader.part(p)
	if b == nil {
		return nil, errors.New("the tenant has no bucket for " + string(p.name()))
	}
	seq, err := b.NextSequence()
	return seqKey(seq), err
}
