package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

func (a *api) backupRoutes() {
	type createInput struct{ Body wire.BackupCreate }
	type backupOutput struct{ Body wire.Backup }
	handle(a, operation{
		id: "create-backup", right: directory.ServerManage, method: http.MethodPost, path: "/backups", tag: "server", summary: "Back up the store", status: created,
		about: "Copies the store while it goes on working, verifies the copy and puts a checksum beside it. The answer comes when all of it is on the disk; GET /backups says meanwhile how far it is.",
		codes: []directory.Code{directory.Conflict, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *createInput) (*backupOutput, error) {
		if in.Body.To != "" && !isLocal(p) {
			return nil, &directory.Error{Code: directory.Forbidden, Field: "to", Message: "only the local operator says where on the server's disk a backup goes; without \"to\" it goes to backup.dir"}
		}
		callOf(ctx).response.Extend(time.Time{})
		out, err := a.Backups.Backup(ctx, in.Body.To)
		if err == nil {
			err = a.recordBackup(ctx, p, out)
		}
		if err != nil {
			return nil, err
		}
		return &backupOutput{out}, nil
	})

	type listOutput struct{ Body wire.Backups }
	handle(a, operation{
		id: "list-backups", right: directory.ServerManage, method: http.MethodGet, path: "/backups", tag: "server", summary: "List backups",
		about: "The verified copies in backup.dir, the newest first, and what is under way.",
	}, func(ctx context.Context, _ directory.Principal, in *PageQuery) (*listOutput, error) {
		out, err := a.Backups.List(ctx)
		if err != nil {
			return nil, err
		}
		page, err := inOrder(out.Items, *in, func(b *wire.Backup) string { return b.Path })
		if err != nil {
			return nil, err
		}
		out.Items, out.Next = page.Items, page.Next
		return &listOutput{out}, nil
	})

	type checkOutput struct{ Body wire.CheckReport }
	handle(a, operation{
		id: "check-store", right: directory.ServerManage, method: http.MethodPost, path: "/checks", tag: "server", summary: "Look at every page and record of the store",
		about: "Looks at a copy, so that nobody waits; the disk needs room for it. Findings are no failure of the request: see ok.",
		codes: []directory.Code{directory.Conflict},
	}, func(ctx context.Context, _ directory.Principal, _ *struct{}) (*checkOutput, error) {
		callOf(ctx).response.Extend(time.Time{})
		out, err := a.Backups.Check(ctx)
		if err != nil {
			return nil, err
		}
		return &checkOutput{out}, nil
	})
}

// recordBackup notes who took a copy. The copy is there whether or not it can be noted, which the error says.
func (a *api) recordBackup(ctx context.Context, p directory.Principal, b wire.Backup) error {
	err := a.Record.RecordBackup(ctx, p, b.Path, b.SHA256, b.Bytes)
	var known *directory.Error
	if errors.As(err, &known) {
		return &directory.Error{Code: known.Code, Message: "the backup " + b.Path + " is there and good, but its line in the audit trail could not be written: " + known.Message, Err: err}
	}
	return err
}
