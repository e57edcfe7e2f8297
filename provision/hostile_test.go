package provision_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/bridge/targets"
	"drawbridge/directory"
	"drawbridge/internal/outbound"
)

// An application that hangs, answers with 2 GB, redirects to a metadata service, refuses the credential, answers success with an error
// inside, or resolves to a forbidden address is an error that an operator reads. Nothing is made of its answer, and the people arrive when it
// works again.
func TestHostileApplicationsAreErrors(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	type fault = func(http.ResponseWriter, *http.Request, http.Handler) bool
	for want, does := range map[string]fault{
		"did not answer in time": func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
			<-r.Context().Done()
			return true
		},
		"longer than": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
			part := bytes.Repeat([]byte(" "), 1<<16)
			for range 2 << 30 >> 16 {
				n, err := w.Write(part)
				sent.Add(int64(n))
				if err != nil {
					return true
				}
			}
			return true
		},
		"redirect":               status(302, ""),
		"refused the credential": status(401, `{"detail":"who are you?"}`),
		"an error inside":        status(200, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"500","detail":"it failed"}`),
		// The name resolved to a public address when the URL was checked, and resolves to this one when it is dialled.
		"outbound.allow": status(200, `{}`),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			k.patience = 20 * time.Second
			if strings.Contains(want, "in time") {
				k.patience = 50 * time.Millisecond
			}
			if want == "outbound.allow" {
				k.guard = outbound.Config{}
			}
			k.restart()
			k.NewUser(k.idp, person("ann"))
			k.proxy.breaks(does)
			k.target()
			k.run()
			s := k.state().State
			failures, err := k.Targets.Failures(t.Context(), k.Op, at("acme"))
			k.OK(err)
			whole := strings.Contains(s.Error, want) && !s.FailingSince.IsZero() && !s.Next.IsZero()
			one := len(failures) == 1 && strings.Contains(failures[0].Error, want) && !failures[0].Next.IsZero() // it may be a matter of the person
			if s.Users != 0 || !whole && !one {
				t.Errorf("state %+v, failures %+v", s, failures)
			}
			if got := k.proxy.writes(); len(got) > 0 {
				t.Errorf("sent %v", got)
			}
			if want == "longer than" && sent.Load() > 64<<20 {
				t.Errorf("%d bytes were taken", sent.Load())
			}
			if asked := k.requests.Load(); want == "outbound.allow" && asked > 0 {
				t.Errorf("%d requests came", asked)
			}
			k.proxy.breaks(nil)
			k.patience, k.guard = 20*time.Second, loopback()
			k.restart()
			k.quiet()
			k.equal()
		})
	}
}

// A certificate that has expired is named as such.
func TestAnExpiredCertificateIsNamed(t *testing.T) {
	t.Parallel()
	k := start(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	k.OK(err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "application"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(3600, 0),
	}, &x509.Certificate{SerialNumber: big.NewInt(1)}, &key.PublicKey, key)
	k.OK(err)
	there := httptest.NewUnstartedServer(http.NotFoundHandler())
	there.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	there.StartTLS()
	t.Cleanup(there.Close)
	k.NewUser(k.idp, person("ann"))
	k.target(func(d *targets.Draft) { d.URL = there.URL })
	k.run()
	if s := k.state().State; s.Error != "the certificate of the application has expired, or is not valid yet" {
		t.Errorf("state %+v", s)
	}
	k.Fails(func() error { _, err := k.service.Preview(t.Context(), k.Op, at("acme")); return err }(), directory.Unavailable, "C16")
}
