package main

import (
	"fmt"
	"runtime"
	"strconv"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/wire"
)

func statusCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Show the running server and the health of its parts",
		Example: `  drawbridge status`,
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := t.client().Status(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(s, func() {
				t.details([2]string{"Version", s.Version}, [2]string{"Running since", moment(&s.Started)}, [2]string{"URL", s.BaseURL},
					[2]string{"Data", s.Data}, [2]string{"Tenants", strconv.Itoa(s.Tenants)}, [2]string{"Ready", strconv.FormatBool(s.Ready)})
				rows := [][]cell{}
				for _, p := range s.Parts {
					c := cell{"ready", green}
					switch {
					case !p.Ready:
						c = cell{p.Message, red}
					case p.Message != "":
						c = cell{"ready, but " + p.Message, yellow}
					}
					rows = append(rows, []cell{{text: p.Name}, c})
				}
				t.say("")
				t.table([]string{"PART", "STATE"}, rows)
				printStore(t, &s.Store)
				for _, w := range s.Warnings {
					t.say("Mind: %s.", printable(w))
				}
			})
		},
	}
}

// printStore prints the state of the database, and which servers share it.
func printStore(t *terminal, s *wire.StoreStatus) {
	if s.Kind != "postgresql" {
		return
	}
	t.say("")
	switch r := s.Replication; {
	case r == nil:
		t.say("The database: %s.", printable(s.Message))
	case r.Waits:
		t.say("PostgreSQL %s at %s: %d standbys; a write is answered when a standby has it (synchronous_standby_names is %s).", s.Version, s.Address, r.Standbys, printable(r.Names))
	case r.Standbys > 0:
		t.say("PostgreSQL %s at %s: %d standbys; no write waits for them, so that the last ones are lost with the primary.", s.Version, s.Address, r.Standbys)
	default:
		t.say("PostgreSQL %s at %s: no standby.", s.Version, s.Address)
	}
	if len(s.Servers) == 0 {
		return
	}
	rows := [][]cell{}
	for _, one := range s.Servers {
		role := cell{text: ""}
		if one.Leader {
			role.text = "runs the jobs"
		}
		self := ""
		if one.Self {
			self = "this one"
		}
		rows = append(rows, []cell{{text: one.Name}, role, {text: self}})
	}
	t.table([]string{"SERVER", "ROLE", ""}, rows)
}

func versionCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long:  "Prints the version, the commit with its date, the format of the store that this program writes, the version of Go and the platform.",
		Args:  arguments(),
		RunE: func(*cobra.Command, []string) error {
			b := app.NewBuild(version, commit, date)
			v := struct {
				app.Build
				Go       string `json:"go"`
				Platform string `json:"platform"`
			}{b, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			return t.print(v, func() { t.say("%s", versionText()) })
		},
	}
}

// versionText is what version and --version say.
func versionText() string {
	b := app.NewBuild(version, commit, date)
	return fmt.Sprintf("drawbridge %s\ncommit %s of %s\nstore format %d\n%s, %s/%s", b.Version, b.Commit, b.Date, b.StoreFormat, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
