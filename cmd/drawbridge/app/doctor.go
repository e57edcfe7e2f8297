package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/bridge"
	"drawbridge/bridge/operators"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/doctor"
	"drawbridge/internal/web"
	"drawbridge/scim/emulator"
	"drawbridge/scim/server"
	"drawbridge/store/bolt"
)

const (
	copyPrefix = "doctor-"
	copyBytes  = 64 << 20 // of the store of one copy
)

// dropCopies removes the copies of doctor sessions of a killed process (D7).
func (c *Config) dropCopies() error {
	left, err := filepath.Glob(filepath.Join(c.Data, copyPrefix+"*"))
	for _, folder := range left {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return err
}

// copyOpener makes the empty installations that doctor copies a connection to: this configuration on a store in a temporary folder,
// with metrics that are not served, and without a journal, mails and jobs.
func (a *App) copyOpener(secret []byte, proxies web.Proxies) func(context.Context) (doctor.Copy, error) {
	return func(ctx context.Context) (_ doctor.Copy, err error) {
		folder, err := os.MkdirTemp(a.config.Data, copyPrefix)
		if err != nil {
			return doctor.Copy{}, err
		}
		undo := func(context.Context) error { return os.RemoveAll(folder) }
		defer func() {
			if err != nil {
				err = errors.Join(err, undo(ctx))
			}
		}()
		quiet, registry := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
		st, err := bolt.Open(filepath.Join(folder, "copy.db"), bolt.Options{MaxSize: copyBytes, InitialMmapSize: copyBytes, Now: a.now, Metrics: bolt.NewMetrics(registry), Logger: quiet})
		if err != nil {
			return doctor.Copy{}, err
		}
		undo = func(context.Context) error { return errors.Join(st.Close(), os.RemoveAll(folder)) }

		config := a.bridgeConfig(st, registry, secret)
		config.Plans, config.Logger = unboundedPlans(config.Plans), quiet
		config.Operators = operators.New(operators.Config{
			Txn: config.Txn, Random: config.Random, Uses: config.Uses, Throttle: config.Throttle, LinkURL: func(string) string { return "" },
		})
		service, err := bridge.New(config)
		if err != nil {
			return doctor.Copy{}, err
		}
		return doctor.Copy{
			Bridge: service,
			SCIM: server.New(server.Config{
				Bridge: service, Now: a.now, Limits: a.config.Limits.server(), BaseURL: a.publicURL(), Proxies: proxies, Guard: a.guard,
				Metrics: server.NewMetrics(registry), Logger: a.log.With("surface", "doctor"), Stopping: a.stopping,
			}),
			Close: func(ctx context.Context) error {
				return errors.Join(service.Close(ctx), st.Close(), os.RemoveAll(folder))
			},
		}, nil
	}
}

// examine plays the identity provider of a connection on a copy of it, inside this process. Nothing goes over the network, and nothing is
// left (D7).
func (a *App) examine(ctx context.Context, p directory.Principal, id directory.ConnectionID) (_ wire.Diagnosis, err error) {
	s, err := a.doctor.Begin(ctx, p, id)
	if err != nil {
		return wire.Diagnosis{}, err
	}
	defer func() { err = errors.Join(err, a.doctor.End(context.WithoutCancel(ctx), p, id, s.ID)) }()
	idp, ok := emulator.ByName(string(s.Type))
	if !ok {
		return wire.Diagnosis{}, &directory.Error{Code: directory.Unsupported, Message: "there is no conversation of the type " + string(s.Type)}
	}
	out := wire.Diagnosis{As: idp.Name(), Title: idp.Title(), URL: a.BaseURL() + "/scim/v2/" + string(id), Credential: "own", Steps: []wire.DoctorStep{}}
	client := &emulator.Client{Base: out.URL, HTTP: &http.Client{Transport: inProcess{a.scim}}, Clock: a.now}
	session := emulator.NewSession(client, idp, "")
	client.Header.Set(doctor.Header, s.Secret)
	secret := emulator.Secret{Text: s.Credential.Text}
	switch name := string(s.Credential.Token.ID); s.Credential.Token.Kind {
	case directory.BasicSecret:
		secret.User = name
	case directory.ClientSecret:
		secret.User, secret.TokenURL = name, a.BaseURL()+"/oauth2/token"
	}
	e := emulator.Examination{
		IdP: idp, Secret: secret, Cast: emulator.NewCast("-"+strings.ToLower(rand.Text()[:6]), "doctor.example.com"), Keep: true,
		Show: func(r emulator.Result) { Diagnose(&out, r) },
	}
	if err := e.Run(ctx, session); err != nil {
		return out, &directory.Error{Code: directory.Unavailable, Message: "doctor could not play: " + err.Error()}
	}
	return out, ctx.Err()
}

// Diagnose adds a step to what doctor found.
func Diagnose(d *wire.Diagnosis, r emulator.Result) {
	step := wire.DoctorStep{
		Phase: r.Step.Phase, Name: r.Step.Name, Method: r.Step.Method, URL: r.RoundTrip.URL, Status: r.RoundTrip.Status,
		Millis: float64(r.RoundTrip.Took.Microseconds()) / 1000, OK: r.OK(), Skipped: r.Skipped, Problems: r.Problems,
	}
	switch {
	case r.OK():
		d.Passed++
	case r.Skipped != "":
		d.Skipped++
	default:
		d.Failed++
		step.Console, step.Rule = r.Console(), r.Step.Expect.Rule
	}
	d.Steps = append(d.Steps, step)
}

// inProcess answers requests from a handler of this process.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := &answered{header: http.Header{}, status: http.StatusOK}
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:0"
	if r.Body == nil {
		r.Body = http.NoBody
	}
	t.handler.ServeHTTP(answer, r)
	return &http.Response{
		Status: strconv.Itoa(answer.status) + " " + http.StatusText(answer.status), StatusCode: answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(&answer.body), ContentLength: int64(answer.body.Len()), Request: r,
	}, nil
}

// answered keeps the answer of a handler.
type answered struct {
	header http.Header
	status int
	began  bool
	body   bytes.Buffer
}

func (w *answered) Header() http.Header { return w.header }

func (w *answered) WriteHeader(status int) {
	if !w.began {
		w.status, w.began = status, true
	}
}

func (w *answered) Write(p []byte) (int, error) {
	w.began = true
	return w.body.Write(p)
}

// unboundedPlans are plans that never run out of seats.
func unboundedPlans(plans []directory.Plan) []directory.Plan {
	for i := range plans {
		plans[i].MaxMembers = 0
	}
	return plans
}
