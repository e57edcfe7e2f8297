package server

import (
	"time"

	"drawbridge/directory"
	"drawbridge/internal/web"
	"drawbridge/scim/filter"
)

// Limits limit what one client can make the server do. ServiceProviderConfig announces the limits that RFC 7643 §5 has a field for.
// A zero field means its default, except for the rates and Delay, where zero means no limit.
type Limits struct {
	Header          int   // bytes of the request line and the header; beyond: 431
	Body            int64 // bytes of a request; beyond: 413
	Depth           int   // nesting of a JSON body
	Values          int   // values in a JSON body, names included
	Names           int   // names in one object of a JSON body
	UserValues      int   // values in one user or custom resource, which has no members; beyond: 413
	FilterBytes     int   // length of a filter
	FilterDepth     int   // parentheses and brackets inside each other in a filter
	FilterTerms     int   // comparisons in a filter
	PageSize        int   // resources in a page if the client does not say
	MaxPage         int   // resources in a page at most: filter.maxResults
	AnswerBytes     int   // bytes of a page; beyond: 400 tooMany
	PatchOperations int   // operations of one PATCH
	BulkOperations  int   // operations of one Bulk request; beyond: 413
	BulkBytes       int64 // bytes of a Bulk request; beyond: 413

	CursorTimeout time.Duration // how long a cursor can be used

	Rate         float64 // requests a second of one connection (C5)
	Burst        int     // requests of one connection at once
	FailureRate  float64 // wrong credentials a second from one address that are answered 401; the others get 429
	FailureBurst int

	// Delay is how long a refusal is delayed, at most, for a connection that ignores Retry-After (C5); 0: no delay.
	Delay time.Duration
}

// DefaultLimits are what applies when nothing is configured.
func DefaultLimits() Limits {
	return Limits{
		Header:          web.DefaultTimeouts().HeaderBytes,
		Body:            8 << 20,
		Depth:           directory.DefaultLimits().Depth,
		Values:          directory.DefaultLimits().Values,
		Names:           directory.DefaultLimits().Names,
		UserValues:      5000,
		FilterBytes:     filter.DefaultLimits().Bytes,
		FilterDepth:     filter.DefaultLimits().Depth,
		FilterTerms:     filter.DefaultLimits().Terms,
		PageSize:        100,
		MaxPage:         1000,
		AnswerBytes:     64 << 20,
		PatchOperations: 5000,
		BulkOperations:  1000,
		BulkBytes:       8 << 20,
		CursorTimeout:   30 * time.Minute,
		Rate:            50,
		Burst:           100,
		FailureRate:     50,
		FailureBurst:    200,
		Delay:           time.Second,
	}
}

// filled is l with defaults for zero fields.
func (l Limits) filled() Limits {
	d := DefaultLimits()
	l.Header = orDefault(l.Header, d.Header)
	l.Body = orDefault(l.Body, d.Body)
	l.Depth = orDefault(l.Depth, d.Depth)
	l.Values = orDefault(l.Values, d.Values)
	l.Names = orDefault(l.Names, d.Names)
	l.UserValues = orDefault(l.UserValues, d.UserValues)
	l.FilterBytes = orDefault(l.FilterBytes, d.FilterBytes)
	l.FilterDepth = orDefault(l.FilterDepth, d.FilterDepth)
	l.FilterTerms = orDefault(l.FilterTerms, d.FilterTerms)
	l.MaxPage = orDefault(l.MaxPage, d.MaxPage)
	l.PageSize = min(orDefault(l.PageSize, d.PageSize), l.MaxPage)
	l.AnswerBytes = orDefault(l.AnswerBytes, d.AnswerBytes)
	l.PatchOperations = orDefault(l.PatchOperations, d.PatchOperations)
	l.BulkOperations = orDefault(l.BulkOperations, d.BulkOperations)
	l.BulkBytes = orDefault(l.BulkBytes, d.BulkBytes)
	l.CursorTimeout = orDefault(l.CursorTimeout, d.CursorTimeout)
	if l.Rate > 0 {
		l.Burst = max(orDefault(l.Burst, int(2*l.Rate)), 1)
	}
	if l.FailureRate > 0 {
		l.FailureBurst = max(orDefault(l.FailureBurst, int(2*l.FailureRate)), 1)
	}
	return l
}

func orDefault[N int | int64 | time.Duration](n, otherwise N) N {
	if n <= 0 {
		return otherwise
	}
	return n
}

// filter are the limits of a filter.
func (l *Limits) filter() filter.Limits {
	return filter.Limits{Bytes: l.FilterBytes, Depth: l.FilterDepth, Terms: l.FilterTerms}
}

// json are the limits of a JSON body.
func (l *Limits) json() directory.Limits {
	return directory.Limits{Depth: l.Depth, Values: l.Values, Names: l.Names}
}
