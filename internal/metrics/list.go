package metrics

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// always is when a metric exists that needs no event.
const always = "always"

// All are all metrics of the program but those of Go and of the process, in the order of their names.
func All() []Metric {
	all := slices.Concat(ofSCIM(), ofApplications(), ofTenants(), ofStores(), ofRecords(), ofDeliveries(), ofTheServer())
	slices.SortFunc(all, func(a, b Metric) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// ofSCIM: requests of identity providers, and those of all APIs together.
func ofSCIM() []Metric {
	return []Metric{
		{
			Name: "drawbridge_network_connections", Kind: Gauge, Exists: always,
			Help: "Network connections that are open on all listeners of the network; limits.connections bounds them.",
		},
		{
			Name: "drawbridge_overload_refusals_total", Kind: Counter, Labels: []string{"limit"}, Exists: always,
			Help: "Requests and network connections turned away so that others are served, by the limit that was reached; docs/limits.md says what each bounds. A steady rate of memory_bytes or processors means that clients need more than this server gives them, or that one of them attacks.",
		},
		{
			Name: "drawbridge_quirks_total", Kind: Counter, Labels: []string{"quirk"}, Exists: "after the first leniency",
			Help: "Leniencies applied to requests, by name; docs/quirks.md says what each one means. attribute.unknown and path.unknown mean that an identity provider sends something that is not stored: look at its mapping.",
		},
		{
			Name: "drawbridge_request_memory_bytes", Kind: Gauge, Exists: always,
			Help: "Memory that requests under way have claimed; drawbridge_request_memory_limit_bytes is the most.",
		},
		{
			Name: "drawbridge_request_memory_limit_bytes", Kind: Gauge, Exists: always,
			Help: "Memory that requests under way may claim together: limits.memory_bytes, or less in a small container.",
		},
		{
			Name: "drawbridge_requests_under_way", Kind: Gauge, Exists: always,
			Help: "Requests of all APIs that are being answered right now, long polls that wait left out; limits.requests bounds them.",
		},
		{
			Name: "drawbridge_scim_auth_failures_total", Kind: Counter, Exists: always,
			Help: "SCIM and token requests whose credential was missing or opened nothing. A steady rate is an identity provider with an expired token, or a client that guesses.",
		},
		{
			Name: "drawbridge_scim_bulk_operations_total", Kind: Counter, Labels: []string{"method", "status"}, Exists: "after the first Bulk request",
			Help: "Operations inside Bulk requests, by method and status.",
		},
		{
			Name: "drawbridge_scim_held_total", Kind: Counter, Labels: []string{"tenant", "connection"}, Exists: "after the first 429 that was delayed",
			Help: "SCIM requests whose 429 was delayed (limits.scim_hold) because the connection ignores Retry-After. Find the client: it does not read Retry-After, or has far too many workers.",
		},
		{
			Name: "drawbridge_scim_limits_total", Kind: Counter, Labels: []string{"limit"}, Exists: "after the first request over a limit",
			Help: "SCIM requests refused because something in them was over a limit of the configuration, by the name of the limit. An identity provider that reaches one needs a larger value; a stranger does not.",
		},
		{
			Name: "drawbridge_scim_request_seconds", Kind: Histogram, Labels: []string{"operation"}, Exists: "after the first request",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
			Help:    "How long SCIM requests took, from the header to the end of the answer. Identity providers give up after 60 seconds.",
		},
		{
			Name: "drawbridge_scim_requests_held", Kind: Gauge, Exists: always,
			Help: "SCIM requests whose 429 is being delayed right now, 256 at most; drawbridge_scim_requests_in_flight counts them as well.",
		},
		{
			Name: "drawbridge_scim_requests_in_flight", Kind: Gauge, Exists: always,
			Help: "SCIM requests that are being answered right now.",
		},
		{
			Name: "drawbridge_scim_requests_total", Kind: Counter, Labels: []string{"operation", "status", "idp", "tenant", "connection"}, Exists: "after the first request",
			Help: "SCIM requests answered, by what was asked and how it ended. tenant, connection and idp are empty for requests that showed no valid credential. Alert on a rate of 5xx, and of 4xx of one connection.",
		},
		{
			Name: "drawbridge_scim_throttled_total", Kind: Counter, Labels: []string{"tenant", "connection"}, Exists: "after the first 429",
			Help: "SCIM requests answered 429 because the connection was over its rate; empty labels: wrong credentials from one address.",
		},
	}
}

// ofApplications: requests of applications.
func ofApplications() []Metric {
	return []Metric{
		{
			Name: "drawbridge_app_auth_failures_total", Kind: Counter, Exists: always,
			Help: "Requests of applications whose key was missing or wrong. A steady rate means an application with an expired or revoked key, or a client that guesses keys.",
		},
		{
			Name: "drawbridge_app_request_seconds", Kind: Histogram, Labels: []string{"operation"}, Exists: "after the first request of an application",
			Buckets: []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
			Help:    "How long requests of applications took. check-access is a part of sign-ins and must stay at a few milliseconds; read-events takes as long as the application waits for an event.",
		},
		{
			Name: "drawbridge_app_requests_total", Kind: Counter, Labels: []string{"operation", "status", "tenant"}, Exists: "after the first request of an application",
			Help: "Requests of applications answered, by what was asked and how it ended. tenant is empty for requests that showed no valid key. Alert on a rate of 5xx of check-access: people cannot sign in.",
		},
		{
			Name: "drawbridge_app_throttled_total", Kind: Counter, Labels: []string{"tenant"}, Exists: "after the first 429 of an application",
			Help: "Requests of applications answered 429 because the key was over limits.app_rate; empty label: wrong keys from one address. Look for a loop in the application, or raise the limit.",
		},
	}
}

// ofTenants: what tenants have. The gauges are read from the store when they are scraped, by the server that leads.
func ofTenants() []Metric {
	return []Metric{
		{
			Name: "drawbridge_alerts_open", Kind: Gauge, Labels: []string{"tenant", "kind"}, Exists: "with a company and its connection",
			Help: "Open alerts of a tenant by kind: protected_group, brake, sync, token, seats, webhook, target. `drawbridge alert list` shows them; acknowledge those that an operator has looked at.",
		},
		{
			Name: "drawbridge_brake_held", Kind: Gauge, Labels: []string{"tenant", "connection"}, Exists: "with a company and its connection",
			Help: "Removals of a connection that the brake holds for an operator; `drawbridge brake list` shows them.",
		},
		{
			Name: "drawbridge_connection_health", Kind: Gauge, Labels: []string{"tenant", "connection", "state"}, Exists: "with a company and its connection",
			Help: "1 for the state that the sync of a connection is in, 0 for the others: never_connected, healthy, quiet (silent for longer than its type pauses), failing. `drawbridge connection show` has the reason. Missing while the connection is not checked: look at the job health.",
		},
		{
			Name: "drawbridge_connection_last_request_timestamp_seconds", Kind: Gauge, Labels: []string{"tenant", "connection"}, Exists: "after the first request of the connection",
			Help: "When a connection last showed a good credential; if it does not change, look at the provisioning log of the identity provider.",
		},
		{
			Name: "drawbridge_connection_last_success_timestamp_seconds", Kind: Gauge, Labels: []string{"tenant", "connection"}, Exists: "after the first success of the connection",
			Help: "When a request of a connection was last answered below 400; if requests come but none succeeds, read the audit trail.",
		},
		{
			Name: "drawbridge_policy_refusals_total", Kind: Counter, Labels: []string{"tenant", "rule"}, Exists: "after the first refusal",
			Help: "Writes that a rule refused or held back, by the rule's number; the audit trail of the tenant has the reason in words.",
		},
		{
			Name: "drawbridge_seats", Kind: Gauge, Labels: []string{"tenant", "kind"}, Exists: "with a company and its connection",
			Help: "Seats of a tenant: occupied ones count against the limit, billable ones are charged; no limit is shown where there is none.",
		},
		{
			Name: "drawbridge_token_expiry_timestamp_seconds", Kind: Gauge, Labels: []string{"tenant", "connection", "token"}, Exists: "with a company and its connection",
			Help: "When a live credential expires, +Inf for one that never does; rotate it before, or the sync of the connection stops. A connection without a live one shows the one that expired last.",
		},
		{
			Name: "drawbridge_users", Kind: Gauge, Labels: []string{"tenant", "state"}, Exists: "with a company and its connection",
			Help: "Users of a tenant by state; gone are those whom the identity provider deleted and that are kept in grace.",
		},
	}
}

// ofStores: the stores. A server has the metrics of the one that it uses.
func ofStores() []Metric {
	return []Metric{
		{
			Name: "drawbridge_store_batch_size", Kind: Histogram, Exists: "always with a store file",
			Buckets: prometheus.ExponentialBuckets(1, 2, 11),
			Help:    "Updates written by one commit. Large groups mean that updates wait for the disk; group commit keeps the throughput.",
		},
		{
			Name: "drawbridge_store_commit_failures_total", Kind: Counter, Exists: "always with a store file",
			Help: "Commits that failed. Nothing of them was stored, and the callers were answered 503; the log has the cause.",
		},
		{
			Name: "drawbridge_store_commit_seconds", Kind: Histogram, Exists: "always with a store file",
			Buckets: prometheus.ExponentialBuckets(0.0002, 2, 16),
			Help:    "Time to write one group of updates to the disk. Every write waits for it: if it grows, look for a slow or busy disk.",
		},
		{
			Name: "drawbridge_store_commits_total", Kind: Counter, Exists: "always with PostgreSQL",
			Help: "Commits to the store; updates of one tenant that queue up share one.",
		},
		{
			Name: "drawbridge_store_committed_updates_total", Kind: Counter, Exists: "always with PostgreSQL",
			Help: "Updates that were committed.",
		},
		{
			Name: "drawbridge_store_failed_commits_total", Kind: Counter, Exists: "always with PostgreSQL",
			Help: "Commits that failed; nothing of them was written.",
		},
		{
			Name: "drawbridge_store_free_pages", Kind: Gauge, Exists: "always with a store file",
			Help: "Pages of the store file that are free. If they stay above half of the file, compact it.",
		},
		{
			Name: "drawbridge_store_name_collisions", Kind: Gauge, Labels: []string{"tenant"}, Exists: "while users share a userName",
			Help: "userNames of a tenant that several users have, because an older release told apart what is one name now. The log names them at the start, and check does; rename or delete all but one user of each.",
		},
		{
			Name: "drawbridge_store_pending_updates", Kind: Gauge, Exists: "always with a store file",
			Help: "Updates that wait for the writer. If it does not return to 0 between bursts, the disk is too slow for the load.",
		},
		{
			Name: "drawbridge_store_size_bytes", Kind: Gauge, Exists: "always with a store file",
			Help: "Size of the store file. It never shrinks by itself; compare with the room on the disk.",
		},
		{
			Name: "drawbridge_store_unknown_commits_total", Kind: Counter, Exists: "always with PostgreSQL",
			Help: "Commits of which the store could not find out what became of them.",
		},
		{
			Name: "drawbridge_store_writable", Kind: Gauge, Exists: "always with a store file",
			Help: "1, or 0 since a commit failed or the store file was moved, until as much can be written again. At 0 writes are answered 503 and /readyz is red: drawbridge status has the cause, such as a full disk, a missing file, or store.max_bytes.",
		},
	}
}

// ofRecords are the metrics of what is kept outside the store: backups, the archive, the journal.
func ofRecords() []Metric {
	return []Metric{
		{
			Name: "drawbridge_archive_bytes_total", Kind: Counter, Labels: []string{"kind"}, Exists: always,
			Help: "Bytes of these segments in the archive.",
		},
		{
			Name: "drawbridge_archive_segments_total", Kind: Counter, Labels: []string{"kind"}, Exists: always,
			Help: "Segments that were written, proven, and removed from the store.",
		},
		{
			Name: "drawbridge_archive_writable", Kind: Gauge, Exists: always,
			Help: "0 if the archive is full, read-only, not mounted, another one, or does not answer, which is tried every minute; else 1, also without an archive. Nothing is lost, and the store grows. `drawbridge audit archive status` has the reason.",
		},
		{
			Name: "drawbridge_backup_duration_seconds", Kind: Gauge, Exists: always,
			Help: "How long the last copy took, verification included. If it comes near backup.every, choose a longer interval or a faster disk.",
		},
		{
			Name: "drawbridge_backup_failures_total", Kind: Counter, Exists: always,
			Help: "Copies that could not be made or did not pass the check. `drawbridge backup list` has the reason of the last one.",
		},
		{
			Name: "drawbridge_backup_folder_writable", Kind: Gauge, Exists: always,
			Help: "0 if no file can be written into the folder of backups, which is tried every minute where backup.every or backup.dir is set; else 1.",
		},
		{
			Name: "drawbridge_backup_interval_seconds", Kind: Gauge, Exists: always,
			Help: "How often the store is to be copied, as backup.every says; 0 if that happens by hand only.",
		},
		{
			Name: "drawbridge_backup_last_success_timestamp_seconds", Kind: Gauge, Exists: always,
			Help: "When the newest verified copy of the store was begun, 0 if there is none in backup.dir. What is written after it is lost with the disk.",
		},
		{
			Name: "drawbridge_backup_size_bytes", Kind: Gauge, Exists: always,
			Help: "Length of the newest copy. backup.dir needs room for backup.keep of them and one more.",
		},
		{
			Name: "drawbridge_journal_dropped_total", Kind: Counter, Labels: []string{"reason"}, Exists: always,
			Help: "Requests that the request journal does not have: busy (they came faster than it can write) or disk (it cannot write). They were answered all the same. For disk, look at the room on the disk of the data folder.",
		},
		{
			Name: "drawbridge_journal_exchanges_total", Kind: Counter, Exists: always,
			Help: "Requests that were written into the request journal.",
		},
		{
			Name: "drawbridge_journal_size_bytes", Kind: Gauge, Exists: always,
			Help: "Size of the request journal of all tenants. It is bounded by journal.max_bytes.",
		},
	}
}

// ofDeliveries: what leaves the server: mails, webhooks, targets, audit lines.
func ofDeliveries() []Metric {
	return []Metric{
		{
			Name: "drawbridge_audit_stream_backlog_lines", Kind: Gauge, Labels: []string{"stream"}, Exists: "while audit lines go to a SIEM",
			Help: "Audit lines that were not sent to the SIEM yet, or so lately that they would be sent again after a broken connection.",
		},
		{
			Name: "drawbridge_audit_stream_failing_timestamp_seconds", Kind: Gauge, Labels: []string{"stream"}, Exists: "while they do not reach it",
			Help: "Since when no audit lines can be sent to the SIEM; none is shown if they can. `drawbridge audit stream` has the reason.",
		},
		{
			Name: "drawbridge_audit_stream_lines_total", Kind: Counter, Labels: []string{"stream", "result"}, Exists: "while audit lines go to a SIEM",
			Help: "Audit lines and the SIEM: sent, and again (of those, lines that must be sent again because the connection broke before they were certain).",
		},
		{
			Name: "drawbridge_mails_total", Kind: Counter, Labels: []string{"result"}, Exists: always,
			Help: "Attempts to send a mail: sent, retried (the mail server is away or says later), parked (given up; see drawbridge mail list), dropped (whom it was for may not read it any more, or its link has ended).",
		},
		{
			Name: "drawbridge_outbox_mails", Kind: Gauge, Labels: []string{"state"}, Exists: always,
			Help: "Mails in the outbox: waiting, or parked because they could not be sent; retry or drop parked ones with drawbridge mail.",
		},
		{
			Name: "drawbridge_outbox_oldest_timestamp_seconds", Kind: Gauge, Exists: "after the first mail that could not be sent",
			Help: "When the oldest mail that was tried and not sent yet was written; none is shown if there is none. If it does not change, look at the mail server.",
		},
		{
			Name: "drawbridge_target_failing_timestamp_seconds", Kind: Gauge, Labels: []string{"tenant", "target"}, Exists: "while a target fails as a whole",
			Help: "Since when a target fails as a whole; none is shown if it does not.",
		},
		{
			Name: "drawbridge_target_held_removals", Kind: Gauge, Labels: []string{"tenant", "target"}, Exists: "while there are targets",
			Help: "Removals for a target that the brake holds; drawbridge target sync --release lets them happen.",
		},
		{
			Name: "drawbridge_target_parked", Kind: Gauge, Labels: []string{"tenant", "target"}, Exists: "while there are targets",
			Help: "People and groups that a target refused, and that are not tried again before they change; drawbridge target failures has the reasons.",
		},
		{
			Name: "drawbridge_target_pending", Kind: Gauge, Labels: []string{"tenant", "target"}, Exists: "while there are targets",
			Help: "People and groups that differ from what a target was sent, by the last run.",
		},
		{
			Name: "drawbridge_target_quarantined", Kind: Gauge, Labels: []string{"tenant", "target"}, Exists: "while there are targets",
			Help: "Whether a target fails for everybody and is only probed.",
		},
		{
			Name: "drawbridge_target_steps_total", Kind: Counter, Labels: []string{"result"}, Exists: always,
			Help: "People and groups that were sent to targets, by what it came to.",
		},
		{
			Name: "drawbridge_webhook_attempts_total", Kind: Counter, Labels: []string{"webhook", "result"}, Exists: "while there are webhooks",
			Help: "Requests to a webhook: delivered, failed (tried again later), or gone (the receiver wants no more events).",
		},
		{
			Name: "drawbridge_webhook_backlog_events", Kind: Gauge, Labels: []string{"webhook"}, Exists: "while there are webhooks",
			Help: "Events that were not delivered to a webhook yet, wanted or not.",
		},
		{
			Name: "drawbridge_webhook_failing_timestamp_seconds", Kind: Gauge, Labels: []string{"webhook"}, Exists: "while a webhook fails",
			Help: "Since when the longest failing delivery to a webhook fails; none is shown if none fails. drawbridge webhook deliveries has the reason.",
		},
		{
			Name: "drawbridge_webhook_parked", Kind: Gauge, Labels: []string{"webhook"}, Exists: "while there are webhooks",
			Help: "Whether deliveries to a webhook were given up, for one company at least; drawbridge webhook resume lets them go on.",
		},
	}
}

// ofTheServer: the server itself, and its jobs.
func ofTheServer() []Metric {
	return []Metric{
		{
			Name: "drawbridge_build_info", Kind: Gauge, Labels: []string{"version", "revision", "go_version"}, Exists: always,
			Help: "Always 1; the labels say which program this is. A change of them is an upgrade.",
		},
		{
			Name: "drawbridge_clock_jumps_total", Kind: Counter, Exists: always,
			Help: "How often the clock of the machine differed by more than ten minutes from the time that was waited; jobs wait until it is steady. Look at the machine's time synchronisation.",
		},
		{
			Name: "drawbridge_job_failures_total", Kind: Counter, Labels: []string{"task"}, Exists: always,
			Help: "How often a job of the server failed; it is tried again by itself, and `drawbridge job list` has the reason.",
		},
		{
			Name: "drawbridge_job_last_success_timestamp_seconds", Kind: Gauge, Labels: []string{"task"}, Exists: "after the first success of the job",
			Help: "When a job last ran to its end without an error since the process started; if it does not change for long, `drawbridge job list` has the error.",
		},
		{
			Name: "drawbridge_job_seconds", Kind: Histogram, Labels: []string{"task"}, Exists: "after the first run of the job",
			Buckets: []float64{.01, .1, 1, 10, 60, 300, 1800},
			Help:    "How long runs of jobs took. A job that takes longer than its interval runs late and never beside itself.",
		},
		{
			Name: "drawbridge_leader", Kind: Gauge, Exists: always,
			Help: "1 on the server that runs the jobs and shows the gauges of companies, connections and the outbox; 0 on the others that share its database. If it is 0 everywhere for a minute, look at the database.",
		},
		{
			Name: "drawbridge_tls_certificate_expiry_timestamp_seconds", Kind: Gauge, Exists: "after the start, where TLS is on",
			Help: "When the certificate of the listeners expires; 0 if there is none yet.",
		},
		{
			Name: "drawbridge_tls_certificate_good", Kind: Gauge, Exists: "after the start, where TLS is on",
			Help: "0 if the certificate of the listeners is missing, has expired, or is about to and should have been renewed; `drawbridge status` says which. Else 1.",
		},
	}
}
