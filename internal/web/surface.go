package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"drawbridge/directory"
)

// Surface has what all requests of an HTTP API have in common. All fields except Done and Guard are required.
type Surface struct {
	Logger  *slog.Logger
	Now     func() time.Time
	IDs     *RequestIDs
	Proxies Proxies
	Guard   *Guard // nil: nothing is bounded
	// Fail writes an error in the format of the API. It is called at most once for a request, and never after the response
	// has begun.
	Fail func(w *Response, err error)
	// Done is called after every response.
	Done func(w *Response, took time.Duration)
}

// CutShort is the error of a response that failed after it had begun. It is logged, and the connection is closed, so that the client does
// not mistake the part for the whole.
type CutShort struct{ Err error }

func (c CutShort) Error() string { return "the answer was cut short: " + c.Err.Error() }

// Unwrap returns the cause.
func (c CutShort) Unwrap() error { return c.Err }

// Handler makes an http.Handler of a function that writes a response or returns an error.
func (s *Surface) Handler(serve func(w *Response) error) http.Handler {
	return http.HandlerFunc(func(under http.ResponseWriter, r *http.Request) {
		w := &Response{Request: r, Started: s.Now(), Origin: s.Proxies.Origin(r), under: under, now: s.Now, values: make([]string, 0, usualHeaders)}
		w.ID = s.IDs.For(r)
		w.Set("X-Request-Id", w.ID)
		defer w.leave() // after the response, which uses memory until it is sent
		err := s.Guard.enter(w)
		if err == nil {
			err = s.run(w, serve)
		}
		if err != nil && w.status == 0 {
			w.refuse(func() { s.Fail(w, err) })
		}
		took := s.Now().Sub(w.Started)
		s.log(r.Context(), w, took, err)
		if s.Done != nil {
			s.Done(w, took)
		}
		if errors.As(err, new(CutShort)) {
			panic(http.ErrAbortHandler)
		}
	})
}

// run calls serve and returns a panic as an error. http.ErrAbortHandler passes through: it is how a handler drops a connection.
func (s *Surface) run(w *Response, serve func(w *Response) error) (err error) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			s.Logger.LogAttrs(w.Request.Context(), slog.LevelError, "panic while a request was answered",
				slog.String("request", w.ID), slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
			err = &directory.Error{Code: directory.Internal, Message: "an internal error; the log has more under the id of this request", Err: fmt.Errorf("panic: %v", v)}
		}
	}()
	return serve(w)
}

// log writes the access log line. The error is logged at level debug only if the client caused it, because it may quote what the
// client sent.
func (s *Surface) log(ctx context.Context, w *Response, took time.Duration, err error) {
	level := slog.LevelInfo
	if w.status >= http.StatusInternalServerError && w.status != http.StatusServiceUnavailable {
		level = slog.LevelError
	}
	if errors.As(err, new(CutShort)) && ctx.Err() == nil { // the client has not gone
		level = slog.LevelError
	}
	if !s.Logger.Enabled(ctx, level) {
		return
	}
	route := w.Route
	if route == "" {
		route = "none"
	}
	attrs := [...]slog.Attr{
		slog.String("request", w.ID),
		slog.String("method", Method(w.Request.Method)),
		slog.String("route", route),
		slog.Int("status", w.status),
		slog.Duration("duration", took),
		slog.Int64("bytes", w.bytes),
		slog.String("address", w.Origin.Address),
		slog.String("operation", w.Operation),
		slog.String("tenant", w.Tenant),
		slog.String("connection", w.Connection),
		{}, // room for the error
	}
	n := len(attrs) - 1
	if err != nil && (level == slog.LevelError || serverFault(err) || s.Logger.Enabled(ctx, slog.LevelDebug)) {
		attrs[n] = slog.String("error", err.Error())
		n++
	}
	s.Logger.LogAttrs(ctx, level, "request", attrs[:n]...)
}

// serverFault reports whether err is a failure of the server that a client cannot cause alone.
func serverFault(err error) bool {
	var e *directory.Error
	return errors.As(err, &e) && (e.Code == directory.Unavailable || e.Code == directory.Internal)
}

// Method returns a method as a label: one of the methods of HTTP, or "other".
func Method(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}
