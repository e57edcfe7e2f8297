package client

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// Ready asks the server for /readyz. The error is Unavailable, and names the parts that are not ready.
func (c *Client) Ready(ctx context.Context) error {
	base := c.base
	if base == "" {
		base = "http://drawbridge"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", http.NoBody)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return c.unreachable(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return c.unreachable(err)
	}
	if res.StatusCode == http.StatusOK {
		return nil
	}
	var said struct {
		Parts map[string]bool `json:"parts"`
	}
	e := &Error{Problem: wire.Problem{Title: "not ready", Code: string(directory.Unavailable), Status: res.StatusCode}}
	if err := json.Unmarshal(body, &said); err != nil {
		e.Detail = "the server answers " + res.Status
		return e
	}
	maps.DeleteFunc(said.Parts, func(_ string, ready bool) bool { return ready })
	e.Detail = "the server is stopping"
	if len(said.Parts) > 0 {
		e.Detail = strings.Join(slices.Sorted(maps.Keys(said.Parts)), ", ") + "; `drawbridge status` says why"
	}
	return e
}
