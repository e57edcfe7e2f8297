package record

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// RecordJob writes into the record of the installation that an operator ran a job by hand.
func (s *Service) RecordJob(ctx context.Context, p directory.Principal, name string, done int) error {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *txn.Tx) error {
		line := t.Line(directory.ActionJobRun, directory.Subject{Kind: "job", ID: name})
		line.After = txn.Document(directory.Attributes{{Name: "done", Value: txn.Number(done)}})
		t.Audit(line)
		return nil
	})
}

// RecordBackup records in the installation's trail that an operator took a copy of all data, because the owner of the copy
// has the data of every tenant (E1).
func (s *Service) RecordBackup(ctx context.Context, p directory.Principal, path, sum string, bytes int64) error {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *txn.Tx) error {
		line := t.Line(directory.ActionBackupCreate, directory.Subject{Kind: "backup", ID: path})
		line.After = txn.Document(directory.Attributes{{Name: "bytes", Value: txn.Number(int(bytes))}, {Name: "sha256", Value: sum}})
		t.Audit(line)
		return nil
	})
}
