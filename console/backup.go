package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) backupRoutes() []operation {
	return []operation{
		{
			id: "create-backup", method: http.MethodPost, path: "/backups", status: created,
			right: directory.ServerManage,
			tag:   "server", summary: "Back up the store",
			about: "Copies the store while it goes on working, verifies the copy and puts a checksum beside it. The answer comes when all of it is on the disk; GET /backups says meanwhile how far it is.",
			codes: []directory.Code{directory.Conflict, directory.Invalid},
			do:    handle(a.createBackup),
		},
		{
			id: "list-backups", method: http.MethodGet, path: "/backups",
			right: directory.ServerManage,
			tag:   "server", summary: "List backups",
			about: "The verified copies in backup.dir, the newest first, and what is under way.",
			do:    handle(a.listBackups),
		},
		{
			id: "check-store", method: http.MethodPost, path: "/checks",
			right: directory.ServerManage,
			tag:   "server", summary: "Look at every page and record of the store",
			about: "Checks a copy, so that no request waits; the disk needs room for it. Findings are not a failure of the request: see ok.",
			codes: []directory.Code{directory.Conflict},
			do:    handle(a.checkStore),
		},
	}
}

type createBackupInput struct{ Body wire.BackupCreate }

func (a *api) createBackup(ctx context.Context, p directory.Principal, in *createBackupInput) (*output[wire.Backup], error) {
	if in.Body.To != "" && !isLocal(p) {
		return nil, &directory.Error{Code: directory.Forbidden, Field: "to", Message: "only the local operator says where on the server's disk a backup goes; without \"to\" it goes to backup.dir"}
	}
	responseOf(ctx).Extend(time.Time{})
	out, err := a.Backups.Backup(ctx, in.Body.To)
	if err == nil {
		err = a.recordBackup(ctx, p, out)
	}
	if err != nil {
		return nil, err
	}
	return &output[wire.Backup]{out}, nil
}

func (a *api) listBackups(ctx context.Context, _ directory.Principal, in *httpapi.PageQuery) (*output[wire.Backups], error) {
	out, err := a.Backups.List(ctx)
	if err != nil {
		return nil, err
	}
	page, err := httpapi.InOrder(out.Items, *in, func(b *wire.Backup) string { return b.Path })
	if err != nil {
		return nil, err
	}
	out.Items, out.Next = page.Items, page.Next
	return &output[wire.Backups]{out}, nil
}

func (a *api) checkStore(ctx context.Context, _ directory.Principal, _ *struct{}) (*output[wire.CheckReport], error) {
	responseOf(ctx).Extend(time.Time{})
	return answer(a.Backups.Check(ctx))
}

// recordBackup records who made a copy. If that fails, the copy exists, which the error says.
func (a *api) recordBackup(ctx context.Context, p directory.Principal, b wire.Backup) error {
	err := a.Record.RecordBackup(ctx, p, b.Path, b.SHA256, b.Bytes)
	var known *directory.Error
	if errors.As(err, &known) {
		return &directory.Error{Code: known.Code, Message: "the backup " + b.Path + " is there and good, but its line in the audit trail could not be written: " + known.Message, Err: err}
	}
	return err
}
