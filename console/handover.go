package console

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"strings"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

func (a *api) handoverRoutes() []operation {
	return []operation{
		{
			id: "unlink-tenant", method: http.MethodPost, path: "/tenants/{tenant}/unlink",
			right: directory.TenantHandOver, fresh: true,
			tag: "tenants", summary: "Hand a tenant over",
			about: "From now on nothing in it is served or changed: credentials, application keys, scopes that name it and open contexts end (T6). Refused without an active Owner who is not an operator. Then fetch its bundle. It can be taken back within the grace time.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid},
			do:    handle(a.unlinkTenant),
		},
		{
			id: "take-back-tenant", method: http.MethodPost, path: "/tenants/{tenant}/take-back",
			right: directory.TenantHandOver, fresh: true,
			tag: "tenants", summary: "Take a hand-over back",
			about: "Within the grace time. Credentials stay revoked: connections and applications need new ones.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid},
			do:    handle(a.takeBackTenant),
		},
		{
			id: "get-handover", method: http.MethodGet, path: "/tenants/{tenant}/handover",
			right: directory.TenantRead,
			tag:   "tenants", summary: "Show how far a hand-over is",
			about: "Since when, until when it can be taken back, and whether the bundle has been confirmed.",
			codes: []directory.Code{directory.NotFound},
			do:    handle(a.getHandover),
		},
		{
			id: "get-bundle", method: http.MethodGet, path: "/tenants/{tenant}/bundle",
			right: directory.TenantHandOver,
			tag:   "tenants", summary: "Fetch the hand-over bundle of a tenant",
			about: "A signed archive (application/gzip) of everything but secrets, of a tenant that is unlinked; docs/handover.md describes it. The answer ends early if it cannot be made to its end, and is not a bundle then.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Unsupported},
			do:    handle(a.getBundle),
		},
		{
			id: "confirm-bundle", method: http.MethodPost, path: "/tenants/{tenant}/bundle/confirm",
			right: directory.TenantHandOver,
			tag:   "tenants", summary: "Confirm to hold the bundle of a tenant",
			about: "The data is deleted after the grace time only if the bundle has been confirmed. The bundle is made once more to compare.",
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Invalid, directory.Unsupported},
			do:    handle(a.confirmBundle),
		},
		{
			id: "get-bundle-key", method: http.MethodGet, path: "/bundle-key",
			right: directory.ServerRead,
			tag:   "server", summary: "Show the public key of this installation's bundles",
			about: "Other installations name it when they take in a company from here. It is not secret, but send it by another way than the bundle.",
			codes: []directory.Code{directory.Unsupported},
			do:    handle(a.getBundleKey),
		},
		{
			id: "link-tenant", method: http.MethodPost, path: "/tenants/link",
			right: directory.TenantHandOver, list: true, fresh: true, upload: true,
			tag: "tenants", summary: "Take a company in from its bundle",
			about: "The body is a hand-over bundle (application/gzip). It is read to its end and verified before anything is stored, and the company is invisible until all of it is stored. Refused where its data region is another one (T2).",
			codes: []directory.Code{directory.Conflict, directory.Refused, directory.Invalid, directory.TooLarge, directory.Unsupported},
			do:    handle(a.linkTenant),
		},
	}
}

type reasonInput struct {
	httpapi.TenantPath
	Body wire.Reason
}

type confirmBundleInput struct {
	httpapi.TenantPath
	Body wire.ConfirmBundle
}

type linkTenantInput struct {
	Slug   string `query:"slug" maxLength:"40" doc:"Its slug here. Missing: as in the bundle."`
	Plan   string `query:"plan" maxLength:"64" doc:"A plan of the catalogue here. Missing: as in the bundle."`
	Trust  string `query:"trust" maxLength:"2000" doc:"Public keys of installations whose bundles are taken, with commas between them. This one's own always is."`
	DryRun bool   `query:"dry_run" doc:"Look at all of it and take nothing in."`
}

func (a *api) unlinkTenant(ctx context.Context, p directory.Principal, in *reasonInput) (*output[wire.HandoverState], error) {
	if _, err := a.Bridge.Handovers().Unlink(ctx, p, in.TenantID(), in.Body.Reason); err != nil {
		return nil, err
	}
	return a.handover(ctx, p, in.TenantID())
}

func (a *api) takeBackTenant(ctx context.Context, p directory.Principal, in *reasonInput) (*output[wire.HandoverState], error) {
	if _, err := a.Bridge.Handovers().TakeBack(ctx, p, in.TenantID(), in.Body.Reason); err != nil {
		return nil, err
	}
	return a.handover(ctx, p, in.TenantID())
}

func (a *api) getHandover(ctx context.Context, p directory.Principal, in *httpapi.TenantPath) (*output[wire.HandoverState], error) {
	return a.handover(ctx, p, in.TenantID())
}

func (a *api) getBundle(ctx context.Context, p directory.Principal, in *httpapi.TenantPath) (*httpapi.Stream, error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	return &httpapi.Stream{
		ContentType: httpapi.GzipType, Disposition: `attachment; filename="` + in.Tenant + `.tar.gz"`,
		Write: func(to io.Writer) error {
			_, err := a.Bridge.Handovers().WriteBundle(ctx, p, in.TenantID(), to)
			return err
		},
	}, nil
}

func (a *api) confirmBundle(ctx context.Context, p directory.Principal, in *confirmBundleInput) (*output[wire.HandoverState], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	var sum directory.Hash
	if err := sum.UnmarshalText([]byte(in.Body.Manifest)); err != nil {
		return nil, err
	}
	if _, err := a.Bridge.Handovers().ConfirmBundle(ctx, p, in.TenantID(), sum); err != nil {
		return nil, err
	}
	return a.handover(ctx, p, in.TenantID())
}

func (a *api) getBundleKey(context.Context, directory.Principal, *struct{}) (*output[wire.BundleKey], error) {
	key, err := a.Bridge.Handovers().BundleKey()
	return &output[wire.BundleKey]{wire.BundleKey{PublicKey: key}}, err
}

func (a *api) linkTenant(ctx context.Context, p directory.Principal, in *linkTenantInput) (*output[wire.Linked], error) {
	responseOf(ctx).Extend(a.Now().Add(longestJob))
	file, err := a.Spool(ctx, responseOf(ctx).Request.Body)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // the next start removes what a failure leaves
	if err := httpapi.CallOf(ctx).Readmit(ctx); err != nil {
		return nil, err
	}
	o := bridge.LinkOptions{Slug: directory.TenantID(in.Slug), Plan: in.Plan, Dry: in.DryRun}
	for key := range strings.SplitSeq(in.Trust, ",") {
		if key != "" {
			o.Trust = append(o.Trust, key)
		}
	}
	l, err := a.Bridge.Handovers().LinkTenant(ctx, p, file, o)
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
	return &output[wire.Linked]{out}, nil
}

func (a *api) handover(ctx context.Context, p directory.Principal, tenant directory.TenantID) (*output[wire.HandoverState], error) {
	s, err := a.Bridge.Handovers().Handover(ctx, p, tenant)
	if err != nil {
		return nil, err
	}
	out := wire.HandoverState{Tenant: string(tenant), Status: string(s.Tenant.Status)}
	if h := s.Tenant.Handover; h != nil {
		out.Since, out.Until, out.Reason, out.By, out.Gone = httpapi.Time(h.Since), httpapi.Time(h.Until), h.Reason, cmp.Or(h.By.Name, h.By.ID), httpapi.Time(h.Gone)
	}
	if s.Receipt != nil {
		out.Manifest, out.Confirmed = s.Receipt.Manifest.String(), httpapi.Time(s.Receipt.At)
	}
	return answer(out, nil)
}
