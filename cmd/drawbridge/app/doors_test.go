package app

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/google/googletest"
)

// hostileHosts are hosts that no door may lead to, in the forms in which they are hidden. Package outbound has a longer table of whole URLs.
func hostileHosts() []string {
	return []string{
		"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "127.0.0.1.", "0.0.0.0", "0.1.2.3", "[::1]", "[::]", "localhost", "LOCALHOST.", "a.localhost",
		"10.0.0.5", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255",
		"[fd00:ec2::254]", "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]",
		"[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::ffff:100.64.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:5]", "[2002:7f00:1::]", "[2001:0:53aa:64c::1]",
		"metadata.google.internal", "METADATA.google.internal.", "instance-data", "127。0。0。1", "１２７.0.0.1", "hööks.example.com", "%31%32%37.0.0.1", "hooks.example.com@10.0.0.5", "user:pass@hooks.example.com",
	}
}

// configDoors set a URL of the configuration.
func configDoors() map[string]func(c *Config, to string) {
	return map[string]func(c *Config, to string){
		"api.oidc.issuer": func(c *Config, to string) {
			c.API.Enabled, c.API.OIDC = true, OIDCConfig{Issuer: to, ClientID: "drawbridge", Domains: []string{"msp.example"}}
		},
		"archive.s3.endpoint": func(c *Config, to string) {
			c.Archive.S3 = S3Config{Endpoint: to, Bucket: "archive", AccessKey: "a", SecretKey: "b"}
		},
		"audit.syslog.address": func(c *Config, to string) { c.Audit.Syslog.Address = strings.TrimPrefix(to, "https://") },
		"google.endpoint":      func(c *Config, to string) { c.Google.Endpoint = to },
	}
}

func TestEveryDoorOfTheConfigurationRefusesHostileAddresses(t *testing.T) {
	t.Parallel()
	for key, set := range configDoors() {
		for _, host := range append(hostileHosts(), "hooks.example.com") {
			c := defaults(t)
			set(c, "https://"+host+":8443")
			err := c.Validate()
			if refused := err != nil && strings.Contains(err.Error(), key); refused == (host == "hooks.example.com") {
				t.Errorf("%s with %s: %v", key, host, err)
			}
		}
	}
}

// apiDoors send a URL to the API. The error names the field.
func apiDoors(c *client.Client) map[string]func(ctx context.Context, to string) error {
	n := atomic.Int64{}
	name := func() string { return fmt.Sprint("door-", n.Add(1)) }
	return map[string]func(ctx context.Context, to string) error{
		"url of a webhook": func(ctx context.Context, to string) error {
			_, err := c.CreateWebhook(ctx, wire.WebhookCreate{Name: name(), URL: to, Tenants: []string{"acme"}})
			return err
		},
		"url of a channel": func(ctx context.Context, to string) error {
			_, err := c.CreateWebhook(ctx, wire.WebhookCreate{Name: name(), URL: to, Tenants: []string{"acme"}, Format: "slack"})
			return err
		},
		"url of a webhook that is changed": func(ctx context.Context, to string) error {
			_, err := c.UpdateWebhook(ctx, "webhook", "", wire.WebhookUpdate{URL: &to})
			return err
		},
		"url of a target": func(ctx context.Context, to string) error {
			_, err := c.CreateTarget(ctx, wire.TargetCreate{Name: name(), URL: to, Secret: "s", Tenants: []string{"acme"}, Paused: true})
			return err
		},
		"token_url of a target": func(ctx context.Context, to string) error {
			_, err := c.CreateTarget(ctx, wire.TargetCreate{Name: name(), URL: "https://93.184.216.34/", TokenURL: to, ClientID: "c", Secret: "s", Tenants: []string{"acme"}, Paused: true})
			return err
		},
		"url of a target that is changed": func(ctx context.Context, to string) error {
			secret := "s"
			_, err := c.UpdateTarget(ctx, "target", wire.TargetUpdate{URL: &to, Secret: &secret})
			return err
		},
	}
}

func TestEveryDoorOfTheAPIRefusesHostileAddresses(t *testing.T) {
	t.Parallel()
	_, c := start(t, func(*Config) {})
	ctx := t.Context()
	_, err := c.CreateTenant(ctx, wire.TenantCreate{Slug: "acme", Name: "Acme", Plan: "business"})
	if err == nil { // it gets nothing of what happens here, so nothing is sent
		_, err = c.CreateWebhook(ctx, wire.WebhookCreate{Name: "webhook", URL: "https://93.184.216.34/", Events: []string{"user.deleted"}, Tenants: []string{"acme"}})
	}
	if err == nil {
		_, err = c.CreateTarget(ctx, wire.TargetCreate{Name: "target", URL: "https://93.184.216.34/", Secret: "s", Tenants: []string{"acme"}, Paused: true})
	}
	if err != nil {
		t.Fatal(err)
	}
	for door, open := range apiDoors(c) {
		field, _, _ := strings.Cut(door, " ")
		for _, host := range hostileHosts() {
			err := open(ctx, "https://"+host+":8443/x")
			var p *client.Error
			if !errors.As(err, &p) || p.Code != "invalid" || p.Field != field {
				t.Errorf("%s with %s: %v", door, host, err)
			}
		}
	}
}

// rebinding is a DNS server of the tests. A name that begins with "rebind" has a public address the first time that it is asked for, and then
// the loopback, as all other names have.
type rebinding struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (d *rebinding) addressOf(name string) [4]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	first := !d.seen[name]
	d.seen[name] = true
	if first && strings.HasPrefix(name, "rebind") {
		return [4]byte{93, 184, 216, 34}
	}
	return [4]byte{127, 0, 0, 1}
}

// answer is the answer to a query, which has an address for questions of type A alone.
func (d *rebinding) answer(query []byte) []byte {
	const header, typeA = 12, 1
	end, name := header, ""
	for end < len(query) && query[end] != 0 {
		label := int(query[end])
		name += string(query[end+1:end+1+label]) + "."
		end += label + 1
	}
	end += 5 // the root, type and class
	out := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[header:end]...)
	if binary.BigEndian.Uint16(query[end-4:]) == typeA {
		address := d.addressOf(strings.ToLower(name))
		out[7] = 1
		out = append(out, 0xc0, header, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4)
		out = append(out, address[:]...)
	}
	return out
}

// resolve makes the rebinding server the one of this process, until the test ends.
func resolve(t *testing.T) {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &rebinding{seen: map[string]bool{}}
	go func() {
		query := make([]byte, 1024)
		for {
			n, from, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(d.answer(query[:n]), from)
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		_ = conn.Close()
	})
}

// A name that was public when it was configured, and is internal when it is dialled, is dialled by no door. It changes the resolver of the
// process, so it does not run beside other tests.
func TestEveryDoorRefusesAtTheDial(t *testing.T) {
	resolve(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var dialled atomic.Int64
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			dialled.Add(1)
			_ = conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	to := func(name string) string { return "https://" + name + ".door.example:" + port }
	a, c := start(t, func(c *Config) {
		for key, set := range configDoors() {
			set(c, to(strings.NewReplacer(".", "-", "_", "-").Replace(key)))
		}
		c.API.Listen = "127.0.0.1:0"
	})
	if _, err := c.CreateTenant(t.Context(), wire.TenantCreate{Slug: "acme", Name: "Acme", Plan: "business"}); err != nil {
		t.Fatal(err)
	}
	for door, says := range dials(t, a, c, to) {
		if said := says(); !strings.Contains(said, "127.0.0.1 is not a public address") {
			t.Errorf("%s says %q", door, said)
		}
	}
	if n := dialled.Load(); n > 0 {
		t.Errorf("%d connections were made", n)
	}
}

// dials let each door dial a name, and give what it says.
func dials(t *testing.T, a *App, c *client.Client, to func(name string) string) map[string]func() string {
	t.Helper()
	ctx := t.Context()
	said := func(err error) string {
		if err == nil {
			return "nothing"
		}
		return err.Error()
	}
	hook := func(name, format string) string {
		if _, err := c.CreateWebhook(ctx, wire.WebhookCreate{Name: name, URL: to("rebind-" + name), Format: format, Tenants: []string{"acme"}}); err != nil {
			return "not created: " + said(err)
		}
		attempt, err := c.TestWebhook(ctx, name)
		return attempt.Error + said(err)
	}
	target := func(in wire.TargetCreate) string {
		in.Secret, in.Tenants, in.Paused = "s", []string{"acme"}, true
		if _, err := c.CreateTarget(ctx, in); err != nil {
			return "not created: " + said(err)
		}
		found, err := c.CheckTarget(ctx, in.Name)
		return fmt.Sprint(found.Items, said(err))
	}
	return map[string]func() string{
		"webhook": func() string { return hook("portal", "") },
		"lines":   func() string { return hook("siem", "audit") },
		"channel": func() string { return hook("ops", "slack") },
		"target":  func() string { return target(wire.TargetCreate{Name: "crm", URL: to("rebind-crm")}) },
		"token endpoint": func() string {
			return target(wire.TargetCreate{Name: "wiki", URL: to("rebind-wiki"), TokenURL: to("rebind-token"), ClientID: "c"})
		},
		"archive": func() string { return said(a.checkArchive(ctx)) },
		"syslog":  func() string { return said(a.syslog().Send(ctx, []directory.Audit{{Seq: 1}})) },
		"directory": func() string {
			key := string(googletest.New(time.Now, "admin@acme.example").NewKey("project"))
			_, err := c.CreateConnection(ctx, wire.ConnectionCreate{Slug: "acme-google", Tenant: "acme", Type: "google-directory", Google: &wire.GoogleCreate{Admin: "admin@acme.example", Credentials: key}})
			if err != nil {
				return said(err)
			}
			found, err := c.CheckConnection(ctx, "acme-google")
			return fmt.Sprint(found.Steps, said(err))
		},
		"OpenID provider": func() string { return asked(t, a) },
	}
}

// asked begins a sign-in through the OpenID provider, which fails, and gives the error of the client that it uses: the answer to a browser
// has no reason.
func asked(t *testing.T, a *App) string {
	t.Helper()
	get := func(by *http.Client, at string) (int, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, http.NoBody)
		if err != nil {
			return 0, err
		}
		res, err := by.Do(r)
		if err != nil {
			return 0, err
		}
		return res.StatusCode, res.Body.Close()
	}
	if status, err := get(http.DefaultClient, a.APIURL()+"/api/v1/session/oidc"); err != nil || status != http.StatusServiceUnavailable {
		return fmt.Sprint("the sign-in answers ", status, err)
	}
	_, err := get(a.outbound.Client(oidcTimeout, oidcBytes), a.config.API.OIDC.Issuer)
	return fmt.Sprint(err)
}
