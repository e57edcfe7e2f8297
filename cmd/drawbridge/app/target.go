package app

import (
	"context"
	"math/rand/v2"
	"time"

	"drawbridge/bridge/targets"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/provision"
)

const (
	targetTimeout = 30 * time.Second
	targetBytes   = 16 << 20 // of an answer
	targetEvery   = 2 * time.Second
	// mostTargetSteps is how many steps and differences of a preview are shown.
	mostTargetSteps = 1000
)

// startTargets keeps targets, on the server that leads.
func (a *App) startTargets() {
	a.provisioner = provision.New(provision.Config{
		Targets: a.targets, Client: a.outbound.Client(targetTimeout, targetBytes), Now: a.now, Jitter: rand.Float64, Leads: a.fleet.lease.Leads,
		Version: a.version, Metrics: provision.NewMetrics(a.registry), Logger: a.log.With("part", "targets"),
	})
	a.undo("targets", a.provisioner.Close)
	a.background("targets", targetEvery, a.provisioner.Tick)
}

// targetRuns shows the previews and checks of targets to the console.
type targetRuns struct{ service *provision.Service }

// Preview says what a run would do now.
func (t targetRuns) Preview(ctx context.Context, p directory.Principal, at targets.Where) (wire.TargetPreview, error) {
	in, err := t.service.Preview(ctx, p, at)
	if err != nil {
		return wire.TargetPreview{}, err
	}
	out := wire.TargetPreview{Steps: []wire.TargetStep{}, Differences: []wire.TargetDifference{}, Held: in.Held}
	for i := range in.Steps {
		s := &in.Steps[i]
		out.Removals += s.Weight
		if len(out.Steps) == mostTargetSteps {
			out.More++
			continue
		}
		out.Steps = append(out.Steps, wire.TargetStep{
			Kind: string(s.Kind), ID: s.Local.String(), Name: s.Name, Action: string(s.Action), Attributes: append([]string{}, s.Paths()...),
			Join: len(s.Join), Leave: len(s.Leave), Waiting: s.Waiting, Held: s.Held, Waits: s.Waits,
		})
	}
	for _, d := range in.Differences[:min(len(in.Differences), mostTargetSteps)] {
		out.Differences = append(out.Differences, wire.TargetDifference{Kind: string(d.Kind), ID: d.Local.String(), Name: d.Name, What: d.What})
	}
	return out, nil
}

// Check tests what a run needs.
func (t targetRuns) Check(ctx context.Context, p directory.Principal, name string) ([]wire.TargetFinding, error) {
	all, err := t.service.Check(ctx, p, name)
	var out []wire.TargetFinding
	for _, f := range all {
		out = append(out, wire.TargetFinding{What: f.What, OK: f.OK, Detail: f.Detail})
	}
	return out, err
}
