package httpapi

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/directory"
)

// Every text of every request is checked here, so that no operation can forget to. A control character, a line break or a character
// that changes the direction of the text is refused, and the error names the field. A field with the tag text:"lines" may have line
// breaks. A field with the tag text:"any" is not checked, because a stricter reader reads it, or it is never shown.

// Limits of fields that set none. maxNumber is the largest number that every JSON reader reads exactly.
const (
	maxAny     = 1000
	maxEntries = 10_000
	maxNumber  = 1<<53 - 1
)

// checkTexts checks the texts of an input. The error is Invalid and names the field.
func checkTexts(in reflect.Value) error { return checkValue("", "", in) }

func checkValue(field, tag string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return checkValue(field, tag, v.Elem())
		}
	case reflect.String:
		if tag == "lines" {
			return directory.CheckPlainLines(field, v.String())
		}
		return directory.CheckPlain(field, v.String())
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 { // a document, which has its own reader
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

// nameOf is the name of a field for clients. The whole body and embedded structs have no name.
func nameOf(f reflect.StructField) string {
	for _, place := range []string{"path", "query", "header", "cookie", "json"} {
		if name, _, _ := strings.Cut(f.Tag.Get(place), ","); name != "" {
			return name
		}
	}
	return ""
}

// bound gives a limit to every text, list and number in the schema of a request that has none.
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
