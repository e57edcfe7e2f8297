package bolt

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"time"
	"unsafe"

	"drawbridge/directory"
)

// A record is the format byte, a CRC32C of key and payload (big-endian), and the payload. The key is part of the sum so
// that a record under a wrong key is found out too. Payloads of users, groups and resources are the length of the header
// (four bytes), the header, and the document as it is: reading one needs no tree and no copy of the document.
const (
	recordFormat = 1
	chainFormat  = 2 // audit lines since the chain: address, mark and hash stand behind what format 1 has
	recordHead   = 1 + 4
	lengthSize   = 4
)

// The first byte of the header of users and groups: what a list must know of a record that it does not show.
const (
	flagGone    = 1 << 0
	flagBuiltIn = 1 << 1
	flagUnique  = 1 << 2 // unique keys stand behind the flags; what has none is written as before there were any
)

func checksum(key, payload []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Update(0, table, key), table, payload)
}

// unseal verifies a record and gives its payload, which aliases it.
func unseal(key, record []byte) ([]byte, error) {
	_, payload, err := unsealUpTo(recordFormat, key, record)
	return payload, err
}

// unsealUpTo is unseal for records of which several formats are known; it gives the format too.
func unsealUpTo(known byte, key, record []byte) (byte, []byte, error) {
	if len(record) < recordHead {
		return 0, nil, errors.New("it is too short")
	}
	if record[0] == 0 || record[0] > known {
		return 0, nil, fmt.Errorf("its format is %d, this release reads up to %d", record[0], known)
	}
	payload := record[recordHead:len(record):len(record)]
	if binary.BigEndian.Uint32(record[1:]) != checksum(key, payload) {
		return 0, nil, errors.New("its checksum does not fit")
	}
	return record[0], payload, nil
}

// flags gives the first byte of the header without verifying the record.
func flags(record []byte) byte {
	if len(record) <= recordHead+lengthSize {
		return 0
	}
	return record[recordHead+lengthSize]
}

// encoder builds a record. Each record is a slice of its own: bbolt keeps it until the commit.
type encoder struct{ b []byte }

func newRecord(size int) encoder { return encoder{make([]byte, recordHead, recordHead+size)} }

func (e *encoder) seal(key []byte) []byte { return e.sealAs(recordFormat, key) }

func (e *encoder) sealAs(format byte, key []byte) []byte {
	e.b[0] = format
	binary.BigEndian.PutUint32(e.b[1:], checksum(key, e.b[recordHead:]))
	return e.b
}

// header leaves room for the length of the header; document fills it in and ends the record.
func (e *encoder) header() { e.b = append(e.b, 0, 0, 0, 0) }

func (e *encoder) document(d directory.Document) {
	binary.BigEndian.PutUint32(e.b[recordHead:], uint32(len(e.b)-recordHead-lengthSize))
	e.b = append(e.b, d...)
}

func (e *encoder) byte(v byte)   { e.b = append(e.b, v) }
func (e *encoder) uint(v uint64) { e.b = binary.AppendUvarint(e.b, v) }

func (e *encoder) text(v string) {
	e.uint(uint64(len(v)))
	e.b = append(e.b, v...)
}

func (e *encoder) bytes(v []byte) {
	e.uint(uint64(len(v)))
	e.b = append(e.b, v...)
}

func (e *encoder) texts(v []string) {
	e.uint(uint64(len(v)))
	for _, s := range v {
		e.text(s)
	}
}

// flags begins the header of a user, group or resource, with the unique keys if there are any.
func (e *encoder) flags(flags byte, unique []directory.UniqueKey) {
	if len(unique) == 0 {
		e.byte(flags)
		return
	}
	e.byte(flags | flagUnique)
	e.uint(uint64(len(unique)))
	for _, key := range unique {
		e.text(string(key))
	}
}

// time keeps nanoseconds and drops the zone.
func (e *encoder) time(t time.Time) {
	e.b = binary.AppendVarint(e.b, t.Unix())
	e.uint(uint64(t.Nanosecond()))
}

func (e *encoder) actor(a directory.Actor) {
	e.text(string(a.Kind))
	e.text(a.ID)
	e.text(a.Name)
}

func (e *encoder) subject(s directory.Subject) {
	e.text(s.Kind)
	e.text(s.ID)
	e.text(s.Name)
}

// decoder reads what encoder wrote. Its strings are parts of text. After the first mistake bad is set and everything
// else reads as zero, so that only the end need be checked.
type decoder struct {
	text string
	bad  bool
}

func (d *decoder) fail() { d.text, d.bad = "", true }

func (d *decoder) byte() byte {
	if d.text == "" {
		d.fail()
		return 0
	}
	c := d.text[0]
	d.text = d.text[1:]
	return c
}

func (d *decoder) uint() uint64 {
	var v uint64
	for shift := uint(0); shift < 64; shift += 7 {
		c := d.byte()
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
	d.fail()
	return 0
}

func (d *decoder) int() int64 {
	v := d.uint()
	return int64(v>>1) ^ -int64(v&1)
}

func (d *decoder) str() string {
	n := d.uint()
	if n > uint64(len(d.text)) {
		d.fail()
		return ""
	}
	s := d.text[:n]
	d.text = d.text[n:]
	return s
}

func (d *decoder) texts(into []string) []string {
	n := d.uint()
	if n > uint64(len(d.text)) {
		d.fail()
		return nil
	}
	into = slices.Grow(into, int(n))
	for range n {
		into = append(into, d.str())
	}
	return into
}

// flags reads over the first byte of a header and gives the unique keys behind it.
func (d *decoder) flags() []directory.UniqueKey {
	if d.byte()&flagUnique == 0 {
		return nil
	}
	n := d.uint()
	if n > uint64(len(d.text)) {
		d.fail()
		return nil
	}
	keys := make([]directory.UniqueKey, n)
	for i := range keys {
		keys[i] = directory.UniqueKey(d.str())
	}
	return keys
}

func (d *decoder) time() time.Time {
	seconds := d.int()
	return time.Unix(seconds, int64(d.uint())).UTC()
}

func (d *decoder) actor() directory.Actor {
	return directory.Actor{Kind: directory.ActorKind(d.str()), ID: d.str(), Name: d.str()}
}

func (d *decoder) hash() (h directory.Hash) {
	if len(d.text) < len(h) {
		d.fail()
		return h
	}
	copy(h[:], d.text)
	d.text = d.text[len(h):]
	return h
}

func (d *decoder) subject() directory.Subject {
	return directory.Subject{Kind: d.str(), ID: d.str(), Name: d.str()}
}

func (d *decoder) end() error {
	if d.bad {
		return errors.New("it ends too early")
	}
	return nil
}

// borrow shows b as a string without copying. It must not outlive the transaction to which b belongs.
func borrow(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // it spares every scan a copy of every record
}

// lifetime says how long what is decoded must live.
type lifetime bool

const (
	forever  lifetime = false // strings are copied
	transact lifetime = true  // strings alias the record: for looking at it, never to be given away
)

// open verifies a record with a header and gives a decoder of the header and the document, which aliases the record.
func open(key, record []byte, life lifetime) (decoder, directory.Document, error) {
	payload, err := unseal(key, record)
	if err != nil {
		return decoder{}, nil, err
	}
	if len(payload) < lengthSize {
		return decoder{}, nil, errors.New("it is too short")
	}
	length := uint64(binary.BigEndian.Uint32(payload))
	payload = payload[lengthSize:]
	if length > uint64(len(payload)) {
		return decoder{}, nil, errors.New("it is too short")
	}
	header, document := payload[:length], payload[length:]
	if life == transact {
		return decoder{text: borrow(header)}, document, nil
	}
	return decoder{text: string(header)}, document, nil // one copy for all strings of the record
}

func encodeUser(u *directory.User) []byte {
	e := newRecord(128 + 2*len(u.UserName) + len(u.ExternalID) + len(u.Document))
	e.header()
	if u.Gone() {
		e.flags(flagGone, u.Unique)
	} else {
		e.flags(0, u.Unique)
	}
	e.uint(u.Version)
	e.time(u.Created)
	e.time(u.Modified)
	e.text(u.UserName)
	e.text(u.ExternalID)
	e.texts(u.Emails)
	e.byte(byte(u.Type))
	e.byte(byte(u.State))
	e.text(string(u.Connection))
	e.text(string(u.Statement))
	e.time(u.StatedAt)
	e.time(u.AcceptedAt)
	if u.Suspension == nil {
		e.byte(0)
	} else {
		e.byte(1)
		e.time(u.Suspension.At)
		e.actor(u.Suspension.By)
		e.text(string(u.Suspension.Mode))
		e.text(u.Suspension.Reason)
	}
	e.document(u.Document)
	return e.seal(u.ID[:])
}

// decodeUser reads into u, whose Emails it uses again for a passing look; a passing look leaves out the Suspension.
func decodeUser(u *directory.User, key, record []byte, life lifetime) error {
	d, document, err := open(key, record, life)
	if err != nil {
		return err
	}
	emails := u.Emails[:0]
	if life == forever {
		emails = nil
	}
	*u = directory.User{ID: directory.ID(key), Document: document}
	u.Unique = d.flags()
	u.Version = d.uint()
	u.Created = d.time()
	u.Modified = d.time()
	u.UserName = d.str()
	u.ExternalID = d.str()
	u.Emails = d.texts(emails)
	u.Type = directory.UserType(d.byte())
	u.State = directory.State(d.byte())
	u.Connection = directory.ConnectionID(d.str())
	u.Statement = directory.Statement(d.str())
	u.StatedAt = d.time()
	u.AcceptedAt = d.time()
	if d.byte() == 1 && life == forever {
		u.Suspension = &directory.Suspension{
			At: d.time(), By: d.actor(), Mode: directory.SuspensionMode(d.str()), Reason: d.str(),
		}
	}
	if u.Type >= directory.UserTypes || u.State >= directory.States {
		return errors.New("it has an unknown type or state")
	}
	return d.end()
}

func encodeGroup(g *directory.Group) []byte {
	e := newRecord(96 + len(g.DisplayName) + len(g.ExternalID) + len(g.Document))
	e.header()
	if g.BuiltIn != "" {
		e.flags(flagBuiltIn, g.Unique)
	} else {
		e.flags(0, g.Unique)
	}
	e.uint(g.Version)
	e.time(g.Created)
	e.time(g.Modified)
	e.text(g.DisplayName)
	e.text(g.ExternalID)
	e.text(string(g.Connection))
	e.text(string(g.BuiltIn))
	e.uint(uint64(g.Members))
	e.document(g.Document)
	return e.seal(g.ID[:])
}

func decodeGroup(g *directory.Group, key, record []byte, life lifetime) error {
	d, document, err := open(key, record, life)
	if err != nil {
		return err
	}
	*g = directory.Group{ID: directory.ID(key), Document: document}
	g.Unique = d.flags()
	g.Version = d.uint()
	g.Created = d.time()
	g.Modified = d.time()
	g.DisplayName = d.str()
	g.ExternalID = d.str()
	g.Connection = directory.ConnectionID(d.str())
	g.BuiltIn = directory.BuiltIn(d.str())
	g.Members = int(d.uint())
	return d.end()
}

func encodeResource(v *directory.Resource) []byte {
	e := newRecord(96 + len(v.ExternalID) + len(v.Document))
	e.header()
	e.flags(0, v.Unique)
	e.text(string(v.Kind))
	e.uint(v.Version)
	e.time(v.Created)
	e.time(v.Modified)
	e.text(v.ExternalID)
	e.text(string(v.Connection))
	e.document(v.Document)
	return e.seal(v.ID[:])
}

func decodeResource(v *directory.Resource, key, record []byte, life lifetime) error {
	d, document, err := open(key, record, life)
	if err != nil {
		return err
	}
	*v = directory.Resource{ID: directory.ID(key), Document: document}
	v.Unique = d.flags()
	v.Kind = directory.Kind(d.str())
	v.Version = d.uint()
	v.Created = d.time()
	v.Modified = d.time()
	v.ExternalID = d.str()
	v.Connection = directory.ConnectionID(d.str())
	return d.end()
}

func encodeMember(key []byte, m directory.Member) []byte {
	e := newRecord(8 + len(m.Display))
	e.text(string(m.Kind))
	e.text(m.Display)
	return e.seal(key)
}

func decodeMember(m *directory.Member, key, record []byte) error {
	payload, err := unseal(key, record)
	if err != nil {
		return err
	}
	d := decoder{text: borrow(payload)}
	switch kind := d.str(); kind { // the usual kinds without a copy
	case string(directory.UserKind):
		m.Kind = directory.UserKind
	case string(directory.GroupKind):
		m.Kind = directory.GroupKind
	default:
		m.Kind = directory.Kind([]byte(kind))
	}
	m.Display = string([]byte(d.str()))
	return d.end()
}

func encodeAudit(a *directory.Audit, key []byte) []byte {
	e := newRecord(192 + len(a.Before) + len(a.After))
	e.time(a.Time)
	e.text(string(a.Tenant))
	e.actor(a.Actor)
	e.text(a.Action)
	e.subject(a.Subject)
	e.text(string(a.Outcome))
	e.text(string(a.Rule))
	e.text(a.Reason)
	e.texts(a.Deviations)
	e.text(a.Request)
	e.bytes(a.Before)
	e.bytes(a.After)
	e.text(a.Address)
	if a.ChainStart {
		e.byte(1)
	} else {
		e.byte(0)
	}
	e.b = append(e.b, a.Hash[:]...)
	return e.sealAs(chainFormat, key)
}

func decodeAudit(seq uint64, key, record []byte) (directory.Audit, error) {
	format, payload, err := unsealUpTo(chainFormat, key, record)
	if err != nil {
		return directory.Audit{}, err
	}
	d := decoder{text: string(payload)}
	a := directory.Audit{
		Seq: seq, Time: d.time(), Tenant: directory.TenantID(d.str()), Actor: d.actor(), Action: d.str(), Subject: d.subject(),
		Outcome: directory.Outcome(d.str()), Rule: directory.Rule(d.str()), Reason: d.str(), Deviations: d.texts(nil), Request: d.str(),
		Before: document(d.str()), After: document(d.str()),
	}
	if format >= chainFormat {
		a.Address = d.str()
		a.ChainStart = d.byte() == 1
		a.Hash = d.hash()
	}
	return a, d.end()
}

func encodeEvent(v *directory.Event, key []byte) []byte {
	e := newRecord(160 + len(v.Data))
	e.time(v.Time)
	e.text(string(v.Tenant))
	e.text(string(v.Kind))
	e.subject(v.Subject)
	e.actor(v.Actor)
	e.bytes(v.Data)
	return e.seal(key)
}

func decodeEvent(seq uint64, key, record []byte) (directory.Event, error) {
	payload, err := unseal(key, record)
	if err != nil {
		return directory.Event{}, err
	}
	d := decoder{text: string(payload)}
	v := directory.Event{
		Seq: seq, Time: d.time(), Tenant: directory.TenantID(d.str()), Kind: directory.EventKind(d.str()),
		Subject: d.subject(), Actor: d.actor(), Data: document(d.str()),
	}
	return v, d.end()
}

func document(text string) directory.Document {
	if text == "" {
		return nil
	}
	return directory.Document(text)
}

// encodeUsage writes the dimensions too, so that a later release may add a state.
func encodeUsage(c *directory.Usage, key []byte) []byte {
	e := newRecord(64)
	e.uint(directory.UserTypes)
	e.uint(directory.States)
	for _, byState := range c.Users {
		for _, n := range byState {
			e.uint(uint64(n))
		}
	}
	e.uint(uint64(c.Gone))
	e.uint(uint64(c.Groups))
	e.uint(uint64(len(c.Resources)))
	for _, kind := range slices.Sorted(maps.Keys(c.Resources)) {
		e.text(string(kind))
		e.uint(uint64(c.Resources[kind]))
	}
	return e.seal(key)
}

func decodeUsage(key, record []byte) (directory.Usage, error) {
	var c directory.Usage
	payload, err := unseal(key, record)
	if err != nil {
		return c, err
	}
	d := decoder{text: string(payload)}
	types, states := d.uint(), d.uint()
	if types > directory.UserTypes || states > directory.States {
		return c, errors.New("it counts types or states that this release does not know")
	}
	for t := range types {
		for s := range states {
			c.Users[t][s] = int(d.uint())
		}
	}
	c.Gone = int(d.uint())
	c.Groups = int(d.uint())
	if n := d.uint(); n > 0 && !d.bad {
		c.Resources = make(map[directory.Kind]int)
		for range n {
			kind := directory.Kind(d.str())
			c.Resources[kind] = int(d.uint())
		}
	}
	return c, d.end()
}

func encodeForgotten(seq uint64) []byte {
	e := newRecord(binary.MaxVarintLen64)
	e.uint(seq)
	return e.seal(forgottenKey())
}

func decodeForgotten(record []byte) (uint64, error) {
	payload, err := unseal(forgottenKey(), record)
	if err != nil {
		return 0, err
	}
	d := decoder{text: string(payload)}
	seq := d.uint()
	return seq, d.end()
}

// encodeJSON writes the rare records: tenants, connections, tokens, uses, tombstones.
func encodeJSON(v any, key []byte) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	e := newRecord(len(text))
	e.b = append(e.b, text...)
	return e.seal(key), nil
}

func decodeJSON(v any, key, record []byte) error {
	payload, err := unseal(key, record)
	if err != nil {
		return err
	}
	return json.Unmarshal(payload, v)
}
