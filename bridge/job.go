package bridge

import (
	"context"
	"errors"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
)

// Job is the Principal of what the clock asks for. A job proposes; the verb that it calls reads again and policy decides.
func (s *Service) Job(name string) directory.Principal {
	return directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: name, Name: "job " + name}, Request: "job-" + name}
}

// TenantIDs gives the tenants that are served, in order.
func (s *Service) TenantIDs(ctx context.Context) ([]directory.TenantID, error) {
	all, err := s.store.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	var out []directory.TenantID
	for i := range all {
		if all[i].Status == directory.TenantActive {
			out = append(out, all[i].ID)
		}
	}
	return out, nil
}

// TenantLeft reports whether err says that a tenant is not there, or was handed over (T6): to a job, which may begin before and
// end behind that, it is no failure.
func TenantLeft(err error) bool {
	var e *directory.Error
	return errors.As(err, &e) && (e.Code == directory.NotFound || e.Code == directory.Conflict && e.Rule == "T6")
}

// RecordJob writes into the record of the installation that an operator ran a job by hand.
func (s *Service) RecordJob(ctx context.Context, p directory.Principal, name string, done int) error {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *tenantTx) error {
		line := t.Line("job.run", directory.Subject{Kind: "job", ID: name})
		line.After = txn.Document(directory.Attributes{{Name: "done", Value: txn.Number(done)}})
		t.Audit(line)
		return nil
	})
}

// RecordBackup writes into the record of the installation that an operator took a copy of everything there is: whoever has
// it has the data of every tenant (E1).
func (s *Service) RecordBackup(ctx context.Context, p directory.Principal, path, sum string, bytes int64) error {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return err
	}
	return s.write(ctx, p, func(t *tenantTx) error {
		line := t.Line("backup.create", directory.Subject{Kind: "backup", ID: path})
		line.After = txn.Document(directory.Attributes{{Name: "bytes", Value: txn.Number(int(bytes))}, {Name: "sha256", Value: sum}})
		t.Audit(line)
		return nil
	})
}
