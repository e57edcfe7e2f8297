package operators

import (
	"context"
	"strings"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// ProviderEdit changes how the provider introduces itself. nil: unchanged.
type ProviderEdit struct {
	Name    *string // as people know it; "": none
	Support *string // the e-mail address at which it helps; "": none
}

// Introduction is how the provider introduces itself to people who are not signed in: name and address of its support, "" where none is set.
func (s *Service) Introduction(ctx context.Context) (name, support string, err error) {
	err = s.store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
		settings, err := r.ProviderSettings()
		name, support = settings.Name, settings.Support
		return err
	})
	return name, support, err
}

// Introduce changes how the provider introduces itself. Stale, Invalid, Forbidden for a caller whose scope is not all tenants (O10).
func (s *Service) Introduce(ctx context.Context, p directory.Principal, pre directory.Precondition, edit ProviderEdit) (directory.ProviderSettings, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err == nil {
		err = edit.check()
	}
	if err != nil {
		return directory.ProviderSettings{}, err
	}
	var out directory.ProviderSettings
	err = s.write(ctx, p, func(t tx) error {
		before, err := t.Reader.ProviderSettings()
		if err != nil {
			return err
		}
		if err := pre.Check(before.Version); err != nil {
			return err
		}
		subject := directory.Subject{Kind: "provider", ID: "settings"}
		if err := t.Refuse(policy.RequireOfAll(t.Principal.Access), "provider.update", subject); err != nil {
			return err
		}
		if out = edit.apply(before); out == before {
			return nil
		}
		out.Version = before.Version + 1
		t.Change.Provider = &out
		line := t.Line("provider.update", subject)
		line.Before, line.After = introduction(before), introduction(out)
		t.Audit(line)
		t.Event(directory.ProviderUpdated, subject, directory.Attributes{{Name: "name", Value: out.Name}, {Name: "support", Value: out.Support}})
		return nil
	})
	return out, err
}

func (e *ProviderEdit) check() error {
	if e.Name != nil {
		if err := policy.CheckText("name", *e.Name, 0, 100); err != nil {
			return err
		}
	}
	if e.Support != nil && *e.Support != "" {
		return policy.CheckEmail("support", *e.Support)
	}
	return nil
}

func (e *ProviderEdit) apply(s directory.ProviderSettings) directory.ProviderSettings {
	if e.Name != nil {
		s.Name = strings.TrimSpace(*e.Name)
	}
	if e.Support != nil {
		s.Support = *e.Support
	}
	return s
}

func introduction(s directory.ProviderSettings) directory.Document {
	return txn.Document(directory.Attributes{{Name: "name", Value: s.Name}, {Name: "support", Value: s.Support}})
}
