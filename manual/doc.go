// Package manual makes pages for a browser from the documents of the repository, with a search that runs in the browser: as a handler that
// `drawbridge docs` serves, and as files that a release ships. It owns the pages, and is the home of the Markdown library.
//
// It reads only the documents that it is given: it knows no server, no store and no configuration.
package manual
