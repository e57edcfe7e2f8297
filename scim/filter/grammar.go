package filter

import (
	"errors"
	"strconv"
	"strings"

	filterparser "github.com/scim2/filter-parser/v2"

	"drawbridge/directory"
)

// placeholder writes the name of the next term.
func (l *list) placeholder() {
	l.canonical = strconv.AppendInt(append(l.canonical, 'a'), int64(len(l.terms)), 10)
}

// compare adds a term that compares, or tests presence.
func (l *list) compare(e directory.Expr, op string) {
	l.placeholder()
	l.canonical = append(append(l.canonical, ' '), op...)
	if op != "pr" {
		l.canonical = strconv.AppendInt(append(l.canonical, ' '), int64(len(l.terms)), 10)
	}
	l.terms = append(l.terms, e)
}

// element adds a term attr[...], whose inside has been parsed already.
func (l *list) element(e directory.Expr) {
	l.placeholder()
	l.canonical = append(l.canonical, "[v pr]"...)
	l.terms = append(l.terms, e)
}

// expression gives the list its structure. The lexer ensures that a single term has no logical operator around it, except
// parentheses and "not", which the first byte shows.
func (l *list) expression() (directory.Expr, error) {
	if len(l.terms) == 1 && l.canonical[0] == 'a' {
		return l.terms[0], nil
	}
	return l.parse()
}

// parse hands the canonical text to the library.
func (l *list) parse() (directory.Expr, error) {
	tree, err := filterparser.ParseFilterNumber(l.canonical)
	if err != nil {
		return nil, err
	}
	return l.translate(tree)
}

// translate puts the terms in place of their placeholders. Its depth is bounded by Limits: the library hangs a chain of
// and or or to the left, one level for each term.
func (l *list) translate(tree filterparser.Expression) (directory.Expr, error) {
	switch node := tree.(type) {
	case *filterparser.LogicalExpression:
		members, err := l.chain(nil, node, node.Operator)
		if err != nil {
			return nil, err
		}
		if node.Operator == filterparser.AND {
			return and(members), nil
		}
		return or(members), nil
	case *filterparser.NotExpression:
		e, err := l.translate(node.Expression)
		if err != nil {
			return nil, err
		}
		return not(e), nil
	case *filterparser.AttributeExpression:
		return l.term(node.AttributePath.AttributeName)
	case *filterparser.ValuePath:
		return l.term(node.AttributePath.AttributeName)
	}
	return nil, errors.New("the library made something unknown of the filter")
}

// chain collects the members of a chain of one operator.
func (l *list) chain(members []directory.Expr, tree filterparser.Expression, op filterparser.LogicalOperator) ([]directory.Expr, error) {
	if node, ok := tree.(*filterparser.LogicalExpression); ok && node.Operator == op {
		members, err := l.chain(members, node.Left, op)
		if err != nil {
			return nil, err
		}
		return l.chain(members, node.Right, op)
	}
	e, err := l.translate(tree)
	return append(members, e), err
}

func (l *list) term(placeholder string) (directory.Expr, error) {
	i, err := strconv.Atoi(strings.TrimPrefix(placeholder, "a"))
	if err != nil || i < 0 || i >= len(l.terms) {
		return nil, errors.New("the library made something unknown of the filter")
	}
	return l.terms[i], nil
}

// and joins expressions: flat, without those that are always true, and false if one is always false.
func and(members []directory.Expr) directory.Expr {
	out := make(directory.And, 0, len(members))
	for _, e := range members {
		switch e := e.(type) {
		case directory.And:
			out = append(out, e...)
		case directory.Or:
			if len(e) == 0 {
				return e
			}
			out = append(out, e)
		default:
			out = append(out, e)
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

// or is the counterpart of and.
func or(members []directory.Expr) directory.Expr {
	out := make(directory.Or, 0, len(members))
	for _, e := range members {
		switch e := e.(type) {
		case directory.Or:
			out = append(out, e...)
		case directory.And:
			if len(e) == 0 {
				return e
			}
			out = append(out, e)
		default:
			out = append(out, e)
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

func not(e directory.Expr) directory.Expr {
	switch e := e.(type) {
	case directory.And:
		if len(e) == 0 {
			return directory.Or{}
		}
	case directory.Or:
		if len(e) == 0 {
			return directory.And{}
		}
	}
	return directory.Not{Expr: e}
}
