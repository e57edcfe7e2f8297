package journal

import (
	"encoding/binary"
	"hash/crc32"

	"drawbridge/directory"
	"drawbridge/store/record"
)

// head begins a segment: a name, and the version of the format.
const head = "DBJRNL\x00\x01"

// frameHead is the length of a frame's header: length of the payload, checksum of everything after the checksum, Seq.
const frameHead = 4 + 4 + 8

// maxFrame bounds a payload: two bodies of the largest configurable size, and the rest of the exchange.
const maxFrame = 4 << 20

// appendFrame appends the frame of e. Of its header it writes only the length.
func appendFrame(b []byte, e *directory.Exchange) []byte {
	var empty [frameHead]byte
	from := len(b)
	b = record.AppendExchange(append(b, empty[:]...), e)
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

func (f *frame) read() (directory.Exchange, error) {
	d := record.NewReader(string(f.payload))
	return d.ReadExchange()
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
