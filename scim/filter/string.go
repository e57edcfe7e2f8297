package filter

import (
	"strconv"
	"time"

	"drawbridge/directory"
)

// String writes an expression as a SCIM filter in a canonical form: for every e from Parse, Parse of String(e) gives e. nil, which matches
// all records, is "". Only ParseAny gives an empty Or or And: String writes the empty Or as a filter that matches no resource, and the
// empty And as one that matches every resource.
func String(e directory.Expr) string {
	if e == nil {
		return ""
	}
	return string(appendExpr(nil, e, loose))
}

// binding says how tightly an expression must bind at its position.
type binding uint8

const (
	loose binding = iota // at the top, or in parentheses
	inOr
	inAnd
)

func appendExpr(b []byte, e directory.Expr, in binding) []byte {
	switch e := e.(type) {
	case directory.And:
		switch len(e) {
		case 0:
			return append(b, "id pr"...)
		case 1:
			return appendExpr(b, e[0], in)
		}
		return appendChain(b, e, " and ", inAnd)
	case directory.Or:
		switch len(e) {
		case 0:
			return append(b, "not (id pr)"...)
		case 1:
			return appendExpr(b, e[0], in)
		}
		if in == inAnd {
			return append(appendChain(append(b, '('), e, " or ", inOr), ')')
		}
		return appendChain(b, e, " or ", inOr)
	case directory.Not:
		return append(appendExpr(append(b, "not ("...), e.Expr, loose), ')')
	case directory.Present:
		return append(appendPath(b, e.Path), " pr"...)
	case directory.Any:
		return append(appendExpr(append(appendPath(b, e.Path), '['), e.Where, loose), ']')
	case directory.Compare:
		b = append(appendPath(b, e.Path), ' ')
		b = append(append(b, e.Op...), ' ')
		return appendLiteral(b, e.Value)
	}
	return b
}

func appendChain(b []byte, members []directory.Expr, word string, in binding) []byte {
	for i, e := range members {
		if i > 0 {
			b = append(b, word...)
		}
		b = appendExpr(b, e, in)
	}
	return b
}

func appendPath(b []byte, p directory.Path) []byte {
	if p.Schema != "" {
		b = append(append(b, p.Schema...), ':')
	}
	b = append(b, p.Name...)
	if p.Sub != "" {
		b = append(append(b, '.'), p.Sub...)
	}
	return b
}

func appendLiteral(b []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return directory.AppendJSONString(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case directory.Number:
		return append(b, v...)
	case time.Time:
		return append(v.UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
	}
	return append(b, "null"...)
}
