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
	Logo    *[]byte // a PNG or JPEG file (Logo); empty: none
}

// Introduction is how the provider introduces itself to people who are not signed in.
func (s *Service) Introduction(ctx context.Context) (directory.Introduction, error) {
	var out directory.Introduction
	err := s.store.View(ctx, directory.Provider, nil, func(r store.Reader) error {
		settings, err := r.ProviderSettings()
		if err != nil {
			return err
		}
		out.Name, out.Support = settings.Name, settings.Support
		if settings.Logo != "" {
			out.Logo, _, err = txn.Get[[]byte](r, directory.LogoKV, directory.LogoKey)
		}
		return err
	})
	return out, err
}

// Introduce changes how the provider introduces itself. Stale, Invalid, Forbidden for a caller whose scope is not all tenants (O10).
func (s *Service) Introduce(ctx context.Context, p directory.Principal, pre directory.Precondition, edit ProviderEdit) (directory.ProviderSettings, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	var logo []byte
	if err == nil {
		logo, err = edit.check()
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
		if err := t.Refuse(policy.RequireOfAll(t.Principal.Access), directory.ActionProviderUpdate, subject); err != nil {
			return err
		}
		if out = edit.apply(before, logo); out == before {
			return nil
		}
		if out.Logo != before.Logo {
			if err := keepLogo(t, logo); err != nil {
				return err
			}
		}
		out.Version = before.Version + 1
		t.Change.Provider = &out
		line := t.Line(directory.ActionProviderUpdate, subject)
		line.Before, line.After = introduction(before), introduction(out)
		t.Audit(line)
		t.Event(directory.ProviderUpdated, subject, introduced(out))
		return nil
	})
	return out, err
}

// check gives the logo as it is to be kept, nil for none.
func (e *ProviderEdit) check() (logo []byte, err error) {
	if e.Name != nil {
		if err := policy.CheckText("name", *e.Name, 0, 100); err != nil {
			return nil, err
		}
	}
	if e.Support != nil && *e.Support != "" {
		if err := policy.CheckEmail("support", *e.Support); err != nil {
			return nil, err
		}
	}
	if e.Logo == nil || len(*e.Logo) == 0 {
		return nil, nil
	}
	return Logo(*e.Logo)
}

func keepLogo(t tx, logo []byte) error {
	if logo == nil {
		t.Unset(directory.LogoKV, directory.LogoKey)
		return nil
	}
	return t.Set(directory.LogoKV, directory.LogoKey, logo)
}

func (e *ProviderEdit) apply(s directory.ProviderSettings, logo []byte) directory.ProviderSettings {
	if e.Name != nil {
		s.Name = strings.TrimSpace(*e.Name)
	}
	if e.Support != nil {
		s.Support = *e.Support
	}
	if e.Logo != nil {
		if s.Logo = ""; logo != nil {
			s.Logo = directory.LogoMark(logo)
		}
	}
	return s
}

func introduction(s directory.ProviderSettings) directory.Document {
	return txn.Document(introduced(s))
}

func introduced(s directory.ProviderSettings) directory.Attributes {
	return directory.Attributes{{Name: "name", Value: s.Name}, {Name: "support", Value: s.Support}, {Name: "logo", Value: s.Logo}}
}
