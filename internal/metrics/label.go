package metrics

// Label is what a label of metrics means. A value comes from the program or from what operators have made, never from a client.
type Label struct {
	Name, Means string
	Values      string // how many there can be
}

// Labels are all labels, in the order of their names.
func Labels() []Label {
	return []Label{
		{Name: "connection", Means: "the slug of a connection; empty as above", Values: "one for each connection"},
		{Name: "go_version", Means: "of the compiler", Values: "one"},
		{Name: "idp", Means: "the type of the connection; empty as above", Values: "nine types"},
		{Name: "kind", Means: "of seats: occupied, billable, limit; of alerts: what they are about; of segments of the archive: audit, events", Values: "twelve"},
		{Name: "le", Means: "the upper bound of a bucket of a histogram", Values: "the buckets in the program"},
		{Name: "limit", Means: "the name of a limit of the configuration; processors and request_bytes follow from the machine and from limits.memory_bytes", Values: "one for each key of limits"},
		{Name: "method", Means: "of an operation inside a Bulk request", Values: "the methods of HTTP, and other"},
		{Name: "operation", Means: "what was asked, by the name of its route; none where there is no such route", Values: "one for each route"},
		{Name: "quirk", Means: "the name of a leniency of quirks.md", Values: "one for each leniency"},
		{Name: "reason", Means: "why the journal does not have a request: busy, disk", Values: "two"},
		{Name: "result", Means: "how an attempt to send a mail ended: sent, retried, parked, dropped; or one to deliver an event: delivered, failed, gone; or what became of audit lines for a SIEM: sent, again; or to send a person or group to a target: done, failed", Values: "nine"},
		{Name: "revision", Means: "the commit that it was built from", Values: "one"},
		{Name: "rule", Means: "the number of a rule of rules.md", Values: "one for each rule"},
		{Name: "state", Means: "of people, of the sync of a connection, or of mails, as the metric says", Values: "eight at most"},
		{Name: "status", Means: "the HTTP status of the answer", Values: "those that the program answers, some twenty"},
		{Name: "stream", Means: "the way on which audit lines go to a SIEM: stdout, syslog", Values: "two"},
		{Name: "target", Means: "the name of a target", Values: "ten for a company at most"},
		{Name: "task", Means: "the name of a job, as job list shows it", Values: "one for each job"},
		{Name: "tenant", Means: "the slug of a company; empty where a request showed no valid credential", Values: "one for each company"},
		{Name: "token", Means: "the id of a credential", Values: "those that are live, two of each kind at most, or the one that expired last"},
		{Name: "version", Means: "of the program", Values: "one"},
		{Name: "webhook", Means: "the name of a webhook", Values: "one for each webhook, 200 at most"},
	}
}
