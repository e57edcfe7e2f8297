package app

import (
	"io/fs"
	"net/http"
	"net/netip"
	"time"

	"drawbridge/console/ui"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/internal/web"
)

// fileRate is how often one address may ask for files of the console. A browser asks for all of them, more than a hundred, when it loads the
// console for the first time, and a whole office may do that at the same moment.
func fileRate() limit.Rate { return limit.Rate{PerSecond: 500, Burst: 5000} }

const (
	fileBytes   = 64 << 10 // a file counts once more for each unit of this many bytes
	fileReaders = 10_000   // addresses that are remembered
)

// browser makes the console, if it is served. dir is where its files are read from; nil: from the program itself.
func (a *App) browser(dir fs.FS) (http.Handler, error) {
	if !a.config.API.Console {
		return nil, nil
	}
	if dir != nil {
		return ui.Watch(dir), nil
	}
	pages, err := ui.New()
	if err != nil {
		return nil, err
	}
	return a.boundPages(pages), nil
}

// boundPages bounds how often one address may ask for pages, which are made for each request, and for files.
func (a *App) boundPages(pages http.Handler) http.Handler {
	files := limit.NewLimiter[netip.Prefix](fileRate(), fileReaders)
	return a.open.Handler(func(w *web.Response) error {
		if !ui.IsFile(w.Request) {
			if err := w.Stranger(); err != nil {
				return err
			}
			pages.ServeHTTP(w, w.Request)
			return nil
		}
		network := limit.Network(w.Origin.Address)
		if wait := files.Take(network, w.Started); wait > 0 {
			w.Late(time.Second)
			return &directory.Error{Code: directory.Throttled, RetryAfter: max(wait, time.Second), Message: "too many requests for files from this address: wait a moment and load the page again"}
		}
		pages.ServeHTTP(w, w.Request)
		files.Charge(network, w.Started, float64(w.Sent()/fileBytes))
		return nil
	})
}

// front sends browsers to the console, if it is served on the listener of h.
func (a *App) front(h http.Handler) http.Handler {
	if a.pages == nil {
		return h
	}
	return ui.Front(h)
}
