package googletest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cursor is what a page token means: the rest of a listing, for its query only.
type cursor struct {
	query string
	rest  []any
	last  any // of the page before
	page  int
	until time.Time
}

// ServeHTTP answers the token endpoint at /token and the API below /admin/directory/v1/.
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := a.called(r)
	fault := a.faultOf(&call)
	answer := &recorder{ResponseWriter: w, status: http.StatusOK}
	defer func() {
		a.mu.Lock()
		call.Status, call.Fault = answer.status, fault != nil
		a.calls = append(a.calls, call)
		a.mu.Unlock()
	}()
	switch {
	case fault != nil && fault.Status != 0:
		if fault.RetryAfter > 0 {
			answer.Header().Set("Retry-After", strconv.Itoa(int(fault.RetryAfter.Seconds())))
		}
		refuse(answer, fault.Status, fault.Reason, fault.Message)
	case fault != nil && fault.Body != "":
		_, _ = answer.Write([]byte(fault.Body))
	case call.Kind == "token":
		a.token(answer, r)
	default:
		if no := a.admit(r, call.Kind); no != nil {
			refuse(answer, no.Status, no.Reason, no.Message)
			return
		}
		a.serve(answer, r, call, fault)
	}
}

type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// called names a request.
func (a *Account) called(r *http.Request) Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	call := Call{N: len(a.calls) + 1, Page: 1}
	call.PageSize, _ = strconv.Atoi(r.URL.Query().Get("maxResults"))
	if c, ok := a.pages[r.URL.Query().Get("pageToken")]; ok {
		call.Page = c.page
	}
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/admin/directory/v1/"), "/")
	switch {
	case r.URL.Path == "/token":
		call.Kind = "token"
	case path[0] == "users" && len(path) == 1 && r.URL.Query().Get("showDeleted") == "true":
		call.Kind = "deleted"
	case path[0] == "users" && len(path) == 1:
		call.Kind = "users"
	case path[0] == "users" && len(path) == 2:
		call.Kind, call.Key = "user", path[1]
	case path[0] == "groups" && len(path) == 1:
		call.Kind = "groups"
	case path[0] == "groups" && len(path) == 2:
		call.Kind, call.Key = "group", path[1]
	case path[0] == "groups" && len(path) == 3 && path[2] == "members":
		call.Kind, call.Key = "members", path[1]
	}
	return call
}

func (a *Account) faultOf(call *Call) *Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.quota > 0 {
		now := a.now()
		a.used = slices.DeleteFunc(a.used, func(t time.Time) bool { return now.Sub(t) >= time.Minute })
		if len(a.used) >= a.quota {
			return Quota("userRateLimitExceeded")
		}
		a.used = append(a.used, now)
	}
	if a.fault == nil {
		return nil
	}
	return a.fault(*call)
}

// admit checks the access token.
func (a *Account) admit(r *http.Request, kind string) *Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g, ok := a.tokens[token]
	if !ok || !a.tokenClock().Before(g.until) {
		return &Fault{Status: http.StatusUnauthorized, Reason: "authError", Message: "Invalid Credentials"}
	}
	wanted := map[string]string{"users": "user", "deleted": "user", "user": "user", "groups": "group", "group": "group", "members": "group.member"}[kind]
	if !slices.Contains(g.scopes, "https://www.googleapis.com/auth/admin.directory."+wanted+".readonly") {
		return &Fault{Status: http.StatusForbidden, Reason: "insufficientPermissions", Message: "Request had insufficient authentication scopes."}
	}
	if !g.admin {
		return &Fault{Status: http.StatusForbidden, Reason: "forbidden", Message: "Not Authorized to access this resource/api"}
	}
	return nil
}

func (a *Account) serve(w http.ResponseWriter, r *http.Request, call Call, fault *Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := r.URL.Query()
	most := map[string]int{"users": 500, "deleted": 500, "groups": 200, "members": 200}[call.Kind]
	if r.Method != http.MethodGet {
		refuse(w, http.StatusForbidden, "insufficientPermissions", "Request had insufficient authentication scopes.")
		return
	}
	if most > 0 && (call.PageSize < 1 || call.PageSize > most) {
		refuse(w, http.StatusBadRequest, "invalid", fmt.Sprintf("Invalid value '%d'. Values must be within the range: [1, %d]", call.PageSize, most))
		return
	}
	if most > 0 && call.Kind != "members" && q.Get("customer") != "my_customer" && q.Get("customer") != Customer {
		refuse(w, http.StatusBadRequest, "invalid", "Bad Request: Invalid Input: customer")
		return
	}
	switch call.Kind {
	case "user":
		p, live := a.state.people[call.Key]
		_, gone := a.state.deleted[call.Key]
		switch {
		case live:
			_ = json.NewEncoder(w).Encode(p)
		case gone:
			refuse(w, http.StatusPreconditionFailed, "conditionNotMet", "User is deleted")
		default:
			refuse(w, http.StatusNotFound, "notFound", "Resource Not Found: userKey")
		}
	case "group":
		for _, g := range a.state.groups {
			if g.ID == call.Key || g.Email == call.Key {
				_ = json.NewEncoder(w).Encode(g.json())
				return
			}
		}
		refuse(w, http.StatusNotFound, "notFound", "Resource Not Found: groupKey")
	case "users", "deleted", "groups", "members":
		a.list(w, r, call, fault)
	default:
		refuse(w, http.StatusNotFound, "notFound", "Not Found")
	}
}

// list gives one page of a listing.
func (a *Account) list(w http.ResponseWriter, r *http.Request, call Call, fault *Fault) {
	q := r.URL.Query()
	token := q.Get("pageToken")
	q.Del("pageToken")
	query := r.URL.Path + "?" + q.Encode()
	var c cursor
	if token != "" {
		var ok bool
		if c, ok = a.pages[token]; !ok || c.query != query || a.now().After(c.until) || fault != nil && fault.Expire {
			refuse(w, http.StatusBadRequest, "invalid", "Invalid Input: pageToken")
			return
		}
	} else {
		all, no := a.entries(call, q.Get("query"))
		if no != nil {
			refuse(w, no.Status, no.Reason, no.Message)
			return
		}
		c = cursor{query: query, rest: all, page: 1}
	}
	n := min(call.PageSize, len(c.rest))
	entries := slices.Clone(c.rest[:n])
	out := map[string]any{"kind": "admin#directory#" + map[string]string{"users": "users", "deleted": "users", "groups": "groups", "members": "members"}[call.Kind], "etag": `"x"`}
	if len(c.rest) > n {
		next := fmt.Sprintf("page-%d", len(a.pages)+1)
		a.pages[next] = cursor{query: query, rest: c.rest[n:], last: c.rest[n-1], page: c.page + 1, until: a.now().Add(a.pageAge)}
		out["nextPageToken"] = next
	}
	if fault != nil {
		switch {
		case fault.Empty:
			entries = nil
			delete(out, "nextPageToken")
		case fault.Duplicate && c.last != nil:
			entries = append([]any{c.last}, entries...)
		case fault.Skip && len(entries) > 0:
			entries = entries[1:]
		}
	}
	if len(entries) > 0 {
		out[map[string]string{"users": "users", "deleted": "users", "groups": "groups", "members": "members"}[call.Kind]] = entries
	}
	text, err := json.Marshal(out)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "backendError", err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if fault != nil && fault.Cut {
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = w.Write(text[:len(text)/2])
		return
	}
	_, _ = w.Write(text)
}

// entries are all entries of a listing that begins now.
func (a *Account) entries(call Call, query string) ([]any, *Fault) {
	var out []any
	switch call.Kind {
	case "users", "deleted":
		pass, ok := matcher(query)
		if !ok {
			return nil, &Fault{Status: http.StatusBadRequest, Reason: "invalid", Message: "Invalid Input: query"}
		}
		shown := a.listed()
		from := shown.people
		if call.Kind == "deleted" {
			from = shown.deleted
		} else {
			a.countListing()
		}
		for _, p := range shown.sorted(from, pass) {
			out = append(out, p)
		}
	case "groups":
		shown := a.listed()
		var all []Group
		for _, g := range shown.groups {
			all = append(all, g)
		}
		slices.SortFunc(all, func(x, y Group) int { return strings.Compare(x.Email+x.ID, y.Email+y.ID) })
		for _, g := range all {
			out = append(out, g.json())
		}
	case "members":
		g, ok := a.listed().groups[call.Key]
		if !ok {
			g, ok = a.state.groups[call.Key]
		}
		if !ok {
			return nil, &Fault{Status: http.StatusNotFound, Reason: "notFound", Message: "Resource Not Found: groupKey"}
		}
		for _, m := range g.Members {
			out = append(out, map[string]any{"kind": "admin#directory#member", "id": m.ID, "email": m.Email, "role": "MEMBER", "type": m.Type, "status": "ACTIVE"})
		}
	}
	return out, nil
}

func (g Group) json() map[string]any {
	return map[string]any{
		"kind": "admin#directory#group", "id": g.ID, "email": g.Email, "name": g.Name, "description": g.Description,
		"directMembersCount": strconv.Itoa(len(g.Members)), "adminCreated": true,
	}
}

// matcher supports two forms of Google's query: orgUnitPath='…' and email:prefix*.
func matcher(query string) (func(Person) bool, bool) {
	if query == "" {
		return func(Person) bool { return true }, true
	}
	if path, ok := strings.CutPrefix(query, "orgUnitPath='"); ok {
		path = strings.TrimSuffix(path, "'")
		return func(p Person) bool { return p.text("orgUnitPath") == path }, true
	}
	if prefix, ok := strings.CutPrefix(query, "email:"); ok && strings.HasSuffix(prefix, "*") {
		prefix = strings.TrimSuffix(prefix, "*")
		return func(p Person) bool { return strings.HasPrefix(p.text("primaryEmail"), prefix) }, true
	}
	return nil, false
}

// refuse answers an error in Google's form.
func refuse(w http.ResponseWriter, status int, reason, message string) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"code": status, "message": message, "errors": []any{map[string]any{"message": message, "domain": "global", "reason": reason}},
	}})
}
