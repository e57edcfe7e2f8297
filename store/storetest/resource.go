package storetest

import (
	"drawbridge/directory"
	"drawbridge/store"
)

func resourceTests() []contractTest {
	return []contractTest{
		{"custom resources are listed by kind", func(f *fixture) {
			a := directory.Resource{ID: f.id(), Kind: "Device", Version: 1, Created: moment(1), Modified: moment(2), ExternalID: "x", Connection: "c", Document: directory.Document(`{"serial":"1"}`)}
			b := directory.Resource{ID: f.id(), Kind: "Room", ExternalID: "x", Document: directory.Document(`{"serial":"1"}`)}
			f.change(acme, directory.Change{Resources: []directory.Resource{a, b}})
			f.view(acme, func(r store.Reader) {
				got, err := r.Resource("Device", a.ID)
				f.ok(err)
				f.same("resources", got, a)
				_, err = r.Resource("Room", a.ID)
				f.code(err, directory.NotFound)
				for _, where := range []directory.Expr{
					nil,
					directory.Compare{Path: directory.Path{Name: "serial"}, Op: directory.Equal, Value: "1"},
					directory.Compare{Path: directory.Path{Name: "externalId"}, Op: directory.Equal, CaseExact: true, Value: "x"},
					directory.Compare{Path: directory.Path{Name: "id"}, Op: directory.Equal, CaseExact: true, Value: a.ID.String()},
				} {
					page, err := r.Resources("Device", directory.Query{Where: where, Count: 10}, func(v *directory.Resource) error {
						f.same("resources", *v, a)
						return nil
					})
					f.ok(err)
					f.same("pages", page, directory.Page{Total: 1, Given: 1, Version: page.Version})
				}
			})
			f.change(acme, directory.Change{RemoveResources: []directory.ID{a.ID, f.id()}})
			f.view(acme, func(r store.Reader) {
				_, err := r.Resource("Device", a.ID)
				f.code(err, directory.NotFound)
				page, err := r.Resources("Device", directory.Query{Count: 10}, nil)
				f.ok(err)
				f.same("pages", page, directory.Page{Version: page.Version})
			})
		}},
		{"tombstones come back as they were, and are dropped", func(f *fixture) {
			a := directory.Tombstone{ID: f.id(), Kind: directory.UserKind, Connection: "okta", ExternalID: "x", UserName: "anna", Created: moment(1), Deleted: moment(2), By: directory.Actor{Kind: directory.ByIdP, ID: "okta"}}
			b := directory.Tombstone{ID: f.id(), Kind: directory.UserKind, Connection: "okta", ExternalID: "x"}
			f.change(acme, directory.Change{Tombstones: []directory.Tombstone{b, a}})
			find := func(connection directory.ConnectionID, externalID string) (found []directory.Tombstone) {
				f.view(acme, func(r store.Reader) {
					var err error
					found, err = r.TombstonesByExternalID(connection, externalID)
					f.ok(err)
				})
				return found
			}
			f.same("tombstones", find("okta", "x"), []directory.Tombstone{a, b})
			list := func(after directory.ID, limit int) (found []directory.Tombstone) {
				f.view(acme, func(r store.Reader) {
					var err error
					found, err = r.Tombstones(after, limit)
					f.ok(err)
				})
				return found
			}
			f.same("tombstones", list(directory.ID{}, 9), []directory.Tombstone{a, b})
			f.same("tombstones", list(directory.ID{}, 1), []directory.Tombstone{a})
			f.same("tombstones", list(a.ID, 9), []directory.Tombstone{b})
			f.same("tombstones", list(b.ID, 9), []directory.Tombstone(nil))
			f.same("tombstones", len(find("entra", "x"))+len(find("okta", "X")), 0)
			b.ExternalID = ""
			f.change(acme, directory.Change{Tombstones: []directory.Tombstone{b}, DropTombstones: []directory.ID{a.ID}})
			f.same("tombstones", len(find("okta", "x")), 0)
			f.view(acme, func(r store.Reader) {
				got, err := r.Tombstone(b.ID)
				f.ok(err)
				f.same("tombstones", got, b)
				_, err = r.Tombstone(a.ID)
				f.code(err, directory.NotFound)
			})
		}},
	}
}
