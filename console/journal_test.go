package console_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// exchanges is a request journal in memory.
type exchanges []directory.Exchange

func (j *exchanges) Note(e *directory.Exchange) {
	e.Seq = uint64(len(*j) + 1)
	*j = append(*j, *e)
}

func (j *exchanges) Exchanges(_ context.Context, tenant directory.TenantID, q directory.JournalQuery) (found []directory.Exchange, next uint64, err error) {
	for _, e := range slices.Backward(*j) {
		if e.Tenant != tenant || !q.Matches(&e) {
			continue
		}
		if len(found) == q.Limit {
			return found, found[len(found)-1].Seq, nil
		}
		found = append(found, e)
	}
	return found, 0, nil
}

func (*exchanges) Keep(context.Context, map[directory.TenantID]directory.JournalBounds, directory.JournalBounds, directory.Run) (map[directory.TenantID]int64, error) {
	return nil, nil //nolint:nilnil // nothing was removed
}

// newJournalKit is a kit with two tenants, three connections, and a journal in which two of the connections of acme wrote about Anna.
func newJournalKit(t *testing.T) *kit {
	t.Helper()
	d := newKit(t)
	kept := &exchanges{}
	d.requests = kept
	d.restart()
	for _, tenant := range []string{"acme", "birch"} {
		d.do("POST", "/tenants", `{"slug":"`+tenant+`","name":"`+tenant+`"}`, 201, nil)
	}
	for _, slug := range []string{"acme-okta", "acme-entra", "birch-okta"} {
		tenant, kind, _ := strings.Cut(slug, "-")
		d.do("POST", "/connections", `{"slug":"`+slug+`","tenant":"`+tenant+`","type":"`+kind+`"}`, 201, nil)
	}
	at := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	for i, e := range []directory.Exchange{
		{Tenant: "acme", Connection: "acme-okta", Request: "r1", Status: 201, Effect: directory.Changed, Body: []byte(`{"userName":"anna@acme.example","displayName":"Anna Frost"}`), Answer: []byte(`{"id":"01990a5e-7d1c-7000-8000-000000000007","userName":"anna@acme.example"}`)},
		{Tenant: "acme", Connection: "acme-entra", Request: "r2", Status: 409, Effect: directory.Denied, Body: []byte(`{"userName":"anna@acme.example"}`), Why: "the name anna@acme.example is taken"},
		{Tenant: "birch", Connection: "birch-okta", Request: "r3", Status: 201, Effect: directory.Changed, Body: []byte(`{"userName":"anna@acme.example"}`)},
		{Tenant: "acme", Connection: "acme-okta", Request: "r4", Status: 200, Effect: directory.ReadOnly, Body: []byte(`{"userName":"boris@acme.example"}`)},
		{Tenant: "acme", Connection: "acme-okta", Request: "r5", Status: 403, Effect: directory.Denied, Body: []byte(`{"userName":"anna@acme.example"}`)},
	} {
		e.Time, e.Method, e.Path, e.Address = at.Add(time.Duration(i)*time.Minute), "POST", "/scim/v2/"+string(e.Connection)+"/Users", "203.0.113.7"
		kept.Note(&e)
	}
	return d
}

func TestRequestsAboutAPersonAreOneListOfAllConnections(t *testing.T) {
	t.Parallel()
	d := newJournalKit(t)
	for query, want := range map[string]string{
		"user=anna@acme.example":                "r5 r2 r1",
		"user=anna@acme.example&status=4xx":     "r5 r2",
		"user=anna@acme.example&effect=changed": "r1",
		"user=nobody@acme.example":              "",
		"":                                      "r5 r4 r2 r1",
		"limit=2":                               "r5 r4",
	} {
		var page wire.Journal
		d.do("GET", "/tenants/acme/journal?"+query, "", 200, &page)
		var got []string
		for _, e := range page.Items {
			got = append(got, e.Request)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, not %s", query, got, want)
		}
	}
	var first, rest wire.Journal
	d.do("GET", "/tenants/acme/journal?user=anna@acme.example&limit=1", "", 200, &first)
	d.do("GET", "/tenants/acme/journal?user=anna@acme.example&before=5", "", 200, &rest)
	if first.Next != 5 || len(rest.Items) != 2 || rest.Items[0].Connection != "acme-entra" {
		t.Errorf("%+v, then %+v", first, rest)
	}
	d.do("GET", "/tenants/nobody/journal", "", 404, nil)
}

func TestAnExchangeIsCopiedWithoutNames(t *testing.T) {
	t.Parallel()
	d := newJournalKit(t)
	d.requests.Note(&directory.Exchange{
		Tenant: "acme", Connection: "acme-okta", Request: "r6", Method: "PATCH", Status: 200, Effect: directory.Changed, Address: "203.0.113.7", Agent: "Okta",
		Path:   "/scim/v2/acme-okta/Users/01990a5e-7d1c-7000-8000-000000000009?who=anna@acme.example&count=5",
		Body:   []byte(`{"Operations":[{"op":"replace","path":"manager","value":"01990a5e-7d1c-7000-8000-000000000008"},{"op":"replace","path":"displayName","value":"Anna Frost"}]}`),
		Answer: []byte(`{"id":"01990a5e-7d1c-7000-8000-000000000009","displayName":"ANNA FROST","userName":"anna@acme.example","active":true}`),
	})
	var copied wire.Transcript
	d.do("GET", "/connections/acme-okta/journal/r6/transcript", "", 200, &copied)
	for _, name := range []string{"anna", "frost", "acme", "01990a5e", "203.0.113.7"} {
		if strings.Contains(strings.ToLower(copied.Text), name) {
			t.Errorf("%s is in\n%s", name, copied.Text)
		}
	}
	for _, kept := range []string{"connection: okta", "PATCH /Users/", "count=5", `"op": "replace"`, `"active": true`, `"displayName": "text1"`, "user1@example.test"} {
		if !strings.Contains(copied.Text, kept) {
			t.Errorf("%s is missing in\n%s", kept, copied.Text)
		}
	}
	if strings.Count(copied.Text, "text1") != 2 { // the same name in the request and, in capitals, in the answer
		t.Errorf("one text has several substitutes:\n%s", copied.Text)
	}
	d.do("GET", "/connections/birch-okta/journal/r6/transcript", "", 404, nil)
}
