package patch

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
)

// MessageSchema is the URN of a PATCH request (RFC 7644 §3.5.2).
const MessageSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// tooLarge is the status of a request with too many operations.
const tooLarge = 413

// legacySchema is the schema in the body of a PATCH of SCIM 1.1, which has no operations.
const legacySchema = "urn:scim:schemas:core:1.0"

// Options are a connection's settings for PATCH.
type Options struct {
	// UnknownPaths says what happens to a path that no schema has: Refuse it with 400 invalidPath, or Ignore the operation and count it.
	// Ignore also enables behaviour that the named identity providers rely on: read-only attributes are ignored and counted, a replace
	// whose filter selects nothing creates the element, and a filter by type selects the only element of an attribute even if it has no
	// type.
	UnknownPaths  directory.Leniency
	MaxOperations int // 0: no limit
}

func (o Options) lenient() bool { return o.UnknownPaths == directory.Ignore }

// Patch is a parsed PATCH request. It does not change and may be applied more than once.
type Patch struct {
	steps   []step
	members []directory.MemberEdit
	active  bool // the value of active is stated
}

// Parse reads the JSON body of a PATCH on a resource of type t. The error is *scim.Error and names the operation, counted
// from 1: 400 invalidSyntax, invalidPath, invalidFilter, invalidValue, noTarget or mutability, or 413 for too many
// operations.
func Parse(t *scim.ResourceType, body directory.Attributes, opts Options, q *scim.Quirks) (*Patch, error) {
	c := compiler{resource: t, opts: opts, quirks: q, patch: &Patch{}}
	if _, found := body.Get("Operations"); !found && isLegacy(body) {
		if err := c.legacy(body); err != nil {
			return nil, err
		}
		return c.patch, nil
	}
	if err := scim.CheckMessage(body, MessageSchema, q); err != nil {
		return nil, err
	}
	scim.NoteNames(body, q, "schemas", "Operations")
	list, ok := scim.Operations(body, q)
	if !ok {
		return nil, scim.InvalidSyntax("Operations must be an array that holds at least one operation")
	}
	if opts.MaxOperations > 0 && len(list) > opts.MaxOperations {
		return nil, scim.Plain(tooLarge,
			fmt.Sprintf("the request has %d operations; at most %d are accepted at once", len(list), opts.MaxOperations)).At(scim.LimitPatchOperations)
	}
	c.patch.steps = make([]step, 0, len(list))
	for i, operation := range list {
		c.index = i + 1
		if err := c.operation(operation); err != nil {
			return nil, at(c.index, err)
		}
	}
	return c.patch, nil
}

// Apply applies all operations, in order, and gives the changed resource, complete and checked. The error is *scim.Error, 400 noTarget,
// mutability or invalidValue. Apply changes the tree of r: pass a Clone to keep the original.
func (p *Patch) Apply(r scim.Resource, q *scim.Quirks) (scim.Resource, error) {
	w := work{left: maxWork, quirks: q}
	for i := range p.steps {
		if err := p.steps[i].apply(&r.Attributes, &w); err != nil {
			return scim.Resource{}, at(p.steps[i].index, err)
		}
	}
	r.ActiveStated = p.active
	if err := r.Check(q); err != nil {
		return scim.Resource{}, err
	}
	return r, nil
}

// Members are the steps on a group's membership, in order; empty for other types of resource.
func (p *Patch) Members() []directory.MemberEdit { return p.members }

// at adds the number of the operation to err. 0 means no operation in particular.
func at(index int, err error) error {
	var e *scim.Error
	if index == 0 || !errors.As(err, &e) {
		return err
	}
	located := *e
	located.Detail = "operation " + strconv.Itoa(index) + ": " + e.Detail
	return &located
}

// isLegacy reports whether body is a PATCH of SCIM 1.1, as OneLogin's older connectors send it for groups: a part of the
// resource, with the schemas of the resource.
func isLegacy(body directory.Attributes) bool {
	value, _ := body.Get("schemas")
	list, _ := value.([]any)
	return len(body) > 1 && slices.ContainsFunc(list, func(element any) bool {
		text, ok := element.(string)
		return ok && strings.EqualFold(text, legacySchema)
	})
}

// Keys adds to r, the parsed part of the body of a POST or PUT, the values of keys that select elements:
// emails[type eq "work"].value. It is a scim.PathKeys.
func Keys(r *scim.Resource, keys directory.Attributes, q *scim.Quirks) error {
	c := compiler{resource: r.Type, opts: Options{UnknownPaths: directory.Ignore}, quirks: q, patch: &Patch{}}
	if err := c.keys(add, keys); err != nil {
		return err
	}
	w := work{left: maxWork, quirks: q}
	for i := range c.patch.steps {
		if err := c.patch.steps[i].apply(&r.Attributes, &w); err != nil {
			return err
		}
	}
	return nil
}
