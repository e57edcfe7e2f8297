package console

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

type stateOutput struct{ Body wire.HandoverState }

func (a *api) handoverRoutes() {
	type reasonInput struct {
		TenantPath
		Body wire.Reason
	}
	handle(a, operation{
		id: "unlink-tenant", right: directory.TenantHandOver, fresh: true, method: http.MethodPost, path: "/tenants/{tenant}/unlink", tag: "tenants", summary: "Hand a tenant over",
		about: "From now on nothing in it is served or changed: credentials, application keys, scopes that name it and open contexts end (T6). Refused without an active Owner who is no operator. Then fetch its bundle. It can be taken back within the grace time.",
		codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *reasonInput) (*stateOutput, error) {
		if _, err := a.Bridge.Unlink(ctx, p, in.tenant(), in.Body.Reason); err != nil {
			return nil, err
		}
		return a.handover(ctx, p, in.tenant())
	})
	handle(a, operation{
		id: "take-back-tenant", right: directory.TenantHandOver, fresh: true, method: http.MethodPost, path: "/tenants/{tenant}/take-back", tag: "tenants", summary: "Take a hand-over back",
		about: "Within the grace time. Credentials stay revoked: connections and applications need new ones.",
		codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid},
	}, func(ctx context.Context, p directory.Principal, in *reasonInput) (*stateOutput, error) {
		if _, err := a.Bridge.TakeBack(ctx, p, in.tenant(), in.Body.Reason); err != nil {
			return nil, err
		}
		return a.handover(ctx, p, in.tenant())
	})
	handle(a, operation{
		id: "get-handover", right: directory.TenantRead, method: http.MethodGet, path: "/tenants/{tenant}/handover", tag: "tenants", summary: "Show how far a hand-over is",
		about: "Since when, until when it can be taken back, and whether somebody has confirmed to hold the bundle.",
		codes: []directory.Code{directory.NotFound},
	}, func(ctx context.Context, p directory.Principal, in *TenantPath) (*stateOutput, error) {
		return a.handover(ctx, p, in.tenant())
	})
	handle(a, operation{
		id: "get-bundle", right: directory.TenantHandOver, download: true, method: http.MethodGet, path: "/tenants/{tenant}/bundle", tag: "tenants", summary: "Fetch the hand-over bundle of a tenant",
		about: "A signed archive (application/gzip) of everything but secrets, of a tenant that is unlinked; docs/handover.md describes it. The answer ends early if it cannot be made to its end, and is no bundle then.",
		codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Unsupported},
	}, func(ctx context.Context, p directory.Principal, in *TenantPath) (*huma.StreamResponse, error) {
		c := callOf(ctx)
		c.response.Extend(a.Now().Add(longestJob))
		return &huma.StreamResponse{Body: func(h huma.Context) {
			to := &lateWriter{begin: func() io.Writer {
				h.SetHeader("Content-Type", gzipType)
				h.SetHeader("Content-Disposition", `attachment; filename="`+in.Tenant+`.tar.gz"`)
				h.SetStatus(http.StatusOK)
				return h.BodyWriter()
			}}
			_, err := a.Bridge.WriteBundle(ctx, p, in.tenant(), to)
			if err == nil {
				return
			}
			if to.to != nil { // some of it is on its way: whoever reads must not take it for all
				panic(http.ErrAbortHandler)
			}
			_ = c.fail(err) // notes it for the log
			problem := problemOf(err, c.response.ID)
			text, err := json.Marshal(problem)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			h.SetHeader("Content-Type", problem.ContentType(""))
			h.SetStatus(problem.Status)
			_, _ = h.BodyWriter().Write(text) // a client that is gone needs no answer
		}}, nil
	})
	type confirmInput struct {
		TenantPath
		Body wire.ConfirmBundle
	}
	handle(a, operation{
		id: "confirm-bundle", right: directory.TenantHandOver, method: http.MethodPost, path: "/tenants/{tenant}/bundle/confirm", tag: "tenants", summary: "Confirm to hold the bundle of a tenant",
		about: "The data is taken away behind the grace time only if somebody has confirmed to hold the bundle. It is made once more to compare.",
		codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid, directory.Unsupported},
	}, func(ctx context.Context, p directory.Principal, in *confirmInput) (*stateOutput, error) {
		callOf(ctx).response.Extend(a.Now().Add(longestJob))
		var sum directory.Hash
		if err := sum.UnmarshalText([]byte(in.Body.Manifest)); err != nil {
			return nil, err
		}
		if _, err := a.Bridge.ConfirmBundle(ctx, p, in.tenant(), sum); err != nil {
			return nil, err
		}
		return a.handover(ctx, p, in.tenant())
	})

	type keyOutput struct{ Body wire.BundleKey }
	handle(a, operation{
		id: "get-bundle-key", right: directory.ServerRead, method: http.MethodGet, path: "/bundle-key", tag: "server", summary: "Show the public key of this installation's bundles",
		about: "Other installations name it when they take in a company from here. It is no secret, but whoever is told it should be told by another way than the bundle.",
		codes: []directory.Code{directory.Unsupported},
	}, func(context.Context, directory.Principal, *struct{}) (*keyOutput, error) {
		key, err := a.Bridge.BundleKey()
		return &keyOutput{wire.BundleKey{PublicKey: key}}, err
	})

	type linkInput struct {
		Slug   string `query:"slug" maxLength:"40" doc:"Its slug here. Missing: as in the bundle."`
		Plan   string `query:"plan" maxLength:"64" doc:"A plan of the catalogue here. Missing: as in the bundle."`
		Trust  string `query:"trust" maxLength:"2000" doc:"Public keys of installations whose bundles are taken, with commas between them. This one's own always is."`
		DryRun bool   `query:"dry_run" doc:"Look at all of it and take nothing in."`
	}
	type linkOutput struct{ Body wire.Linked }
	handle(a, operation{
		id: "link-tenant", right: directory.TenantHandOver, list: true, fresh: true, upload: true, method: http.MethodPost, path: "/tenants/link", tag: "tenants", summary: "Take a company in from its bundle",
		about: "The body is a hand-over bundle (application/gzip). It is read to its end and verified before anything is stored, and nobody sees the company until all of it is there. Refused where its data region is another one (T2).",
		codes: []directory.Code{directory.Conflict, directory.Refused, directory.Invalid, directory.TooLarge, directory.Unsupported},
	}, func(ctx context.Context, p directory.Principal, in *linkInput) (*linkOutput, error) {
		c := callOf(ctx)
		c.response.Extend(a.Now().Add(longestJob))
		file, err := a.Spool(ctx, c.response.Request.Body)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // the next start removes what is left of it
		o := bridge.LinkOptions{Slug: directory.TenantID(in.Slug), Plan: in.Plan, Dry: in.DryRun}
		for key := range strings.SplitSeq(in.Trust, ",") {
			if key != "" {
				o.Trust = append(o.Trust, key)
			}
		}
		l, err := a.Bridge.LinkTenant(ctx, p, file, o)
		if err != nil {
			return nil, err
		}
		out := wire.Linked{
			Tenant: string(l.Tenant), Name: l.Manifest.Name, Was: string(l.Manifest.Tenant), DataRegion: l.Manifest.DataRegion, Plan: l.Plan,
			Unlinked: l.Manifest.Unlinked.UTC(), Software: l.Manifest.Software, SignedBy: l.Manifest.Key, Manifest: l.Sum.String(), Lines: l.Manifest.Lines,
			Occupied: l.Seats.Occupied, Limit: l.Seats.Limit, Connections: []string{}, Done: l.Done,
		}
		for _, id := range l.Connections {
			out.Connections = append(out.Connections, string(id))
		}
		return &linkOutput{out}, nil
	})
}

// lateWriter begins an answer with its first byte, so that a failure before it can still be told.
type lateWriter struct {
	begin func() io.Writer
	to    io.Writer
}

func (w *lateWriter) Write(p []byte) (int, error) {
	if w.to == nil {
		w.to = w.begin()
	}
	return w.to.Write(p)
}

func (a *api) handover(ctx context.Context, p directory.Principal, tenant directory.TenantID) (*stateOutput, error) {
	s, err := a.Bridge.Handover(ctx, p, tenant)
	if err != nil {
		return nil, err
	}
	out := wire.HandoverState{Tenant: string(tenant), Status: string(s.Tenant.Status)}
	if h := s.Tenant.Handover; h != nil {
		out.Since, out.Until, out.Reason, out.By, out.Gone = stamp(h.Since), stamp(h.Until), h.Reason, h.By.Name, stamp(h.Gone)
		if out.By == "" {
			out.By = h.By.ID
		}
	}
	if s.Receipt != nil {
		out.Manifest, out.Confirmed = s.Receipt.Manifest.String(), stamp(s.Receipt.At)
	}
	return &stateOutput{out}, nil
}
