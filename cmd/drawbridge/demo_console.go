package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

const (
	// demoEmail is the operator whom the demo signs in to its console.
	demoEmail = "you@demo.example"
	// demoCookie is the name of the session cookie on plain HTTP.
	demoCookie = "drawbridge_session"
)

// consoleLink makes an operator, and a link that signs a browser in to the console as that operator. The link belongs to a listener of
// the demo, not to the server: the server itself never signs anyone in by a link alone. A browser does not separate the cookies of two
// ports of a host, so the server gets the cookies that the listener sets.
func (d *demo) consoleLink(ctx context.Context, base string) (link string, stop func() error, err error) {
	password := rand.Text() + rand.Text()
	made, err := d.operator.CreateOperator(ctx, wire.OperatorCreate{FirstName: "Demo", LastName: "Operator", Email: demoEmail, Role: "owner", AllTenants: true, APIAccess: true, ShowLink: true})
	if err != nil {
		return "", nil, err
	}
	if _, err := d.operator.UseLink(ctx, made.Link, wire.LinkUse{Password: password}); err != nil {
		return "", nil, err
	}
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second}
	at, err := url.Parse(base)
	if err != nil {
		return "", nil, err
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(at.Hostname(), "0"))
	if err != nil {
		return "", nil, err
	}
	secret := "/" + rand.Text()
	server.Handler = signInTo(base, password, secret)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ln) }()
	stop = func() error {
		err := server.Close()
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
	return fmt.Sprintf("http://%s%s", ln.Addr(), secret), stop, nil
}

// signInTo opens a session at each visit of its path, and redirects to the console.
func signInTo(base, password, path string) http.Handler {
	api := client.At(base)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || subtle.ConstantTimeCompare([]byte(r.URL.Path), []byte(path)) != 1 {
			http.NotFound(w, r)
			return
		}
		account, secret, err := api.SignIn(r.Context(), wire.SignInRequest{Email: demoEmail, Password: password})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		if account.Expires == nil {
			http.Error(w, "the server opened no session", http.StatusBadGateway)
			return
		}
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // the demo is on plain HTTP, on this machine
			Name: demoCookie, Value: secret, Path: "/", Expires: *account.Expires, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		})
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, base+"/console/", http.StatusSeeOther)
	})
}
