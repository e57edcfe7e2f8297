package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/scim/emulator"
)

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	connection, as, url, domain string
	credential, file, token     string
	timeout                     time.Duration
}

func doctorCommand(t *terminal) *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Play an identity provider's conversation against a server",
		Long: `Plays everything that an identity provider sends, in its own order and spelling: connection test, look-up, create, a repeat
after a time-out, profile change, group push, members in and out, deactivation, reactivation, rehire, deletion. Between
its requests doctor checks that what was answered with success has happened. A failure is explained in the words of
that provider's console, with the rule or the section of the RFC that demands it.

With --connection it plays against the running server, on a copy of the connection: the same address, settings and code,
and none of the people. It takes no seats, and nothing of it is in a feed, metric, health state, alert, audit trail or bill. The
copy is gone when doctor ends, however it ends. A connection of type google-directory sends nothing: doctor checks what reading the
directory needs, as connection check does.

The copy has a credential of its own. With --credential or --credential-file doctor shows the one that the identity
provider has, so that a wrong secret is noticed: a bearer token, USER:PASSWORD for HTTP Basic, or CLIENT_ID:CLIENT_SECRET
for OAuth 2.0, which goes to the token endpoint first.

With --url it plays against any SCIM 2.0 server. There it creates three users and a group with names of their own, which
need three free seats, and removes them at the end. --ca-file names the authority of a server with a certificate of its own.

Identity providers: ` + strings.Join(emulator.Names(), ", ") + ".",
		Example: `  drawbridge doctor --connection acme-entra
  drawbridge doctor --connection acme-okta --as okta --credential-file okta-token.txt
  drawbridge doctor --url https://scim.example.com/v2 --token "$TOKEN" --as entra -o json`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return doctor(cmd.Context(), t, &o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.connection, "connection", "", "slug of a connection of the running server")
	f.StringVar(&o.as, "as", "", "identity provider to play (default: the type of the connection)")
	f.StringVar(&o.credential, "credential", t.getenv("DRAWBRIDGE_DOCTOR_CREDENTIAL", ""), "what the identity provider authenticates with, also DRAWBRIDGE_DOCTOR_CREDENTIAL")
	f.StringVar(&o.file, "credential-file", "", "a file with the credential, so that the list of processes does not show it")
	f.StringVar(&o.url, "url", "", "SCIM base URL of any server, instead of --connection")
	f.StringVar(&o.token, "token", t.getenv("DRAWBRIDGE_DOCTOR_TOKEN", ""), "bearer token for --url, also DRAWBRIDGE_DOCTOR_TOKEN")
	f.StringVar(&o.domain, "domain", "doctor.example.com", "domain of the users that are made")
	o.timeout = time.Minute
	f.Var((*span)(&o.timeout), "timeout", "how long an answer may take; Okta waits for a minute")
	return cmd
}

// target is the server that doctor tests, and its credential.
type target struct {
	url    string
	secret emulator.Secret
	given  bool   // the secret is the identity provider's own
	header string // the session, in the header Drawbridge-Doctor; "": none
	end    func(context.Context) error
}

func doctor(ctx context.Context, t *terminal, o *doctorOptions) (err error) {
	signal.Ignore(syscall.SIGPIPE) // a reader that exits, such as head, must not keep doctor from removing what it made
	credential, err := o.check()
	if err != nil {
		return err
	}
	if o.connection != "" && o.as == "" {
		c, err := t.client().Connection(ctx, o.connection)
		if err != nil {
			return err
		}
		if c.Type == "google-directory" { // the identity provider sends nothing, so there is nothing to test
			if credential != "" {
				return usage("drawbridge doctor", "%s reads a directory, and no identity provider has a credential for it: leave out --credential and --credential-file", o.connection)
			}
			return t.checkDirectory(ctx, o.connection)
		}
	}
	var to target
	if o.connection != "" {
		to, err = o.begin(ctx, t.client(), credential)
	} else {
		to = o.elsewhere(credential)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.end(context.WithoutCancel(ctx))) }()
	idp, ok := emulator.ByName(o.as)
	if !ok {
		return usage("drawbridge doctor", "--as is one of %s, not %q", strings.Join(emulator.Names(), ", "), o.as)
	}
	mark := make([]byte, 3)
	if _, err := rand.Read(mark); err != nil {
		return err
	}
	report := wire.Diagnosis{As: idp.Name(), Title: idp.Title(), URL: to.url, Credential: "own", Steps: []wire.DoctorStep{}}
	if to.given {
		report.Credential = "given"
	}
	if !t.json() {
		t.say("%s against %s", idp.Title(), to.url)
		if !to.given {
			t.say("with a credential of the copy; --credential tries the one that the identity provider has")
		}
	}
	player := &emulator.Client{Base: to.url, HTTP: emulator.NewHTTPClient(o.timeout, t.tlsConfig()), Clock: time.Now, Reason: client.Reason}
	session := emulator.NewSession(player, idp, "")
	if to.header != "" {
		player.Header.Set(doctorHeader, to.header)
		player.HTTP.Transport = sameProcess{player.HTTP.Transport}
	}
	view := doctorView{t: t}
	e := emulator.Examination{
		IdP: idp, Secret: to.secret, Cast: emulator.NewCast("-"+hex.EncodeToString(mark), o.domain), Keep: to.header != "",
		Show: func(r emulator.Result) {
			app.Diagnose(&report, r)
			view.show(r)
		},
	}
	if err := e.Run(ctx, session); err != nil {
		return errors.Join(err, t.print(report, func() {}))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return finish(t, &report)
}

// check refuses wrong flags, and reads the credential.
func (o *doctorOptions) check() (credential string, err error) {
	if (o.connection == "") == (o.url == "") {
		return "", usage("drawbridge doctor", "give either --connection or --url")
	}
	credential = o.credential
	if o.file != "" {
		if credential, err = readCredential(o.file); err != nil {
			return "", err
		}
	}
	if o.url != "" {
		if credential == "" {
			credential = o.token
		}
		if credential == "" {
			return "", usage("drawbridge doctor", "--url needs --token, --credential or --credential-file")
		}
	}
	return credential, nil
}

// readCredential reads the first line of a file.
func readCredential(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("--credential-file: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return "", fmt.Errorf("--credential-file: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if line = strings.TrimSpace(line); line == "" {
		return "", fmt.Errorf("--credential-file: the first line of %s is empty", file)
	}
	return line, nil
}

// elsewhere is the target of --url.
func (o *doctorOptions) elsewhere(credential string) target {
	to := target{url: o.url, secret: emulator.Secret{Text: credential}, given: true, end: func(context.Context) error { return nil }}
	if user, password, ok := strings.Cut(credential, ":"); ok {
		to.secret = emulator.Secret{User: user, Text: password}
	}
	return to
}

// begin makes the copy that --connection tests.
func (o *doctorOptions) begin(ctx context.Context, operator *client.Client, credential string) (target, error) {
	s, err := operator.BeginDoctor(ctx, o.connection)
	if err != nil {
		return target{}, err
	}
	if o.as == "" {
		o.as = s.Type
	}
	to := target{
		url: s.BaseURL, header: s.Session, secret: emulator.Secret{Text: s.Token, User: cmp.Or(s.UserName, s.ClientID), TokenURL: s.TokenURL},
		end: func(ctx context.Context) error { return operator.EndDoctor(ctx, o.connection, s.ID) },
	}
	if credential == "" {
		return to, nil
	}
	to.given = true
	if s.Auth == "bearer" {
		to.secret = emulator.Secret{Text: credential}
		return to, nil
	}
	user, secret, ok := strings.Cut(credential, ":")
	if !ok {
		what := map[string]string{"basic": "HTTP Basic, so the credential is USER:PASSWORD", "oauth": "OAuth 2.0, so the credential is CLIENT_ID:CLIENT_SECRET"}[s.Auth]
		return target{}, errors.Join(usage("drawbridge doctor", "connection %s authenticates with %s", o.connection, what), to.end(ctx))
	}
	to.secret.User, to.secret.Text = user, secret
	return to, nil
}

// doctorHeader names the session that a request belongs to.
const doctorHeader = "Drawbridge-Doctor"

// sameProcess repeats a request that reached a process without the session. Behind a balancer, another process may have it.
type sameProcess struct{ next http.RoundTripper }

// balanced is how many processes are asked.
const balanced = 16

func (s sameProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	for range balanced - 1 {
		res, err := s.next.RoundTrip(r)
		if err != nil || res.Header.Get(doctorHeader) == "" {
			return res, err
		}
		if r.GetBody != nil {
			body, err := r.GetBody()
			if err != nil {
				return res, err
			}
			r = r.Clone(r.Context())
			r.Body = body
		}
		_ = res.Body.Close() // it says nothing more
	}
	return s.next.RoundTrip(r)
}

// finish prints the result.
func finish(t *terminal, d *wire.Diagnosis) error {
	if err := t.print(*d, func() {
		t.say("")
		t.say("%d steps went as %s expects, %d did not", d.Passed, d.Title, d.Failed)
		if d.Skipped > 0 {
			t.say("%d steps were not played, because what they need was not made", d.Skipped)
		}
	}); err != nil {
		return err
	}
	if d.Failed > 0 {
		return fmt.Errorf("%d of %d steps failed", d.Failed, d.Failed+d.Passed+d.Skipped)
	}
	return nil
}

// doctorView prints steps as they happen.
type doctorView struct {
	t     *terminal
	phase string
}

func (v *doctorView) show(r emulator.Result) {
	if v.t.json() {
		return
	}
	if r.Step.Phase != v.phase && r.Step.Phase != "check" {
		v.phase = r.Step.Phase
		v.t.say("")
		v.t.say("%s", v.t.paint(bold, v.phase))
	}
	sign := v.t.paint(green, "ok  ")
	switch {
	case r.Skipped != "":
		sign = "skip"
	case !r.OK():
		sign = v.t.paint(red, "FAIL")
	}
	took := ""
	if r.RoundTrip.Took >= time.Second {
		took = fmt.Sprintf("  (%.1f s)", r.RoundTrip.Took.Seconds())
	}
	v.t.say("  %s  %-3s  %-6s  %s%s", sign, statusText(r.RoundTrip.Status), r.Step.Method, printable(r.Step.Name), took)
	if !r.OK() {
		for line := range strings.SplitSeq(r.Explain(), "\n") {
			v.t.say("        %s", printable(line))
		}
	}
}

// statusText is a status, or a dash if there was no answer.
func statusText(status int) string {
	if status == 0 {
		return "-"
	}
	return fmt.Sprint(status)
}

// paint puts text into a colour, on a terminal.
func (t *terminal) paint(colour, text string) string {
	if !t.colours() || colour == plain {
		return text
	}
	return colour + text + "\x1b[0m"
}
