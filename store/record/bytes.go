package record

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"drawbridge/directory"
)

// AppendUint adds a number.
func AppendUint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

// AppendText adds a text, or bytes, with its length.
func AppendText[T ~string | ~[]byte](b []byte, v T) []byte {
	return append(AppendUint(b, uint64(len(v))), v...)
}

func appendTexts[T ~string](b []byte, v []T) []byte {
	b = AppendUint(b, uint64(len(v)))
	for _, s := range v {
		b = AppendText(b, s)
	}
	return b
}

// appendTime keeps nanoseconds and drops the zone.
func appendTime(b []byte, t time.Time) []byte {
	b = binary.AppendVarint(b, t.Unix())
	return AppendUint(b, uint64(t.Nanosecond()))
}

func appendActor(b []byte, a directory.Actor) []byte {
	return AppendText(AppendText(AppendText(b, a.Kind), a.ID), a.Name)
}

func appendSubject(b []byte, s directory.Subject) []byte {
	return AppendText(AppendText(AppendText(b, s.Kind), s.ID), s.Name)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// Reader reads the fields that an Append function wrote. Its strings are parts of the text. After the first error all other fields read as
// zero, so that only the end need be checked.
type Reader struct {
	text string
	bad  bool
}

// NewReader reads from text. Its strings are parts of text.
func NewReader(text string) Reader { return Reader{text: text} }

// End reports whether all fields were read without an error.
func (d *Reader) End() error {
	if d.bad {
		return errors.New("it ends too early")
	}
	return nil
}

// More reports whether something is left.
func (d *Reader) More() bool { return d.text != "" }

func (d *Reader) fail() { d.text, d.bad = "", true }

// Byte takes one byte.
func (d *Reader) Byte() byte {
	if d.text == "" {
		d.fail()
		return 0
	}
	c := d.text[0]
	d.text = d.text[1:]
	return c
}

// Uint takes a number.
func (d *Reader) Uint() uint64 {
	var v uint64
	for shift := uint(0); shift < 64; shift += 7 {
		c := d.Byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	d.fail()
	return 0
}

func (d *Reader) int() int64 {
	v := d.Uint()
	return int64(v>>1) ^ -int64(v&1)
}

// Text takes a text.
func (d *Reader) Text() string {
	n := d.Uint()
	if n > uint64(len(d.text)) {
		d.fail()
		return ""
	}
	s := d.text[:n]
	d.text = d.text[n:]
	return s
}

// texts takes a list into the space of into.
func texts[T ~string](d *Reader, into []T) []T {
	n := d.Uint()
	if n > uint64(len(d.text)) {
		d.fail()
		return nil
	}
	into = slices.Grow(into, int(n))
	for range n {
		into = append(into, T(d.Text()))
	}
	return into
}

func (d *Reader) time() time.Time {
	seconds := d.int()
	return time.Unix(seconds, int64(d.Uint())).UTC()
}

func (d *Reader) actor() directory.Actor {
	return directory.Actor{Kind: directory.ActorKind(d.Text()), ID: d.Text(), Name: d.Text()}
}

func (d *Reader) subject() directory.Subject {
	return directory.Subject{Kind: d.Text(), ID: d.Text(), Name: d.Text()}
}

func (d *Reader) hash() (h directory.Hash) {
	if len(d.text) < len(h) {
		d.fail()
		return h
	}
	copy(h[:], d.text)
	d.text = d.text[len(h):]
	return h
}

func (d *Reader) document() directory.Document {
	if text := d.Text(); text != "" {
		return directory.Document(text)
	}
	return nil
}
