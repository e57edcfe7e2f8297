package google

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
)

// User is a user of the Directory API, with the fields that are read here.
type User struct {
	ID           string `json:"id"`
	PrimaryEmail string `json:"primaryEmail"`
	CustomerID   string `json:"customerId"`
	ETag         string `json:"etag"`
	Suspended    bool   `json:"suspended"`
	Archived     bool   `json:"archived"`
	OrgUnitPath  string `json:"orgUnitPath"`
	DeletionTime string `json:"deletionTime"`
	Name         struct {
		GivenName   string `json:"givenName"`
		FamilyName  string `json:"familyName"`
		FullName    string `json:"fullName"`
		DisplayName string `json:"displayName"`
	} `json:"name"`
	Emails             []Email                               `json:"emails"`
	Aliases            []string                              `json:"aliases"`
	NonEditableAliases []string                              `json:"nonEditableAliases"`
	Phones             []Typed                               `json:"phones"`
	Organizations      []Organization                        `json:"organizations"`
	Relations          []Typed                               `json:"relations"`
	ExternalIDs        []Typed                               `json:"externalIds"`
	Addresses          []Address                             `json:"addresses"`
	Languages          []Language                            `json:"languages"`
	CustomSchemas      map[string]map[string]json.RawMessage `json:"customSchemas"`
}

// Email is an address of a user.
type Email struct {
	Address    string `json:"address"`
	Type       string `json:"type"`
	CustomType string `json:"customType"`
	Primary    bool   `json:"primary"`
}

// Typed is a value with a type: a phone, a relation, an external id.
type Typed struct {
	Value      string `json:"value"`
	Type       string `json:"type"`
	CustomType string `json:"customType"`
	Primary    bool   `json:"primary"`
}

// Organization is a job of a user.
type Organization struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Department  string `json:"department"`
	CostCenter  string `json:"costCenter"`
	Description string `json:"description"`
	Primary     bool   `json:"primary"`
}

// Address is a postal address of a user.
type Address struct {
	Type          string `json:"type"`
	CustomType    string `json:"customType"`
	Formatted     string `json:"formatted"`
	StreetAddress string `json:"streetAddress"`
	Locality      string `json:"locality"`
	Region        string `json:"region"`
	PostalCode    string `json:"postalCode"`
	Country       string `json:"country"`
	CountryCode   string `json:"countryCode"`
	Primary       bool   `json:"primary"`
}

// Language is a language that a user speaks.
type Language struct {
	Code       string `json:"languageCode"`
	Preference string `json:"preference"`
}

// userFields is the mask of the fields that are read of users.
const userFields = "id,primaryEmail,customerId,etag,suspended,archived,orgUnitPath,deletionTime,name,emails,aliases,nonEditableAliases,phones,organizations,relations,externalIds,addresses,languages,customSchemas"

const (
	userPage   = 500 // Google's largest
	groupPage  = 200
	memberPage = 200
)

// Users gives every user that the query matches, suspended and archived ones too, page by page. query is Google's syntax; "" means all users.
func (c *Client) Users(ctx context.Context, query string, yield func([]User) error) error {
	q := c.userQuery()
	if query != "" {
		q.Set("query", query)
	}
	return c.userPages(ctx, q, yield)
}

// DeletedUsers gives the users whom Google can still restore: those deleted within 20 days.
func (c *Client) DeletedUsers(ctx context.Context, yield func([]User) error) error {
	q := c.userQuery()
	q.Set("showDeleted", "true")
	return c.userPages(ctx, q, yield)
}

func (c *Client) userQuery() url.Values {
	return url.Values{
		"customer": {c.cfg.Customer}, "maxResults": {strconv.Itoa(userPage)}, "orderBy": {"email"}, "projection": {"full"}, "viewType": {"admin_view"},
		"fields": {"kind,nextPageToken,users(" + userFields + ")"},
	}
}

func (c *Client) userPages(ctx context.Context, q url.Values, yield func([]User) error) error {
	return c.pages(ctx, "users", q, func() page { return &users{} }, func(p page) error {
		list, ok := p.(*users)
		if !ok {
			return nil
		}
		return yield(list.Users)
	})
}

type users struct {
	head
	Users []User `json:"users"`
}

func (u *users) check() error {
	for i := range u.Users {
		if u.Users[i].ID == "" || u.Users[i].PrimaryEmail == "" {
			return &Error{Kind: Malformed, Status: 200, Message: "Google gave a user without id or primaryEmail: " + notGoogle}
		}
	}
	return u.kind("admin#directory#users")
}

// User gives one user by id. The error is of kind NotThere for one who was deleted or never existed.
func (c *Client) User(ctx context.Context, id string) (User, error) {
	var u User
	err := c.get(ctx, "users/"+url.PathEscape(id), url.Values{"projection": {"full"}, "viewType": {"admin_view"}, "fields": {userFields}}, &u)
	if err == nil && u.ID != id {
		err = &Error{Kind: Malformed, Status: 200, Message: "Google gave another user than the one asked for: " + notGoogle}
	}
	return u, err
}

// head is what the pages of all listings have.
type head struct {
	Kind string `json:"kind"`
	Next string `json:"nextPageToken"`
}

func (h *head) next() string { return h.Next }

func (h *head) kind(wanted string) error {
	if h.Kind != wanted {
		return &Error{Kind: Malformed, Status: 200, Message: "Google's answer is not a list of the Directory API: " + notGoogle}
	}
	return nil
}

type page interface {
	next() string
	check() error
}

// checked decodes a page and checks it, so that an invalid page is requested again.
type checked struct{ page }

// UnmarshalJSON decodes and checks.
func (c checked) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, c.page); err != nil {
		return err
	}
	return c.check()
}

// pages reads a listing to its end.
func (c *Client) pages(ctx context.Context, path string, q url.Values, empty func() page, yield func(page) error) error {
	for n := 0; ; n++ {
		p := empty()
		if err := c.get(ctx, path, q, &checked{p}); err != nil {
			return err
		}
		if err := yield(p); err != nil {
			return err
		}
		switch next := p.next(); {
		case next == "":
			return nil
		case next == q.Get("pageToken"), n == mostPages:
			return &Error{Kind: Inconsistent, Message: "a listing of Google does not end: it gives the same page again"}
		default:
			q.Set("pageToken", next)
		}
	}
}
