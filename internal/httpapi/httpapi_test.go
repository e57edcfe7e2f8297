package httpapi_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
	"drawbridge/internal/web"
)

type (
	thing struct {
		Name  string   `json:"name" minLength:"1" maxLength:"20" doc:"What it is called (rule T1)."`
		Count int      `json:"count,omitempty"`
		Tags  []string `json:"tags,omitempty"`
	}
	putInput struct {
		httpapi.TenantPath
		DryRun bool `query:"dry_run"`
		Body   thing
	}
	putOutput struct {
		ETag string `header:"ETag"`
		Body thing
	}
	listInput struct {
		httpapi.PageQuery
		Since time.Time `query:"since"`
		After uint64    `query:"after"`
	}
	listOutput struct{ Body wire.Page[string] }
)

// endless is the body of a client that never stops sending. Reading it fails the test.
type endless struct{ *testing.T }

func (e endless) Read([]byte) (int, error) {
	e.Error("the body was read before the call was admitted")
	return 0, io.EOF
}

// surface serves an API with operations of each kind.
func surface(t *testing.T) http.Handler {
	t.Helper()
	a := httpapi.New(httpapi.Config{
		Prefix: "/t", Now: time.Now, About: httpapi.About{Title: "test", Version: "0"}, Codes: []directory.Code{directory.Invalid},
		Admit: func(_ context.Context, _ *httpapi.Call, _ *httpapi.Operation, in any) error {
			if named, ok := in.(interface{ TenantID() directory.TenantID }); ok && named.TenantID() == "foreign" {
				return &directory.Error{Code: directory.NotFound, Message: "no such tenant"}
			}
			return nil
		},
	})
	a.Register(httpapi.Operation{
		ID: "put", Method: http.MethodPut, Path: "/{tenant}/thing", MaxBody: 400,
		Handler: httpapi.Handle(func(_ context.Context, _ *httpapi.Call, in *putInput) (*putOutput, error) {
			if in.Body.Name == "taken" {
				return nil, &directory.Error{Code: directory.Invalid, Field: "name", Message: "the name is taken"}
			}
			return &putOutput{ETag: `"1"`, Body: in.Body}, nil
		}),
	})
	a.Register(httpapi.Operation{
		ID: "list", Method: http.MethodGet, Path: "/things",
		Handler: httpapi.Handle(func(_ context.Context, _ *httpapi.Call, in *listInput) (*listOutput, error) {
			return &listOutput{wire.Page[string]{Items: []string{fmt.Sprint(in.Limit, in.Since.Year(), in.After)}}}, nil
		}),
	})
	made := 0
	a.Register(httpapi.Operation{
		ID: "make", Method: http.MethodPost, Path: "/things", Status: http.StatusCreated, Repeatable: true,
		Handler: httpapi.Handle(func(context.Context, *httpapi.Call, *struct{ Body thing }) (*listOutput, error) {
			made++
			return &listOutput{wire.Page[string]{Items: []string{fmt.Sprint(made)}}}, nil
		}),
	})
	for name, fail := range map[string]func(to io.Writer) error{
		"whole":   func(to io.Writer) error { _, err := io.WriteString(to, "bytes"); return err },
		"none":    func(io.Writer) error { return &directory.Error{Code: directory.Conflict, Message: "not now"} },
		"partial": func(to io.Writer) error { _, _ = io.WriteString(to, "by"); return errors.New("the disk broke") },
	} {
		a.Register(httpapi.Operation{
			ID: "file-" + name, Method: http.MethodGet, Path: "/" + name,
			Handler: httpapi.Handle(func(context.Context, *httpapi.Call, *struct{}) (*httpapi.Stream, error) {
				return &httpapi.Stream{ContentType: httpapi.GzipType, Write: fail}, nil
			}),
		})
	}
	ids, err := web.NewRequestIDs(strings.NewReader(strings.Repeat("x", 64)))
	if err != nil {
		t.Fatal(err)
	}
	s := &web.Surface{Logger: slog.New(slog.DiscardHandler), Now: time.Now, IDs: ids, Fail: httpapi.Fail}
	return s.Handler(func(w *web.Response) error {
		return a.Serve(&httpapi.Call{Response: w, Caller: cmp.Or(w.Request.Header.Get("Caller"), "me")})
	})
}

func send(t *testing.T, h http.Handler, method, path, body string, header ...string) (*httptest.ResponseRecorder, wire.Problem) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	var p wire.Problem
	if rec.Code >= 400 {
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || p.Status != rec.Code || p.Request == "" {
			t.Errorf("%s %s: %v %+v", method, path, err, p)
		}
	}
	return rec, p
}

func TestInputIsReadFromPathQueryHeaderAndBody(t *testing.T) {
	t.Parallel()
	h := surface(t)
	rec, _ := send(t, h, "PUT", "/t/acme/thing?dry_run=true", `{"name":"a","count":2}`, "Content-Type", "application/json")
	if rec.Code != 200 || rec.Header().Get("ETag") != `"1"` || strings.TrimSpace(rec.Body.String()) != `{"name":"a","count":2}` {
		t.Errorf("%d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	rec, _ = send(t, h, "GET", "/t/things?since=2026-01-02T03:04:05Z&after=7", "")
	if !strings.Contains(rec.Body.String(), `"100 2026 7"`) {
		t.Errorf("%s", rec.Body)
	}
}

func TestWrongInputNamesTheField(t *testing.T) {
	t.Parallel()
	h := surface(t)
	for _, c := range []struct {
		method, path, body, content string
		status                      int
		field, rule, says           string
	}{
		{"PUT", "/t/acme/thing", `{"name":""}`, "", 422, "name", "T1", "must not be empty"},
		{"PUT", "/t/acme/thing", `{"nam":"a"}`, "", 422, "", "", "2 fields are wrong"},
		{"PUT", "/t/acme/thing", `{"name":"a","count":"2"}`, "", 422, "count", "", "whole number"},
		{"PUT", "/t/acme/thing", `{"name":"a","count":99999999999999999999}`, "", 422, "count", "", "at most"},
		{"PUT", "/t/acme/thing", `{"name":"a` + "\\u202e" + `"}`, "", 422, "name", "T1", ""},
		{"PUT", "/t/acme/thing", `{"name":"taken"}`, "", 422, "name", "T1", "taken"},
		{"PUT", "/t/acme/thing", `{"name":"a","name":"b"}`, "", 400, "", "", "name"},
		{"PUT", "/t/acme/thing", `{`, "", 400, "", "", ""},
		{"PUT", "/t/acme/thing", ``, "", 400, "", "", "wants a body"},
		{"PUT", "/t/acme/thing", `name=a`, "application/x-www-form-urlencoded", 415, "", "", "JSON"},
		{"PUT", "/t/acme/thing", `{"name":"` + strings.Repeat("a", 400) + `"}`, "", 413, "", "", "400 bytes"},
		{"PUT", "/t/acme/thing?dry_run=maybe", `{"name":"a"}`, "", 422, "dry_run", "", "true or false"},
		{"PUT", "/t/" + strings.Repeat("a", 41) + "/thing", `{"name":"a"}`, "", 422, "tenant", "", "too long"},
		{"GET", "/t/things?limit=0", "", "", 422, "limit", "", "at least 1"},
		{"GET", "/t/things?limit=1&limit=2", "", "", 422, "limit", "", "once"},
		{"GET", "/t/things?since=today", "", "", 422, "since", "", "time such as"},
		{"GET", "/t/things?colour=red", "", "", 422, "colour", "", "no query parameter"},
		{"GET", "/t/things", `{"limit":3}`, "", 422, "limit", "", "takes no body"},
		{"GET", "/t/nothing", "", "", 404, "", "", "/t/openapi.json"},
	} {
		content := c.content
		if content == "" {
			content = "application/json"
		}
		rec, p := send(t, h, c.method, c.path, c.body, "Content-Type", content)
		if rec.Code != c.status || c.field != "" && p.Field != c.field || p.Rule != c.rule && c.rule != "" || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s %.60s %.40s: %d %+v, want %d about %q", c.method, c.path, c.body, rec.Code, p, c.status, c.field)
		}
	}
}

func TestWrongFieldsAreCapped(t *testing.T) {
	t.Parallel()
	h := surface(t)
	var body strings.Builder
	body.WriteString(`{"name":"a"`)
	for i := range 40 {
		fmt.Fprintf(&body, `,"x%d":1`, i)
	}
	body.WriteString("}")
	rec, p := send(t, h, "PUT", "/t/acme/thing", body.String())
	if rec.Code != 422 || len(p.Errors) != 20 {
		t.Errorf("%d with %d errors", rec.Code, len(p.Errors))
	}
}

func TestCallIsAdmittedBeforeTheBodyIsRead(t *testing.T) {
	t.Parallel()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/t/foreign/thing", endless{t})
	rec := httptest.NewRecorder()
	surface(t).ServeHTTP(rec, req)
	if rec.Code != 404 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// slowly is the body of a client that takes its time, during which something happens.
type slowly struct {
	io.Reader
	meanwhile func()
}

func (s *slowly) Read(b []byte) (int, error) {
	if s.meanwhile != nil {
		s.meanwhile()
		s.meanwhile = nil
	}
	return s.Reader.Read(b)
}

// A caller whose credential is revoked while the body arrives has no effect, and a caller who waits for data gets none.
func TestCallIsAdmittedAgain(t *testing.T) {
	t.Parallel()
	now, revoked, effects := time.Now(), false, 0
	a := httpapi.New(httpapi.Config{Prefix: "/t", Now: func() time.Time { return now }, About: httpapi.About{Title: "test", Version: "0"}})
	a.Register(httpapi.Operation{
		ID: "make", Method: http.MethodPost, Path: "/things",
		Handler: httpapi.Handle(func(_ context.Context, c *httpapi.Call, _ *struct{ Body thing }) (*listOutput, error) {
			effects++
			if c.Who != "me again" {
				t.Errorf("%v asks", c.Who)
			}
			return &listOutput{}, nil
		}),
	})
	a.Register(httpapi.Operation{
		ID: "wait", Method: http.MethodGet, Path: "/news",
		Handler: httpapi.Handle(func(ctx context.Context, c *httpapi.Call, in *listInput) (*listOutput, error) {
			c.Wait(ctx, 1, func(context.Context) error {
				revoked = in.Limit == 7
				return nil
			})
			return &listOutput{wire.Page[string]{Items: []string{"secret"}}}, nil
		}),
	})
	ids, err := web.NewRequestIDs(strings.NewReader(strings.Repeat("x", 64)))
	if err != nil {
		t.Fatal(err)
	}
	s := &web.Surface{Logger: slog.New(slog.DiscardHandler), Now: time.Now, IDs: ids, Fail: httpapi.Fail}
	h := s.Handler(func(w *web.Response) error {
		return a.Serve(&httpapi.Call{Response: w, Who: "me", Again: func() (any, error) {
			if revoked {
				return nil, &directory.Error{Code: directory.Unauthorized, Message: "the key was revoked"}
			}
			return "me again", nil
		}})
	})
	for _, tt := range []struct {
		took    time.Duration
		revoked bool
		want    int
	}{{2 * time.Second, false, 200}, {2 * time.Second, true, 401}} {
		body := &slowly{strings.NewReader(`{"name":"x"}`), func() { now, revoked = now.Add(tt.took), tt.revoked }}
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/t/things", body)
		req.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		if rec.Code != tt.want || effects != 1 {
			t.Errorf("a body that took %s, revoked %v: %d %s, %d effects", tt.took, tt.revoked, rec.Code, rec.Body, effects)
		}
	}
	revoked = false
	for path, want := range map[string]int{"/t/news": 200, "/t/news?limit=7": 401} {
		rec, _ := send(t, h, http.MethodGet, path, "")
		if rec.Code != want || strings.Contains(rec.Body.String(), "secret") != (want == 200) {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
		revoked = false
	}
}

func TestRepeatGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	h := surface(t)
	create := func(key, body string, want int) string {
		rec, _ := send(t, h, "POST", "/t/things", body, httpapi.IdempotencyHeader, key)
		if rec.Code != want {
			t.Errorf("%s %s: %d, want %d", key, body, rec.Code, want)
		}
		return rec.Body.String()
	}
	first := create("k", `{"name":"a"}`, 201)
	if again := create("k", `{"name":"a"}`, 201); again != first {
		t.Errorf("the repeat got %s, the first %s", again, first)
	}
	if other := create("l", `{"name":"a"}`, 201); other == first {
		t.Error("another key got the same answer")
	}
	create("k", `{"name":"b"}`, 409)
	create(strings.Repeat("k", 201), `{"name":"a"}`, 422)
}

// A caller that fills the memory of answers replaces its own answers.
func TestOneCallerDoesNotDisplaceTheAnswersOfOthers(t *testing.T) {
	t.Parallel()
	h := surface(t)
	create := func(caller, key string) string {
		rec, _ := send(t, h, "POST", "/t/things", `{"name":"a"}`, httpapi.IdempotencyHeader, key, "Caller", caller)
		if rec.Code != http.StatusCreated {
			t.Fatalf("%s %s: %d", caller, key, rec.Code)
		}
		return rec.Body.String()
	}
	mine, first := create("quiet", "k"), create("noisy", "0")
	for i := range 2500 { // more than all answers that are kept
		create("noisy", fmt.Sprint(i+1))
	}
	if again := create("quiet", "k"); again != mine {
		t.Errorf("the repeat got %s, the first %s", again, mine)
	}
	if again := create("noisy", "0"); again == first {
		t.Error("the answers of one caller are not limited")
	}
}

func TestIncompleteFileIsAnError(t *testing.T) {
	t.Parallel()
	h := surface(t)
	if rec, _ := send(t, h, "GET", "/t/whole", ""); rec.Code != 200 || rec.Body.String() != "bytes" || rec.Header().Get("Content-Type") != httpapi.GzipType {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if rec, p := send(t, h, "GET", "/t/none", ""); rec.Code != 409 || p.Detail != "not now" {
		t.Errorf("%d %+v", rec.Code, p)
	}
	defer func() {
		if recover() != http.ErrAbortHandler { //nolint:errorlint // a panic value
			t.Error("the connection was not dropped")
		}
	}()
	send(t, h, "GET", "/t/partial", "")
}

func TestEveryCodeHasAStatus(t *testing.T) {
	t.Parallel()
	for _, code := range directory.Codes() {
		status := httpapi.Status(code)
		if status < 400 || status == http.StatusInternalServerError && code != directory.Internal {
			t.Errorf("%s has no status of its own: %d", code, status)
		}
	}
	if httpapi.Status(directory.Refused) != http.StatusConflict || httpapi.Status(directory.Forbidden) != http.StatusForbidden {
		t.Error("refused is 409 and forbidden 403")
	}
}

// The documents need no credential. Writing them again for each request would keep a processor busy.
func TestDocumentsAreMadeOnce(t *testing.T) {
	h := surface(t)
	for _, path := range []string{"/t/openapi.json", "/t/openapi.yaml", "/t/openapi-3.0.json", "/t/openapi-3.0.yaml", "/t/reference"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		get := func() {
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != http.StatusOK {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
		if n := testing.AllocsPerRun(10, get); n > 80 { // the first run does not count
			t.Errorf("%s: %v allocations for each request", path, n)
		}
	}
}
