package console

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/directory"
)

// Every text of every request is looked at here, so that no operation can forget it: a control character, a line break or
// a character that turns the direction of writing round is refused by the name of its field. A field with the tag
// text:"lines" may have line breaks, one with text:"any" is not looked at: what is in it is read by something stricter, or
// never shown.

// maxAny bounds a text that has no bound of its own, maxEntries a list, and maxNumber a number (what every JSON reader can
// count to).
const (
	maxAny     = 1000
	maxEntries = 10_000
	maxNumber  = 1<<53 - 1
)

// checkTexts looks at the texts of the input of an operation. The error is Invalid and names the field.
func checkTexts(in any) error { return checkValue("", "", reflect.ValueOf(in)) }

func checkValue(field, tag string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return checkValue(field, tag, v.Elem())
		}
	case reflect.String:
		return directory.CheckPlain(field, v.String(), tag == "lines")
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 { // a document, which has a reader of its own
			return nil
		}
		for i := range v.Len() {
			if err := checkValue(fmt.Sprintf("%s[%d]", field, i), tag, v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			if err := checkValue(field, tag, key); err != nil {
				return err
			}
			if err := checkValue(field, tag, value); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[time.Time]() {
			return checkFields(field, v)
		}
	default:
	}
	return nil
}

func checkFields(field string, v reflect.Value) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Tag.Get("text") == "any" {
			continue
		}
		if err := checkValue(strings.TrimPrefix(field+"."+nameOf(f), "."), f.Tag.Get("text"), v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

// nameOf is how a client writes a field, "" for what has no name there: the body as a whole, and what is embedded.
func nameOf(f reflect.StructField) string {
	for _, place := range []string{"path", "query", "header", "cookie", "json"} {
		if name, _, _ := strings.Cut(f.Tag.Get(place), ","); name != "" {
			return name
		}
	}
	return ""
}

// checkNoBody refuses a body where none is read, since the fields in it would be ignored in silence. {} says nothing.
func (c *call) checkNoBody() error {
	text, err := io.ReadAll(io.LimitReader(c.response.Request.Body, maxBody))
	if err != nil {
		return &directory.Error{Code: directory.Unavailable, Message: "the body of the request did not arrive", Err: err}
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	doc, err := directory.ParseJSON(text, directory.DefaultLimits())
	if err != nil {
		return err
	}
	object, ok := doc.(directory.Attributes)
	switch {
	case !ok:
		return &directory.Error{Code: directory.Invalid, Field: "body", Message: "this takes no body"}
	case len(object) > 0:
		return &directory.Error{Code: directory.Invalid, Field: object[0].Name, Message: "there is no field " + object[0].Name + " here: this takes no body"}
	}
	return nil
}

// bound gives every text, list and number in the schema of a request a bound, if it has none of its own.
func bound(registry huma.Registry, s *huma.Schema, seen map[*huma.Schema]bool) {
	for s != nil && s.Ref != "" {
		s = registry.SchemaFromRef(s.Ref)
	}
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	text, entries, number, least := maxAny, maxEntries, float64(maxNumber), float64(-maxNumber)
	switch s.Type {
	case huma.TypeString:
		if s.MaxLength == nil && len(s.Enum) == 0 && s.Format == "" {
			s.MaxLength = &text
		}
	case huma.TypeArray:
		if s.MaxItems == nil {
			s.MaxItems = &entries
		}
	case huma.TypeInteger, huma.TypeNumber:
		if s.Maximum == nil {
			s.Maximum = &number
		}
		if s.Minimum == nil {
			s.Minimum = &least
		}
	}
	for _, property := range s.Properties {
		bound(registry, property, seen)
	}
	bound(registry, s.Items, seen)
	s.PrecomputeMessages()
}
