package server

import (
	"slices"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
)

const bulkPrefix = "bulkId:"

// reference reads a text that refers to a resource of the same request: "bulkId:x", or a URL that ends with it.
func reference(text string) (before, id string, ok bool) {
	at := strings.LastIndex(text, bulkPrefix)
	if at < 0 || (at > 0 && text[at-1] != '/') {
		return "", "", false
	}
	return text[:at], text[at+len(bulkPrefix):], true
}

// references finds the references in the data of an operation. RFC 7644 §3.7.2 allows a bulkId where the id of a resource
// is expected: in an attribute that refers to a resource, and in the filter of a path to one. Elsewhere, as in a title, the same text
// is plain text.
type references struct {
	resource *scim.ResourceType
	// resolve gives the text that replaces a reference to the bulkId; ok is false if there is none yet.
	resolve func(id string) (text string, ok bool)
	whole   bool // no reference was left out
}

// body gives the data of a POST, a PUT or a PATCH with its references resolved. A reference that cannot be resolved is left out, with
// its element or attribute.
func (r *references) body(method string, data directory.Attributes) directory.Attributes {
	r.whole = true
	if method == "PATCH" {
		return r.patch(data)
	}
	return r.object("", data)
}

// patch resolves the operations of a PATCH.
func (r *references) patch(data directory.Attributes) directory.Attributes {
	out := slices.Clone(data)
	for i := range out {
		if !strings.EqualFold(out[i].Name, "Operations") {
			continue
		}
		list, single := out[i].Value.([]any)
		if !single {
			list = []any{out[i].Value}
		}
		fresh := slices.Clone(list)
		for j := range fresh {
			if operation, ok := fresh[j].(directory.Attributes); ok {
				fresh[j] = r.operation(operation)
			}
		}
		if single {
			out[i].Value = fresh
		} else {
			out[i].Value = fresh[0]
		}
	}
	return out
}

// operation resolves one operation of a PATCH.
func (r *references) operation(operation directory.Attributes) directory.Attributes {
	path := operation.String("path")
	value, stated := operation.Get("value")
	out := slices.Clone(operation)
	if path == "" {
		if object, ok := value.(directory.Attributes); ok {
			out.Set("value", r.object("", object))
		}
		return out
	}
	target, known := r.find(path)
	switch {
	case known && target.Attribute == nil:
		if object, ok := value.(directory.Attributes); ok {
			out.Set("value", r.object(r.schemaOf(target)+":", object))
		}
	case known && refers(target.Attribute, target.Sub):
		out.Set("path", r.path(path))
		if stated {
			resolved, keep := r.value(target.Attribute, "", value)
			if !keep {
				resolved = []any{} // nothing to add, or to remove
			}
			out.Set("value", resolved)
		}
	}
	return out
}

// find resolves a path up to its brackets.
func (r *references) find(path string) (scim.Target, bool) {
	name, _, _ := strings.Cut(path, "[")
	return r.resource.Find(name, nil)
}

// schemaOf is the URN of a target that is a whole schema.
func (r *references) schemaOf(target scim.Target) string {
	if target.Extension != nil {
		return target.Extension.URN
	}
	return r.resource.Core.URN
}

// object resolves an object whose keys are paths below prefix, the URN of a schema with a colon.
func (r *references) object(prefix string, object directory.Attributes) directory.Attributes {
	out := make(directory.Attributes, 0, len(object))
	for _, at := range object {
		target, known := r.find(prefix + at.Name)
		switch inner, isObject := at.Value.(directory.Attributes); {
		case known && target.Attribute == nil && isObject && prefix == "":
			at.Value = r.object(r.schemaOf(target)+":", inner)
		case known && target.Attribute != nil && refers(target.Attribute, target.Sub):
			value, keep := r.value(target.Attribute, "", at.Value)
			if !keep {
				continue
			}
			at.Name, at.Value = r.path(at.Name), value
		}
		out = append(out, at)
	}
	return out
}

// value resolves the value of an attribute that refers to resources; name is that of the member that contains it. keep is false
// if a reference in it cannot be resolved.
func (r *references) value(a *scim.Attribute, name string, value any) (resolved any, keep bool) {
	switch v := value.(type) {
	case directory.Attributes:
		out := make(directory.Attributes, 0, len(v))
		for _, at := range v {
			if at.Value, keep = r.value(a, at.Name, at.Value); !keep {
				return nil, false // an element without its value is none
			}
			out = append(out, at)
		}
		return out, true
	case []any:
		out := make([]any, 0, len(v))
		for _, element := range v {
			if element, keep = r.value(a, name, element); keep {
				out = append(out, element)
			}
		}
		return out, len(out) > 0 || len(v) == 0 || a.MultiValued
	case string:
		before, id, ok := reference(v)
		if !ok || !isReference(a, name) {
			return v, true
		}
		text, ok := r.resolve(id)
		if !ok {
			r.whole = false
			return nil, false
		}
		return before + text, true
	}
	return value, true
}

// path resolves the references in the filter of a path: members[value eq "bulkId:x"].
func (r *references) path(path string) string {
	for from := 0; ; {
		at := strings.Index(path[from:], `"`+bulkPrefix)
		if at < 0 {
			return path
		}
		begin := from + at + 1
		end := strings.IndexByte(path[begin:], '"')
		if end < 0 {
			return path
		}
		from = begin + end + 1
		if text, ok := r.resolve(path[begin+len(bulkPrefix) : begin+end]); ok {
			path = path[:begin] + text + path[begin+end:]
			from = begin + len(text) + 1
		} else {
			r.whole = false
		}
	}
}

// refers reports whether values of an attribute, or of the sub-attribute that a path names, refer to resources.
func refers(a, sub *scim.Attribute) bool {
	if sub != nil {
		return isReference(a, sub.Name)
	}
	return isReference(a, "") || slices.ContainsFunc(a.Sub, resourceReference)
}

// isReference reports whether the member with this name of a value of a refers to a resource; "" is the value itself.
func isReference(a *scim.Attribute, name string) bool {
	if a.SubAttribute("$ref") != nil {
		return name == "" || strings.EqualFold(name, "value") || strings.EqualFold(name, "$ref") || strings.EqualFold(name, "managerId")
	}
	if sub := a.SubAttribute(name); sub != nil {
		return resourceReference(sub)
	}
	return a.Type != scim.Complex && resourceReference(a)
}

// resourceReference reports whether an attribute is of type reference and names resource types, not only URLs elsewhere.
func resourceReference(a *scim.Attribute) bool {
	return a.Type == scim.Reference && slices.ContainsFunc(a.ReferenceTypes, func(t string) bool {
		return !strings.EqualFold(t, "external") && !strings.EqualFold(t, "uri")
	})
}
