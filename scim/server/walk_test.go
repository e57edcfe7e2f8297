package server

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// walkLife is how long a place is remembered.
const walkLife = 5 * time.Minute

// names gives the userNames of a page of users.
func (a *answer) names() []string { return a.is(200).column("Resources", "userName") }

func sameNames(t *testing.T, got []string, want string) {
	t.Helper()
	if text := strings.Join(got, " "); text != want {
		t.Errorf("the page is %q, want %q", text, want)
	}
}

// second gives the same connection with another token.
func (c *client) second() *client {
	c.t.Helper()
	secret, err := c.bridge.RotateToken(c.t.Context(), c.op, c.slug, bridge.TokenOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	return &client{c.kit, c.tenant, c.slug, secret.Text}
}

// A remembered place serves only the next request of the same walk.
func TestStartIndexIsPositional(t *testing.T) {
	t.Parallel()
	const page = "/Users?sortBy=userName&startIndex=%d&count=%d"
	begin := func(t *testing.T) *client {
		c := newKit(t).connect("acme", "acme-gen", directory.Generic)
		for _, name := range strings.Fields("m n o p q r") {
			c.user(name)
		}
		sameNames(t, c.do("GET", fmt.Sprintf(page, 1, 2), "").names(), "m n")
		for _, name := range strings.Fields("a b c d e f g h") {
			c.user(name)
		}
		return c
	}
	t.Run("another page size", func(t *testing.T) {
		sameNames(t, begin(t).do("GET", fmt.Sprintf(page, 3, 4), "").names(), "c d e f")
	})
	t.Run("another query", func(t *testing.T) {
		c := begin(t)
		sameNames(t, c.do("GET", fmt.Sprintf(page, 3, 2)+"&sortOrder=descending", "").names(), "p o")
		sameNames(t, c.do("GET", fmt.Sprintf(page, 3, 2)+"&filter="+url.QueryEscape(`userName pr`), "").names(), "c d")
	})
	t.Run("another credential", func(t *testing.T) {
		sameNames(t, begin(t).second().do("GET", fmt.Sprintf(page, 3, 2), "").names(), "c d")
	})
	t.Run("another position", func(t *testing.T) {
		c := begin(t)
		sameNames(t, c.do("GET", fmt.Sprintf(page, 5, 2), "").names(), "e f")
		sameNames(t, c.do("GET", fmt.Sprintf(page, 3, 2), "").names(), "c d") // no longer the next request
	})
	t.Run("later", func(t *testing.T) {
		c := begin(t)
		c.clock.Advance(walkLife + time.Second)
		sameNames(t, c.do("GET", fmt.Sprintf(page, 3, 2), "").names(), "c d")
	})
	t.Run("once more", func(t *testing.T) {
		c := begin(t)
		sameNames(t, c.do("GET", fmt.Sprintf(page, 3, 2), "").names(), "o p") // the next page of the walk
		sameNames(t, c.do("GET", fmt.Sprintf(page, 3, 2), "").names(), "c d")
	})
	t.Run("a new walk", func(t *testing.T) {
		c := begin(t)
		sameNames(t, c.do("GET", fmt.Sprintf(page, 1, 2), "").names(), "a b")
		sameNames(t, c.do("GET", fmt.Sprintf(page, 3, 2), "").names(), "c d")
	})
	t.Run("records that came since", func(t *testing.T) {
		c := newKit(t).connect("acme", "acme-gen", directory.Generic)
		old := []string{c.user("a"), c.user("b"), c.user("c")}
		sameNames(t, c.do("GET", "/Users?count=2", "").names(), "a b")
		for _, id := range old {
			c.do("DELETE", "/Users/"+id, "").is(204)
		}
		for _, name := range []string{"x", "y", "z"} {
			c.user(name)
		}
		sameNames(t, c.do("GET", "/Users?startIndex=3", "").names(), "z")
	})
}

// walkAll reads page after page, as a client does that believes totalResults; meanwhile runs after each page.
func (c *client) walkAll(target string, count int, meanwhile func(ids []string)) (met []string) {
	c.t.Helper()
	for start, total := 1, 1; start <= total; {
		got := c.do("GET", fmt.Sprintf("%sstartIndex=%d&count=%d", target, start, count), "").is(200)
		page := got.column("Resources", "id")
		if len(page) == 0 {
			return met
		}
		met = append(met, page...)
		start, total = start+len(page), got.num("totalResults")
		meanwhile(page)
	}
	return met
}

// A client that reads page by page misses no user, even if the users that it has read are deleted.
func TestWalkDuringDeletionsSkipsNoUser(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]string{
		"by id":           "/Users?",
		"filter":          "/Users?filter=" + url.QueryEscape(`userName pr`) + "&",
		"sort":            "/Users?sortBy=userName&sortOrder=descending&",
		"all types":       "/?",
		"all types, sort": "/?sortBy=meta.created&",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newKit(t).connect("acme", "acme-gen", directory.Generic)
			want := 0
			for i := range 23 {
				c.user(fmt.Sprintf("u%02d@example.test", i))
				want++
			}
			kinds := map[string]string{}
			if !strings.HasPrefix(target, "/Users") {
				for i := range 12 {
					kinds[c.group(fmt.Sprintf("g%02d", i))] = "/Groups/"
					want++
				}
			}
			met := c.walkAll(target, 5, func(ids []string) {
				for _, id := range []string{ids[0], ids[len(ids)-1]} {
					endpoint := kinds[id]
					if endpoint == "" {
						endpoint = "/Users/"
					}
					if status := c.do("DELETE", endpoint+id, "").status; status != 204 && status != 404 {
						t.Errorf("status %d", status)
					}
				}
			})
			slices.Sort(met)
			if n := len(slices.Compact(met)); n != want {
				t.Errorf("%d of %d were read", n, want)
			}
		})
	}
}

// Pages that are fetched at the same time, in any order, are those of their positions.
func TestPagesFetchedInParallel(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	const n, count = 60, 7
	var want []string
	for i := range n {
		want = append(want, c.user(fmt.Sprintf("u%02d@example.test", i)))
	}
	for _, target := range []string{"/Users?", "/Users?sortBy=userName&", "/Users?filter=" + url.QueryEscape(`userName pr`) + "&"} {
		for range 5 {
			got := make([]string, n)
			var wait sync.WaitGroup
			for start := n - n%count + 1; start > 0; start -= count {
				wait.Go(func() {
					page := c.do("GET", fmt.Sprintf("%sstartIndex=%d&count=%d", target, start, count), "")
					copy(got[start-1:], page.column("Resources", "id"))
				})
			}
			wait.Wait()
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %v", target, got)
			}
		}
	}
}

// A walk that continues after a pause continues by position, and the walks of one tenant do not evict those of another.
func TestPausedWalkContinuesByPosition(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c, noisy := k.connect("acme", "acme-gen", directory.Generic), k.connect("noisy", "noisy-gen", directory.Generic)
	var ids []string
	for _, name := range strings.Fields("a b c d e f") {
		ids = append(ids, c.user(name))
		noisy.user(name)
	}
	sameNames(t, c.do("GET", "/Users?count=2", "").names(), "a b")
	c.do("DELETE", "/Users/"+ids[0], "").is(204)
	for i := range 5000 {
		noisy.do("GET", fmt.Sprintf("/Users?count=1&sortOrder=x%d", i), "")
	}
	c.clock.Advance(walkLife / 2)
	sameNames(t, c.do("GET", "/Users?count=2&startIndex=3", "").names(), "c d")
	c.clock.Advance(walkLife / 2)
	c.do("DELETE", "/Users/"+ids[1], "").is(204)
	sameNames(t, c.do("GET", "/Users?count=2&startIndex=5", "").names(), "e f") // each page keeps the walk alive
	sameNames(t, c.do("GET", "/Users?count=2", "").names(), "c d")
	c.do("DELETE", "/Users/"+ids[2], "").is(204)
	c.clock.Advance(2 * walkLife)
	sameNames(t, c.do("GET", "/Users?count=2&startIndex=3", "").names(), "f")
}
