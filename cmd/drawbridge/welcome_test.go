package main

import (
	"strings"
	"testing"

	"drawbridge/cmd/drawbridge/app"
)

// Five lines in every situation, with commands that name the data folder if necessary.
func TestNextStepsFitTheSituation(t *testing.T) {
	t.Parallel()
	load := func(env ...string) *app.Config {
		cfg, err := app.Load(app.Source{Env: env})
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	for name, c := range map[string]struct {
		s    situation
		want []string
	}{
		"the first start": {
			situation{program: "./drawbridge", url: "http://127.0.0.1:8080", data: "/w/data", config: load()},
			[]string{"http://127.0.0.1:8080", "./drawbridge tenant create acme", "./drawbridge connection create acme-okta", "DRAWBRIDGE_API_ENABLED=true", "need https"},
		},
		"another folder and the API": {
			situation{program: "drawbridge", data: "/srv/d", link: "https://x/dbl_1", config: load("DRAWBRIDGE_DATA=/srv/d", "DRAWBRIDGE_API_ENABLED=true", "DRAWBRIDGE_BASE_URL=https://x.example")},
			[]string{"/srv/d", "drawbridge --data /srv/d tenant create", "connection create", "drawbridge operator accept 'https://x/dbl_1'", "status"},
		},
		"a later start": {
			situation{program: "drawbridge", data: "/w/data", tenants: 3, config: load("DRAWBRIDGE_API_ENABLED=true")},
			[]string{"/w/data", "tenant list", "alert list", "signin", "need https"},
		},
	} {
		got := nextSteps(c.s)
		if len(got) != 5 {
			t.Errorf("%s: %d lines", name, len(got))
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s: line %d is %q, and has no %q", name, i, got[i], want)
			}
		}
	}
	if programName("./drawbridge") != "./drawbridge" || programName("/usr/local/bin/drawbridge") != "drawbridge" {
		t.Error("the program is called otherwise")
	}
}
