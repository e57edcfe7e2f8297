package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"time"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/scim/emulator"
)

func main() {
	data := flag.String("data", "", "the folder to make; it must not exist")
	people := flag.Int("people", 0, "make one company with so many people instead of the story")
	companies := flag.Int("companies", 0, "make so many companies instead of the story")
	flag.Parse()
	if err := run(*data, *people, *companies); err != nil {
		fmt.Fprintln(os.Stderr, "stage:", err)
		os.Exit(1)
	}
}

func run(data string, people, companies int) (err error) {
	if data == "" {
		return errors.New("--data is missing")
	}
	ctx := context.Background()
	s, err := open(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.app.Stop(ctx)) }()
	switch {
	case people > 0:
		err = s.crowd(ctx, people)
	case companies > 0:
		err = s.many(ctx, companies)
	default:
		err = s.story(ctx)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"operators": s.cast, "expired_link": s.expired})
}

// days is how long the story lasts.
const days = 90

// clock is the time of the story. It advances a little with each reading, so that no two things happen at once.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(2 * time.Millisecond)
	return c.at
}

// until moves the clock on, never back.
func (c *clock) until(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.at) {
		c.at = at
	}
}

// stage is a server on a new folder, and the ways to it.
type stage struct {
	app     *app.App
	clock   *clock
	begin   time.Time
	scim    *http.Client // to the network
	cast    []player
	expired string // the secret of an invitation that was not accepted in time
}

// player is an operator that the tests sign in as.
type player struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Role     string `json:"role"`
	Name     string `json:"name"`
	Secret   string `json:"secret,omitempty"` // of the second factor
}

func open(ctx context.Context, data string) (*stage, error) {
	if _, err := os.Stat(data); err == nil {
		return nil, fmt.Errorf("%s exists", data)
	}
	cfg, err := app.Load(app.Source{Flags: map[string]string{
		"data": data, "listen": "127.0.0.1:0", "api.enabled": "true", "limits.scim_rate": "0", "region": "eu",
		// No server answers there: mails wait in the outbox, where a page shows them.
		"mail.host": "127.0.0.1", "mail.port": "9", "mail.tls": "none", "mail.from": "drawbridge@msp.example",
	}})
	if err != nil {
		return nil, err
	}
	begin := time.Now().Add(-days * 24 * time.Hour)
	c := &clock{at: begin}
	a, err := app.New(cfg, app.Options{Version: "stage", LogTo: io.Discard, Now: c.now})
	if err != nil {
		return nil, err
	}
	if err := a.Start(ctx); err != nil {
		return nil, errors.Join(err, a.Stop(ctx))
	}
	return &stage{app: a, clock: c, begin: begin, scim: emulator.NewHTTPClient(time.Minute, nil)}, nil
}

// object is a JSON object, as the API takes and gives it.
type object = map[string]any

// do calls the operator API as the local Owner.
func (s *stage) do(ctx context.Context, method, path string, body any) (object, error) {
	req, err := request(ctx, "http://drawbridge", method, path, body)
	if err != nil {
		return nil, err
	}
	answer := httptest.NewRecorder()
	s.app.Operator().ServeHTTP(answer, req)
	return read(method, path, answer.Result())
}

// as calls it over the network with the secret of a session; "" for none.
func (s *stage) as(ctx context.Context, session, method, path string, body any) (object, []*http.Cookie, error) {
	req, err := request(ctx, s.app.APIURL(), method, path, body)
	if err != nil {
		return nil, nil, err
	}
	if session != "" {
		req.Header.Set("Authorization", "Bearer "+session)
	}
	res, err := s.scim.Do(req) //nolint:bodyclose // read closes it
	if err != nil {
		return nil, nil, err
	}
	out, err := read(method, path, res)
	return out, res.Cookies(), err
}

func request(ctx context.Context, base, method, path string, body any) (*http.Request, error) {
	var text io.Reader = http.NoBody
	if body != nil {
		marshalled, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(marshalled)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+"/api/v1"+path, text)
	if err == nil && body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, err
}

func read(method, path string, res *http.Response) (object, error) {
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode >= http.StatusBadRequest:
		return nil, fmt.Errorf("%s %s: %d %s", method, path, res.StatusCode, answer)
	case len(answer) == 0:
		return nil, nil
	}
	var out object
	err = json.Unmarshal(answer, &out)
	return out, err
}

// text is a member of an object that is a text.
func text(o object, name string) string {
	out, _ := o[name].(string)
	return out
}

// day moves the clock to a time of a day of the story, counted from its beginning.
func (s *stage) day(n, hour int) {
	y, m, d := s.begin.AddDate(0, 0, n).Date()
	s.clock.until(time.Date(y, m, d, hour, 0, 0, 0, time.UTC))
}
