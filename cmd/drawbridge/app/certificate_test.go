package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/acme"
)

// acmeServer is a small certificate authority that speaks ACME (RFC 8555). It checks a name as a real one does, with the challenge
// tls-alpn-01 (RFC 8737), on the given address.
type acmeServer struct {
	t    *testing.T
	url  string
	life time.Duration

	mu         sync.Mutex
	address    string // of the server that is asked
	account    *ecdsa.PublicKey
	authorized string // the state of the authorization
	chain      []byte
	orders     atomic.Int32
}

const acmeName = "scim.example.test"

func newACME(t *testing.T, life time.Duration) *acmeServer {
	t.Helper()
	s := &acmeServer{t: t, life: life}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	s.url = web.URL
	return s
}

func (s *acmeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Replay-Nonce", rand.Text())
	answer := func(status int, body any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	if r.URL.Path == "/directory" {
		answer(200, map[string]any{"newNonce": s.url + "/nonce", "newAccount": s.url + "/account", "newOrder": s.url + "/order", "revokeCert": s.url + "/revoke", "keyChange": s.url + "/key"})
		return
	}
	if r.URL.Path == "/nonce" {
		return
	}
	payload, err := s.open(r)
	if err != nil {
		answer(400, map[string]string{"type": "urn:ietf:params:acme:error:malformed", "detail": err.Error()})
		return
	}
	order := func(status string) map[string]any {
		out := map[string]any{
			"status": status, "authorizations": []string{s.url + "/authz/1"}, "finalize": s.url + "/finalize/1",
			"identifiers": []map[string]string{{"type": "dns", "value": acmeName}},
		}
		if status == "valid" {
			out["certificate"] = s.url + "/cert/1"
		}
		return out
	}
	challenge := map[string]string{"type": "tls-alpn-01", "url": s.url + "/challenge/1", "token": "token-1", "status": s.authorized}
	w.Header().Set("Location", s.url+r.URL.Path+"/1")
	switch r.URL.Path {
	case "/account":
		answer(201, map[string]string{"status": "valid"})
	case "/order":
		s.orders.Add(1)
		s.authorized = "pending"
		answer(201, order("pending"))
	case "/order/1":
		answer(200, order(map[string]string{"valid": "ready"}[s.authorized]))
	case "/authz/1":
		answer(200, map[string]any{"status": s.authorized, "identifier": map[string]string{"type": "dns", "value": acmeName}, "challenges": []any{challenge}})
	case "/challenge/1":
		s.authorized = "valid"
		if err := s.ask(r.Context()); err != nil {
			s.authorized = "invalid"
			s.t.Log(err)
		}
		answer(200, challenge)
	case "/finalize/1":
		if err := s.sign(payload); err != nil {
			answer(400, map[string]string{"detail": err.Error()})
			return
		}
		w.Header().Set("Location", s.url+"/order/1")
		answer(200, order("valid"))
	case "/cert/1":
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = w.Write(s.chain)
	default:
		answer(404, map[string]string{"detail": "no such thing"})
	}
}

// open takes the payload out of a signed request, and notes the key of a new account. The signature is not looked at.
func (s *acmeServer) open(r *http.Request) ([]byte, error) {
	var signed struct{ Protected, Payload string }
	if err := json.NewDecoder(r.Body).Decode(&signed); err != nil {
		return nil, err
	}
	head, err := base64.RawURLEncoding.DecodeString(signed.Protected)
	if err != nil {
		return nil, err
	}
	var protected struct {
		JWK *struct{ X, Y string } `json:"jwk"`
	}
	if err := json.Unmarshal(head, &protected); err != nil {
		return nil, err
	}
	if protected.JWK != nil {
		point := []byte{4} // uncompressed
		for _, part := range []string{protected.JWK.X, protected.JWK.Y} {
			raw, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil {
				return nil, err
			}
			point = append(point, raw...)
		}
		if s.account, err = ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point); err != nil {
			return nil, err
		}
	}
	return base64.RawURLEncoding.DecodeString(signed.Payload)
}

// ask checks the challenge as RFC 8737 says.
func (s *acmeServer) ask(ctx context.Context) error {
	dialer := tls.Dialer{Config: &tls.Config{ServerName: acmeName, NextProtos: []string{acme.ALPNProto}, InsecureSkipVerify: true}}
	conn, err := dialer.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	secure, ok := conn.(*tls.Conn)
	if !ok || secure.ConnectionState().NegotiatedProtocol != acme.ALPNProto {
		return errors.New("the server does not speak acme-tls/1")
	}
	thumbprint, err := acme.JWKThumbprint(s.account)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte("token-1." + thumbprint))
	want, err := asn1.Marshal(sum[:])
	if err != nil {
		return err
	}
	for _, e := range secure.ConnectionState().PeerCertificates[0].Extensions {
		if e.Id.String() == "1.3.6.1.5.5.7.1.31" && bytes.Equal(e.Value, want) {
			return nil
		}
	}
	return errors.New("the certificate of the challenge does not answer it")
}

func (s *acmeServer) sign(payload []byte) error {
	var in struct {
		CSR string `json:"csr"`
	}
	if err := json.Unmarshal(payload, &in); err != nil {
		return err
	}
	der, err := base64.RawURLEncoding.DecodeString(in.CSR)
	if err != nil {
		return err
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	parent := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "A test authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(1000 * time.Hour), IsCA: true}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: request.DNSNames, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(s.life)}
	out, err := x509.CreateCertificate(rand.Reader, leaf, parent, request.PublicKey, key)
	s.chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: out})
	return err
}

// startACME runs an App with a certificate from the authority.
func startACME(t *testing.T, s *acmeServer, now func() time.Time, works bool) *App {
	t.Helper()
	cfg := defaults(t)
	cfg.Data, cfg.Listen, cfg.ShutdownTimeout = filepath.Join(t.TempDir(), "d"), "127.0.0.1:0", 5*time.Second
	cfg.TLS.ACME.Domain, cfg.TLS.ACME.Directory = acmeName, s.url+"/directory"
	a, err := New(cfg, Options{Env: noLimit(), Logger: slog.New(slog.DiscardHandler), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	s.mu.Lock() // the authority waits until the address is known
	defer s.mu.Unlock()
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.address = "127.0.0.1:1" // nothing listens there
	if works {
		s.address = a.Addr()
	}
	return a
}

// part waits until a part of the server has reported.
func (a *App) part(t *testing.T, name string) (ready bool, message string) {
	t.Helper()
	for range 500 {
		parts, _ := a.health.ready()
		for _, p := range parts {
			if p.Name == name {
				return p.Ready, p.Message
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the part %s says nothing", name)
	return false, ""
}

func (a *App) gauge(t *testing.T, name string) float64 {
	t.Helper()
	families, err := a.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}

func TestACMEFetchesACertificateAtTheStart(t *testing.T) {
	t.Parallel()
	s := newACME(t, 90*24*time.Hour)
	a := startACME(t, s, nil, true)
	if ready, message := a.part(t, "certificate"); !ready || message != "" {
		t.Fatalf("%v %s", ready, message)
	}
	if a.gauge(t, "drawbridge_tls_certificate_good") != 1 || a.gauge(t, "drawbridge_tls_certificate_expiry_timestamp_seconds") < float64(time.Now().Unix()) {
		t.Error("the metrics do not know the certificate")
	}
	hello := func(name string) error {
		conn, err := tls.Dial("tcp", a.Addr(), &tls.Config{ServerName: name, InsecureSkipVerify: true})
		if err != nil {
			return err
		}
		return errors.Join(conn.ConnectionState().PeerCertificates[0].VerifyHostname(acmeName), conn.Close())
	}
	if err := hello(acmeName); err != nil {
		t.Error(err)
	}
	if err := hello("other.example.test"); err == nil {
		t.Error("another name got a certificate")
	}
	if n := s.orders.Load(); n != 1 {
		t.Errorf("%d orders", n)
	}
}

func TestFailureOfACMEIsReported(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	s := newACME(t, 90*24*time.Hour)
	a := startACME(t, s, now, false)
	ready, message := a.part(t, "certificate")
	if ready || !strings.Contains(message, "there is no certificate for "+acmeName) || !strings.Contains(message, "the next try is at") {
		t.Fatalf("%v %s", ready, message)
	}
	if a.gauge(t, "drawbridge_tls_certificate_good") != 0 || a.gauge(t, "drawbridge_tls_certificate_expiry_timestamp_seconds") != 0 {
		t.Error("the metrics claim a certificate")
	}
	// Neither clients nor the next check ask the authority again too early, because it would block the name.
	orders := s.orders.Load()
	for range 3 {
		if conn, err := tls.Dial("tcp", a.Addr(), &tls.Config{ServerName: acmeName, InsecureSkipVerify: true}); err == nil {
			t.Error("a handshake without a certificate", conn.Close())
		}
		if _, err := a.certificate.look(t.Context()); err == nil {
			t.Error("no error")
		}
	}
	if n := s.orders.Load(); n != orders {
		t.Errorf("%d orders, %d before", n, orders)
	}
}

// A valid certificate is good. One that should have been renewed is a warning, and an expired one is a failure.
func TestCertificateAgeIsReported(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		old, left time.Duration
		warn, bad bool
	}{
		"new":                            {day, 89 * day, false, false},
		"just renewed in time":           {61 * day, 29 * day, false, false},
		"not renewed":                    {77 * day, 13 * day, true, false},
		"a short one in its middle":      {3 * day, 3 * day, false, false},
		"a short one at its end":         {5 * day, day, true, false},
		"expired":                        {91 * day, -day, false, true},
		"expired this instant":           {90 * day, 0, false, true},
		"from the future, or our clock ": {-day, 90 * day, false, true},
	} {
		err := freshness(&tls.Certificate{Leaf: &x509.Certificate{NotBefore: at.Add(-c.old), NotAfter: at.Add(c.left)}}, at)
		if warns := errors.As(err, new(warning)); warns != c.warn || (err != nil && !warns) != c.bad {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A warning of a part is shown, and the server stays ready.
func TestWarningLeavesTheServerReady(t *testing.T) {
	t.Parallel()
	h := newHealth(time.Now)
	h.report("backup", time.Minute, fmt.Errorf("wrapped: %w", warning{errors.New("full")}))
	parts, ready := h.ready()
	if !ready || !parts[0].Ready || parts[0].Message != "wrapped: full" {
		t.Errorf("%v %+v", ready, parts)
	}
}
