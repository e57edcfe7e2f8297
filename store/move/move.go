package move

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"drawbridge/directory"
	"drawbridge/store"
)

// Options tune a copy.
type Options struct {
	// Secrets names the secrets that the processes of the installation share.
	Secrets []string
	// Done, if set, is called for each tenant that is complete in the destination.
	Done func(Tenant)
}

// Tenant says what was copied of one tenant. The ID of directory.Provider is the installation itself.
type Tenant struct {
	ID      directory.TenantID
	Copied  bool // false: an earlier run had copied it, and it was only compared
	Content Content
}

// Copy copies everything from one store into the other, tenant by tenant, and then compares what both hold. A tenant that an earlier run
// has copied is only compared, so an interrupted copy continues when it is run again. Provider is last: without it the copy is not
// complete. The request journal is not part of a store and is not copied.
//
// Conflict if the destination holds something that the source does not. Both stores must be a store.Mover.
func Copy(ctx context.Context, from, to store.Store, options Options) ([]Tenant, error) {
	source, ok := store.As[store.Mover](from)
	target, also := store.As[store.Mover](to)
	if !ok || !also {
		return nil, &directory.Error{Code: directory.Unsupported, Message: "one of the two stores cannot be moved"}
	}
	c := &copier{from: from, to: to, source: source, target: target}
	ids, err := c.plan(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range options.Secrets {
		if err := c.secret(ctx, name); err != nil {
			return nil, err
		}
	}
	var all []Tenant
	for _, id := range ids {
		done, err := c.tenant(ctx, id)
		if err != nil {
			return all, fmt.Errorf("%s: %w", called(id), err)
		}
		all = append(all, done)
		if options.Done != nil {
			options.Done(done)
		}
	}
	return all, nil
}

func called(id directory.TenantID) string {
	if id == directory.Provider {
		return "the installation itself"
	}
	return "tenant " + string(id)
}

type copier struct {
	from, to       store.Store
	source, target store.Mover
}

// plan gives the tenants in the order in which they are copied. Conflict if the destination has one that the source does not have.
func (c *copier) plan(ctx context.Context) ([]directory.TenantID, error) {
	tenants, err := c.from.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	var ids []directory.TenantID
	for i := range tenants {
		ids = append(ids, tenants[i].ID)
	}
	present, err := c.to.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	for i := range present {
		if !slices.Contains(ids, present[i].ID) {
			return nil, otherInstallation(called(present[i].ID) + " is there already and not in the source")
		}
	}
	return append(ids, directory.Provider), nil
}

func otherInstallation(why string) error {
	return &directory.Error{Code: directory.Conflict, Field: "tenant", Message: "the destination holds another installation, or is in use: " + why}
}

var errNoSecret = errors.New("there is no such secret")

// secret copies a secret that the source has.
func (c *copier) secret(ctx context.Context, name string) error {
	secret, err := c.from.Secret(ctx, name, func() ([]byte, error) { return nil, errNoSecret })
	if errors.Is(err, errNoSecret) {
		return nil
	}
	if err != nil {
		return err
	}
	there, err := c.to.Secret(ctx, name, func() ([]byte, error) { return secret, nil })
	if err == nil && !bytes.Equal(secret, there) {
		err = otherInstallation("it has another key " + name)
	}
	return err
}

// tenant copies a tenant unless it exists already, and compares both.
func (c *copier) tenant(ctx context.Context, id directory.TenantID) (Tenant, error) {
	there, err := c.present(ctx, id)
	if err != nil {
		return Tenant{}, err
	}
	if !there {
		if err := c.copyTenant(ctx, id); err != nil {
			return Tenant{}, err
		}
	}
	before, err := Read(ctx, c.from, id)
	if err != nil {
		return Tenant{}, fmt.Errorf("the source: %w", err)
	}
	after, err := Read(ctx, c.to, id)
	if err != nil {
		return Tenant{}, fmt.Errorf("the destination: %w", err)
	}
	if text := before.Differs(after); text != "" {
		return Tenant{}, otherInstallation(text)
	}
	return Tenant{ID: id, Copied: !there, Content: after}, nil
}

// present reports whether the destination has the tenant. Provider always exists, but may be empty.
func (c *copier) present(ctx context.Context, id directory.TenantID) (there bool, err error) {
	err = c.to.View(ctx, id, nil, func(r store.Reader) error {
		if id == directory.Provider {
			_, last, err := r.Audit(0, 0)
			there = last > 0
			return err
		}
		_, err := r.Tenant()
		there = err == nil
		if directory.CodeOf(err) == directory.NotFound {
			return nil
		}
		return err
	})
	return there, err
}

func (c *copier) copyTenant(ctx context.Context, id directory.TenantID) error {
	stage, err := c.target.StageMove(ctx, id)
	if err != nil {
		return err
	}
	err = walk(ctx, c.from, c.source, id, &writer{ctx: ctx, stage: stage, to: c.to})
	if err != nil {
		return errors.Join(err, stage.Drop(context.WithoutCancel(ctx)))
	}
	return nil
}

// writer writes what walk finds into a stage.
type writer struct {
	ctx   context.Context
	stage store.MoveStage
	to    store.Store
}

func (w *writer) records(c directory.Change) error { return w.stage.Put(w.ctx, c) }

func (w *writer) lines(audit []directory.Audit, events []directory.Event) error {
	return w.stage.Record(w.ctx, audit, events)
}

// uses are written before the tenant is there, so that they are complete when it is. An earlier run may have done it.
func (w *writer) uses(connection directory.ConnectionID, uses []directory.Use) error {
	there, err := w.to.Uses(w.ctx, connection)
	if err != nil || len(there) > 0 {
		return err
	}
	return w.to.Touch(w.ctx, uses)
}

func (w *writer) rest(c directory.Change) error { return w.stage.Install(w.ctx, c) }
