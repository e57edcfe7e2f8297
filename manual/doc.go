// Package manual makes pages for a browser from the documents of the repository, with a search that runs in the browser: as a handler that
// `drawbridge docs` serves, and as files that a release ships. It is the home of the Markdown library.
//
// It reads what it is given and nothing else: it knows no server, no store and no configuration.
package manual
