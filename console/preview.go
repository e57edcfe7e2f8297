package console

import (
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

func previewView(r *directory.Report, at time.Time) wire.Preview {
	out := wire.Preview{At: at.UTC(), Changes: []wire.PreviewChange{}, Events: []string{}, Notice: r.Notice}
	for i := range r.Lines {
		l := &r.Lines[i]
		out.Changes = append(out.Changes, wire.PreviewChange{
			Action: string(l.Action), Subject: l.Subject, Rule: string(l.Rule), Reason: l.Reason, Before: l.Before, After: l.After,
		})
	}
	for i := range r.Events {
		out.Events = append(out.Events, string(r.Events[i].Kind))
	}
	if r.Seats != nil {
		out.Seats = &wire.PreviewSeats{Before: r.Seats.Before, After: r.Seats.After, Limit: r.Seats.Limit}
	}
	return out
}
