package bolt

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"unsafe"

	"drawbridge/directory"
	"drawbridge/store/record"
)

// A record is the format byte, a CRC32C of key and payload (big-endian), and the payload. The key is part of the sum, so a record
// under a wrong key is detected too. The payload of users, groups and resources is the length of the header (four bytes), the
// header, and the document verbatim: reading needs no tree and no copy of the document.
const (
	recordFormat = 1
	chainFormat  = 2 // audit lines of the chain: address, mark and hash come after what format 1 has
	recordHead   = 1 + 4
	lengthSize   = 4
)

func checksum(key, payload []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Update(0, table, key), table, payload)
}

// unseal verifies a record and returns its payload, which aliases the record.
func unseal(key, record []byte) ([]byte, error) {
	_, payload, err := unsealUpTo(recordFormat, key, record)
	return payload, err
}

// unsealUpTo is unseal for records that exist in several formats; it also returns the format.
func unsealUpTo(known byte, key, record []byte) (byte, []byte, error) {
	if len(record) < recordHead {
		return 0, nil, errors.New("it is too short")
	}
	if record[0] == 0 || record[0] > known {
		return 0, nil, fmt.Errorf("its format is %d, this release reads up to %d", record[0], known)
	}
	payload := record[recordHead:len(record):len(record)]
	if binary.BigEndian.Uint32(record[1:]) != checksum(key, payload) {
		return 0, nil, errors.New("its checksum is wrong")
	}
	return record[0], payload, nil
}

// flags returns the first byte of the header without verifying the record.
func flags(record []byte) byte {
	if len(record) <= recordHead+lengthSize {
		return 0
	}
	return record[recordHead+lengthSize]
}

// newRecord begins a record of about size bytes, with room for what seal writes. Each record is a slice of its own, because bbolt
// keeps it until the commit.
func newRecord(size int) []byte { return make([]byte, recordHead, recordHead+size) }

// newDocumentRecord is newRecord with room for the length of the header, which sealDocument fills in.
func newDocumentRecord(size int) []byte {
	return make([]byte, recordHead+lengthSize, recordHead+lengthSize+size)
}

// seal completes a record with the format and the checksum.
func seal(b, key []byte) []byte { return sealAs(recordFormat, b, key) }

func sealAs(format byte, b, key []byte) []byte {
	b[0] = format
	binary.BigEndian.PutUint32(b[1:], checksum(key, b[recordHead:]))
	return b
}

// sealDocument completes a record that has a header with the document.
func sealDocument(b []byte, d directory.Document, key []byte) []byte {
	binary.BigEndian.PutUint32(b[recordHead:], uint32(len(b)-recordHead-lengthSize))
	return seal(append(b, d...), key)
}

// borrow returns b as a string without copying. It must not be used after the transaction to which b belongs.
func borrow(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // it saves a copy of every record that a scan reads
}

// lifetime says how long a decoded value must live.
type lifetime bool

const (
	forever  lifetime = false // strings are copied
	transact lifetime = true  // strings alias the record; such a value must not leave the store
)

// open verifies a record with a header and returns a reader of the header, and the document, which aliases the record.
func open(key, sealed []byte, life lifetime) (record.Reader, directory.Document, error) {
	payload, err := unseal(key, sealed)
	if err != nil {
		return record.Reader{}, nil, err
	}
	if len(payload) < lengthSize {
		return record.Reader{}, nil, errors.New("it is too short")
	}
	length := uint64(binary.BigEndian.Uint32(payload))
	payload = payload[lengthSize:]
	if length > uint64(len(payload)) {
		return record.Reader{}, nil, errors.New("it is too short")
	}
	header, document := payload[:length], payload[length:]
	if life == transact {
		return record.NewReader(borrow(header)), document, nil
	}
	return record.NewReader(string(header)), document, nil // one copy for all strings of the record
}

func encodeUser(u *directory.User) []byte {
	b := newDocumentRecord(128 + 2*len(u.UserName) + len(u.ExternalID) + len(u.Document))
	return sealDocument(record.AppendUser(b, u), u.Document, u.ID[:])
}

// decodeUser decodes into u. With transact it reuses u.Emails and u.Suspension.
func decodeUser(u *directory.User, key, sealed []byte, life lifetime) error {
	d, document, err := open(key, sealed, life)
	if err != nil {
		return err
	}
	u.ID, u.Document = directory.ID(key), document
	if life == transact {
		return d.ReadUserAgain(u)
	}
	return d.ReadUser(u)
}

func encodeGroup(g *directory.Group) []byte {
	b := newDocumentRecord(96 + len(g.DisplayName) + len(g.ExternalID) + len(g.Document))
	return sealDocument(record.AppendGroup(b, g), g.Document, g.ID[:])
}

func decodeGroup(g *directory.Group, key, sealed []byte, life lifetime) error {
	d, document, err := open(key, sealed, life)
	if err != nil {
		return err
	}
	g.ID, g.Document = directory.ID(key), document
	return d.ReadGroup(g)
}

func encodeResource(v *directory.Resource) []byte {
	b := newDocumentRecord(96 + len(v.ExternalID) + len(v.Document))
	return sealDocument(record.AppendResource(b, v), v.Document, v.ID[:])
}

func decodeResource(v *directory.Resource, key, sealed []byte, life lifetime) error {
	d, document, err := open(key, sealed, life)
	if err != nil {
		return err
	}
	v.ID, v.Document = directory.ID(key), document
	return d.ReadResource(v)
}

func encodeMember(key []byte, m directory.Member) []byte {
	b := record.AppendText(newRecord(8+len(m.Display)), m.Kind)
	return seal(record.AppendText(b, m.Display), key)
}

func decodeMember(m *directory.Member, key, sealed []byte) error {
	payload, err := unseal(key, sealed)
	if err != nil {
		return err
	}
	d := record.NewReader(borrow(payload))
	switch kind := d.Text(); kind { // the usual kinds without a copy
	case string(directory.UserKind):
		m.Kind = directory.UserKind
	case string(directory.GroupKind):
		m.Kind = directory.GroupKind
	default:
		m.Kind = directory.Kind([]byte(kind))
	}
	m.Display = string([]byte(d.Text()))
	return d.End()
}

func encodeAudit(a *directory.Audit, key []byte) []byte {
	return sealAs(chainFormat, record.AppendAudit(newRecord(192+len(a.Before)+len(a.After)), a), key)
}

func decodeAudit(seq uint64, key, sealed []byte) (directory.Audit, error) {
	format, payload, err := unsealUpTo(chainFormat, key, sealed)
	if err != nil {
		return directory.Audit{}, err
	}
	d := record.NewReader(string(payload))
	if format < chainFormat {
		return d.ReadUnchainedAudit(seq)
	}
	return d.ReadAudit(seq)
}

func encodeEvent(v *directory.Event, key []byte) []byte {
	return seal(record.AppendEvent(newRecord(160+len(v.Data)), v), key)
}

func decodeEvent(seq uint64, key, sealed []byte) (directory.Event, error) {
	payload, err := unseal(key, sealed)
	if err != nil {
		return directory.Event{}, err
	}
	d := record.NewReader(string(payload))
	return d.ReadEvent(seq)
}

func encodeUsage(c *directory.Usage, key []byte) []byte {
	return seal(record.AppendUsage(newRecord(64), c), key)
}

func decodeUsage(key, sealed []byte) (directory.Usage, error) {
	payload, err := unseal(key, sealed)
	if err != nil {
		return directory.Usage{}, err
	}
	d := record.NewReader(string(payload))
	return d.ReadUsage()
}

// encodeNumber encodes a record that is just a number.
func encodeNumber(v uint64, key []byte) []byte {
	return seal(record.AppendUint(newRecord(binary.MaxVarintLen64), v), key)
}

func decodeNumber(key, sealed []byte) (uint64, error) {
	payload, err := unseal(key, sealed)
	if err != nil {
		return 0, err
	}
	d := record.NewReader(string(payload))
	v := d.Uint()
	return v, d.End()
}

func encodeForgotten(seq uint64) []byte { return encodeNumber(seq, forgottenKey()) }

func decodeForgotten(sealed []byte) (uint64, error) { return decodeNumber(forgottenKey(), sealed) }

// encodeJSON encodes the rarer records: tenants, connections, tokens, uses, tombstones.
func encodeJSON(v any, key []byte) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return seal(append(newRecord(len(text)), text...), key), nil
}

func decodeJSON(v any, key, sealed []byte) error {
	payload, err := unseal(key, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(payload, v)
}
