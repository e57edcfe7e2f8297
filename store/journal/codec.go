package journal

import (
	"encoding/binary"
	"hash/crc32"
	"time"

	"drawbridge/directory"
)

// head begins a segment: a name, and the version of the format.
const head = "DBJRNL\x00\x01"

// frameHead is the length of a frame's header: length of the payload, checksum of everything after the checksum, Seq.
const frameHead = 4 + 4 + 8

// maxFrame bounds a payload: two bodies of the largest configurable size, and the rest of the exchange.
const maxFrame = 4 << 20

// The flags of an exchange.
const (
	bodyCut = 1 << iota
	answerCut
	observed
)

// encode appends the payload of e.
func encode(b []byte, e *directory.Exchange) []byte {
	b = binary.AppendVarint(b, e.Time.UnixMicro())
	b = binary.AppendVarint(b, int64(e.Took))
	flags := 0
	if e.BodyCut {
		flags |= bodyCut
	}
	if e.AnswerCut {
		flags |= answerCut
	}
	if e.Observed {
		flags |= observed
	}
	for _, n := range [...]int{flags, e.Status, e.BodySize, e.AnswerSize, e.More, e.Missed} {
		b = binary.AppendUvarint(b, uint64(max(n, 0)))
	}
	for _, text := range [...]string{
		string(e.Connection), e.Request, e.Address, e.Agent, e.Method, e.Path, e.Operation, e.BodyNote, string(e.Effect), string(e.Rule), e.Why, string(e.Gap),
	} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	for _, body := range [...][]byte{e.Body, e.Answer} {
		b = append(binary.AppendUvarint(b, uint64(len(body))), body...)
	}
	for _, list := range [...][]string{e.Quirks, e.Done} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, text := range list {
			b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
		}
	}
	for _, list := range [...][]directory.Header{e.Headers, e.Answers} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, h := range list {
			b = append(binary.AppendUvarint(b, uint64(len(h.Name))), h.Name...)
			b = append(binary.AppendUvarint(b, uint64(len(h.Value))), h.Value...)
		}
	}
	return b
}

// decode parses a payload; ok is false if it is anything else. The bodies are parts of data.
func decode(data []byte) (e directory.Exchange, ok bool) {
	r := payload{b: data}
	e.Time = time.UnixMicro(r.signed()).UTC()
	e.Took = time.Duration(r.signed())
	flags := 0
	for _, n := range [...]*int{&flags, &e.Status, &e.BodySize, &e.AnswerSize, &e.More, &e.Missed} {
		*n = int(r.number())
	}
	e.BodyCut, e.AnswerCut, e.Observed = flags&bodyCut != 0, flags&answerCut != 0, flags&observed != 0
	e.Connection = directory.ConnectionID(r.text())
	for _, text := range [...]*string{&e.Request, &e.Address, &e.Agent, &e.Method, &e.Path, &e.Operation, &e.BodyNote} {
		*text = r.text()
	}
	e.Effect, e.Rule, e.Why, e.Gap = directory.Effect(r.text()), directory.Rule(r.text()), r.text(), directory.Gap(r.text())
	e.Body, e.Answer = r.bytes(), r.bytes()
	for _, list := range [...]*[]string{&e.Quirks, &e.Done} {
		for n := r.number(); n > 0 && !r.bad; n-- {
			*list = append(*list, r.text())
		}
	}
	for _, list := range [...]*[]directory.Header{&e.Headers, &e.Answers} {
		for n := r.number(); n > 0 && !r.bad; n-- {
			*list = append(*list, directory.Header{Name: r.text(), Value: r.text()})
		}
	}
	return e, !r.bad
}

// payload is read from front to back; bad is set at the first mistake.
type payload struct {
	b   []byte
	bad bool
}

func (r *payload) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *payload) signed() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *payload) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *payload) text() string { return string(r.bytes()) }

// appendFrame appends the frame of e. Of its header it writes only the length.
func appendFrame(b []byte, e *directory.Exchange) []byte {
	var empty [frameHead]byte
	from := len(b)
	b = encode(append(b, empty[:]...), e)
	binary.LittleEndian.PutUint32(b[from:], uint32(len(b)-from-frameHead))
	return b
}

// seal completes the headers of frames, with the numbers after seq. It returns the last number.
func seal(frames []byte, seq uint64) uint64 {
	for b := frames; len(b) > 0; {
		end := frameHead + int(binary.LittleEndian.Uint32(b))
		seq++
		binary.LittleEndian.PutUint64(b[8:], seq)
		binary.LittleEndian.PutUint32(b[4:], sum(b[8:end]))
		b = b[end:]
	}
	return seq
}

func sum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// frame is a complete frame of a segment.
type frame struct {
	seq     uint64
	payload []byte
}

// frames returns the complete frames of a segment, up to the first incomplete one, in the order in which they were written.
func frames(data []byte) []frame {
	if len(data) < len(head) || string(data[:len(head)]) != head {
		return nil
	}
	var out []frame
	for data = data[len(head):]; len(data) >= frameHead; {
		n := int(binary.LittleEndian.Uint32(data))
		if n > maxFrame || len(data) < frameHead+n || binary.LittleEndian.Uint32(data[4:]) != sum(data[8:frameHead+n]) {
			break
		}
		out = append(out, frame{seq: binary.LittleEndian.Uint64(data[8:]), payload: data[frameHead : frameHead+n]})
		data = data[frameHead+n:]
	}
	return out
}
