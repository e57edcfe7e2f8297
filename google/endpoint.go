package google

import (
	"net/http"
	"net/url"
	"strings"
)

// Endpoint is where Google's two services are. The zero value is Google itself.
type Endpoint struct {
	API   string // without a slash at the end
	Token string
}

// Google is Google's own Endpoint.
func Google() Endpoint {
	return Endpoint{API: "https://admin.googleapis.com", Token: "https://oauth2.googleapis.com/token"} //nolint:gosec // an address, and no credential
}

// At is the Endpoint of a fake or a proxy: the API below base, and the token endpoint at base/token. "" is Google itself. The error is
// of kind BadSetting.
func At(base string) (Endpoint, error) {
	if base == "" {
		return Google(), nil
	}
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return Endpoint{}, &Error{Kind: BadSetting, Message: "google.endpoint must be an address such as https://proxy.example.com, without a query"}
	}
	base = strings.TrimRight(base, "/")
	return Endpoint{API: base, Token: base + "/token"}, nil
}

// guard allows only requests to the hosts of the endpoint.
type guard struct {
	next  http.RoundTripper
	hosts [2]string
}

func newGuard(e Endpoint, next http.RoundTripper) guard {
	host := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			return ""
		}
		return u.Scheme + "://" + u.Host
	}
	return guard{next: next, hosts: [2]string{host(e.API), host(e.Token)}}
}

// RoundTrip refuses other hosts.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if to := r.URL.Scheme + "://" + r.URL.Host; to != g.hosts[0] && to != g.hosts[1] {
		return nil, &Error{Kind: BadSetting, Message: "nothing but Google's own hosts is contacted, and " + r.URL.Host + " is none: set google.endpoint if that is a proxy"}
	}
	return g.next.RoundTrip(r)
}
