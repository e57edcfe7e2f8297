package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

func auditArchive(t *terminal) *cobra.Command {
	return parent("archive", "What of audit trails and events is in the archive", `With archive.folder or archive.s3.bucket in the configuration, audit lines and events that are older than audit_days and event_days
move to an archive once a day (drawbridge job run archive does it at once). drawbridge docs archive describes its form.`,
		archiveStatus(t), archiveKey(t))
}

func archiveStatus(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show what is in the archive, and whether it can be written", Args: arguments(),
		Long:    "The head is that of the last segment: written down elsewhere, it proves the whole chain to any reader of the archive.\nThe exit code is 1 if the archive cannot be written, or lacks the last segment of a trail.",
		Example: "  drawbridge audit archive status",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s wire.ArchiveStatus
			all, err := pages(0, func(cursor string, _ int) ([]wire.ArchiveTrail, string, error) {
				page, err := t.client().Archive(cmd.Context(), cursor)
				s = page
				return page.Items, page.Next, err
			})
			if err != nil {
				return err
			}
			s.Items, s.Next = all, ""
			if err := t.print(s, func() { t.archive(s) }); err != nil {
				return err
			}
			if s.Error != "" {
				return fmt.Errorf("%s", s.Error)
			}
			for _, i := range s.Items {
				if i.Error != "" {
					return fmt.Errorf("%s: %s", orText(i.Tenant, "(installation)"), i.Error)
				}
			}
			return nil
		},
	}
}

func (t *terminal) archive(s wire.ArchiveStatus) {
	if s.Place == "" {
		t.say("There is no archive: set archive.folder or archive.s3.bucket.")
	} else {
		t.details([2]string{"Archive", s.Place}, [2]string{"Public key", s.Key})
	}
	rows := [][]cell{}
	for _, i := range s.Items {
		name := orText(i.Tenant, "(installation)")
		for n, p := range []wire.ArchivedPart{i.Audit, i.Events} {
			if p.Last > 0 {
				rows = append(rows, cells(name, []string{"audit", "events"}[n], fmt.Sprint(p.Last), moment(p.To), fmt.Sprint(p.Segments), fmt.Sprint(p.Bytes), p.Head.String()))
			}
		}
	}
	t.list([]string{"TRAIL", "KIND", "UP TO LINE", "UNTIL", "SEGMENTS", "BYTES", "HEAD"}, rows, "Nothing is in the archive.")
}

func archiveKey(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "key", Short: "Show the public key that signs segments", Args: arguments(),
		Example: "  drawbridge audit archive key",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := t.client().Archive(cmd.Context(), "")
			if err != nil {
				return err
			}
			if s.Key == "" {
				return fmt.Errorf("there is no archive, and so no key: set archive.folder or archive.s3.bucket")
			}
			return t.print(map[string]string{"key": s.Key}, func() { t.say("%s", s.Key) })
		},
	}
}
