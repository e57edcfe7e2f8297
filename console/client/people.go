package client

import (
	"context"
	"net/http"
	"time"

	"drawbridge/directory"
)

// Why says why a user is in their state.
type Why struct {
	User       User             `json:"user"`
	Statements []Statement      `json:"statements" nullable:"false" doc:"What was said about the user, by whom and when."`
	Won        *directory.Audit `json:"won,omitempty" doc:"The last line of the audit trail in which a rule decided about the user. Missing: none in the lines that were looked through."`
	Next       string           `json:"next" doc:"What the next sync will do."`
	Looked     int              `json:"looked" doc:"How many lines of the audit trail were looked through for won, the latest ones."`
}

// Statement is what somebody said about a user.
type Statement struct {
	By   directory.Actor `json:"by"`
	What string          `json:"what" enum:"active,inactive,deleted,suspended,accepted,invited"`
	At   time.Time       `json:"at"`
	Text string          `json:"text"`
}

// ConvertRequest makes a guest a member or back.
type ConvertRequest struct {
	Type string `json:"type" enum:"member,guest"`
}

// Converted is a user after a conversion, and how long it lasts.
type Converted struct {
	User   User   `json:"user"`
	Notice string `json:"notice" doc:"Who may decide otherwise, and when."`
}

// DeletionRequest asks an Owner to delete a user for good.
type DeletionRequest struct {
	ID        string          `json:"id"`
	User      string          `json:"user"`
	UserName  string          `json:"user_name" doc:"As it was when the request was filed."`
	Reason    string          `json:"reason"`
	By        directory.Actor `json:"by"`
	Created   time.Time       `json:"created"`
	Expires   time.Time       `json:"expires"`
	Status    string          `json:"status" enum:"pending,approved,rejected,expired"`
	DecidedBy string          `json:"decided_by,omitempty"`
	DecidedAt *time.Time      `json:"decided_at,omitempty"`
	Answer    string          `json:"answer,omitempty"`
}

// DeletionRequestCreate files a request.
type DeletionRequestCreate struct {
	User   string `json:"user" minLength:"1" maxLength:"400" doc:"The id of the user, or the userName."`
	Reason string `json:"reason" minLength:"1" maxLength:"500"`
}

// DeletionDecision decides on a request.
type DeletionDecision struct {
	Answer string `json:"answer,omitempty" maxLength:"500"`
	Force  bool   `json:"force,omitempty" doc:"Of an approval: although the identity provider still says active (rule D2). The reason of the request is the reason."`
}

// Setting is one setting of a tenant with where its value comes from.
type Setting struct {
	Name   string `json:"name"`
	Value  any    `json:"value"`
	Source string `json:"source" enum:"tenant,plan,default"`
}

// WhyUser says why a user is in their state.
func (c *Client) WhyUser(ctx context.Context, tenant, user string) (Why, error) {
	return call[Why](ctx, c, http.MethodGet, userPath(tenant, user)+"/why", nil, "", nil)
}

// RecoverUser marks a user for recovery; RecoveredUser ends it.
func (c *Client) RecoverUser(ctx context.Context, tenant, user string) (User, error) {
	return call[User](ctx, c, http.MethodPost, userPath(tenant, user)+"/recover", nil, "", nil)
}

// RecoveredUser ends a recovery.
func (c *Client) RecoveredUser(ctx context.Context, tenant, user string) (User, error) {
	return call[User](ctx, c, http.MethodPost, userPath(tenant, user)+"/recovered", nil, "", nil)
}

// ConvertUser makes a guest a member or back.
func (c *Client) ConvertUser(ctx context.Context, tenant, user, to string) (Converted, error) {
	return call[Converted](ctx, c, http.MethodPost, userPath(tenant, user)+"/convert", nil, "", ConvertRequest{to})
}

func requestsPath(tenant string) string { return "/tenants/" + seg(tenant) + "/deletion-requests" }

// DeletionRequests lists the requests of a tenant; status "" means all.
func (c *Client) DeletionRequests(ctx context.Context, tenant, status string, l List) (Page[DeletionRequest], error) {
	q := l.query()
	set(q, "status", status)
	return call[Page[DeletionRequest]](ctx, c, http.MethodGet, requestsPath(tenant), q, "", nil)
}

// RequestDeletion files a request.
func (c *Client) RequestDeletion(ctx context.Context, tenant string, in DeletionRequestCreate) (DeletionRequest, error) {
	return call[DeletionRequest](ctx, c, http.MethodPost, requestsPath(tenant), nil, "", in)
}

// ApproveDeletion deletes the user; RejectDeletion does not.
func (c *Client) ApproveDeletion(ctx context.Context, tenant, id string, in DeletionDecision) (DeletionRequest, error) {
	return call[DeletionRequest](ctx, c, http.MethodPost, requestsPath(tenant)+"/"+seg(id)+"/approve", nil, "", in)
}

// RejectDeletion ends a request without a deletion.
func (c *Client) RejectDeletion(ctx context.Context, tenant, id string, in DeletionDecision) (DeletionRequest, error) {
	return call[DeletionRequest](ctx, c, http.MethodPost, requestsPath(tenant)+"/"+seg(id)+"/reject", nil, "", in)
}

// Settings gives every setting of a tenant with its source.
func (c *Client) Settings(ctx context.Context, tenant string) (Page[Setting], error) {
	return whole[Setting](ctx, c, "/tenants/"+seg(tenant)+"/settings", nil)
}
