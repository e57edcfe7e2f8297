package client

import (
	"context"
	"net/http"
	"time"

	"drawbridge/directory"
)

// AppKey is the key of an application behind the bridge, without its secret.
type AppKey struct {
	ID        string     `json:"id"`
	Tenant    string     `json:"tenant"`
	Name      string     `json:"name" doc:"The application."`
	Prefix    string     `json:"prefix" doc:"The first four characters of the random part."`
	Status    string     `json:"status" enum:"live,expired,revoked"`
	Created   time.Time  `json:"created"`
	Expires   *time.Time `json:"expires,omitempty"`
	Revoked   *time.Time `json:"revoked,omitempty"`
	LastUsed  *time.Time `json:"last_used,omitempty"`
	Address   string     `json:"address,omitempty" doc:"Of the client that used it last."`
	UserAgent string     `json:"user_agent,omitempty"`
}

// AppKeyCreate asks for a new key.
type AppKeyCreate struct {
	Name    string     `json:"name" minLength:"1" maxLength:"100" doc:"The application." example:"Customer portal"`
	Expires *time.Time `json:"expires,omitempty" doc:"Missing: never."`
}

// IssuedAppKey is a new key, shown this once.
type IssuedAppKey struct {
	ID      string     `json:"id" doc:"Names the key when it is to be revoked."`
	Tenant  string     `json:"tenant"`
	Name    string     `json:"name"`
	Key     string     `json:"key" doc:"The secret itself, sent as a bearer token. It is kept nowhere."`
	BaseURL string     `json:"base_url" doc:"Where the application API of the tenant lies: /events, /access and /people behind it."`
	Expires *time.Time `json:"expires,omitempty" doc:"Missing: never."`
}

// Feed is a part of a tenant's feed, for an application.
type Feed struct {
	Items  []directory.Event `json:"items" nullable:"false"`
	Next   string            `json:"next" doc:"Give this back as cursor. It is there even if there are no items." example:"acme.17.09f4c81d22ab"`
	Oldest uint64            `json:"oldest" doc:"The number of the oldest event that is kept."`
	Last   uint64            `json:"last" doc:"The number of the last event that there is."`
}

// Access answers whether a person may sign in now. Every field is always there.
type Access struct {
	Allowed  bool             `json:"allowed"`
	State    string           `json:"state" enum:"invited,awaiting_confirmation,active,suspended,recovery,unknown,ambiguous" doc:"unknown: nobody has this address. ambiguous: several people have it."`
	Reason   string           `json:"reason" doc:"A sentence for the log of the application."`
	UserID   string           `json:"user_id" doc:"Empty for nobody."`
	UserName string           `json:"user_name"`
	Type     string           `json:"type" enum:"member,guest,"`
	Groups   []EffectiveGroup `json:"groups" nullable:"false" doc:"The groups that count now. None unless allowed."`
	At       time.Time        `json:"at" doc:"When this was so."`
}

// EffectiveGroup is a group that counts for a person now.
type EffectiveGroup struct {
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	BuiltIn     string `json:"built_in" enum:"owners,administrators,team_members,security,provision_managers," doc:"Empty for a group of the identity provider."`
	Indirect    bool   `json:"indirect" doc:"By way of a nested group."`
}

// Person is a user as an application sees one.
type Person struct {
	ID          string           `json:"id"`
	Version     uint64           `json:"version"`
	Modified    time.Time        `json:"modified"`
	UserName    string           `json:"user_name"`
	DisplayName string           `json:"display_name"`
	ExternalID  string           `json:"external_id"`
	Emails      []string         `json:"emails" nullable:"false"`
	Type        string           `json:"type" enum:"member,guest"`
	State       string           `json:"state" enum:"invited,awaiting_confirmation,active,suspended,recovery"`
	Allowed     bool             `json:"allowed" doc:"May sign in now."`
	Groups      []EffectiveGroup `json:"groups" nullable:"false" doc:"The groups that count now. None unless allowed."`
}

func appKeyPath(tenant string) string { return "/tenants/" + seg(tenant) + "/appkeys" }

// CreateAppKey makes a key with which an application reads one tenant. It is shown this once.
func (c *Client) CreateAppKey(ctx context.Context, tenant string, in AppKeyCreate) (IssuedAppKey, error) {
	return call[IssuedAppKey](ctx, c, http.MethodPost, appKeyPath(tenant), nil, "", in)
}

// AppKeys lists the keys of a tenant's applications.
func (c *Client) AppKeys(ctx context.Context, tenant string) (Page[AppKey], error) {
	return whole[AppKey](ctx, c, appKeyPath(tenant), nil)
}

// RevokeAppKey ends a key at once.
func (c *Client) RevokeAppKey(ctx context.Context, tenant, key string) error {
	return c.do(ctx, http.MethodDelete, appKeyPath(tenant)+"/"+seg(key), nil, "", nil, nil)
}
