// Package application is the API for downstream applications, under /app/v1: the event feed of one tenant, the access check (may this
// person sign in now?), the list of people, and the report of who was active.
//
// It owns the routes, the credential of a request (an application key), and the limits of each key. A key opens only this API; no operator
// credential opens it, and no key opens the operator API. It does not decide what an application may read: package bridge does.
package application
