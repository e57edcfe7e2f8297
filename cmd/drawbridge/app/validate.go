package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"drawbridge/bridge/mail"
	"drawbridge/directory"
	"drawbridge/internal/web"
	"drawbridge/policy"
)

// Validate reports everything that is wrong with the configuration, as Findings. Load does it for what it returns.
func (c *Config) Validate() error {
	if found := c.check(); len(found) > 0 {
		return found
	}
	return nil
}

func (c *Config) check() Findings {
	var f Findings
	add := func(format string, args ...any) { f = append(f, fmt.Sprintf(format, args...)) }

	if c.Data == "" {
		add("data: a folder is needed")
	}
	c.checkListen(add)
	c.checkTLS(add)
	c.checkLimits(add)
	if c.ShutdownDelay < 0 || c.ShutdownDelay > time.Minute {
		add("shutdown_delay: %s is not between 0s and 1m", c.ShutdownDelay)
	}
	if c.ShutdownTimeout <= 0 {
		add("shutdown_timeout: %s is not a duration such as 30s", c.ShutdownTimeout)
	}
	if n := len(c.CursorSecret); n > 0 && n < 32 {
		add("cursor_secret: %d characters are too few; at least 32 random ones are needed", n)
	}
	for _, p := range c.Web.TrustedProxies {
		if _, err := web.ParseProxies([]string{p}); err != nil {
			add("web.trusted_proxies: %q is neither an address nor a network such as 10.0.0.0/8", p)
		}
	}
	for _, k := range Keys() {
		if value, ok := c.value(k).(string); ok && k.Choices != nil && !slices.Contains(k.Choices, value) {
			add("%s: %q is none of %s", k.Name, value, strings.Join(k.Choices, ", "))
		}
	}
	if d := c.Defaults.TombstoneDays; d < 1 || d > 3650 {
		add("defaults.tombstone_days: %d is not between 1 and 3650", d)
	}
	if d := c.Defaults.EventDays; d < 30 || d > 3650 {
		add("defaults.event_days: %d is not between 30 and 3650", d)
	}
	if d := c.Defaults.AuditDays; d < 30 || d > 3650 {
		add("defaults.audit_days: %d is not between 30 and 3650", d)
	}
	c.checkClock(add)
	if e := c.Backup.Every; e < 0 || e > 0 && e < time.Minute {
		add("backup.every: %s is not at least 1m, and not 0s (only by hand)", e)
	}
	if n := c.Journal.BodyBytes; n < 1<<10 || n > 1<<20 {
		add("journal.body_bytes: %s is not between 1 KiB and 1 MiB", n)
	}
	c.checkArchive(add)
	if n := c.Journal.MaxBytes; n < 1<<20 {
		add("journal.max_bytes: %s is less than 1 MiB", n)
	}
	if k := c.Backup.Keep; k < 1 || k > 10000 {
		add("backup.keep: %d is not between 1 and 10000", k)
	}
	c.checkAudit(add)
	c.checkOutbound(add)
	c.checkPull(add)
	c.checkMail(add)
	c.checkPlans(add)
	return f
}

func (c *Config) checkListen(add func(string, ...any)) {
	if err := checkAddress(c.Listen); err != nil {
		add("listen: %s", err)
	}
	if c.Metrics.Listen != "" {
		if err := checkAddress(c.Metrics.Listen); err != nil {
			add("metrics.listen: %s", err)
		} else if c.Metrics.Listen == c.Listen && !strings.HasSuffix(c.Listen, ":0") {
			add("metrics.listen: %s is taken by listen; leave metrics.listen out to have both on one address", c.Listen)
		}
	}
	if n := len(c.Metrics.Token); n > 0 && n < 16 {
		add("metrics.token: %d characters are too few; at least 16 random ones are needed", n)
	}
	if c.API.Listen != "" {
		if err := checkAddress(c.API.Listen); err != nil {
			add("api.listen: %s", err)
		} else if !strings.HasSuffix(c.API.Listen, ":0") && (c.API.Listen == c.Listen || c.API.Listen == c.Metrics.Listen) {
			add("api.listen: %s is taken; leave api.listen out and set api.enabled to have the API on listen", c.API.Listen)
		}
	}
	if c.API.SessionIdle < time.Minute || c.API.SessionLifetime < c.API.SessionIdle {
		add("api.session_idle and api.session_lifetime: %s and %s; a session lives at least 1m without a request, and at least that long in all", c.API.SessionIdle, c.API.SessionLifetime)
	}
	c.checkOIDC(add)
	checkBase("base_url", c.BaseURL, add)
	checkBase("api.base_url", c.API.BaseURL, add)
}

func checkBase(key, base string, add func(string, ...any)) {
	if base == "" {
		return
	}
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		add("%s: %q is not a URL that begins with http:// or https:// and a host", key, base)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		add("%s: only scheme, host and port are expected, as in %s://%s", key, u.Scheme, u.Host)
	}
}

func (c *Config) checkOIDC(add func(string, ...any)) {
	o := c.API.OIDC
	if o.Issuer == "" {
		if o.ClientID != "" || len(o.Domains)+len(o.Roles) > 0 {
			add("api.oidc: without api.oidc.issuer there is no such sign-in")
		}
		return
	}
	if _, err := c.guard(nil).ParseURL("api.oidc.issuer", o.Issuer); err != nil {
		add("api.oidc.issuer: %s", messageOf(err))
	}
	if o.ClientID == "" {
		add("api.oidc.client_id: the provider's name for this installation is needed")
	}
	if len(o.Domains) == 0 {
		add("api.oidc.domains: at least one domain is needed, otherwise no operator may sign in")
	}
	for _, row := range o.Roles {
		group, role, ok := cutLast(row, "=")
		if !ok || group == "" || !slices.Contains(directory.Roles(), directory.Role(role)) {
			add("api.oidc.roles: %q is not a group=role with one of the roles owner, administrator_billing, administrator, technician, help_desk, read_only", row)
		}
	}
	if !c.API.On() {
		add("api.oidc: the API is not on the network; set api.enabled or api.listen")
	}
}

func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not an address with a port, such as 127.0.0.1:8080", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q has no port between 0 and 65535", address)
	}
	if host != "" && host != "localhost" && net.ParseIP(strings.Split(host, "%")[0]) == nil && !isHostName(host) {
		return fmt.Errorf("%q is neither an address nor a host name", host)
	}
	return nil
}

func isHostName(name string) bool {
	return len(name) <= 253 && regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`).MatchString(name)
}

func (c *Config) checkTLS(add func(string, ...any)) {
	t := c.TLS
	if (t.CertFile == "") != (t.KeyFile == "") {
		add("tls.cert_file and tls.key_file belong together; %s is missing",
			map[bool]string{true: "tls.cert_file", false: "tls.key_file"}[t.CertFile == ""])
	}
	if t.CertFile != "" && t.KeyFile != "" {
		if err := checkKeyPair(t.CertFile, t.KeyFile); err != nil {
			add("tls: %s", err)
		}
	}
	if t.ACME.Domain == "" {
		if t.ACME.Email != "" || t.ACME.Directory != "" {
			add("tls.acme: without tls.acme.domain there is nothing to get a certificate for")
		}
		return
	}
	if t.CertFile != "" {
		add("tls.acme.domain and tls.cert_file exclude each other: either a certificate from an authority or one from a file")
	}
	if !isHostName(t.ACME.Domain) || !strings.Contains(t.ACME.Domain, ".") || net.ParseIP(t.ACME.Domain) != nil {
		add("tls.acme.domain: %q is not a public host name", t.ACME.Domain)
	}
	if t.ACME.Email != "" && (!strings.Contains(t.ACME.Email, "@") || strings.ContainsAny(t.ACME.Email, " \r\n")) {
		add("tls.acme.email: %q is not an e-mail address", t.ACME.Email)
	}
}

func checkKeyPair(certFile, keyFile string) error {
	for _, file := range []string{certFile, keyFile} {
		if _, err := os.Stat(file); err != nil {
			return err
		}
	}
	_, err := tls.LoadX509KeyPair(certFile, keyFile)
	return err
}

func (c *Config) checkLimits(add func(string, ...any)) {
	c.checkRates(add)
	c.checkCounts(add)
	l := c.Limits
	if l.MemoryBytes < 16<<20 || l.MemoryBytes > 1<<40 {
		add("limits.memory_bytes: %s is not between 16 MiB and 1 TiB", l.MemoryBytes)
	}
	if l.BundleBytes < 1<<20 || l.BundleBytes > 1<<46 {
		add("limits.bundle_bytes: %s is not between 1 MiB and 64 TiB", l.BundleBytes)
	}
	if l.OpenRate < 0 || l.OpenRate > 1e6 {
		add("limits.open_rate: %g is not between 0 (no limit) and 1000000", l.OpenRate)
	}
	if l.OpenRate > 0 && l.OpenBurst < 1 {
		add("limits.open_burst: at least 1 is needed, otherwise no operator can sign in")
	}
	if l.OpenDelay < 0 || l.OpenDelay > 5*time.Second {
		add("limits.open_hold: %s is not between 0s (answered at once) and 5s", l.OpenDelay)
	}
	if l.HeaderBytes < 4<<10 || l.HeaderBytes > 1<<20 {
		add("limits.header_bytes: %s is not between 4 KiB and 1 MiB", l.HeaderBytes)
	}
	if l.AnswerBytes < 64<<10 || l.AnswerBytes > 1<<30 {
		add("limits.answer_bytes: %s is not between 64 KiB and 1 GiB", l.AnswerBytes)
	}
	if l.BodyTimeout < time.Second || l.BodyTimeout > 10*time.Minute {
		add("limits.body_timeout: %s is not between 1s and 10m", l.BodyTimeout)
	}
	if l.CursorTimeout < time.Minute {
		add("limits.cursor_timeout: %s is too short to read a page; at least 1m", l.CursorTimeout)
	}
	if l.FailureRate < 0 || l.FailureRate > 0 && l.FailureBurst < 1 {
		add("limits.failure_rate and limits.failure_burst: %g and %d let nothing pass", l.FailureRate, l.FailureBurst)
	}
	if l.PageSize > l.MaxPage && l.MaxPage > 0 {
		add("limits.page_size: %d is more than limits.max_page, %d", l.PageSize, l.MaxPage)
	}
	for _, n := range []struct {
		name  string
		value Bytes
	}{{"limits.body_bytes", l.BodyBytes}, {"limits.bulk_bytes", l.BulkBytes}} {
		if n.value < 4<<10 || n.value > 1<<30 {
			add("%s: %s is not between 4 KiB and 1 GiB", n.name, n.value)
		}
	}
	if n := c.Store.MaxBytes; n != 0 && n < 1<<20 {
		add("store.max_bytes: %s is less than an empty store needs; at least 1 MiB", n)
	}
}

// checkRates checks how fast a connection and an application may ask.
func (c *Config) checkRates(add func(string, ...any)) {
	l := c.Limits
	if l.SCIMRate < 0 || l.SCIMRate > 1e6 {
		add("limits.scim_rate: %g is not between 0 (no limit) and 1000000", l.SCIMRate)
	}
	if l.SCIMDelay < 0 || l.SCIMDelay > 5*time.Second {
		add("limits.scim_hold: %s is not between 0s (answered at once) and 5s", l.SCIMDelay)
	}
	if l.SCIMRate > 0 && l.SCIMBurst < 1 {
		add("limits.scim_burst: at least 1 is needed, otherwise no request passes")
	}
	if l.AppRate < 0 || l.AppRate > 1e6 {
		add("limits.app_rate: %g is not between 0 (no limit) and 1000000", l.AppRate)
	}
	if l.AppRate > 0 && l.AppBurst < 1 {
		add("limits.app_burst: at least 1 is needed, otherwise no request passes")
	}
}

// checkCounts checks the limits that count things.
func (c *Config) checkCounts(add func(string, ...any)) {
	l := c.Limits
	for _, n := range []struct {
		name     string
		value    int
		from, to int
	}{
		{"limits.page_size", l.PageSize, 1, 100000},
		{"limits.max_page", l.MaxPage, 1, 100000},
		{"limits.patch_operations", l.PatchOperations, 1, 1000000},
		{"limits.bulk_operations", l.BulkOperations, 1, 1000000},
		{"limits.filter_bytes", l.FilterBytes, 64, 1000000},
		{"limits.filter_depth", l.FilterDepth, 2, 500},
		{"limits.filter_terms", l.FilterTerms, 1, 2000},
		{"limits.json_depth", l.JSONDepth, 10, 500},
		{"limits.json_values", l.JSONValues, 1000, 100_000_000},
		{"limits.json_names", l.JSONNames, 100, 1_000_000},
		{"limits.user_values", l.UserValues, 200, 10_000_000},
		{"limits.requests", l.Requests, 8, 1_000_000},
		{"limits.requests_per_owner", l.RequestsPerOwner, 1, 1_000_000},
		{"limits.connections", l.Connections, 16, 1_000_000},
		{"limits.connections_per_address", l.ConnectionsPerClient, 4, 1_000_000},
	} {
		if n.value < n.from || n.value > n.to {
			add("%s: %d is not between %d and %d", n.name, n.value, n.from, n.to)
		}
	}
}

// checkClock checks the times of jobs, with the same errors as for the settings of a tenant.
func (c *Config) checkClock(add func(string, ...any)) {
	d := &c.Defaults
	for _, own := range []directory.Overrides{
		{SnapshotTime: &d.SnapshotTime},
		{AutoDeleteDays: &d.AutoDeleteDays},
		{IdleDays: &d.IdleDays},
		{OrphanDays: &d.OrphanDays},
		{InviteTTLDays: &d.InviteTTLDays},
		{ConfirmDomains: &d.ConfirmDomains},
		{JournalDays: &d.JournalDays},
		{JournalMB: &d.JournalMB},
	} {
		var wrong *directory.Error
		if errors.As(policy.CheckOverrides(own), &wrong) {
			add("defaults.%s: %s", wrong.Field, wrong.Message)
		}
	}
	if _, err := time.LoadLocation(d.SnapshotZone); err != nil || d.SnapshotZone == "" || d.SnapshotZone == "Local" {
		add("defaults.snapshot_zone: there is no time zone %q; write one as America/New_York, Europe/Zurich or UTC", d.SnapshotZone)
	}
}

func (c *Config) checkMail(add func(string, ...any)) {
	m := c.Mail
	if m.On() {
		if _, err := c.mailer(func() time.Time { return time.Time{} }, nil); err != nil {
			var known *directory.Error
			if errors.As(err, &known) {
				add("mail.%s: %s", known.Field, known.Message)
			} else {
				add("mail: %s", err)
			}
		}
	} else if len(m.Recipients) > 0 {
		add("mail.recipients: there are recipients, and mail.host is missing")
	}
	if !m.On() && c.Defaults.Onboarding == string(directory.OnboardInvite) {
		add("defaults.onboarding: people are to be invited by mail, and mail.host is missing")
	}
	if m.Timeout <= 0 || m.Timeout > 10*time.Minute {
		add("mail.timeout: %s is not between 1s and 10m", m.Timeout)
	}
	if m.Gather < time.Minute || m.Gather > 24*time.Hour {
		add("mail.gather: %s is not between 1m and 24h", m.Gather)
	}
	for i, r := range m.Recipients {
		where := recipientsKey + "[" + strconv.Itoa(i) + "]"
		if err := policy.CheckEmail("address", r.Address); err != nil {
			add("%s: %q is not an e-mail address such as ada@example.com", where, r.Address)
		}
		for _, kind := range r.Kinds {
			if !policy.KnownKind(kind) {
				add("%s: there is no kind of event %q; docs/events.md lists them, and user.* means all that begin so", where, kind)
			}
		}
		if r.Gather != 0 && (r.Gather < time.Minute || r.Gather > 24*time.Hour) {
			add("%s: gather %s is not between 1m and 24h", where, r.Gather)
		}
	}
}

// mailer makes the way to the mail server.
func (c *Config) mailer(now func() time.Time, introduction func(context.Context) (directory.Introduction, error)) (*mail.Sender, error) {
	m := c.Mail
	var roots *x509.CertPool
	if m.CAFile != "" {
		pem, err := os.ReadFile(m.CAFile)
		if err != nil {
			return nil, &directory.Error{Code: directory.Invalid, Field: "ca_file", Message: err.Error()}
		}
		if roots = x509.NewCertPool(); !roots.AppendCertsFromPEM(pem) {
			return nil, &directory.Error{Code: directory.Invalid, Field: "ca_file", Message: m.CAFile + " has no certificate in PEM"}
		}
	}
	return mail.New(mail.Config{
		Host: m.Host, Port: m.Port, Security: mail.Security(m.TLS), Username: m.Username, Password: string(m.Password), From: m.From,
		Roots: roots, Timeout: m.Timeout, Now: now, Introduction: introduction,
	})
}

func (c *Config) checkPlans(add func(string, ...any)) {
	name := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	currency := regexp.MustCompile(`^[A-Z]{3}$`)
	seen := map[string]bool{}
	for i, p := range c.Plans {
		where := "plans[" + strconv.Itoa(i) + "]"
		switch {
		case p.Name == "":
			add("%s: a plan needs a name", where)
		case !name.MatchString(p.Name):
			add("%s: the name %q has other characters than a-z, 0-9 and hyphen, or more than 40", where, p.Name)
		case seen[p.Name]:
			add("%s: there are two plans named %q", where, p.Name)
		}
		seen[p.Name] = true
		if min(p.MaxMembers, p.IncludedGuests, p.IncludedSeats, p.GuestMaxGroups) < 0 || min(p.FlatPrice, p.SeatPrice) < 0 {
			add("%s: a number is less than 0", where)
		}
		if p.Currency != "" && !currency.MatchString(p.Currency) {
			add("%s: currency %q is not three capital letters such as USD", where, p.Currency)
		}
		if o := directory.Onboarding(p.Onboarding); o != "" && o != directory.OnboardDirect && o != directory.OnboardInvite {
			add("%s: onboarding is direct or invite, not %q", where, p.Onboarding)
		}
		if p.BilledEvery != "" && p.BilledEvery != "month" && p.BilledEvery != "year" {
			add("%s: billed_every is month or year, not %q", where, p.BilledEvery)
		}
	}
}
