package storetest

import (
	"strings"

	"drawbridge/directory"
	"drawbridge/store"
)

func kvTests() []contractTest {
	kv := func(kind directory.KVKind, key, text string) directory.KV {
		return directory.KV{Kind: kind, Key: key, Value: directory.Document(`{"v":"` + text + `"}`)}
	}
	read := func(f *fixture, tenant directory.TenantID, kind directory.KVKind, from, to string, most int) string {
		var out []string
		f.view(tenant, func(r store.Reader) {
			f.ok(r.KVs(kind, from, to, func(m directory.KV) error {
				if m.Kind != kind {
					f.Errorf("a KV of kind %q among those of %q", m.Kind, kind)
				}
				if out = append(out, m.Key+"="+string(m.Value)); len(out) == most {
					return store.ErrStop
				}
				return nil
			}))
		})
		return strings.Join(out, " ")
	}
	return []contractTest{
		{"KVs come back as they were, in the order of their keys", func(f *fixture) {
			f.change(acme, directory.Change{KVs: []directory.KV{kv("a", "2", "two"), kv("a", "1", "one"), kv("ab", "1", "other"), kv("a", "", "none")}})
			f.change(beta, directory.Change{KVs: []directory.KV{kv("a", "1", "beta")}})
			f.same("all", read(f, acme, "a", "", "", 9), `={"v":"none"} 1={"v":"one"} 2={"v":"two"}`)
			f.same("a part", read(f, acme, "a", "1", "2", 9), `1={"v":"one"}`)
			f.same("the rest", read(f, acme, "a", "11", "", 9), `2={"v":"two"}`)
			f.same("the first", read(f, acme, "a", "", "", 1), `={"v":"none"}`)
			f.same("another kind", read(f, acme, "ab", "", "", 9), `1={"v":"other"}`)
			f.same("no kind", read(f, acme, "b", "", "", 9), "")
			f.same("after a key", read(f, acme, "a", "1\x00", "", 9), `2={"v":"two"}`)
			f.same("before a key and what comes after it", read(f, acme, "a", "", "1\x00", 9), `={"v":"none"} 1={"v":"one"}`)
			for _, odd := range []string{"1\x00", "\xff", "\x00"} {
				f.view(acme, func(r store.Reader) {
					_, err := r.KV("a", odd)
					f.code(err, directory.NotFound)
					found, err := r.KVsByKey("a", []string{odd, "2"})
					f.ok(err)
					f.same("the key that is there", len(found), 1)
				})
			}
			f.same("another tenant", read(f, beta, "a", "", "", 9), `1={"v":"beta"}`)
			f.view(acme, func(r store.Reader) {
				m, err := r.KV("a", "2")
				f.ok(err)
				f.same("state", m, kv("a", "2", "two"))
				_, err = r.KV("a", "3")
				f.code(err, directory.NotFound)
			})
		}},
		{"a KV replaces another one, and is dropped", func(f *fixture) {
			f.change(acme, directory.Change{KVs: []directory.KV{kv("a", "1", "old"), kv("a", "2", "stays")}})
			f.change(acme, directory.Change{KVs: []directory.KV{kv("a", "1", "new")}})
			f.same("state", read(f, acme, "a", "", "", 9), `1={"v":"new"} 2={"v":"stays"}`)
			f.change(acme, directory.Change{DropKVs: []directory.KVRef{{Kind: "a", Key: "1"}, {Kind: "a", Key: "never"}}})
			f.same("state", read(f, acme, "a", "", "", 9), `2={"v":"stays"}`)
			f.change(acme, directory.Change{DropKVs: []directory.KVRef{{Kind: "a", Key: "2"}}, KVs: []directory.KV{kv("a", "2", "again")}})
			f.same("state", read(f, acme, "a", "", "", 9), `2={"v":"again"}`)
		}},
		{"an update sees the KVs of the one before it", func(f *fixture) {
			for range 5 {
				f.ok(f.store.Update(f.ctx, acme, nil, func(r store.Reader) (directory.Change, error) {
					text := ""
					if m, err := r.KV("n", "count"); err == nil {
						text, _ = m.Value.Value("v").(string)
					}
					return audited(directory.Change{KVs: []directory.KV{kv("n", "count", text+"x")}}), nil
				}))
			}
			f.same("state", read(f, acme, "n", "", "", 9), `count={"v":"xxxxx"}`)
		}},
		{"a KV with an invalid key is Internal", func(f *fixture) {
			for _, bad := range []directory.KV{kv("", "1", ""), kv("a", "1\x002", ""), kv("a", strings.Repeat("x", 513), "")} {
				f.code(f.store.Update(f.ctx, acme, nil, func(store.Reader) (directory.Change, error) {
					return audited(directory.Change{KVs: []directory.KV{bad}}), nil
				}), directory.Internal)
			}
			f.same("state", read(f, acme, "a", "", "", 9), "")
		}},
	}
}
