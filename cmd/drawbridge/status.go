package main

import (
	"runtime"
	"strconv"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
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
				for _, w := range s.Warnings {
					t.say("Mind: %s.", printable(w))
				}
			})
		},
	}
}

func versionCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which program this is",
		Args:  arguments(),
		RunE: func(*cobra.Command, []string) error {
			v := map[string]string{"version": version, "revision": app.Revision(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
			return t.print(v, func() { t.say("drawbridge %s (%s, %s, %s)", v["version"], v["revision"], v["go"], v["platform"]) })
		},
	}
}
