package google

import (
	"context"
	"errors"
	"net/url"
	"strconv"
)

// Group is a group of the Directory API.
type Group struct {
	ID          string `json:"id"`
	Email       string `json:"email"`
	Name        string `json:"name"`
	Description string `json:"description"`
	ETag        string `json:"etag"`
	Direct      string `json:"directMembersCount"`
}

// DirectMembers is Google's count of direct members, which may be older than the list; -1: unknown.
func (g *Group) DirectMembers() int {
	n, err := strconv.Atoi(g.Direct)
	if err != nil {
		return -1
	}
	return n
}

// Member is one direct member of a group.
type Member struct {
	ID    string     `json:"id"`
	Email string     `json:"email"`
	Type  MemberType `json:"type"`
}

// MemberType says what a member is.
type MemberType string

// The types of member.
const (
	UserMember     MemberType = "USER"
	GroupMember    MemberType = "GROUP"
	CustomerMember MemberType = "CUSTOMER" // all users of the company
	ExternalMember MemberType = "EXTERNAL"
)

const groupFields = "id,email,name,description,etag,directMembersCount"

// Groups gives every group of the company, page by page.
func (c *Client) Groups(ctx context.Context, yield func([]Group) error) error {
	q := url.Values{
		"customer": {c.cfg.Customer}, "maxResults": {strconv.Itoa(groupPage)}, "orderBy": {"email"}, "fields": {"kind,nextPageToken,groups(" + groupFields + ")"},
	}
	return c.pages(ctx, "groups", q, func() page { return &groups{} }, func(p page) error {
		list, ok := p.(*groups)
		if !ok {
			return nil
		}
		return yield(list.Groups)
	})
}

type groups struct {
	head
	Groups []Group `json:"groups"`
}

func (g *groups) check() error {
	for i := range g.Groups {
		if g.Groups[i].ID == "" || g.Groups[i].Email == "" {
			return &Error{Kind: Malformed, Status: 200, Message: "Google gave a group without id or email: " + notGoogle}
		}
	}
	return g.kind("admin#directory#groups")
}

// Group gives one group by id or address. The error is of kind NotThere if there is none.
func (c *Client) Group(ctx context.Context, key string) (Group, error) {
	var g Group
	err := c.get(ctx, "groups/"+url.PathEscape(key), url.Values{"fields": {groupFields}}, &g)
	if err == nil && (g.ID == "" || g.Email == "") {
		err = &Error{Kind: Malformed, Status: 200, Message: "Google gave a group without id or email: " + notGoogle}
	}
	return g, err
}

// Members gives the direct members of a group, page by page. The error is of kind NotThere if the group is gone.
func (c *Client) Members(ctx context.Context, group string, yield func([]Member) error) error {
	q := url.Values{"maxResults": {strconv.Itoa(memberPage)}, "fields": {"kind,nextPageToken,members(id,email,type)"}}
	return c.pages(ctx, "groups/"+url.PathEscape(group)+"/members", q, func() page { return &members{} }, func(p page) error {
		list, ok := p.(*members)
		if !ok {
			return nil
		}
		return yield(list.Members)
	})
}

type members struct {
	head
	Members []Member `json:"members"`
}

func (m *members) check() error { return m.kind("admin#directory#members") }

// IsKind reports whether err is an Error of a kind.
func IsKind(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}
