package client

import (
	"context"
	"net/http"
	"time"

	"drawbridge/directory"
)

// UserCreate asks for a user by hand.
type UserCreate struct {
	UserName    string `json:"user_name" minLength:"1" maxLength:"254" doc:"Usually the e-mail address." example:"ada@acme.example"`
	Email       string `json:"email,omitempty" maxLength:"254" doc:"Missing: user_name, if that is one."`
	GivenName   string `json:"given_name,omitempty" maxLength:"200"`
	FamilyName  string `json:"family_name,omitempty" maxLength:"200"`
	DisplayName string `json:"display_name,omitempty" maxLength:"400"`
	ExternalID  string `json:"external_id,omitempty" maxLength:"1024"`
	Type        string `json:"type,omitempty" enum:"member,guest" doc:"Missing: member."`
	Invite      bool   `json:"invite,omitempty" doc:"By invitation, however the tenant begins with people."`
}

// Invitation is a user who is invited or awaits confirmation, and where the link and its mail stand.
type Invitation struct {
	User       User            `json:"user"`
	Status     string          `json:"status" enum:"sent,expired,ended,accepted" doc:"sent: there is a link that works. ended: it was taken back, or the user was suspended. accepted: a confirmation is waited for."`
	To         string          `json:"to" doc:"The address that was invited."`
	By         directory.Actor `json:"by"`
	At         *time.Time      `json:"at,omitempty"`
	Expires    *time.Time      `json:"expires,omitempty" doc:"Missing: never."`
	AcceptedAt *time.Time      `json:"accepted_at,omitempty"`
	Asked      int             `json:"asked" doc:"How many people were asked by mail to confirm."`
	Mail       string          `json:"mail,omitempty" enum:"waiting,parked,sent" doc:"Where the mail with the link is. parked: the mail server refuses it; drawbridge mail list says why."`
}

// CreateUser makes a user by hand.
func (c *Client) CreateUser(ctx context.Context, tenant string, in UserCreate) (User, error) {
	return call[User](ctx, c, http.MethodPost, "/tenants/"+seg(tenant)+"/users", nil, "", in)
}

// Invitations lists who is invited or awaits confirmation; status "" means all.
func (c *Client) Invitations(ctx context.Context, tenant, status string, l List) (Page[Invitation], error) {
	q := l.query()
	set(q, "status", status)
	return call[Page[Invitation]](ctx, c, http.MethodGet, "/tenants/"+seg(tenant)+"/invitations", q, "", nil)
}

// ResendInvitation sends another link, or asks again those who may confirm.
func (c *Client) ResendInvitation(ctx context.Context, tenant, user string) (Invitation, error) {
	return call[Invitation](ctx, c, http.MethodPost, userPath(tenant, user)+"/invitation", nil, "", nil)
}

// RevokeInvitation ends the link of an invited user.
func (c *Client) RevokeInvitation(ctx context.Context, tenant, user string) (Invitation, error) {
	return call[Invitation](ctx, c, http.MethodDelete, userPath(tenant, user)+"/invitation", nil, "", nil)
}

// ConfirmUser confirms a user who has accepted an invitation.
func (c *Client) ConfirmUser(ctx context.Context, tenant, user string) (User, error) {
	return call[User](ctx, c, http.MethodPost, userPath(tenant, user)+"/confirm", nil, "", nil)
}
