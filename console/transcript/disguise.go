package transcript

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"drawbridge/directory"
)

// disguise replaces every text that may name a person.
type disguise struct {
	known map[string]string // text → its replacement
	count map[string]int
}

// body disguises a JSON text. It leaves out text that is not valid JSON, because its content is unknown.
func (d *disguise) body(text string) string {
	if text == "" {
		return ""
	}
	value, err := directory.ParseJSON([]byte(text), directory.DefaultLimits())
	if err != nil {
		return ""
	}
	return string(directory.AppendJSON(nil, d.value("", value)))
}

func (d *disguise) value(key string, v any) any {
	switch v := v.(type) {
	case directory.Attributes:
		out := make(directory.Attributes, len(v))
		for i, a := range v {
			out[i] = directory.Attribute{Name: d.literals(a.Name), Value: d.value(a.Name, a.Value)}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = d.value(key, v[i])
		}
		return out
	case string:
		return d.text(key, v)
	case directory.Number:
		switch key {
		case "totalResults", "startIndex", "itemsPerPage", "count", "failOnErrors":
			return v
		}
		return directory.Number("0")
	}
	return v
}

func (d *disguise) text(key, text string) string {
	switch strings.ToLower(key) {
	case "schemas", "op", "type", "active", "resourcetype", "status", "scimtype", "method", "bulkid", "version", "created", "lastmodified", "usertype",
		"locale", "preferredlanguage", "timezone", "sortby", "sortorder", "attributes", "excludedattributes", "grant_type":
		return text
	case "path", "filter":
		return d.literals(d.segments(text))
	case "$ref", "location":
		return d.segments(text)
	case "detail":
		return d.quoted(text)
	}
	return d.standIn(text)
}

// standIn gives the same replacement for the same text, in any case.
func (d *disguise) standIn(text string) string {
	if _, isID := directory.ParseID(text); isID || text == "" || text == "***" || strings.EqualFold(text, "true") || strings.EqualFold(text, "false") {
		return text
	}
	key := directory.Fold(text)
	if made, ok := d.known[key]; ok {
		return made
	}
	made := ""
	if strings.Contains(text, "@") {
		d.count["user"]++
		made = fmt.Sprintf("user%d@example.test", d.count["user"])
	} else {
		d.count["text"]++
		made = fmt.Sprintf("text%d", d.count["text"])
	}
	d.known[key] = made
	return made
}

// literals disguises texts in quotes in a filter or a path, except the common words that distinguish values.
func (d *disguise) literals(text string) string {
	if !strings.Contains(text, `"`) {
		return text
	}
	return regexp.MustCompile(`"(?:[^"\\]|\\.)*"`).ReplaceAllStringFunc(text, func(literal string) string {
		plain, err := strconv.Unquote(literal)
		if err != nil {
			return `"***"`
		}
		switch strings.ToLower(plain) {
		case "work", "home", "other", "mobile", "fax", "pager", "primary", "formatted", "user", "group":
			return literal
		}
		return strconv.Quote(d.standIn(plain))
	})
}

// quoted disguises a sentence: its known texts and its quotations.
func (d *disguise) quoted(text string) string {
	text = d.literals(text)
	for found, made := range d.known {
		if len(found) < 4 {
			continue
		}
		text = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(found)).ReplaceAllLiteralString(text, made)
	}
	return text
}

// segments disguises the last segment of a path or URL to a resource, if it is not an id.
func (d *disguise) segments(text string) string {
	for _, noun := range []string{"/Users/", "/Groups/"} {
		if before, rest, ok := strings.Cut(text, noun); ok && rest != "" && rest != ".search" {
			return before + noun + url.PathEscape(d.standIn(rest))
		}
	}
	return text
}

// path disguises path and query of a request.
func (d *disguise) path(text string) string {
	path, query, _ := strings.Cut(text, "?")
	path = d.segments(path)
	if query == "" {
		return path
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(value)
		switch {
		case err != nil:
			pairs[i] = key + "=***"
		case key == "filter":
			pairs[i] = key + "=" + url.QueryEscape(d.literals(plain))
		case !slices.Contains([]string{"attributes", "excludedAttributes", "startIndex", "count", "sortBy", "sortOrder"}, key):
			pairs[i] = key + "=" + url.QueryEscape(d.standIn(plain))
		}
	}
	return path + "?" + strings.Join(pairs, "&")
}

// ids replaces the ids that no answer gave.
func (d *disguise) ids(text string) string {
	return regexp.MustCompile(`(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`).ReplaceAllStringFunc(text, func(id string) string {
		key := "id " + directory.Fold(id)
		if d.known[key] == "" {
			d.count["id"]++
			d.known[key] = fmt.Sprintf("00000000-0000-7000-8000-%012d", d.count["id"])
		}
		return d.known[key]
	})
}
