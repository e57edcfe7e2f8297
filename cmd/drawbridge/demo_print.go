package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/scim/emulator"
)

// demo prints a story and counts its checks.
type demo struct {
	t        *terminal
	operator *client.Client
	http     *http.Client // all identity providers share it
	started  time.Time
	chapters int
	token    string // of the first company, for curl
	base     string
	report   demoReport
}

// demoReport is the demo for programs.
type demoReport struct {
	Passed  int           `json:"passed"`
	Failed  int           `json:"failed"`
	Checks  []demoCheck   `json:"checks"`
	Tenants []wire.Tenant `json:"tenants"`
}

// demoCheck is a check of one thing that the rules promise.
type demoCheck struct {
	Chapter string `json:"chapter"`
	Text    string `json:"text"`
	OK      bool   `json:"ok"`
}

const (
	whoWidth  = 8
	pathWidth = 54
)

// say prints a line for people.
func (d *demo) say(format string, args ...any) {
	if !d.t.json() {
		d.t.say(format, args...)
	}
}

func (d *demo) chapter(format string, args ...any) {
	d.chapters++
	title := fmt.Sprintf(format, args...)
	d.say("")
	d.say("%s", d.t.paint(bold, fmt.Sprintf("%d. %s", d.chapters, title)))
}

// tell explains what comes next.
func (d *demo) tell(text string) { d.say("   %s", text) }

// operate shows what an operator types.
func (d *demo) operate(format string, args ...any) {
	d.say("   %s drawbridge %s", d.t.paint(yellow, fmt.Sprintf("%-*s", whoWidth, "operator")), fmt.Sprintf(format, args...))
}

// remark shows what the server says to it.
func (d *demo) remark(format string, args ...any) {
	for _, line := range wrap(printable(fmt.Sprintf(format, args...)), 96) {
		d.say("   %*s %s", whoWidth, "", d.t.paint(dim, line))
	}
}

// request shows one request and its answer.
func (d *demo) request(who, method, path string, status int, note string) {
	colour := green
	if status == 0 || status >= 400 {
		colour = yellow
	}
	if utf8.RuneCountInString(path) > pathWidth {
		path = string([]rune(path)[:pathWidth-1]) + "…"
	}
	cyan := "\x1b[36m"
	d.say("   %s %-6s %s %s  %s", d.t.paint(cyan, fmt.Sprintf("%-*s", whoWidth, who)), method, pad(path, pathWidth), d.t.paint(colour, statusText(status)), d.t.paint(dim, note))
}

// send lets the IdP of c play steps and checks what it expects.
func (d *demo) send(ctx context.Context, c *company, steps ...emulator.Step) {
	if d.token == "" {
		d.token, d.base = c.issued.Token, c.issued.BaseURL
	}
	for _, step := range steps {
		stop := d.progress(func() string { return step.Name })
		r := c.session.Play(ctx, step)
		stop()
		d.request(c.idpName, step.Method, readable(step.Path), r.RoundTrip.Status, printable(step.Name))
		if detail := r.Detail(); r.RoundTrip.Status >= 400 && detail != "" {
			d.remark("%q", detail)
		}
		d.report.count(d.chapters, step.Name, r.OK())
		if !r.OK() {
			d.failure(r.Explain())
		}
	}
}

// verify checks stored state, without a line for the request.
func (d *demo) verify(ctx context.Context, c *company, step emulator.Step) {
	r := c.session.Play(ctx, step)
	d.check(r.OK(), "%s", step.Name)
	if !r.OK() {
		d.failure(r.Explain())
	}
}

// show prints the body of a request.
func (d *demo) show(step emulator.Step) {
	_, operations, found := strings.Cut(step.Body, `"Operations": [`)
	if !found {
		operations = step.Body
	}
	d.say("   %*s %s", whoWidth, "", d.t.paint(dim, readable(strings.TrimSuffix(operations, "]}"))))
}

// check prints one thing that the rules promise, and whether it is true.
func (d *demo) check(ok bool, format string, args ...any) {
	text := printable(fmt.Sprintf(format, args...))
	sign := d.t.paint(green, "✓")
	if !ok {
		sign = d.t.paint(red, "✗")
	}
	d.say("   %s %s", sign, text)
	d.report.count(d.chapters, text, ok)
}

// refused checks that an operator was refused with the code, and shows the sentence.
func (d *demo) refused(err error, code, text string) {
	if err != nil {
		d.remark("%s", err)
	}
	got := client.CodeOf(err)
	ok := err != nil && (got == code || got == "refused")
	d.check(ok, "refused: %s%s", text, differently(!ok, "%v", err))
}

func (d *demo) failure(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		d.say("   %*s %s", whoWidth, "", d.t.paint(red, printable(line)))
	}
}

// progress prints a line when something takes longer than a second, and again every second. The function that it returns
// ends it.
func (d *demo) progress(what func() string) (stop func()) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for seconds := 1; ; seconds++ {
			select {
			case <-done:
				return
			case <-tick.C:
				d.say("   %*s %s", whoWidth, "", d.t.paint(dim, fmt.Sprintf("… %s, %d s", what(), seconds)))
			}
		}
	})
	return func() {
		close(done)
		ended.Wait()
	}
}

// overview prints the table of companies.
func (d *demo) overview(ctx context.Context) error {
	page, err := d.operator.Tenants(ctx, client.List{})
	if err != nil {
		return err
	}
	d.report.Tenants = page.Items
	if d.t.json() {
		return nil
	}
	d.say("")
	rows := make([][]cell, len(page.Items))
	for i, tenant := range page.Items {
		seats := cell{text: fmt.Sprintf("%d of %d", tenant.Seats.Occupied, tenant.Seats.Limit), colour: green}
		if tenant.Seats.Limit > 0 && tenant.Seats.Occupied >= tenant.Seats.Limit {
			seats.colour = yellow
		}
		connection := ""
		for _, c := range tenant.Connections {
			connection += c.Slug + " "
		}
		rows[i] = []cell{
			{text: tenant.Slug},
			{text: tenant.Name},
			{text: strings.TrimSpace(connection)},
			seats,
			{text: fmt.Sprint(tenant.Users["active"])},
			{text: fmt.Sprint(tenant.Users["suspended"])},
			{text: fmt.Sprint(tenant.Groups)},
			{text: ago(tenant.LastSync)},
		}
	}
	d.t.table([]string{"TENANT", "NAME", "CONNECTION", "SEATS", "ACTIVE", "SUSPENDED", "GROUPS", "LAST SYNC"}, rows)
	return nil
}

// ago is how long ago something was.
func ago(at *time.Time) string {
	if at == nil {
		return "never"
	}
	since := time.Since(*at)
	if since < time.Second {
		return "just now"
	}
	return since.Truncate(time.Second).String() + " ago"
}

func (d *demo) verdict() {
	d.say("")
	took := time.Since(d.started).Seconds()
	if d.report.Failed == 0 {
		d.say("%s", d.t.paint(green, fmt.Sprintf("All %d answers and checks are as the rules say, in %.1f s.", d.report.Passed, took)))
		return
	}
	d.say("%s", d.t.paint(red, fmt.Sprintf("%d of %d answers and checks differ from what the rules say:", d.report.Failed, d.report.Failed+d.report.Passed)))
	for _, c := range d.report.Checks {
		if !c.OK {
			d.say("   %s %s. %s", d.t.paint(red, "✗"), c.Chapter, c.Text)
		}
	}
}

// farewell says how to look around.
func (d *demo) farewell(base, data, console string) {
	d.say("")
	d.say("The server stays up. Its console, signed in as an Owner:")
	d.say("")
	d.say("   %s", d.t.paint(bold, console))
	d.say("")
	d.say("Or look around from another terminal:")
	d.say("")
	d.say("   curl %s/metrics", base)
	d.say("   curl -H 'Authorization: Bearer %s' '%s/Users?count=2'", d.token, d.base)
	d.say("   drawbridge --data %s user list %s", data, northwind)
	d.say("   drawbridge --data %s events tail %s", data, contoso)
	d.say("   drawbridge --data %s doctor --connection %s-okta", data, northwind)
	d.say("")
	d.say("(without an installed binary: go run ./cmd/drawbridge instead of drawbridge)   Ctrl-C ends it.")
}

func (r *demoReport) count(chapter int, text string, ok bool) {
	if ok {
		r.Passed++
	} else {
		r.Failed++
	}
	r.Checks = append(r.Checks, demoCheck{Chapter: fmt.Sprint(chapter), Text: text, OK: ok})
}

// readable shows a path or body for people: without escapes, and with {mira} for an id.
func readable(text string) string {
	if path, query, found := strings.Cut(text, "?"); found && !strings.ContainsAny(path, "{ ") || found && strings.HasPrefix(text, "/") {
		if plainQuery, err := url.QueryUnescape(query); err == nil {
			text = path + "?" + plainQuery
		}
	}
	return strings.ReplaceAll(text, "${", "{")
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// wrap breaks a sentence into lines.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// because is the reason of a failed check.
func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// differently adds what was found instead, if it differs.
func differently(differs bool, format string, args ...any) string {
	if !differs {
		return ""
	}
	return " (got: " + fmt.Sprintf(format, args...) + ")"
}
