// Package ui serves the browser console: a static page below /console/ and the scripts, styles and fonts that it loads.
//
// It owns the headers of the page (Content-Security-Policy, caching) and the addresses of its assets. It owns no data and
// decides nothing: the console is a client of the operator API, as the command line is, and calls it by fetch from the browser.
//
// The scripts in assets are built from src and vendor and are committed, so that a build needs Go alone. CONTRIBUTING.md says
// how to build them.
package ui
