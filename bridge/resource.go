package bridge

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// ResourceResult is a custom resource after a verb. It belongs to the caller.
type ResourceResult struct {
	Resource directory.Resource
	Effect   Effect
}

// Resource gives one custom resource of the tenant of p. NotFound.
func (s *Service) Resource(ctx context.Context, p directory.Principal, kind directory.Kind, id directory.ID) (ResourceResult, error) {
	var out ResourceResult
	err := s.read(ctx, p, func(r store.Reader) error {
		found, err := resourceOf(r, kind, id)
		out.Resource = found.Clone()
		return err
	})
	if err != nil {
		return ResourceResult{}, err
	}
	return out, nil
}

// ListResources gives the custom resources of a kind that match q, as ListUsers does users.
func (s *Service) ListResources(ctx context.Context, p directory.Principal, kind directory.Kind, q directory.Query, yield func(*directory.Resource) error) (directory.Page, error) {
	var page directory.Page
	err := s.read(ctx, p, func(r store.Reader) error {
		var err error
		page, err = r.Resources(kind, q, yield)
		return err
	})
	return page, err
}

// CreateResource makes a custom resource from what edit gives for nil. The errors are those of edit, and Invalid.
func (s *Service) CreateResource(ctx context.Context, p directory.Principal, kind directory.Kind, edit directory.ResourceEdit) (ResourceResult, error) {
	return s.writeResource(ctx, p, func(t *tenantTx) (ResourceResult, error) {
		draft, err := edit(nil)
		if err != nil {
			return ResourceResult{}, err
		}
		after := directory.Resource{ID: draft.ID, Kind: kind, Created: t.Now, Connection: t.Principal.Connection.ID}
		if after.ID.IsZero() {
			after.ID = t.NewID()
		}
		return t.applyResourceDraft(nil, after, &draft)
	})
}

// ResourceKey names a custom resource.
type ResourceKey struct {
	Kind directory.Kind
	ID   directory.ID
}

// EditResource changes a custom resource, as EditUser does a user. NotFound, Refused L9, Stale, and the errors of edit.
func (s *Service) EditResource(ctx context.Context, p directory.Principal, key ResourceKey, pre directory.Precondition, edit directory.ResourceEdit) (ResourceResult, error) {
	return s.writeResource(ctx, p, func(t *tenantTx) (ResourceResult, error) {
		before, adopts, err := t.openResource(key.Kind, key.ID, pre, directory.ResourceUpdate)
		if err != nil {
			return ResourceResult{}, err
		}
		draft, err := edit(&before)
		if err != nil {
			return ResourceResult{}, err
		}
		after := before
		if adopts {
			after.Connection = t.Principal.Connection.ID
		}
		return t.applyResourceDraft(&before, after, &draft)
	})
}

// DeleteResource removes a custom resource. NotFound, Refused L9, Stale.
func (s *Service) DeleteResource(ctx context.Context, p directory.Principal, kind directory.Kind, id directory.ID, pre directory.Precondition) error {
	return s.write(ctx, p, func(t *tenantTx) error {
		before, _, err := t.openResource(kind, id, pre, directory.ResourceDelete)
		if err != nil {
			return err
		}
		t.removeResource(&before)
		return nil
	})
}

// removeResource removes a custom resource and leaves the tombstone (D6).
func (t *tenantTx) removeResource(v *directory.Resource) {
	t.Change.RemoveResources = append(t.Change.RemoveResources, v.ID)
	t.Change.Tombstones = append(t.Change.Tombstones, directory.Tombstone{
		ID: v.ID, Kind: v.Kind, Connection: v.Connection, ExternalID: v.ExternalID, Created: v.Created, Deleted: t.Now, By: t.Principal.Actor,
	})
	line := t.Line(directory.ResourceAction(v.Kind, directory.ResourceDelete), resourceSubject(v))
	line.Before = v.Document
	t.Audit(line)
	t.Event(directory.ResourceDeleted, resourceSubject(v), nil)
}

func (s *Service) writeResource(ctx context.Context, p directory.Principal, decide func(*tenantTx) (ResourceResult, error)) (ResourceResult, error) {
	var out ResourceResult
	err := s.write(ctx, p, func(t *tenantTx) error {
		if err := txn.Exists(t.Reader, p.Tenant); err != nil {
			return err
		}
		var err error
		out, err = decide(t)
		return err
	})
	if err != nil {
		return ResourceResult{}, err
	}
	return out, nil
}

func (t *tenantTx) openResource(kind directory.Kind, id directory.ID, pre directory.Precondition, verb directory.ResourceVerb) (found directory.Resource, adopts bool, err error) {
	if found, err = resourceOf(t.Reader, kind, id); err != nil {
		return found, false, err
	}
	adopts, no := t.manages(found.Connection, string(kind), id)
	if err := t.Refuse(no, directory.ResourceAction(kind, verb), resourceSubject(&found)); err != nil {
		return found, false, err
	}
	return found, adopts, pre.Check(found.Version)
}

func (t *tenantTx) applyResourceDraft(before *directory.Resource, after directory.Resource, draft *directory.ResourceDraft) (ResourceResult, error) {
	if err := policy.CheckText("externalId", draft.ExternalID, 0, 1024); err != nil {
		return ResourceResult{}, err
	}
	after.ExternalID, after.Document = draft.ExternalID, draft.Document
	if before != nil && before.ExternalID == after.ExternalID && before.Connection == after.Connection && txn.SameDocument(before.Document, after.Document) {
		return ResourceResult{Resource: before.Clone(), Effect: Unchanged}, nil
	}
	var err error
	if after.Unique, err = t.unique(after.Kind, directory.ResourceRecord{Resource: &after}); err != nil {
		return ResourceResult{}, err
	}
	after.Version, after.Modified = 1, t.Now
	action, kind, effect := directory.ResourceCreate, directory.ResourceCreated, Created
	line := t.Line("", resourceSubject(&after))
	if before == nil {
		line.After = after.Document
	} else {
		action, kind, effect = directory.ResourceUpdate, directory.ResourceUpdated, Changed
		after.Version, after.Modified = before.Version+1, txn.Later(t.Now, before.Modified)
		was, is, _ := txn.Diff(txn.Differing(before.Document, after.Document))
		line.Before, line.After = txn.Document(was), txn.Document(is)
	}
	line.Action, line.Deviations = directory.ResourceAction(after.Kind, action), draft.Deviations
	t.Audit(line)
	t.Event(kind, resourceSubject(&after), nil)
	t.Change.Resources = append(t.Change.Resources, after)
	return ResourceResult{Resource: after.Clone(), Effect: effect}, nil
}

func resourceOf(r store.Reader, kind directory.Kind, id directory.ID) (directory.Resource, error) {
	found, ok, err := txn.Optional(r.Resource(kind, id))
	if err == nil && !ok {
		err = txn.NotFound(string(kind), id)
	}
	return found, err
}

func resourceSubject(r *directory.Resource) directory.Subject {
	return directory.Subject{Kind: string(r.Kind), ID: r.ID.String()}
}
