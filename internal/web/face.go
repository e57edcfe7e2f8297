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

// Face is what the requests of one HTTP face have in common. Every field but Done is required.
type Face struct {
	Logger  *slog.Logger
	Now     func() time.Time
	IDs     *IDs
	Proxies Proxies
	// Fail writes an error in the form of the face. It is called at most once for an exchange, and never after an answer
	// has begun.
	Fail func(x *Exchange, err error)
	// Done is told of every exchange after its answer.
	Done func(x *Exchange, took time.Duration)
}

// Handler turns a function that answers an exchange or returns why it could not into an http.Handler.
func (f *Face) Handler(serve func(x *Exchange) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &Exchange{Request: r, Started: f.Now(), Origin: f.Proxies.Origin(r), w: w, values: make([]string, 0, headers)}
		x.ID = f.IDs.For(r)
		x.Set("X-Request-Id", x.ID)
		err := f.run(x, serve)
		if err != nil && x.status == 0 {
			f.Fail(x, err)
		}
		took := f.Now().Sub(x.Started)
		f.log(r.Context(), x, took, err)
		if f.Done != nil {
			f.Done(x, took)
		}
	})
}

// run is serve with panics as errors. http.ErrAbortHandler stays what it is: the way to drop a connection.
func (f *Face) run(x *Exchange, serve func(x *Exchange) error) (err error) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			f.Logger.LogAttrs(x.Request.Context(), slog.LevelError, "panic while a request was answered",
				slog.String("request", x.ID), slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
			err = &directory.Error{Code: directory.Internal, Message: "an internal error; the log has more under the id of this request", Err: fmt.Errorf("panic: %v", v)}
		}
	}()
	return serve(x)
}

// log writes the one line of an exchange. Causes are logged for failures of ours only: those of clients may quote what a
// client sent, which is for debugging.
func (f *Face) log(ctx context.Context, x *Exchange, took time.Duration, err error) {
	level := slog.LevelInfo
	if x.status >= http.StatusInternalServerError && x.status != http.StatusServiceUnavailable {
		level = slog.LevelError
	}
	if !f.Logger.Enabled(ctx, level) {
		return
	}
	route := x.Route
	if route == "" {
		route = "none"
	}
	attrs := [...]slog.Attr{
		slog.String("request", x.ID),
		slog.String("method", Method(x.Request.Method)),
		slog.String("route", route),
		slog.Int("status", x.status),
		slog.Duration("duration", took),
		slog.Int64("bytes", x.bytes),
		slog.String("address", x.Origin.Address),
		slog.String("operation", x.Operation),
		slog.String("tenant", x.Tenant),
		slog.String("connection", x.Connection),
		{}, // no more than this: the error
	}
	n := len(attrs) - 1
	if err != nil && (level == slog.LevelError || ours(err) || f.Logger.Enabled(ctx, slog.LevelDebug)) {
		attrs[n] = slog.String("error", err.Error())
		n++
	}
	f.Logger.LogAttrs(ctx, level, "request", attrs[:n]...)
}

// ours reports whether err is a failure of this side that a client cannot cause alone.
func ours(err error) bool {
	var e *directory.Error
	return errors.As(err, &e) && (e.Code == directory.Unavailable || e.Code == directory.Internal)
}

// Method is a method as a label: those that HTTP knows, or "other".
func Method(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}
