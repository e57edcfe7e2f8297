package wire

import "time"

// Job is something that the clock asks for.
type Job struct {
	Name    string     `json:"name"`
	About   string     `json:"about"`
	Every   int        `json:"every_seconds"`
	Running bool       `json:"running"`
	LastRun *time.Time `json:"last_run,omitempty" doc:"When it last began. Missing: not yet since the server started."`
	Success *time.Time `json:"last_success,omitempty"`
	Error   string     `json:"error,omitempty" doc:"Of the last run."`
	Done    int        `json:"done" doc:"Things that the last run did."`
	Next    *time.Time `json:"next,omitempty" doc:"When this server looks next whether it is its turn."`
	Server  string     `json:"server,omitempty" doc:"The other server that runs it now or ran it last, where several share a database. Missing: this one."`
}

// JobReport is the effect of a run of a job, or of its preview.
type JobReport struct {
	Job    string    `json:"job"`
	DryRun bool      `json:"dry_run"`
	Done   int       `json:"done" doc:"How many things."`
	Lines  []JobLine `json:"lines" nullable:"false" doc:"The first thousand of them."`
	Error  string    `json:"error,omitempty" doc:"What went wrong for some, while the others were done."`
}

// JobLine is one thing that a job did.
type JobLine struct {
	Tenant string `json:"tenant"`
	Text   string `json:"text"`
}
