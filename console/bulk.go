package console

import (
	"context"
	"net/http"

	"drawbridge/bridge"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

const bulkAbout = "Each user is decided as if it were the only one, one after the other, seats and the last Owner included. Without expect it is a preview: nothing is written. " +
	"With expect, the digest of a preview, all of it is done in one transaction, if it still comes to exactly that (409 otherwise)."

// bulkRoutes are actions on many users of a tenant. Each is a separate operation, because each needs the right of its action.
func (a *api) bulkRoutes() []operation {
	var out []operation
	for _, v := range []struct {
		verb  bridge.BulkVerb
		right directory.Right
		fresh bool
		about string
	}{
		{bridge.BulkSuspend, directory.UserSuspend, false, "Suspends users; mode and reason as in suspend-user (rule L4)."},
		{bridge.BulkRelease, directory.UserSuspend, false, "Ends suspensions, after a seat check (rule L3)."},
		{bridge.BulkConvert, directory.UserManage, false, "Makes guests members, or members guests (rule L7)."},
		{bridge.BulkConfirm, directory.UserManage, false, "Confirms users who accepted an invitation (rule L2)."},
		{bridge.BulkInvite, directory.UserManage, false, "Sends another link to users who are invited (rule L1)."},
		{bridge.BulkDelete, directory.UserDelete, true, "Deletes users for good, as delete-user does without force (rules D1 and D2)."},
	} {
		op := operation{
			id: "bulk-" + string(v.verb) + "-users", method: http.MethodPost, path: "/tenants/{tenant}/users/bulk/" + string(v.verb),
			right: v.right, fresh: v.fresh,
			tag: "users", summary: "Do one thing to many users: " + string(v.verb), about: v.about + " " + bulkAbout,
			codes: []directory.Code{directory.NotFound, directory.Conflict, directory.Refused, directory.Invalid},
		}
		if v.verb == bridge.BulkConvert {
			op.do = handle(func(ctx context.Context, p directory.Principal, in *bulkConvertInput) (*output[wire.BulkReport], error) {
				d := bulkDraft(v.verb, &in.Body.BulkRequest)
				if d.Type = directory.TeamMember; in.Body.Type == directory.Guest.String() {
					d.Type = directory.Guest
				}
				return a.bulk(ctx, p, in.TenantID(), d)
			})
		} else {
			op.do = handle(func(ctx context.Context, p directory.Principal, in *bulkInput) (*output[wire.BulkReport], error) {
				return a.bulk(ctx, p, in.TenantID(), bulkDraft(v.verb, &in.Body))
			})
		}
		out = append(out, op)
	}
	return out
}

type bulkInput struct {
	httpapi.TenantPath
	Body wire.BulkRequest
}

type bulkConvertInput struct {
	httpapi.TenantPath
	Body wire.BulkConvert
}

func bulkDraft(verb bridge.BulkVerb, in *wire.BulkRequest) bridge.BulkDraft {
	return bridge.BulkDraft{Verb: verb, Users: in.Users, Mode: directory.SuspensionMode(in.Mode), Reason: in.Reason, Expect: in.Expect, SkipRefused: in.SkipRefused}
}

func (a *api) bulk(ctx context.Context, p directory.Principal, tenant directory.TenantID, d bridge.BulkDraft) (*output[wire.BulkReport], error) {
	b, err := a.Bridge.BulkUsers(ctx, p, tenant, d)
	if err != nil {
		return nil, err
	}
	out := wire.BulkReport{
		Applied: b.Applied, Digest: b.Digest, Counts: map[string]int{}, Rows: make([]wire.BulkRow, 0, len(b.Rows)),
		Seats: wire.PreviewSeats{Before: b.Before.Occupied, After: b.After.Occupied, Limit: b.After.Limit},
	}
	for effect, n := range b.Counts {
		out.Counts[string(effect)] = n
	}
	for i := range b.Rows {
		r := &b.Rows[i]
		row := wire.BulkRow{
			UserName: r.UserName, Effect: string(r.Effect), State: r.State, Type: r.Type, Notice: string(r.Notice), Rule: string(r.Rule), Field: r.Field, Detail: r.Message,
		}
		if !r.User.IsZero() {
			row.User = r.User.String()
		}
		out.Rows = append(out.Rows, row)
	}
	return answer(out, nil)
}
