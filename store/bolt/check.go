package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"drawbridge/directory"
)

// Report is the result of checking a whole store.
type Report struct {
	Findings []string // a sentence for each fault, at most 1000; none: the store is intact

	Tenants, Users, Groups, Memberships, Resources, Tombstones, Events, AuditLines int

	// Collisions lists users that share a userName since the file was upgraded to this format. Nothing is damaged: an operator
	// renames or deletes one of them.
	Collisions []string

	Size      int64 // of the file, in bytes
	FreePages int   // free pages
	Pages     int   // all pages
}

// Notes receive progress while a store is checked. Both are optional.
type Notes struct {
	// Progress is called with what is being checked, how much is done, and how much there is; total 0: unknown.
	Progress func(what string, done, total int64)
	// Finding is called with each fault when it is found, because a damaged page may end the process before the report.
	Finding func(text string)
}

func (n Notes) progress(what string, done, total int64) {
	if n.Progress != nil {
		n.Progress(what, done, total)
	}
}

// Check reads every page and every record and returns a sentence for each fault: damaged pages and records; indexes, counts and
// memberships that do not agree with the records; gaps in the audit trail and the events.
//
// Updates wait while it reads the pages. While it reads the records, no page is freed. So it is for a quiet hour, or for a backup.
// A page with a damaged structure may end the process; check a suspect file in a child process.
func (s *Store) Check(ctx context.Context) ([]string, error) {
	c := &checker{store: s}
	err := s.submit(ctx, directory.Provider, func(*batch) error { return s.read(ctx, c.pages) }) // bbolt allows no writer beside it
	if err == nil && len(c.report.Findings) == 0 {                                               // otherwise nothing else can be trusted
		err = s.read(ctx, func(tx *bbolt.Tx) error { return c.records(ctx, tx) })
	}
	return c.report.Findings, err
}

// checker collects the findings of Check.
type checker struct {
	older  bool // the file is of an older format
	store  *Store
	tx     *bbolt.Tx
	report Report
	notes  Notes

	r       *reader                 // of the current tenant
	looked  int64                   // records read so far
	entries int                     // index entries that its records need
	unread  map[directory.ID]bool   // records that cannot be read, so what they need is unknown
	usage   directory.Usage         // counted
	sizes   map[directory.ID]int    // distinct members of each group, counted
	stored  map[directory.ID]int    // as the groups' records say
	unique  map[string]directory.ID // folded names and unique values seen
}

const maxFindings = 1000

func (c *checker) find(format string, args ...any) {
	if len(c.report.Findings) >= maxFindings {
		return
	}
	text := fmt.Sprintf(format, args...)
	c.report.Findings = append(c.report.Findings, text)
	if c.notes.Finding != nil {
		c.notes.Finding(text)
	}
}

// must records an error of reading.
func (c *checker) must(err error) bool {
	if err != nil {
		c.find("%s", sentenceOf(err))
	}
	return err == nil
}

// sentenceOf is an error without its code, for people.
func sentenceOf(err error) string {
	text := err.Error()
	if code := directory.CodeOf(err); code != "" {
		text = strings.TrimPrefix(text, string(code)+": ")
	}
	return text
}

// record counts a record.
func (c *checker) record() {
	c.looked++
	if c.looked%1024 == 0 {
		c.notes.progress("records", c.looked, 0)
	}
}

// overlong finds a page that reaches beyond the end of the file. The check of bbolt would count everything that such a page
// claims, for minutes and with all memory.
func overlong(tx *bbolt.Tx) (page, more int, ok bool) {
	all := int(tx.Size() / int64(tx.DB().Info().PageSize))
	for page < all {
		info, err := tx.Page(page)
		switch {
		case err != nil || info == nil:
			return page, 0, true // bbolt reports what it is
		case info.Type == "free":
			page++
		case info.OverflowCount >= all-page:
			return page, info.OverflowCount, false
		default:
			page += 1 + info.OverflowCount
		}
	}
	return page, 0, true
}

func (c *checker) pages(tx *bbolt.Tx) error {
	if page, more, ok := overlong(tx); !ok {
		c.find("page: page %d says that %d more belong to it, and the file ends before", page, more)
		return nil
	}
	for err := range tx.Check() {
		c.find("page: %s", strings.TrimPrefix(strings.TrimPrefix(err.Error(), "panic: "), "assertion failed: "))
		if len(c.report.Findings) >= maxFindings {
			// Pages that lead to themselves give endless findings. Then a goroutine of bbolt is left running; to read on would cost
			// more.
			return nil
		}
	}
	return nil
}

func (c *checker) records(ctx context.Context, tx *bbolt.Tx) error {
	c.tx = tx
	c.older = false // its format had fewer buckets; Open makes the missing ones
	if meta := tx.Bucket([]byte(metaBucket)); meta != nil {
		var d description
		c.older = json.Unmarshal(meta.Get([]byte("format")), &d) == nil && d.Magic == fileMagic && d.Format > 0 && d.Format < fileFormat
		if !c.older && d != (description{fileMagic, fileFormat}) {
			c.find("the description of the store is damaged: it reads %+v", d)
		}
		c.only(meta, "the description of the store", []byte("format"), []byte(probeKey))
	}
	for _, name := range rootBuckets() {
		if tx.Bucket([]byte(name)) == nil && (!c.older || !isLater(name)) {
			c.find("the store has no bucket %q", name)
			return nil
		}
		c.unnumbered(tx.Bucket([]byte(name)), name)
	}
	known := map[string]bool{string(tenantKey(directory.Provider)): true}
	c.must(tx.Bucket([]byte(tenantBucket)).ForEach(func(key, _ []byte) error {
		known[string(key)] = true
		return nil
	}))
	if tx.Bucket([]byte(operatorBucket)) != nil { // a file of an older format may lack it
		c.operatorData()
	}
	if tx.Bucket([]byte(outboxBucket)) != nil {
		c.outbox()
	}
	if tx.Bucket([]byte(claimBucket)) != nil {
		c.claims()
	}
	if b := tx.Bucket([]byte(collisionBucket)); b != nil {
		c.collisions(b)
	}
	err := tx.Bucket([]byte(dataBucket)).ForEachBucket(func(key []byte) error {
		if err := ctx.Err(); err != nil {
			return gaveUp(err)
		}
		tenant := directory.TenantID(key)
		if bytes.Equal(key, tenantKey(directory.Provider)) {
			tenant = directory.Provider
		} else {
			c.report.Tenants++
		}
		delete(known, string(key))
		c.tenant(tenant)
		return nil
	})
	for key := range known {
		c.find("tenant %q has a record and nothing that belongs to it", key)
	}
	c.installation()
	return err
}

// only reports keys that nothing writes. In a bucket with a few fixed keys, a damaged key looks like an additional one, and the
// original is gone without a trace.
func (c *checker) only(b *bbolt.Bucket, where string, known ...[]byte) {
	c.must(b.ForEach(func(key, _ []byte) error {
		if !slices.ContainsFunc(known, func(k []byte) bool { return bytes.Equal(k, key) }) {
			c.find("there is an unknown key in %s: %.40q", where, key)
		}
		return nil
	}))
}

// installation checks records that belong to no tenant, or are found without one.
func (c *checker) installation() {
	data := c.tx.Bucket([]byte(dataBucket))
	orphan := func(tenant directory.TenantID) bool { return data.Bucket(tenantKey(tenant)) == nil }
	c.must(c.tx.Bucket([]byte(connectionBucket)).ForEach(func(key, record []byte) error {
		v, err := readConnection(c.store, key, record)
		switch {
		case err != nil:
			c.find("%s", sentenceOf(err))
		case string(v.ID) != string(key) || orphan(v.Tenant):
			c.find("connection %q belongs to tenant %q, which does not exist, or it is stored under a wrong key", key, v.Tenant)
		}
		return nil
	}))
	c.must(c.tx.Bucket([]byte(tokenBucket)).ForEach(func(hash, record []byte) error {
		v, err := readToken(c.store, hash, record)
		switch {
		case err != nil:
			c.find("%s", sentenceOf(err))
		case !bytes.Equal(v.Hash[:], hash) || orphan(v.Tenant):
			c.find("token %q belongs to tenant %q, which does not exist, or it is stored under a wrong key", v.ID, v.Tenant)
		}
		return nil
	}))
	c.must(c.tx.Bucket([]byte(useBucket)).ForEach(func(key, record []byte) error {
		var use directory.Use
		if err := decodeJSON(&use, key, record); err != nil {
			c.find("%s", sentenceOf(damaged(directory.Provider, "last use of a token", fmt.Sprintf("%q", key), err)))
		}
		return nil
	}))
}

func (c *checker) tenant(tenant directory.TenantID) {
	c.r = c.store.reader(c.tx, tenant)
	c.entries, c.usage = 0, directory.Usage{}
	c.unread = make(map[directory.ID]bool)
	c.sizes, c.stored = make(map[directory.ID]int), make(map[directory.ID]int)
	c.unique = make(map[string]directory.ID)
	for p := range parts {
		if c.r.part(p) == nil && (p != kvs || !c.older) { // which a file of an older format may lack
			c.find("tenant %q has no bucket %s", tenant, p.name())
			return
		}
		if p != audit && p != events {
			c.unnumbered(c.r.part(p), string(p.name())+" of tenant "+string(tenantKey(tenant)))
		}
	}
	c.unnumbered(c.r.data, "data of tenant "+string(tenantKey(tenant)))
	_, err := c.r.Tenant()
	c.must(err)
	c.users()
	c.groups()
	c.others()
	c.credentials()
	c.memberships()
	c.kvs()
	c.index()
	c.only(c.r.part(facts), "the facts of tenant "+string(tenantKey(tenant)), usageKey(), forgottenKey(), noticedKey())
	stored, err := c.r.storedUsage()
	if c.must(err) && len(c.unread) == 0 && !reflect.DeepEqual(stored, c.usage) {
		c.find("tenant %q counts %+v, and it has %+v", tenant, stored, c.usage)
	}
	forgotten, err := c.r.forgotten()
	c.must(err)
	mark, err := c.r.archived()
	c.must(err)
	chain, first, broken := mark.Chain(), true, false
	c.report.AuditLines += checkNumbered(c, audit, mark.Last, decodeAudit, func(line *directory.Audit) {
		if first && line.Seq > chain.Last+1 {
			c.find("audit of tenant %q begins with line %d: the lines before it are missing", tenant, line.Seq)
			chain.Last = line.Seq - 1
		}
		first = false
		if broken {
			return
		}
		if wrong := chain.Follow(line); wrong != "" {
			broken = true
			c.find("audit of tenant %q: %s", tenant, wrong)
		}
	})
	c.report.Events += checkNumbered(c, events, forgotten, decodeEvent, func(*directory.Event) {})
}

// unnumbered checks the sequence that bbolt keeps with every bucket. Only events and audit lines use it; in any other bucket it is
// damage.
func (c *checker) unnumbered(b *bbolt.Bucket, name string) {
	if b != nil && b.Sequence() != 0 {
		c.find("%s has the number %d, and nothing in it is numbered", name, b.Sequence())
	}
}

func (c *checker) users() {
	var u directory.User
	c.each(users, func(id directory.ID, record []byte) error {
		if err := decodeUser(&u, id[:], record, transact); err != nil {
			return err
		}
		c.report.Users++
		c.usage.Add(&u, 1)
		if !u.Gone() {
			c.named(&u)
			c.alone(byUserUnique, u.Unique, id)
		}
		c.indexed(c.store.userKeys(&u), id)
		return nil
	})
}

func (c *checker) groups() {
	var g directory.Group
	c.each(groups, func(id directory.ID, record []byte) error {
		if err := decodeGroup(&g, id[:], record, transact); err != nil {
			return err
		}
		c.report.Groups++
		if g.BuiltIn == "" {
			c.usage.Groups++
			c.once(byDisplayName, directory.Fold(g.DisplayName), id)
		} else {
			c.once(byBuiltIn, string(g.BuiltIn), id)
		}
		c.alone(byGroupUnique, g.Unique, id)
		c.stored[id] = g.Members
		c.indexed(groupKeys(&g), id)
		return nil
	})
}

func (c *checker) others() {
	var v directory.Resource
	c.each(resources, func(id directory.ID, record []byte) error {
		if err := decodeResource(&v, id[:], record, forever); err != nil {
			return err
		}
		if c.usage.Resources == nil {
			c.usage.Resources = make(map[directory.Kind]int)
		}
		c.report.Resources++
		c.usage.Resources[v.Kind]++
		c.alone(byResourceUnique, v.Unique, id)
		c.indexed(resourceKeys(&v), id)
		return nil
	})
	c.each(tombstones, func(id directory.ID, record []byte) error {
		var t directory.Tombstone
		if err := decodeJSON(&t, id[:], record); err != nil {
			return err
		}
		c.report.Tombstones++
		c.indexed(tombstoneKeys(&t), id)
		return nil
	})
}

// credentials compares connections and tokens with the indexes of the tenant.
func (c *checker) credentials() {
	c.must(c.tx.Bucket([]byte(connectionBucket)).ForEach(func(key, record []byte) error {
		v, err := readConnection(c.store, key, record)
		if err != nil || v.Tenant != c.r.tenant {
			return nil //nolint:nilerr // installation reports it
		}
		c.entries++
		if c.r.get(index, connectionKey(v.ID)) == nil {
			c.find("connection %q is missing in the index of tenant %q", v.ID, c.r.tenant)
		}
		return nil
	}))
	c.must(c.tx.Bucket([]byte(tokenBucket)).ForEach(func(hash, record []byte) error {
		t, err := readToken(c.store, hash, record)
		if err != nil || t.Tenant != c.r.tenant {
			return nil //nolint:nilerr // installation reports it
		}
		c.entries++
		if !bytes.Equal(c.r.get(index, tokenKey(t.Connection, t.ID)), hash) {
			c.find("token %s of connection %s is missing in the index of its connection", t.ID, t.Connection)
		}
		return nil
	}))
}

func (c *checker) each(p part, look func(id directory.ID, record []byte) error) {
	c.must(c.r.part(p).ForEach(func(k, v []byte) error {
		if len(k) != idLength {
			c.find("tenant %q has the key %s in %s", c.r.tenant, hex.EncodeToString(k), p.name())
			return nil
		}
		id := directory.ID(k)
		c.record()
		if err := look(id, v); err != nil {
			c.unread[id] = true
			c.find("%s", sentenceOf(c.r.damaged(string(p.name())+" record", id, err)))
		}
		return nil
	}))
}

// checkNumbered looks for gaps and passes each line to look. Events that were forgotten on purpose are no gap, but the last line
// must exist.
func checkNumbered[T any](c *checker, p part, forgotten uint64, decode func(seq uint64, key, record []byte) (T, error), look func(*T)) (lines int) {
	b := c.r.part(p)
	last := forgotten
	c.must(b.ForEach(func(k, v []byte) error {
		if len(k) != 8 {
			c.find("tenant %q has the key %s in %s", c.r.tenant, hex.EncodeToString(k), p.name())
			return nil
		}
		c.record()
		seq := binary.BigEndian.Uint64(k)
		if seq != last+1 {
			c.find("%s of tenant %q jumps from %d to %d", p.name(), c.r.tenant, last, seq)
		}
		last = seq
		line, err := decode(seq, k, v)
		if err != nil {
			c.find("%s", sentenceOf(damaged(c.r.tenant, string(p.name())+" line", fmt.Sprint(seq), err)))
			return nil
		}
		look(&line)
		lines++
		return nil
	}))
	if last != b.Sequence() {
		c.find("%s of tenant %q ends at %d, and the last one was %d", p.name(), c.r.tenant, last, b.Sequence())
	}
	return lines
}
