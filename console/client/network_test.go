package client_test

import (
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"drawbridge/console/client"
)

// Each reason why a server on the network does not answer is a sentence, without the words of Go's library.
func TestUnreachableServerIsExplained(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	private, plain := httptest.NewTLSServer(handler), httptest.NewServer(handler)
	t.Cleanup(private.Close)
	t.Cleanup(plain.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(private.Certificate())
	port := strings.TrimPrefix(private.URL, "https://127.0.0.1")
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := taken.Addr().String()
	_ = taken.Close()
	for name, c := range map[string]struct {
		client *client.Client
		want   string
	}{
		"an authority of one's own": {client.At(private.URL), "is not trusted: no authority that this machine trusts has signed its certificate; if it is your own, name the authority with --ca-file"},
		"another name":              {client.At("https://localhost" + port).Trusting(trusted), "is not trusted: its certificate is not for localhost"},
		"plain HTTP":                {client.At(strings.Replace(plain.URL, "http:", "https:", 1)), "it answers plain HTTP and no HTTPS"},
		"nothing listens":           {client.At("http://" + free), "the connection was refused"},
	} {
		_, err := c.client.Status(t.Context())
		if err == nil || !strings.HasSuffix(err.Error(), c.want) || !client.NoServer(err) {
			t.Errorf("%s: %v", name, err)
		}
		for _, word := range []string{"x509", "tls:", "dial", "Get "} {
			if err != nil && strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q is in %v", name, word, err)
			}
		}
	}
}
