package application

import (
	"context"
	"fmt"

	"drawbridge/bridge"
	"drawbridge/bridge/record"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/httpapi"
)

type checkAccessInput struct {
	httpapi.TenantPath
	Email string `query:"email" maxLength:"320" doc:"An address: looked up as userName first, then among the e-mail addresses. Of several people who have it, the only one who may sign in is meant."`
	ID    string `query:"id" maxLength:"36" doc:"The id of a user, instead of email."`
}

type accessOutput struct{ Body wire.Access }

func (a *api) checkAccess(ctx context.Context, app directory.Application, in *checkAccessInput) (*accessOutput, error) {
	if (in.Email == "") == (in.ID == "") {
		return nil, &directory.Error{Code: directory.Invalid, Field: "email", Message: "ask with email or with id, one of them"}
	}
	var id directory.ID
	if in.ID != "" {
		var ok bool
		if id, ok = directory.ParseID(in.ID); !ok {
			return nil, &directory.Error{Code: directory.Invalid, Field: "id", Message: "not an id: 36 characters of a lower-case UUID are expected"}
		}
	}
	got, err := a.Record.Access(ctx, app, in.Email, id)
	if err != nil {
		return nil, err
	}
	return &accessOutput{a.accessView(got)}, nil
}

type listPeopleInput struct {
	httpapi.TenantPath
	Cursor string `query:"cursor" maxLength:"100" doc:"next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"People on a page."`
}

type peopleOutput struct {
	Body wire.Page[wire.Person]
}

func (a *api) listPeople(ctx context.Context, app directory.Application, in *listPeopleInput) (*peopleOutput, error) {
	var after directory.ID
	if in.Cursor != "" {
		var ok bool
		if after, ok = directory.ParseID(in.Cursor); !ok {
			return nil, &directory.Error{Code: directory.Invalid, Field: "cursor", Message: "this is not a cursor of this list; begin again without one"}
		}
	}
	people, more, err := a.Record.People(ctx, app, after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &peopleOutput{wire.Page[wire.Person]{Items: []wire.Person{}}}
	for i := range people {
		out.Body.Items = append(out.Body.Items, personView(&people[i]))
	}
	if more {
		out.Body.Next = people[len(people)-1].User.ID.String()
	}
	return out, nil
}

type reportActivityInput struct {
	httpapi.TenantPath
	Body wire.ActivityReport
}

type activityOutput struct{ Body wire.ActivityReceipt }

func (a *api) reportActivity(ctx context.Context, app directory.Application, in *reportActivityInput) (*activityOutput, error) {
	items := make([]bridge.Activity, 0, len(in.Body.Items))
	for i, item := range in.Body.Items {
		one := bridge.Activity{Email: item.Email}
		if item.UserID != "" {
			var ok bool
			if one.User, ok = directory.ParseID(item.UserID); !ok {
				return nil, &directory.Error{Code: directory.Invalid, Field: fmt.Sprintf("items[%d].user_id", i), Message: fmt.Sprintf("items[%d].user_id is not the id of a user", i)}
			}
		}
		if item.At != nil {
			one.At = *item.At
		}
		items = append(items, one)
	}
	receipt, err := a.Bridge.ReportActivity(ctx, app, items)
	if err != nil {
		return nil, err
	}
	return &activityOutput{wire.ActivityReceipt{Recorded: receipt.Recorded, Unchanged: receipt.Unchanged, Unknown: append([]int{}, receipt.Unknown...)}}, nil
}

func (a *api) accessView(got record.Access) wire.Access {
	out := wire.Access{Allowed: got.Allowed, State: got.State, Reason: got.Why, Groups: groupViews(got.Groups), At: a.Now().UTC()}
	if got.Known {
		out.UserID, out.UserName, out.Type = got.User.ID.String(), got.User.UserName, got.User.Type.String()
	}
	return out
}

func groupViews(groups []record.EffectiveGroup) []wire.EffectiveGroup {
	out := make([]wire.EffectiveGroup, 0, len(groups))
	for _, g := range groups {
		out = append(out, wire.EffectiveGroup{ID: g.ID.String(), DisplayName: g.Name, BuiltIn: string(g.BuiltIn), Indirect: g.Indirect})
	}
	return out
}

func personView(p *record.Person) wire.Person {
	u := &p.User
	return wire.Person{
		ID: u.ID.String(), Version: u.Version, Modified: u.Modified.UTC(), UserName: u.UserName, ExternalID: u.ExternalID,
		DisplayName: u.DisplayName(), Emails: append([]string{}, u.Emails...), Type: u.Type.String(), State: u.State.String(), Allowed: p.Allowed, Groups: groupViews(p.Groups),
	}
}
