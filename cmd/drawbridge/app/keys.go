package app

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"drawbridge/archive/s3"
	"drawbridge/internal/web"
	"drawbridge/policy"
	"drawbridge/scim/server"
)

// Key is one row of the table of settings, from which the defaults, the variables, the example file and the help are made.
type Key struct {
	Name    string   // as in the file, with dots between the levels: "limits.scim_rate"
	Default any      // its type is the type of the setting
	Help    string   // for the example file; lines are wrapped there
	Choices []string // what is allowed, if that is a list
	Example string   // shown in the example file if the default is empty
}

// Env is the variable that sets the key.
func (k Key) Env() string { return envPrefix + strings.ToUpper(strings.ReplaceAll(k.Name, ".", "_")) }

func (k Key) viper() string { return strings.ReplaceAll(k.Name, ".", delimiter) }

// text is the default as one writes it in a file.
func (k Key) text() string { return yamlValue(k.Default) }

// Keys is the table of settings, in the order of the example file. Plans are not in it: they are a list (see planFields).
func Keys() []Key {
	return slices.Concat(serverKeys(), limitKeys(), storageKeys(), apiKeys(), outboundKeys(), defaultKeys())
}

// serverKeys are about listeners and logs.
func serverKeys() []Key {
	return []Key{
		{Name: "data", Default: "data", Help: "The folder with everything that Drawbridge keeps: the store, the socket of the command line, certificates. It is created if it does not exist. Relative to the working directory."},
		{Name: "listen", Default: "127.0.0.1:8080", Help: "Address for SCIM and health, and for metrics as metrics.listen says. An empty host, as in \":8443\", means every interface; port 0 takes a free one."},
		{Name: "base_url", Default: "", Example: "https://scim.example.com", Help: "How identity providers reach this server from outside, without a path at the end. It begins the base URL of every connection and meta.location. Without it, the base URL is made from listen, and meta.location is a path unless the request came to a loopback address, to the address of this machine, or through a trusted proxy that names the host: a Host header alone proves nothing."},
		{Name: "shutdown_delay", Default: time.Duration(0), Help: "How long a stop goes on serving after /readyz has turned red, so that a balancer sends requests to other servers before this one is gone. 0s: 5s if servers share a database (store.url), otherwise no time at all."},
		{Name: "shutdown_timeout", Default: 30 * time.Second, Help: "How long a stop waits for requests that are under way."},
		{Name: "region", Default: "", Example: "eu", Help: "The region in which this installation keeps its data. A company that is linked from another installation must have the same one; it is never inferred from anything."},
		{Name: "cursor_secret", Default: Secret(""), Help: "Signs the cursors of paged lists, at least 32 characters. Empty: one is made at the first start and kept in the data folder, which is right for one server."},
		{Name: "cursor_secret_file", Default: "", Example: "/run/secrets/drawbridge-cursor", Help: "A file that holds cursor_secret, for secrets that are mounted."},

		{Name: "tls.cert_file", Default: "", Example: "/etc/drawbridge/tls.crt", Help: "Certificate chain in PEM. With key_file it turns HTTPS on. Both files are read again when they change."},
		{Name: "tls.key_file", Default: "", Example: "/etc/drawbridge/tls.key", Help: "Private key in PEM."},
		{Name: "tls.acme.domain", Default: "", Example: "scim.example.com", Help: "Get the certificate for this name from an ACME authority. The server must be reachable under the name on port 443."},
		{Name: "tls.acme.email", Default: "", Example: "ops@example.com", Help: "Where the authority writes when something is wrong with the certificate."},
		{Name: "tls.acme.directory", Default: "", Help: "URL of the authority's directory. Empty: Let's Encrypt."},

		{Name: "log.level", Default: "info", Choices: []string{"debug", "info", "warn", "error"}, Help: "The least important level that is written."},
		{Name: "log.format", Default: "text", Choices: []string{"text", "json"}, Help: "How log lines look."},
	}
}

// limitKeys are about what bounds clients.
func limitKeys() []Key {
	l := server.DefaultLimits()
	return []Key{
		{Name: "limits.scim_rate", Default: l.Rate, Help: "SCIM requests per second that one connection may send for long; more get 429 with Retry-After. 0: no limit."},
		{Name: "limits.scim_burst", Default: l.Burst, Help: "SCIM requests that one connection may send at once before scim_rate applies."},
		{Name: "limits.scim_hold", Default: l.Delay, Help: "A connection that ignores the Retry-After of a 429 gets its next 429 later, by half of the Retry-After and at most by this. 0s: always at once."},
		{Name: "limits.memory_bytes", Default: Bytes(web.DefaultMemory), Help: "Memory that all requests under way may hold together; beyond it 503 and when to come back. A request claims its share before it is parsed: 4 bytes for each byte of its body and 150 for each value in it. In a container it is a quarter of the container's memory at most. The garbage collector keeps the whole process to about this and 96 MiB more, unless GOMEMLIMIT says otherwise."},
		{Name: "limits.requests", Default: web.DefaultRequests, Help: "Requests with a credential that are under way at once; beyond it 503."},
		{Name: "limits.requests_per_owner", Default: web.DefaultEach, Help: "Of them, requests of one connection, operator or application key."},
		{Name: "limits.connections", Default: web.DefaultConnections, Help: "Network connections that are open at once. A new one takes the place of one that is idle, or waits for a refusal, of the client that has the most."},
		{Name: "limits.connections_per_address", Default: web.DefaultAddressConnections, Help: "Of them, connections from one address. Trusted proxies and the machine itself may have more."},
		{Name: "limits.open_rate", Default: 50.0, Help: "Requests per second that one address may send for long to what needs no credential: signing in, one-time links, the OAuth token endpoint, the page of invitations, pages of the console, paths that lead nowhere. More get 429 before their body is read. 0: no limit."},
		{Name: "limits.open_burst", Default: 1000, Help: "Such requests that one address may send at once before open_rate applies."},
		{Name: "limits.open_hold", Default: l.Delay, Help: "How long such a 429, and a 503 for lack of room, is delayed at most, so that a client that ignores it gets slower; longer, up to eight times, while many refusals of one address wait. 0s: not at all."},
		{Name: "limits.header_bytes", Default: Bytes(l.Header), Help: "Longest request line and header together; beyond it 431, and beyond 8 KiB more the connection is closed."},
		{Name: "limits.body_bytes", Default: Bytes(l.Body), Help: "Longest body of a request; beyond it 413."},
		{Name: "limits.body_timeout", Default: web.DefaultTimeouts().Read, Help: "How long a request may take to arrive; beyond it 408."},
		{Name: "limits.json_depth", Default: l.Depth, Help: "Levels of nesting in the JSON of a body; beyond it 400."},
		{Name: "limits.json_values", Default: l.Values, Help: "Values in the JSON of a body, names included; beyond it 400. A member of a group takes five to nine."},
		{Name: "limits.json_names", Default: l.Names, Help: "Names in one object of the JSON of a body; beyond it 400."},
		{Name: "limits.user_values", Default: l.UserValues, Help: "Values, names included, in a request about one user or one resource of a custom type; beyond it 413. A PATCH may have four times as many."},
		{Name: "limits.page_size", Default: l.PageSize, Help: "Resources on a page of a list when the client does not say."},
		{Name: "limits.max_page", Default: l.MaxPage, Help: "Resources on a page of a list at most, even if the client asks for more."},
		{Name: "limits.answer_bytes", Default: Bytes(l.AnswerBytes), Help: "Longest page of a list; beyond it 400 tooMany, so that the client asks for fewer."},
		{Name: "limits.patch_operations", Default: l.PatchOperations, Help: "Operations in one PATCH."},
		{Name: "limits.bulk_operations", Default: l.BulkOperations, Help: "Operations in one Bulk request, as announced in ServiceProviderConfig."},
		{Name: "limits.bulk_bytes", Default: Bytes(l.BulkBytes), Help: "Longest body of a Bulk request, as announced in ServiceProviderConfig."},
		{Name: "limits.bundle_bytes", Default: Bytes(4 << 30), Help: "Longest hand-over bundle that is taken in; beyond it 413. It lies on the disk of the data folder meanwhile, where 256 MiB stay free for the store; without that room 503."},
		{Name: "limits.filter_bytes", Default: l.FilterBytes, Help: "Longest filter, in bytes."},
		{Name: "limits.filter_depth", Default: l.FilterDepth, Help: "Parentheses and brackets inside each other in one filter."},
		{Name: "limits.filter_terms", Default: l.FilterTerms, Help: "Comparisons in one filter."},
		{Name: "limits.cursor_timeout", Default: l.CursorTimeout, Help: "How long a cursor of a paged list can be used."},
		{Name: "limits.failure_rate", Default: l.FailureRate, Help: "Wrong credentials per second from one address that are answered 401; the others get 429. 0: no limit."},
		{Name: "limits.failure_burst", Default: l.FailureBurst, Help: "Wrong credentials from one address at once before failure_rate applies."},
		{Name: "limits.app_rate", Default: 100.0, Help: "Requests per second that one application key may send for long to /app/v1; more get 429 with Retry-After. 0: no limit."},
		{Name: "limits.app_burst", Default: 200, Help: "Requests that one application key may send at once before app_rate applies."},
	}
}

// storageKeys are about what the server keeps: the store, its copies and the request journal.
func storageKeys() []Key {
	return []Key{
		{Name: "store.url", Default: Secret(""), Example: "postgres://drawbridge@db.example.com/drawbridge", Help: "A PostgreSQL database (15 or later) that keeps everything, so that several servers may run on it (docs/postgres.md). Empty: one file in the data folder, for one server."},
		{Name: "store.url_file", Default: "", Example: "/run/secrets/drawbridge-store", Help: "A file that holds store.url, for secrets that are mounted."},
		{Name: "store.observe_url", Default: Secret(""), Example: "postgres://drawbridge@db.example.com/drawbridge_observe", Help: "With store.url: an empty database for the copies on which connections in observe mode work (docs/observe.md). Empty: there is no observe mode."},
		{Name: "store.observe_url_file", Default: "", Example: "/run/secrets/drawbridge-observe", Help: "A file that holds store.observe_url, for secrets that are mounted."},
		{Name: "store.connections", Default: 0, Help: "Connections to the database at most. 0: 4, and 2 for each core."},
		{Name: "store.migrate", Default: migrateByHand, Choices: []string{migrateByHand, migrateAuto}, Help: "Who brings the schema of the database up to date: manual waits for drawbridge migrate up, auto lets the server do it when it starts."},
		{Name: "store.require_sync", Default: false, Help: "Be ready only while commits wait for a standby of the database, so that nothing that was answered is lost with the primary."},
		{Name: "store.max_bytes", Default: Bytes(0), Help: "Writes that would let the store file grow beyond this are answered 503. 0: as long as the disk has room."},
		{Name: "store.mmap_bytes", Default: Bytes(0), Help: "Address space to reserve for the store file at the start, so that a growing store never has to wait for readers. 0: a value that suits most."},

		{Name: "backup.every", Default: time.Duration(0), Example: "24h", Help: "How often the server copies its store by itself, while it keeps working, and verifies the copy. 0s: only with drawbridge backup."},
		{Name: "backup.dir", Default: "", Example: "/var/backups/drawbridge", Help: "Where copies go, at best on another disk. It needs room for backup.keep copies and one more. Empty: the folder backups in the data folder."},
		{Name: "backup.keep", Default: 7, Help: "How many copies stay; the oldest go when a new one is verified."},

		{Name: "journal.enabled", Default: true, Help: "Keep a journal of the requests of identity providers and their answers, masked, in the folder journal of the data folder. It is written beside the requests and never slows or fails one. false keeps none, of no tenant."},
		{Name: "journal.body_bytes", Default: Bytes(16 << 10), Help: "How much of each body the journal keeps; a longer one is cut, and marked as cut. Between 1 KiB and 1 MiB."},
		{Name: "journal.max_bytes", Default: Bytes(1 << 30), Help: "How large the journals of all tenants may be together; the largest gives first."},
		{Name: "archive.folder", Default: "", Example: "/srv/drawbridge-archive", Help: "Where audit lines and events go that are older than audit_days and event_days. The folder must be there; several servers on one database need the same one. Without an archive, audit lines stay in the store, and old events are forgotten."},
		{Name: "archive.s3.bucket", Default: "", Example: "drawbridge-archive", Help: "Instead of archive.folder: a bucket in storage with the protocol of Amazon S3, which must be there. Empty: none."},
		{Name: "archive.s3.endpoint", Default: "", Example: "https://s3.eu-central-1.amazonaws.com", Help: "The URL of this storage, without a path. An address that is not public needs outbound.allow."},
		{Name: "archive.s3.region", Default: s3.DefaultRegion, Help: "The region of the bucket."},
		{Name: "archive.s3.prefix", Default: "", Example: "production", Help: "What the names of all objects begin with, without a slash at its ends. Two installations in one bucket need two."},
		{Name: "archive.s3.credentials", Default: string(s3.Keys), Help: "What signs the requests. With keys these are access_key and secret_key. With file, a profile of a shared credentials file of AWS (credentials_file, profile). With environment, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. With role these are temporary credentials of the role of this machine, from the metadata service of AWS, which outbound.allow must permit (169.254.169.254/32), or from where AWS_WEB_IDENTITY_TOKEN_FILE or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI in the environment say."},
		{Name: "archive.s3.access_key", Default: "", Help: "The id of a key that may list the bucket, and read and write objects under the prefix. It needs no right to delete."},
		{Name: "archive.s3.secret_key", Default: Secret(""), Help: "The secret of this key."},
		{Name: "archive.s3.secret_key_file", Default: "", Example: "/run/secrets/drawbridge-archive", Help: "A file that holds archive.s3.secret_key, for secrets that are mounted."},
		{Name: "archive.s3.session_token", Default: Secret(""), Help: "The session token of a temporary key. It is read when the server starts; credentials that are renewed belong into credentials_file."},
		{Name: "archive.s3.session_token_file", Default: "", Help: "A file that holds archive.s3.session_token."},
		{Name: "archive.s3.credentials_file", Default: "", Example: "/run/secrets/aws-credentials", Help: "With credentials: file, a shared credentials file of AWS. It is read again after each change. One with credential_process or sso_ is refused."},
		{Name: "archive.s3.profile", Default: s3.DefaultProfile, Help: "The profile of credentials_file that counts."},

		{Name: "audit.stdout", Default: false, Help: "Write each audit line to standard output as well, as one JSON object a line (docs/siem.md). The log goes to standard error."},
		{Name: "audit.syslog.address", Default: "", Example: "siem.example.com:6514", Help: "Host and port of a SIEM that takes each audit line as a syslog message (RFC 5424) over TLS (RFC 5425). An address that is not public needs outbound.allow; outbound.proxy is not used. Empty: none."},
		{Name: "audit.syslog.ca_file", Default: "", Example: "/etc/drawbridge/siem-ca.crt", Help: "Certificates in PEM of who may sign the certificate of the SIEM. Empty: those that the system trusts."},
		{Name: "audit.syslog.cert_file", Default: "", Example: "/etc/drawbridge/siem-client.crt", Help: "Certificate chain in PEM that this server shows to the SIEM. Empty: none."},
		{Name: "audit.syslog.key_file", Default: "", Example: "/etc/drawbridge/siem-client.key", Help: "Private key in PEM of this certificate."},
		{Name: "audit.syslog.max_bytes", Default: Bytes(8 << 10), Help: "The longest message that the SIEM takes, between 2 KiB and 1 MiB. A longer line is sent without the values before and after, and says so."},
	}
}

// apiKeys are about who reads the metrics, and how operators reach the API.
func apiKeys() []Key {
	return []Key{
		{Name: "metrics.listen", Default: "", Example: "127.0.0.1:9090", Help: "An address of its own for /metrics, /livez and /readyz; see to it that only Prometheus and health checks reach it. Without it they are on listen. There /metrics, which names tenants and tokens, is answered only if listen is a loopback address and neither base_url nor web.trusted_proxies speaks of a proxy, or with metrics.token."},
		{Name: "metrics.token", Default: Secret(""), Help: "What Prometheus must show as a Bearer token to read /metrics, on every address; at least 16 characters. Empty: none is needed."},
		{Name: "metrics.token_file", Default: "", Example: "/run/secrets/drawbridge-metrics", Help: "A file that holds metrics.token, for secrets that are mounted."},

		{Name: "api.enabled", Default: false, Help: "Serve the operator API under /api/v1 of listen, for operators who sign in or show an API key. Without it, and without api.listen, only the unix socket in the data folder has it. While there is no operator, each start leaves a one-time link for the first Owner in the data folder."},
		{Name: "api.listen", Default: "", Example: "127.0.0.1:8081", Help: "An address of its own for the operator API; it turns the API on as api.enabled does, and keeps it away from the address that identity providers use."},
		{Name: "api.base_url", Default: "", Example: "https://drawbridge.example.com", Help: "How operators reach the API from outside, without a path at the end. Links in mails begin with it. Empty: base_url, or the address of api.listen if that is set."},
		{Name: "api.console", Default: true, Help: "Serve the browser console under /console/ beside the operator API, wherever that is on the network. false serves the API alone."},
		{Name: "api.session_idle", Default: time.Hour, Help: "How long a session lives without a request."},
		{Name: "api.session_lifetime", Default: 12 * time.Hour, Help: "How long a session lives in all."},

		{Name: "api.oidc.issuer", Default: "", Example: "https://login.example.com", Help: "Lets operators sign in by an OpenID provider as well (authorisation code with PKCE). The address to register there is api.base_url with /api/v1/session/oidc/callback."},
		{Name: "api.oidc.client_id", Default: "", Example: "drawbridge", Help: "As the provider calls this installation."},
		{Name: "api.oidc.client_secret", Default: Secret(""), Help: "What the provider gave for it."},
		{Name: "api.oidc.client_secret_file", Default: "", Help: "A file that holds client_secret, for secrets that are mounted."},
		{Name: "api.oidc.domains", Default: []string{}, Example: "[msp.example]", Help: "Domains whose verified e-mail addresses may sign in; at least one."},
		{Name: "api.oidc.roles", Default: []string{}, Example: "[drawbridge-admins=administrator]", Help: "Roles by group of the provider (the claim groups), as group=role. The highest role counts, and a person without one cannot sign in. Empty: roles stay as they are set here."},

		{Name: "web.trusted_proxies", Default: []string{}, Example: "[10.0.0.0/8, 192.168.1.10]", Help: "Reverse proxies whose X-Forwarded-For is believed, as addresses or networks."},
	}
}

// outboundKeys are about what the server calls: directories, other servers and the mail server.
func outboundKeys() []Key {
	return []Key{
		{Name: "google.every", Default: 10 * time.Minute, Help: "How often the directories of connections of type google-directory are read (docs/google.md)."},
		{Name: "google.endpoint", Default: "", Example: "https://google-proxy.example.com", Help: "Where Google's Directory API and its token endpoint are asked for, for a proxy or a test. Empty: Google's own hosts, and no others. An address that is not public needs outbound.allow."},
		{Name: "seal.key", Default: Secret(""), Help: "Seals the credentials of other systems in the store, such as the key of a Google service account: 32 bytes in base64, as openssl rand -base64 32 makes them. Empty: a key that is kept in the store. With a key here, a copy of the store opens nothing."},
		{Name: "seal.key_file", Default: "", Example: "/run/secrets/drawbridge-seal", Help: "A file that holds seal.key, for secrets that are mounted."},
		{Name: "seal.old_key", Default: Secret(""), Help: "The key before seal.key. Credentials that it sealed are sealed again when they are used."},
		{Name: "seal.old_key_file", Default: "", Example: "/run/secrets/drawbridge-seal-old", Help: "A file that holds seal.old_key, for secrets that are mounted."},

		{Name: "outbound.allow", Default: []string{}, Example: "[10.20.0.0/16, 127.0.0.1]", Help: "Networks and addresses that the server may dial although they are not public, by plain HTTP too. It concerns what it dials because a URL names it: webhooks, the OpenID provider, the archive, and Google. Everything else goes to public addresses by HTTPS alone. The addresses that this server listens on stay closed."},
		{Name: "outbound.proxy", Default: Secret(""), Example: "http://proxy.example.com:3128", Help: "An HTTP proxy that all of these requests go through; it may have credentials. It resolves the names then, and must refuse addresses of its own network itself."},
		{Name: "outbound.proxy_file", Default: "", Example: "/run/secrets/drawbridge-proxy", Help: "A file that holds outbound.proxy, for secrets that are mounted."},

		{Name: "mail.host", Default: "", Example: "smtp.example.com", Help: "The SMTP server that takes mail. Without it none is sent."},
		{Name: "mail.port", Default: 587, Help: "Its port: 587 for starttls, 465 for tls."},
		{Name: "mail.tls", Default: "starttls", Choices: []string{"starttls", "tls", "none"}, Help: "How the way there is encrypted. none is for a server on the same machine, and goes with no password."},
		{Name: "mail.ca_file", Default: "", Example: "/etc/drawbridge/mail-ca.crt", Help: "Certificates in PEM of who may sign the mail server's certificate. Empty: those that the system trusts."},
		{Name: "mail.username", Default: "", Example: "drawbridge", Help: "The user name at the mail server. Empty: no sign-in."},
		{Name: "mail.password", Default: Secret(""), Help: "Its password."},
		{Name: "mail.password_file", Default: "", Example: "/run/secrets/drawbridge-mail", Help: "A file that holds mail.password, for secrets that are mounted."},
		{Name: "mail.from", Default: "", Example: "drawbridge@example.com", Help: "The address that mail comes from."},
		{Name: "mail.timeout", Default: 30 * time.Second, Help: "How long one attempt to send a mail may take in all."},
		{Name: "mail.gather", Default: 15 * time.Minute, Help: "How long notices that come by the hundred, such as refused seats, are gathered into one mail."},
	}
}

// defaultKeys are the defaults of the settings of tenants.
func defaultKeys() []Key {
	d := policy.DefaultSettings()
	return []Key{
		{Name: "defaults.suspension_manual", Default: string(d.ManualSuspension), Choices: []string{"yield", "hold"}, Help: "What happens when the identity provider says active: true about a user whom an operator suspended. yield: the user is reactivated, and told so in audit and events. hold: the suspension stays until an operator releases it."},
		{Name: "defaults.rehire", Default: string(d.Rehire), Choices: []string{"restore", "conflict"}, Help: "What a POST for a suspended or deleted user does: restore revives the same id, conflict answers 409."},
		{Name: "defaults.replay", Default: string(d.Replay), Choices: []string{"refuse", "accept"}, Help: "What an exact repeat of a POST within ten minutes gets: refuse answers 409, accept gives the record back."},
		{Name: "defaults.on_delete", Default: string(d.OnDelete), Choices: []string{"suspend", "delete"}, Help: "What the identity provider's DELETE of a user does: suspend keeps the record in grace, delete removes it."},
		{Name: "defaults.tombstone_days", Default: d.TombstoneDays, Help: "How long what is left of a deleted user tells who it was."},
		{Name: "defaults.guest_user_types", Default: d.GuestUserTypes, Help: "Values of userType that make a user a guest, in any case."},
		{Name: "defaults.seats_on_limit", Default: string(d.OnLimit), Choices: []string{"refuse", "grow", "overage"}, Help: "What happens when a user needs a seat and all are occupied: refuse answers 403, grow buys one more up to the tenant's seats_max, overage exceeds the limit and records it."},
		{Name: "defaults.snapshot_zone", Default: d.SnapshotZone, Help: "The time zone in which seats are counted once a day."},
		{Name: "defaults.snapshot_time", Default: d.SnapshotTime, Help: "The time of day, hh:mm in snapshot_zone, at which seats are counted."},
		{Name: "defaults.brake", Default: string(d.Brake), Choices: []string{"off", "alert", "hold"}, Help: "What happens when a connection removes unusually many within an hour: alert tells, hold keeps the removals for an operator and answers 403."},
		{Name: "defaults.auto_delete_days", Default: d.AutoDeleteDays, Help: "Delete users so many days (1 to 180) after their suspension. 0: never."},
		{Name: "defaults.onboarding", Default: string(d.Onboarding), Choices: []string{"direct", "invite"}, Help: "How new people begin. direct: active at once. invite: they get a mail with a link, and are confirmed after they have accepted; it needs mail.host. A plan or a tenant may say otherwise."},
		{Name: "defaults.invite_ttl_days", Default: d.InviteTTLDays, Help: "How many days the link of an invitation works. 0: without end."},
		{Name: "defaults.confirm_domains", Default: d.ConfirmDomains, Example: "[example.com]", Help: "A user who accepts an invitation at an address of one of these domains needs no confirmation by people."},
		{Name: "defaults.idle_days", Default: d.IdleDays, Help: "A user who occupies a seat and had no activity for so many days is reported as idle, if the downstream application reports activity. 0: no user is."},
		{Name: "defaults.orphan_days", Default: d.OrphanDays, Help: "A user whom the identity provider has not mentioned for so many days is reported, while the provider sends requests. Most send one only when something changes, so the number should be high. 0: no user is."},
		{Name: "defaults.journal_days", Default: d.JournalDays, Help: "How long requests of identity providers and their answers are kept in the request journal (1 to 365 days). 0: not at all."},
		{Name: "defaults.journal_mb", Default: d.JournalMB, Help: "How large the request journal of a tenant may be, in MiB (1 to 10240); the oldest go first."},
		{Name: "defaults.event_days", Default: d.EventDays, Help: "How long events are kept in the store, at least 30 days. Then they are forgotten, or move to the archive if there is one."},
		{Name: "defaults.audit_days", Default: d.AuditDays, Help: "How long audit lines are kept in the store, at least 30 days, before they move to the archive. Without an archive they stay."},
	}
}

// planFields is the table of what an entry of plans may say.
func planFields() []Key {
	return []Key{
		{Name: "name", Default: "", Help: "how tenants name the plan"},
		{Name: "title", Default: "", Help: "how people read it"},
		{Name: "max_members", Default: 0, Help: "members at most; 0: as many as seats were bought"},
		{Name: "included_guests", Default: 0, Help: "guests that cost nothing"},
		{Name: "included_seats", Default: 0, Help: "members that cost nothing, as for the provider's own team"},
		{Name: "guest_max_groups", Default: 0, Help: "groups that a guest may be in; 0: any number"},
		{Name: "scim", Default: false, Help: "whether identity providers may provision"},
		{Name: "custom_groups", Default: false, Help: "whether there are groups beside the built-in ones"},
		{Name: "flat_price", Default: 0.0, Help: "a month, for any number of seats"},
		{Name: "seat_price", Default: 0.0, Help: "a member and month"},
		{Name: "currency", Default: "", Help: "three letters, ISO 4217"},
		{Name: "billed_every", Default: "", Choices: []string{"", "month", "year"}, Help: "month or year"},
		{Name: "onboarding", Default: "", Choices: []string{"", "direct", "invite"}, Help: "instead of defaults.onboarding"},
	}
}

// recipientsKey is the list of recipients of notices by mail.
const recipientsKey = "mail.recipients"

// recipientFields is the table of what an entry of mail.recipients may say.
func recipientFields() []Key {
	return []Key{
		{Name: "address", Default: "", Help: "to whom"},
		{Name: "tenants", Default: []string{}, Help: "of which tenants; none: of all, and of the installation"},
		{Name: "kinds", Default: []string{}, Help: "of which kinds of event, see docs/events.md; none: those that need action"},
		{Name: "gather", Default: time.Duration(0), Help: "instead of mail.gather"},
	}
}

func findKey(keys []Key, name string) (Key, bool) {
	i := slices.IndexFunc(keys, func(k Key) bool { return strings.EqualFold(k.Name, name) })
	if i < 0 {
		return Key{}, false
	}
	return keys[i], true
}

// isSection reports whether name is a level above some key.
func isSection(keys []Key, name string) bool {
	return slices.ContainsFunc(keys, func(k Key) bool { return strings.HasPrefix(k.Name, strings.ToLower(name)+".") })
}

// names lists the allowed names: keys, the levels above them, and plans.
func names(keys []Key) []string {
	var out []string
	for _, k := range keys {
		out = append(out, k.Name)
		for i, c := range k.Name {
			if c == '.' && !slices.Contains(out, k.Name[:i]) {
				out = append(out, k.Name[:i])
			}
		}
	}
	return append(out, "plans", recipientsKey)
}

// wrong is the error for a value of the wrong type.
func (k Key) wrong() error {
	switch k.Default.(type) {
	case bool:
		return errors.New("true or false is expected")
	case int:
		return errors.New("a whole number is expected")
	case float64:
		return errors.New("a number is expected")
	case time.Duration:
		return errors.New("a duration is expected, such as 30s or 5m")
	case Bytes:
		return errors.New("an amount is expected: a number of bytes, or one with KiB, MiB or GiB, such as 5MiB")
	case []string:
		return errors.New("a list of texts is expected, such as [a, b]")
	}
	return errors.New("a text is expected; put it in quotes if it looks like something else")
}

// parse reads a value from a variable or a flag.
func (k Key) parse(text string) (any, error) {
	var value any
	var err error
	switch k.Default.(type) {
	case bool:
		value, err = strconv.ParseBool(text)
	case int:
		value, err = strconv.Atoi(strings.TrimSpace(text))
	case float64:
		value, err = strconv.ParseFloat(strings.TrimSpace(text), 64)
	case time.Duration:
		value, err = time.ParseDuration(strings.TrimSpace(text))
	case Bytes:
		value, err = ParseBytes(text)
	case []string:
		var list []string
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		value = list
	case Secret:
		value = Secret(text)
	default:
		value = text
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, k.wrong())
	}
	return value, nil
}

// fromNode reads a value from a file. Types are not converted: 5 is not a text, "5" is not a number.
func (k Key) fromNode(n *yaml.Node) (any, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	var value any
	if n.Decode(&value) != nil {
		return nil, k.wrong()
	}
	switch k.Default.(type) {
	case bool:
		if v, ok := value.(bool); ok {
			return v, nil
		}
	case int:
		if v, ok := value.(int); ok {
			return v, nil
		}
	case float64:
		switch v := value.(type) {
		case int:
			return float64(v), nil
		case float64:
			return v, nil
		}
	case time.Duration, Bytes:
		if v, ok := value.(int); ok {
			if _, amount := k.Default.(Bytes); amount {
				return k.parse(strconv.Itoa(v))
			}
		}
		if v, ok := value.(string); ok {
			return k.parse(v)
		}
	case []string:
		var list []string
		if n.Kind != yaml.SequenceNode {
			return nil, k.wrong()
		}
		for _, entry := range n.Content {
			if entry.Kind != yaml.ScalarNode || entry.Tag != "!!str" {
				return nil, k.wrong()
			}
			list = append(list, entry.Value)
		}
		return list, nil
	case Secret:
		if v, ok := value.(string); ok {
			return Secret(v), nil
		}
	default:
		if v, ok := value.(string); ok {
			return v, nil
		}
	}
	return nil, k.wrong()
}

// unknown is the sentence about a name that is not in a table.
func unknown(what, name string, known []string) string {
	if near := nearest(strings.ToLower(name), known); near != "" {
		return fmt.Sprintf("there is no %s %s; did you mean %s?", what, name, near)
	}
	return fmt.Sprintf("there is no %s %s", what, name)
}

// nearest is the known name that is closest to name, "" if none is close.
func nearest(name string, known []string) string {
	best, distance := "", max(3, len(name)/3)+1
	for _, k := range known {
		d := levenshtein(name, k)
		// The last part alone may be right, under the wrong section or under none.
		if name[strings.LastIndexByte(name, '.')+1:] == k[strings.LastIndexByte(k, '.')+1:] {
			d = min(d, 2)
		}
		if d < distance {
			best, distance = k, d
		}
	}
	return best
}

// levenshtein counts the insertions, deletions and replacements that make b from a.
func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// yamlValue writes a value as in a file.
func yamlValue(value any) string {
	switch v := value.(type) {
	case time.Duration:
		text := v.String()
		if strings.HasSuffix(text, "m0s") {
			text = strings.TrimSuffix(text, "0s")
		}
		if strings.HasSuffix(text, "h0m") {
			text = strings.TrimSuffix(text, "0m")
		}
		return text
	case Bytes:
		return strings.ReplaceAll(v.String(), " ", "")
	case Secret:
		return strconv.Quote(v.String())
	case string:
		if plain(v) {
			return v
		}
		return strconv.Quote(v)
	case []string:
		parts := make([]string, len(v))
		for i, s := range v {
			if parts[i] = yamlValue(s); strings.Contains(s, ":") {
				parts[i] = strconv.Quote(s)
			}
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// plain reports whether YAML reads text as the same text without quotes.
func plain(text string) bool {
	var back any
	return text != "" && !strings.ContainsAny(text, ",[]{}#") && yaml.Unmarshal([]byte(text), &back) == nil && reflect.DeepEqual(back, text)
}
