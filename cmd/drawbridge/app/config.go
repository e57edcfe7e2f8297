package app

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"drawbridge/application"
	"drawbridge/console"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/internal/web"
	"drawbridge/policy"
	"drawbridge/scim/server"
)

// Config is the whole configuration, read once and never changed. The tags are the names in the file; Keys describes them.
type Config struct {
	Data             string        `mapstructure:"data"`
	Listen           string        `mapstructure:"listen"`
	BaseURL          string        `mapstructure:"base_url"`
	ShutdownDelay    time.Duration `mapstructure:"shutdown_delay"`
	ShutdownTimeout  time.Duration `mapstructure:"shutdown_timeout"`
	Region           string        `mapstructure:"region"`
	CursorSecret     Secret        `mapstructure:"cursor_secret"`
	CursorSecretFile string        `mapstructure:"cursor_secret_file"`

	TLS      TLSConfig      `mapstructure:"tls"`
	Log      LogConfig      `mapstructure:"log"`
	Limits   LimitsConfig   `mapstructure:"limits"`
	Store    StoreConfig    `mapstructure:"store"`
	Backup   BackupConfig   `mapstructure:"backup"`
	Journal  JournalConfig  `mapstructure:"journal"`
	Archive  ArchiveConfig  `mapstructure:"archive"`
	Audit    AuditConfig    `mapstructure:"audit"`
	Metrics  MetricsConfig  `mapstructure:"metrics"`
	API      APIConfig      `mapstructure:"api"`
	Web      WebConfig      `mapstructure:"web"`
	Outbound OutboundConfig `mapstructure:"outbound"`
	Google   GoogleConfig   `mapstructure:"google"`
	Seal     SealConfig     `mapstructure:"seal"`
	Mail     MailConfig     `mapstructure:"mail"`
	Defaults DefaultsConfig `mapstructure:"defaults"`
	Plans    []PlanConfig   `mapstructure:"plans"`

	// Warnings are findings that are no reason to refuse, such as variables that are set but empty.
	Warnings []string `mapstructure:"-"`
	// File is where the configuration was read from; "" if there was none.
	File string `mapstructure:"-"`
}

// TLSConfig says where the certificate comes from. All empty: plain HTTP.
type TLSConfig struct {
	CertFile string     `mapstructure:"cert_file"`
	KeyFile  string     `mapstructure:"key_file"`
	ACME     ACMEConfig `mapstructure:"acme"`
}

// ACMEConfig asks a certificate authority such as Let's Encrypt for the certificate.
type ACMEConfig struct {
	Domain    string `mapstructure:"domain"`
	Email     string `mapstructure:"email"`
	Directory string `mapstructure:"directory"`
}

// On reports whether connections are encrypted.
func (t TLSConfig) On() bool { return t.CertFile != "" || t.ACME.Domain != "" }

// LogConfig says what is logged, and how.
type LogConfig struct {
	Level  string `mapstructure:"level"`
	Format string `mapstructure:"format"`
}

// LimitsConfig limits what a client may ask for.
type LimitsConfig struct {
	SCIMRate        float64       `mapstructure:"scim_rate"`
	SCIMBurst       int           `mapstructure:"scim_burst"`
	SCIMDelay       time.Duration `mapstructure:"scim_hold"`
	HeaderBytes     Bytes         `mapstructure:"header_bytes"`
	BodyBytes       Bytes         `mapstructure:"body_bytes"`
	BodyTimeout     time.Duration `mapstructure:"body_timeout"`
	JSONDepth       int           `mapstructure:"json_depth"`
	JSONValues      int           `mapstructure:"json_values"`
	PageSize        int           `mapstructure:"page_size"`
	MaxPage         int           `mapstructure:"max_page"`
	AnswerBytes     Bytes         `mapstructure:"answer_bytes"`
	PatchOperations int           `mapstructure:"patch_operations"`
	BulkOperations  int           `mapstructure:"bulk_operations"`
	BulkBytes       Bytes         `mapstructure:"bulk_bytes"`
	FilterBytes     int           `mapstructure:"filter_bytes"`
	FilterDepth     int           `mapstructure:"filter_depth"`
	FilterTerms     int           `mapstructure:"filter_terms"`
	CursorTimeout   time.Duration `mapstructure:"cursor_timeout"`
	FailureRate     float64       `mapstructure:"failure_rate"`
	FailureBurst    int           `mapstructure:"failure_burst"`
	AppRate         float64       `mapstructure:"app_rate"`
	AppBurst        int           `mapstructure:"app_burst"`

	JSONNames            int           `mapstructure:"json_names"`
	UserValues           int           `mapstructure:"user_values"`
	MemoryBytes          Bytes         `mapstructure:"memory_bytes"`
	Requests             int           `mapstructure:"requests"`
	RequestsPerOwner     int           `mapstructure:"requests_per_owner"`
	BundleBytes          Bytes         `mapstructure:"bundle_bytes"`
	OpenRate             float64       `mapstructure:"open_rate"`
	OpenBurst            int           `mapstructure:"open_burst"`
	OpenDelay            time.Duration `mapstructure:"open_hold"`
	Connections          int           `mapstructure:"connections"`
	ConnectionsPerClient int           `mapstructure:"connections_per_address"`
}

// application is the configuration of the application API.
func (l LimitsConfig) application() application.Limits {
	return application.Limits{Rate: l.AppRate, Burst: l.AppBurst, FailureRate: l.FailureRate, FailureBurst: l.FailureBurst}
}

// server is the configuration of the SCIM surface.
func (l LimitsConfig) server() server.Limits {
	out := server.DefaultLimits()
	out.Rate, out.Burst, out.Delay = l.SCIMRate, l.SCIMBurst, l.SCIMDelay
	out.Body, out.BulkBytes = int64(l.BodyBytes), int64(l.BulkBytes)
	out.Header, out.Depth, out.Values, out.FilterDepth = int(l.HeaderBytes), l.JSONDepth, l.JSONValues, l.FilterDepth
	out.PageSize, out.MaxPage, out.AnswerBytes = l.PageSize, l.MaxPage, int(l.AnswerBytes)
	out.PatchOperations, out.BulkOperations = l.PatchOperations, l.BulkOperations
	out.FilterBytes, out.FilterTerms, out.CursorTimeout = l.FilterBytes, l.FilterTerms, l.CursorTimeout
	out.FailureRate, out.FailureBurst = l.FailureRate, l.FailureBurst
	out.Names, out.UserValues = l.JSONNames, l.UserValues
	return out
}

// guard is what all surfaces share.
func (l LimitsConfig) guard() web.GuardConfig {
	return web.GuardConfig{
		Memory: int64(l.MemoryBytes), Requests: l.Requests, Each: l.RequestsPerOwner,
		Open: limit.Rate{PerSecond: l.OpenRate, Burst: l.OpenBurst}, Delay: l.OpenDelay,
	}
}

// timeouts are the time-outs of the servers of all surfaces.
func (l LimitsConfig) timeouts() web.Timeouts {
	t := web.DefaultTimeouts().WithRead(l.BodyTimeout)
	t.HeaderBytes = int(l.HeaderBytes)
	return t
}

// BackupConfig says when the store is copied, and where to.
type BackupConfig struct {
	Every time.Duration `mapstructure:"every"` // 0: only by hand
	Dir   string        `mapstructure:"dir"`   // "": backups in the data folder
	Keep  int           `mapstructure:"keep"`
}

// JournalConfig says whether requests are journaled, and how much of them.
type JournalConfig struct {
	Enabled   bool  `mapstructure:"enabled"`
	BodyBytes Bytes `mapstructure:"body_bytes"`
	MaxBytes  Bytes `mapstructure:"max_bytes"`
}

// ArchiveConfig says where audit lines and events go after their time in the store: a folder or a bucket. All empty: there is no archive.
type ArchiveConfig struct {
	S3 S3Config `mapstructure:"s3"`

	Folder string `mapstructure:"folder"`
}

// On reports whether there is an archive.
func (c ArchiveConfig) On() bool { return c.Folder != "" || c.S3.Bucket != "" }

// S3Config is a bucket in storage with the protocol of Amazon S3.
type S3Config struct {
	Endpoint      string `mapstructure:"endpoint"`
	Region        string `mapstructure:"region"`
	Bucket        string `mapstructure:"bucket"`
	Prefix        string `mapstructure:"prefix"`
	Credentials   string `mapstructure:"credentials"`
	AccessKey     string `mapstructure:"access_key"`
	SecretKey     Secret `mapstructure:"secret_key"`
	SecretKeyFile string `mapstructure:"secret_key_file"`

	SessionToken     Secret `mapstructure:"session_token"`
	SessionTokenFile string `mapstructure:"session_token_file"`
	CredentialsFile  string `mapstructure:"credentials_file"`
	Profile          string `mapstructure:"profile"`
}

// MetricsConfig says where Prometheus reads, and with which credential.
type MetricsConfig struct {
	Listen    string `mapstructure:"listen"`
	Token     Secret `mapstructure:"token"`
	TokenFile string `mapstructure:"token_file"`
}

// APIConfig says whether operators reach the API over the network. The unix socket is always there.
type APIConfig struct {
	Enabled         bool          `mapstructure:"enabled"`
	Listen          string        `mapstructure:"listen"`
	BaseURL         string        `mapstructure:"base_url"`
	Console         bool          `mapstructure:"console"`
	SessionIdle     time.Duration `mapstructure:"session_idle"`
	SessionLifetime time.Duration `mapstructure:"session_lifetime"`
	OIDC            OIDCConfig    `mapstructure:"oidc"`
}

// OIDCConfig lets operators sign in by an OpenID provider.
type OIDCConfig struct {
	Issuer           string   `mapstructure:"issuer"`
	ClientID         string   `mapstructure:"client_id"`
	ClientSecret     Secret   `mapstructure:"client_secret"`
	ClientSecretFile string   `mapstructure:"client_secret_file"`
	Domains          []string `mapstructure:"domains"`
	Roles            []string `mapstructure:"roles"`
}

// console is the part of the configuration that the console needs; nil without OpenID Connect.
func (o OIDCConfig) console() *console.OIDC {
	if o.Issuer == "" {
		return nil
	}
	out := &console.OIDC{Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: string(o.ClientSecret), Domains: o.Domains}
	for _, row := range o.Roles {
		group, role, _ := cutLast(row, "=")
		out.Groups = append(out.Groups, console.GroupRole{Group: group, Role: directory.Role(role)})
	}
	return out
}

// cutLast cuts text at the last separator, because names of groups may contain it.
func cutLast(text, separator string) (before, after string, ok bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

// On reports whether the API is served over the network.
func (c APIConfig) On() bool { return c.Enabled || c.Listen != "" }

// WebConfig describes what is between clients and Drawbridge.
type WebConfig struct {
	TrustedProxies []string `mapstructure:"trusted_proxies"`
}

// DefaultsConfig are the defaults of the settings of tenants.
type DefaultsConfig struct {
	SuspensionManual string   `mapstructure:"suspension_manual"`
	Rehire           string   `mapstructure:"rehire"`
	Replay           string   `mapstructure:"replay"`
	OnDelete         string   `mapstructure:"on_delete"`
	TombstoneDays    int      `mapstructure:"tombstone_days"`
	GuestUserTypes   []string `mapstructure:"guest_user_types"`
	SeatsOnLimit     string   `mapstructure:"seats_on_limit"`
	SnapshotZone     string   `mapstructure:"snapshot_zone"`
	SnapshotTime     string   `mapstructure:"snapshot_time"`
	Brake            string   `mapstructure:"brake"`
	AutoDeleteDays   int      `mapstructure:"auto_delete_days"`
	Onboarding       string   `mapstructure:"onboarding"`
	InviteTTLDays    int      `mapstructure:"invite_ttl_days"`
	ConfirmDomains   []string `mapstructure:"confirm_domains"`
	IdleDays         int      `mapstructure:"idle_days"`
	OrphanDays       int      `mapstructure:"orphan_days"`
	JournalDays      int      `mapstructure:"journal_days"`
	JournalMB        int      `mapstructure:"journal_mb"`
	EventDays        int      `mapstructure:"event_days"`
	AuditDays        int      `mapstructure:"audit_days"`
}

// MailConfig says how mail is sent, and who gets notices. Without a host no mail is sent.
type MailConfig struct {
	Host         string            `mapstructure:"host"`
	Port         int               `mapstructure:"port"`
	TLS          string            `mapstructure:"tls"`
	CAFile       string            `mapstructure:"ca_file"`
	Username     string            `mapstructure:"username"`
	Password     Secret            `mapstructure:"password"`
	PasswordFile string            `mapstructure:"password_file"`
	From         string            `mapstructure:"from"`
	Timeout      time.Duration     `mapstructure:"timeout"`
	Gather       time.Duration     `mapstructure:"gather"`
	Recipients   []RecipientConfig `mapstructure:"recipients"`
}

// On reports whether mail is sent.
func (m MailConfig) On() bool { return m.Host != "" }

// RecipientConfig is a recipient of notices by mail.
type RecipientConfig struct {
	Address string        `mapstructure:"address"`
	Tenants []string      `mapstructure:"tenants"`
	Kinds   []string      `mapstructure:"kinds"`
	Gather  time.Duration `mapstructure:"gather"`
}

// recipients are the recipients in the form of the bridge.
func (m MailConfig) recipients() []directory.Recipient {
	out := make([]directory.Recipient, 0, len(m.Recipients))
	for _, r := range m.Recipients {
		to := directory.Recipient{Address: r.Address, Kinds: r.Kinds, Gather: cmp.Or(r.Gather, m.Gather)}
		for _, t := range r.Tenants {
			to.Tenants = append(to.Tenants, directory.TenantID(t))
		}
		out = append(out, to)
	}
	return out
}

// PlanConfig is a row of the catalogue of plans (B5).
type PlanConfig struct {
	Name           string  `mapstructure:"name"`
	Title          string  `mapstructure:"title"`
	MaxMembers     int     `mapstructure:"max_members"`
	IncludedGuests int     `mapstructure:"included_guests"`
	IncludedSeats  int     `mapstructure:"included_seats"`
	GuestMaxGroups int     `mapstructure:"guest_max_groups"`
	SCIM           bool    `mapstructure:"scim"`
	CustomGroups   bool    `mapstructure:"custom_groups"`
	FlatPrice      float64 `mapstructure:"flat_price"`
	SeatPrice      float64 `mapstructure:"seat_price"`
	Currency       string  `mapstructure:"currency"`
	BilledEvery    string  `mapstructure:"billed_every"`
	Onboarding     string  `mapstructure:"onboarding"`
}

// plan is the row as the bridge wants it.
func (p PlanConfig) plan() directory.Plan {
	return directory.Plan{
		Name: p.Name, Title: cmp.Or(p.Title, p.Name), MaxMembers: p.MaxMembers, IncludedGuests: p.IncludedGuests, IncludedSeats: p.IncludedSeats,
		GuestMaxGroups: p.GuestMaxGroups, SCIM: p.SCIM, CustomGroups: p.CustomGroups, FlatPrice: p.FlatPrice,
		PricePerSeat: p.SeatPrice, Currency: p.Currency, BilledEvery: p.BilledEvery, Onboarding: directory.Onboarding(p.Onboarding),
	}
}

// planConfig is the reverse of plan.
func planConfig(p directory.Plan) PlanConfig {
	return PlanConfig{
		Name: p.Name, Title: p.Title, MaxMembers: p.MaxMembers, IncludedGuests: p.IncludedGuests, IncludedSeats: p.IncludedSeats,
		GuestMaxGroups: p.GuestMaxGroups, SCIM: p.SCIM, CustomGroups: p.CustomGroups, FlatPrice: p.FlatPrice,
		SeatPrice: p.PricePerSeat, Currency: p.Currency, BilledEvery: p.BilledEvery, Onboarding: string(p.Onboarding),
	}
}

// DirectoryPlans is the catalogue of plans: the configured one, or the shipped one if there is none.
func (c *Config) DirectoryPlans() []directory.Plan {
	if len(c.Plans) == 0 {
		return policy.ShippedPlans()
	}
	out := make([]directory.Plan, len(c.Plans))
	for i, p := range c.Plans {
		out[i] = p.plan()
	}
	return out
}

// Settings are the defaults for tenants.
func (c *Config) Settings() directory.Settings {
	s := policy.DefaultSettings()
	s.ManualSuspension = directory.SuspensionMode(c.Defaults.SuspensionManual)
	s.Rehire = directory.RehireMode(c.Defaults.Rehire)
	s.Replay = directory.ReplayMode(c.Defaults.Replay)
	s.OnDelete = directory.OnDelete(c.Defaults.OnDelete)
	s.TombstoneDays = c.Defaults.TombstoneDays
	s.GuestUserTypes = slices.Clone(c.Defaults.GuestUserTypes)
	s.EventDays, s.AuditDays = c.Defaults.EventDays, c.Defaults.AuditDays
	s.OnLimit = directory.OnLimit(c.Defaults.SeatsOnLimit)
	s.SnapshotZone, s.SnapshotTime = c.Defaults.SnapshotZone, c.Defaults.SnapshotTime
	s.Brake = directory.BrakeMode(c.Defaults.Brake)
	s.AutoDeleteDays = c.Defaults.AutoDeleteDays
	s.Onboarding, s.InviteTTLDays = directory.Onboarding(c.Defaults.Onboarding), c.Defaults.InviteTTLDays
	s.ConfirmDomains = slices.Clone(c.Defaults.ConfirmDomains)
	s.IdleDays, s.OrphanDays = c.Defaults.IdleDays, c.Defaults.OrphanDays
	s.JournalDays, s.JournalMB = c.Defaults.JournalDays, c.Defaults.JournalMB
	return s
}

// Secret is a value that is never printed.
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "<secret>"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText hides the value from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Bytes is an amount of memory or disk. In a file it is a number, optionally with KiB, MiB or GiB.
type Bytes int64

// The units that Bytes are written in, the largest first.
func units() []struct {
	name string
	size Bytes
} {
	return []struct {
		name string
		size Bytes
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}
}

// String writes whole units.
func (b Bytes) String() string {
	for _, u := range units() {
		if b != 0 && b%u.size == 0 {
			return strconv.FormatInt(int64(b/u.size), 10) + " " + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// ParseBytes reads what String writes.
func ParseBytes(text string) (Bytes, error) {
	number, scale := strings.TrimSpace(text), Bytes(1)
	for _, u := range units() {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, scale = strings.TrimSpace(rest), u.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || Bytes(n) > (1<<62)/scale {
		return 0, fmt.Errorf("%q is not an amount: write a number of bytes, or one with KiB, MiB or GiB, such as 5MiB", text)
	}
	return Bytes(n) * scale, nil
}

// delimiter between the parts of a viper key. Not a dot, since values of ours have dots in them.
const delimiter = "::"

// envPrefix begins every variable of ours.
const envPrefix = "DRAWBRIDGE_"

// FileEnv is the variable that names the configuration file, for commands that were given none.
const FileEnv = envPrefix + "CONFIG"
