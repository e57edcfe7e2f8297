package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

// deniedTimeout is how long writing the audit line of a refused request may take. It is written even if the client disconnects.
const deniedTimeout = 10 * time.Second

// recordDenied writes the audit line of a request that was refused because the caller lacks a right (O1, E1). A refusal by a rule inside a
// transaction has its line already.
func (a *api) recordDenied(c *httpapi.Call, err error) {
	var no *directory.Error
	r := c.Response.Request
	if !errors.As(err, &no) || !lacksRight(no, r.Method) || r.URL.Query().Get("dry_run") == "true" {
		return
	}
	target := directory.Subject{Kind: "request", ID: c.Response.Operation}
	if strings.Contains(c.Response.Route, "{") {
		target.Name = directory.Truncate(r.Method+" "+r.URL.EscapedPath(), 200)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), deniedTimeout)
	defer cancel()
	if err := a.Operators.RecordDenied(ctx, principalOf(c), target, no); err != nil {
		a.Logger.ErrorContext(ctx, "a refused request has no audit line", "request", c.Response.ID, "operation", target.ID, "error", err)
	}
}

// lacksRight reports whether an error says that the caller may not do this at all: the role lacks the right (O1), an API key may not (O5), a
// second factor is missing (O6), or the sessions and keys of another operator are not shown (O10).
func lacksRight(no *directory.Error, method string) bool {
	if no.Code != directory.Forbidden {
		return false
	}
	switch no.Rule {
	case "O1", "O5", "O6":
		return true
	case "O10":
		return method == http.MethodGet
	}
	return false
}
