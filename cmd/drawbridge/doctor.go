package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/scim/emulator"
)

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	connection, as, url, token string
	domain                     string
	timeout                    time.Duration
}

func doctorCommand(t *terminal) *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Play an identity provider's conversation against a server",
		Long: `Plays everything that an identity provider sends, in its own order and spelling: connection test, look-up, create, a repeat
after a time-out, profile change, group push, members in and out, deactivation, reactivation, rehire, deletion. Between
its requests doctor looks whether what was answered with success has happened. What fails is explained in the words of
that provider's console, with the rule or the section of the RFC behind it.

With --connection it plays against the running server and gets a token of its own for the time being. With --url and
--token it plays against any SCIM 2.0 server. It creates three users and a group with names of their own, which need
three free seats, and removes them at the end.

Identity providers: ` + strings.Join(emulator.Names(), ", ") + ".",
		Example: `  drawbridge doctor --connection acme-okta --as okta
  drawbridge doctor --connection acme-entra
  drawbridge doctor --url https://scim.example.com/v2 --token "$TOKEN" --as entra -o json`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error { return doctor(cmd.Context(), t, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.connection, "connection", "", "slug of a connection of the running server")
	f.StringVar(&o.as, "as", "", "identity provider to play (default: the type of the connection)")
	f.StringVar(&o.url, "url", "", "SCIM base URL of any server, instead of --connection")
	f.StringVar(&o.token, "token", t.getenv("DRAWBRIDGE_DOCTOR_TOKEN", ""), "bearer token for --url, also DRAWBRIDGE_DOCTOR_TOKEN")
	f.StringVar(&o.domain, "domain", "doctor.example.com", "domain of the users that are made")
	f.DurationVar(&o.timeout, "timeout", time.Minute, "how long an answer may take; Okta waits for a minute")
	return cmd
}

// diagnosis is the report of doctor.
type diagnosis struct {
	As     string      `json:"as"`
	Title  string      `json:"title"`
	URL    string      `json:"url"`
	Passed int         `json:"passed"`
	Failed int         `json:"failed"`
	Steps  []checkedBy `json:"steps"`
}

// checkedBy is one step of the report.
type checkedBy struct {
	Phase    string   `json:"phase"`
	Name     string   `json:"name"`
	Method   string   `json:"method"`
	URL      string   `json:"url,omitempty"`
	Status   int      `json:"status,omitempty"`
	Millis   float64  `json:"milliseconds"`
	OK       bool     `json:"ok"`
	Problems []string `json:"problems,omitempty"`
	Console  string   `json:"console,omitempty"`
	Rule     string   `json:"rule,omitempty"`
}

func doctor(ctx context.Context, t *terminal, o doctorOptions) (err error) {
	if (o.connection == "") == (o.url == "") {
		return usage("drawbridge doctor", "give either --connection or --url")
	}
	if o.url != "" && o.token == "" {
		return usage("drawbridge doctor", "--url needs --token")
	}
	if o.connection != "" {
		var release func() error
		if release, err = borrow(ctx, t.client(), &o); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, release()) }()
	}
	idp, ok := emulator.ByName(o.as)
	if !ok {
		return usage("drawbridge doctor", "--as is one of %s, not %q", strings.Join(emulator.Names(), ", "), o.as)
	}
	mark := make([]byte, 3)
	if _, err := rand.Read(mark); err != nil {
		return err
	}
	cast := emulator.NewCast("-"+hex.EncodeToString(mark), o.domain)
	session := emulator.NewSession(&emulator.Client{Base: o.url, HTTP: emulator.NewHTTPClient(o.timeout, nil), Clock: time.Now}, idp, o.token)
	report := diagnosis{As: idp.Name(), Title: idp.Title(), URL: o.url, Steps: []checkedBy{}}
	view := doctorView{t: t}
	if !t.json() {
		t.say("%s against %s", idp.Title(), o.url)
	}
	for _, step := range emulator.Conversation(idp, cast) {
		if ctx.Err() != nil {
			break
		}
		r := session.Play(ctx, step)
		report.add(r, &view)
		if r.Exchange.Status == 0 && step.Phase == "connection test" {
			return errors.Join(fmt.Errorf("%s does not answer; nothing else was tried", o.url), t.print(report, func() {}))
		}
	}
	// What was made is removed, even when somebody pressed Ctrl-C.
	for _, step := range emulator.Cleanup(cast, session.Vars) {
		report.add(session.Play(context.WithoutCancel(ctx), step), &view)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := t.print(report, func() {
		t.say("")
		t.say("%d steps went as %s expects, %d did not", report.Passed, idp.Title(), report.Failed)
	}); err != nil {
		return err
	}
	if report.Failed > 0 {
		return fmt.Errorf("%d of %d steps failed", report.Failed, report.Failed+report.Passed)
	}
	return nil
}

// borrow gets a token for the connection and fills in where it is; the function that it returns gives the token back.
func borrow(ctx context.Context, operator *client.Client, o *doctorOptions) (func() error, error) {
	connection, err := operator.Connection(ctx, o.connection)
	if err != nil {
		return nil, err
	}
	if o.as == "" {
		o.as = connection.Type
	}
	expires := time.Now().Add(time.Hour)
	issued, err := operator.CreateToken(ctx, o.connection, wire.TokenCreate{Expires: &expires})
	if err != nil {
		return nil, fmt.Errorf("a token for the time being: %w", err)
	}
	o.url, o.token = issued.BaseURL, issued.Token
	return func() error {
		if err := operator.RevokeToken(context.WithoutCancel(ctx), o.connection, issued.TokenID); err != nil {
			return fmt.Errorf("the token for the time being was not revoked (it ends by itself in an hour): %w", err)
		}
		return nil
	}, nil
}

func (d *diagnosis) add(r emulator.Result, view *doctorView) {
	step := checkedBy{
		Phase: r.Step.Phase, Name: r.Step.Name, Method: r.Step.Method, URL: r.Exchange.URL, Status: r.Exchange.Status,
		Millis: float64(r.Exchange.Took.Microseconds()) / 1000, OK: r.OK(), Problems: r.Problems,
	}
	if r.OK() {
		d.Passed++
	} else {
		d.Failed++
		step.Console, step.Rule = r.Console(), r.Step.Expect.Rule
	}
	d.Steps = append(d.Steps, step)
	view.show(r)
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
	if !r.OK() {
		sign = v.t.paint(red, "FAIL")
	}
	took := ""
	if r.Exchange.Took >= time.Second {
		took = fmt.Sprintf("  (%.1f s)", r.Exchange.Took.Seconds())
	}
	v.t.say("  %s  %-3s  %-6s  %s%s", sign, statusText(r.Exchange.Status), r.Step.Method, printable(r.Step.Name), took)
	if !r.OK() {
		for line := range strings.SplitSeq(r.Explain(), "\n") {
			v.t.say("        %s", printable(line))
		}
	}
}

// statusText is a status, or a dash where there was no answer.
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
