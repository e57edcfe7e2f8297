package bridge

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// SchemaEdit is a change of the schemas of a tenant.
type SchemaEdit struct {
	If      directory.Precondition
	Discard bool // removes the data that loses its schema; otherwise the change is refused
	Do      func([]directory.CustomSchema) ([]directory.CustomSchema, error)
}

// EditSchemas changes the tenant's own schemas. Unique values are indexed, or refused, in the same
// transaction. Data without a schema is refused, or, with Discard, removed from every record, so that answers never contain
// an attribute that /Schemas does not list.
//
// NotFound, Stale, the errors of edit.Do, and Conflict: with Field the name of a unique attribute of which two records have the same
// value, or "definition" if there is data and Discard is not set.
func (s *Service) EditSchemas(ctx context.Context, p directory.Principal, id directory.TenantID, edit SchemaEdit) (directory.Tenant, error) {
	return s.editTenant(ctx, p, id, tenantEdit{pre: edit.If, discard: edit.Discard, do: func(t directory.Tenant) (directory.Tenant, error) {
		var err error
		t.Schemas, err = edit.Do(t.Schemas)
		return t, err
	}})
}

// unique gives the unique keys that a record has by the schemas of the tenant.
func unique(tenant *directory.Tenant, kind directory.Kind, r directory.Record) []directory.UniqueKey {
	var out []directory.UniqueKey
	if attributes := directory.UniqueAttributes(tenant.Schemas, kind); len(attributes) > 0 {
		out = directory.UniqueKeys(attributes, r)
	}
	if u, ok := r.(directory.UserRecord); ok {
		out = append(out, directory.SentKeys(u.User)...)
	}
	return out
}

// unique gives the unique keys of a record that the write writes, by the tenant as this transaction sees it.
func (t *tenantTx) unique(kind directory.Kind, r directory.Record) ([]directory.UniqueKey, error) {
	if t.tenant.ID == "" {
		var err error
		if t.tenant, err = t.Reader.Tenant(); err != nil {
			return nil, err
		}
	}
	return unique(&t.tenant, kind, r), nil
}

// changeSchemas makes the records match the schemas of after.
func (t *tenantTx) changeSchemas(before, after *directory.Tenant, edit tenantEdit) error {
	if slices.EqualFunc(before.Schemas, after.Schemas, sameSchema) {
		return nil
	}
	w := &schemaChange{tenantTx: t, after: after, lost: lostAttributes(before.Schemas, after.Schemas), owners: map[directory.UniqueKey]string{}}
	for _, kind := range kindsOf(before.Schemas, after.Schemas) {
		was, is := directory.UniqueAttributes(before.Schemas, kind), directory.UniqueAttributes(after.Schemas, kind)
		if slices.Equal(was, is) && len(w.lost[kind].attributes) == 0 && !w.lost[kind].whole {
			continue
		}
		if err := w.kind(kind); err != nil {
			return err
		}
	}
	if w.found > 0 && !edit.discard {
		return &directory.Error{Code: directory.Conflict, Field: "definition", Message: fmt.Sprintf(
			"%d records hold data that no schema would have any more, such as %s: keep the attributes, or say that the data is to be discarded", w.found, w.example)}
	}
	return nil
}

func sameSchema(x, y directory.CustomSchema) bool {
	return x.ResourceType == y.ResourceType && x.Endpoint == y.Endpoint && x.Required == y.Required &&
		bytes.Equal(x.Definition, y.Definition) && slices.Equal(x.Unique, y.Unique)
}

// schemaChange is one walk over the records of a tenant whose schemas change.
type schemaChange struct {
	*tenantTx
	after  *directory.Tenant
	lost   map[directory.Kind]lostData
	owners map[directory.UniqueKey]string // the owners of unique values, as an error names them

	found   int    // records with data that is no longer in a schema
	example string // one of them
}

func (w *schemaChange) kind(kind directory.Kind) error {
	all := directory.Query{Count: math.MaxInt, Gone: true, BuiltIn: true}
	var err error
	switch kind {
	case directory.UserKind:
		_, err = w.Reader.Users(all, func(u *directory.User, _ []directory.GroupRef) error { return w.user(u) })
	case directory.GroupKind:
		_, err = w.Reader.Groups(all, func(g *directory.Group, _ []directory.Member) error { return w.group(g) })
	default:
		_, err = w.Reader.Resources(kind, all, w.resource)
	}
	return err
}

func (w *schemaChange) user(u *directory.User) error {
	now := u.Clone()
	gone := w.strip(directory.UserKind, &now.Document, "user "+u.UserName)
	if now.Sent != nil {
		gone = append(gone, w.strip(directory.UserKind, &now.Sent, "user "+u.UserName)...)
	}
	now.Unique = unique(w.after, directory.UserKind, directory.UserRecord{User: &now})
	if !u.Gone() {
		if err := w.own(now.Unique, "user "+u.UserName); err != nil {
			return err
		}
	}
	if len(gone) == 0 && slices.Equal(u.Unique, now.Unique) {
		return nil
	}
	if len(gone) > 0 {
		now.Version, now.Modified = u.Version+1, txn.Later(w.Now, u.Modified)
		w.report(directory.ActionUserUpdate, directory.UserUpdated, userSubject(&now), gone, userData(&now))
	}
	w.Change.Users = append(w.Change.Users, now)
	return nil
}

func (w *schemaChange) group(g *directory.Group) error {
	now := g.Clone()
	gone := w.strip(directory.GroupKind, &now.Document, "group "+g.DisplayName)
	now.Unique = unique(w.after, directory.GroupKind, directory.GroupRecord{Group: &now})
	if err := w.own(now.Unique, "group "+g.DisplayName); err != nil {
		return err
	}
	if len(gone) == 0 && slices.Equal(g.Unique, now.Unique) {
		return nil
	}
	if len(gone) > 0 {
		now.Version, now.Modified = g.Version+1, txn.Later(w.Now, g.Modified)
		w.report(directory.ActionGroupUpdate, directory.GroupUpdated, groupSubject(&now), gone, groupData(&now))
	}
	w.Change.Groups = append(w.Change.Groups, now)
	return nil
}

func (w *schemaChange) resource(v *directory.Resource) error {
	now, name := v.Clone(), string(v.Kind)+" "+v.ID.String()
	if w.lost[v.Kind].whole {
		w.note(name)
		w.removeResource(&now)
		return nil
	}
	gone := w.strip(v.Kind, &now.Document, name)
	now.Unique = unique(w.after, v.Kind, directory.ResourceRecord{Resource: &now})
	if err := w.own(now.Unique, name); err != nil {
		return err
	}
	if len(gone) == 0 && slices.Equal(v.Unique, now.Unique) {
		return nil
	}
	if len(gone) > 0 {
		now.Version, now.Modified = v.Version+1, txn.Later(w.Now, v.Modified)
		w.report(directory.ResourceAction(v.Kind, directory.ResourceUpdate), directory.ResourceUpdated, resourceSubject(&now), gone, nil)
	}
	w.Change.Resources = append(w.Change.Resources, now)
	return nil
}

func (w *schemaChange) note(name string) {
	if w.found++; w.example == "" {
		w.example = name
	}
}

// own records the owner of unique values. Conflict if another record has one of them already.
func (w *schemaChange) own(keys []directory.UniqueKey, name string) error {
	for _, key := range keys {
		other, twice := w.owners[key]
		if twice {
			path, value := key.Split()
			return &directory.Error{Code: directory.Conflict, Field: path, Message: fmt.Sprintf(
				"%s cannot be unique: %s and %s both have %q; change one of them first", path, other, name, value)}
		}
		w.owners[key] = name
	}
	return nil
}

// report puts the audit line and the event of a record that lost data into the Change.
func (w *schemaChange) report(action directory.Action, kind directory.EventKind, subject directory.Subject, gone, data directory.Attributes) {
	line := w.Line(action, subject)
	line.Reason = "the schema of this data was removed"
	line.Before = txn.Document(gone)
	w.Audit(line)
	names := make([]string, len(gone))
	for i := range gone {
		names[i] = gone[i].Name
	}
	w.Event(kind, subject, append(data, directory.Attribute{Name: "changed", Value: txn.Texts(names)}))
}

// lostData is the data that is no longer in any schema of a kind of resource.
type lostData struct {
	whole      bool // the resource type itself
	attributes []directory.Path
}

// strip removes lost data from a document and returns what it removed.
func (w *schemaChange) strip(kind directory.Kind, d *directory.Document, name string) directory.Attributes {
	lost := w.lost[kind].attributes
	if len(lost) == 0 {
		return nil
	}
	tree, err := d.Attributes()
	if err != nil { // a check reports a damaged document
		return nil
	}
	before := tree.Clone()
	touched := false
	for _, p := range lost {
		touched = drop(&tree, p) || touched
	}
	if !touched {
		return nil
	}
	w.note(name)
	reduceSchemas(&tree)
	was, _, _ := txn.Diff(before, tree)
	*d = tree.Document()
	return was
}

// drop removes the value at p from a document; ok is false if there is none.
func drop(tree *directory.Attributes, p directory.Path) (ok bool) {
	if p.Schema != "" {
		value, _ := tree.Get(p.Schema)
		data, is := value.(directory.Attributes)
		if !is {
			return false
		}
		if p.Name == "" {
			return tree.Delete(p.Schema)
		}
		if ok = drop(&data, directory.Path{Name: p.Name, Sub: p.Sub}); len(data) == 0 {
			tree.Delete(p.Schema)
		} else {
			tree.Set(p.Schema, data)
		}
		return ok
	}
	if p.Sub == "" {
		return tree.Delete(p.Name)
	}
	value, _ := tree.Get(p.Name)
	switch v := value.(type) {
	case directory.Attributes:
		if ok = v.Delete(p.Sub); len(v) == 0 {
			tree.Delete(p.Name)
		} else {
			tree.Set(p.Name, v)
		}
	case []any:
		var left []any
		for _, element := range v {
			object, is := element.(directory.Attributes)
			if is {
				ok = object.Delete(p.Sub) || ok
				element = object
			}
			if !is || len(object) > 0 {
				left = append(left, element)
			}
		}
		if len(left) == 0 {
			tree.Delete(p.Name)
		} else {
			tree.Set(p.Name, left)
		}
	}
	return ok
}

// reduceSchemas takes the URNs of extensions without data out of schemas; the first one is that of the resource type.
func reduceSchemas(tree *directory.Attributes) {
	value, _ := tree.Get("schemas")
	list, _ := value.([]any)
	if len(list) == 0 {
		return
	}
	left := []any{list[0]}
	for _, element := range list[1:] {
		urn, _ := element.(string)
		if _, there := tree.Get(urn); there {
			left = append(left, element)
		}
	}
	tree.Set("schemas", left)
}

// kindsOf lists the kinds of resource of some schemas, each once.
func kindsOf(lists ...[]directory.CustomSchema) []directory.Kind {
	var out []directory.Kind
	for _, list := range lists {
		for i := range list {
			if kind := kindOf(&list[i]); !slices.Contains(out, kind) {
				out = append(out, kind)
			}
		}
	}
	return out
}

// kindOf is the kind of resource of a schema. Schemas name resource types in any case.
func kindOf(s *directory.CustomSchema) directory.Kind {
	for _, standard := range []directory.Kind{directory.UserKind, directory.GroupKind} {
		if strings.EqualFold(s.ResourceType, string(standard)) {
			return standard
		}
	}
	return directory.Kind(s.ResourceType)
}

// lostAttributes compares two lists of schemas: the attributes that only the first has, or that the second has with another type.
func lostAttributes(before, after []directory.CustomSchema) map[directory.Kind]lostData {
	out := map[directory.Kind]lostData{}
	for i := range before {
		old := &before[i]
		kind := kindOf(old)
		if old.Endpoint == "" { // an extension may name its type in another case
			for j := range before {
				if before[j].Endpoint != "" && strings.EqualFold(before[j].ResourceType, old.ResourceType) {
					kind = directory.Kind(before[j].ResourceType)
				}
			}
		}
		urn, _ := old.Definition.Value("id").(string)
		same := slices.IndexFunc(after, func(s directory.CustomSchema) bool {
			id, _ := s.Definition.Value("id").(string)
			return id == urn && strings.EqualFold(s.ResourceType, old.ResourceType) && (s.Endpoint == "") == (old.Endpoint == "")
		})
		lost := out[kind]
		switch {
		case same < 0 && old.Endpoint != "":
			lost.whole = true
		case same < 0:
			lost.attributes = append(lost.attributes, directory.Path{Schema: urn})
		default:
			schema := urn
			if old.Endpoint != "" {
				schema = ""
			}
			lost.attributes = append(lost.attributes, lostOf(old.Definition, after[same].Definition, schema)...)
		}
		out[kind] = lost
	}
	return out
}

// lostOf compares two definitions of a schema.
func lostOf(before, after directory.Document, schema string) []directory.Path {
	was, is := shapes(before), shapes(after)
	var out []directory.Path
	for _, a := range was {
		i := slices.IndexFunc(is, a.fits)
		if i < 0 {
			out = append(out, directory.Path{Schema: schema, Name: a.name})
			continue
		}
		for _, sub := range a.subs {
			if !slices.ContainsFunc(is[i].subs, sub.fits) {
				out = append(out, directory.Path{Schema: schema, Name: a.name, Sub: sub.name})
			}
		}
	}
	return out
}

// shape is the type of an attribute of a definition: values of one shape are valid for another attribute of the same shape.
type shape struct {
	name, kind string
	multi      bool
	subs       []shape
}

func (s shape) fits(other shape) bool {
	return s.name == other.name && s.kind == other.kind && s.multi == other.multi
}

func shapes(definition directory.Document) []shape {
	return shapesOf(definition.Value("attributes"))
}

func shapesOf(value any) []shape {
	list, _ := value.([]any)
	out := make([]shape, 0, len(list))
	for _, element := range list {
		a, _ := element.(directory.Attributes)
		s := shape{kind: "string"}
		for _, at := range a { // names in a definition may be in any case
			text, _ := at.Value.(string)
			switch strings.ToLower(at.Name) {
			case "name":
				s.name = text
			case "type":
				s.kind = strings.ToLower(text)
			case "multivalued":
				s.multi = at.Value == true
			case "subattributes":
				s.subs = shapesOf(at.Value)
			}
		}
		out = append(out, s)
	}
	return out
}
