package projects

import (
	"context"
	"io"
	"time"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/sharing"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Write runs a unit of work on a tenant with the steps of every write of a tenant: bridge.Service.Write.
type Write func(ctx context.Context, p directory.Principal, decide func(*txn.Tx) error) error

// Config is what a Service needs. All of it is required.
type Config struct {
	Txn    *txn.Runner
	Write  Write
	Random io.Reader // of cryptographic quality
	Seal   credential.Ring
}

// Service does the work of the package. It is safe for concurrent use.
type Service struct {
	cfg   Config
	txn   *txn.Runner
	store store.Store
	write Write
}

// New makes a Service.
func New(cfg Config) *Service {
	return &Service{cfg: cfg, txn: cfg.Txn, store: cfg.Txn.Store(), write: cfg.Write}
}

func (s *Service) instant() time.Time { return s.txn.Instant() }

// by is who does what no operator asked for.
func by(tenant directory.TenantID) directory.Principal {
	p := directory.JobPrincipal("projects")
	p.Tenant = tenant
	return p
}

// subject names a Google project in records.
func subject(id, name string) directory.Subject {
	return directory.Subject{Kind: "project", ID: id, Name: name}
}

func subjectOf(g *directory.GoogleProject) directory.Subject { return subject(g.ID.String(), g.Name) }

func noProject(name string) error {
	return &directory.Error{Code: directory.NotFound, Message: "there is no Google project \"" + directory.Truncate(name, 100) + "\""}
}

// Where names a Google project and a tenant that it is attached to.
type Where struct {
	Tenant  directory.TenantID
	Project string
}

func notAttached(at Where) error {
	return &directory.Error{Code: directory.NotFound, Field: "tenant", Message: "Google project " + at.Project + " is not attached to a tenant \"" + directory.Truncate(string(at.Tenant), 100) + "\""}
}

// find reads a Google project from the installation. NotFound.
func find(r store.Reader, name string) (directory.GoogleProject, error) {
	if len(name) > 40 {
		return directory.GoogleProject{}, noProject(name)
	}
	g, ok, err := txn.Get[directory.GoogleProject](r, directory.ProjectKV, name)
	if err == nil && !ok {
		err = noProject(name)
	}
	return g, err
}

// named reads a Google project, with its sealed key. NotFound.
func (s *Service) named(ctx context.Context, name string) (g directory.GoogleProject, err error) {
	err = s.txn.View(ctx, directory.Provider, func(r store.Reader) error {
		g, err = find(r, name)
		return err
	})
	return g, err
}

// visible reads a Google project that p may see, with its sealed key. NotFound.
func (s *Service) visible(ctx context.Context, p directory.Principal, name string) (directory.GoogleProject, error) {
	g, err := s.named(ctx, name)
	if err == nil && !policy.SeesProject(p, &g) {
		err = noProject(name)
	}
	return g, err
}

// projects gives every Google project, by name, with its sealed key.
func (s *Service) projects(ctx context.Context) ([]directory.GoogleProject, error) {
	return sharing.All[directory.GoogleProject](ctx, s.txn, directory.ProjectKV)
}
