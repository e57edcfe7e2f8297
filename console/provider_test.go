package console_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// TestProviderHasNameAndSupportAddress changes both, and reads them without a session.
func TestProviderHasNameAndSupportAddress(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	var s wire.ProviderSettings
	d.do("PATCH", "/provider", `{"name":"Contoso MSP","support":"help@contoso.example"}`, 200, &s)
	if s.Name != "Contoso MSP" || s.Support != "help@contoso.example" || s.RequireMFA {
		t.Errorf("%+v", s)
	}
	d.do("PATCH", "/provider", `{"name":"Old"}`, 412, nil, "If-Match", `"0"`)
	d.do("PATCH", "/provider", `{}`, 422, nil)
	d.do("PATCH", "/provider", `{"require_mfa":true,"name":"Both"}`, 422, nil)
	d.do("PATCH", "/provider", `{"support":"https://contoso.example"}`, 422, nil)
	d.do("PATCH", "/provider", `{"name":"two\nlines"}`, 422, nil)
	_, some := d.hire("some@msp.example", directory.RoleOwner, directory.Scope{Tenants: []directory.TenantID{}})
	d.do("PATCH", "/provider", `{"name":"Mine"}`, 403, nil, "Cookie", some)
	var m wire.SignInMethods
	d.do("GET", "/session/methods", "", 200, &m, "Authorization", "Bearer none")
	if m.Provider.Name != "Contoso MSP" || m.Provider.Support != "help@contoso.example" {
		t.Errorf("%+v", m)
	}
	s = wire.ProviderSettings{}
	d.do("PATCH", "/provider", `{"support":""}`, 200, &s)
	if s.Name != "Contoso MSP" || s.Support != "" {
		t.Errorf("%+v", s)
	}
}

// TestProviderHasALogo uploads a logo, reads it without a session, and removes it.
func TestProviderHasALogo(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 1000, 100))); err != nil {
		t.Fatal(err)
	}
	anybody := []string{"Authorization", "Bearer none"}
	d.do("GET", "/provider/logo.png", "", 404, nil, anybody...)
	for _, bad := range []string{"%", base64.StdEncoding.EncodeToString([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)), strings.Repeat("A", 400_000)} {
		d.do("PATCH", "/provider", `{"logo":"`+bad+`"}`, 422, nil)
	}
	var s wire.ProviderSettings
	d.do("PATCH", "/provider", `{"logo":"`+base64.StdEncoding.EncodeToString(file.Bytes())+`"}`, 200, &s)
	var m wire.SignInMethods
	d.do("GET", "/session/methods", "", 200, &m, anybody...)
	if s.Logo == "" || m.Provider.Logo != s.Logo {
		t.Errorf("the marks are %q and %q", s.Logo, m.Provider.Logo)
	}
	for path, keep := range map[string]string{"?mark=" + s.Logo: "public, max-age=31536000, immutable", "?mark=old": "no-cache", "": "no-cache"} {
		rec := d.do("GET", "/provider/logo.png"+path, "", 200, nil, anybody...)
		picture, err := png.Decode(rec.Body)
		if err != nil || picture.Bounds().Dx() != 480 || picture.Bounds().Dy() != 48 {
			t.Errorf("%s: %v, %v", path, picture, err)
		}
		want := http.Header{
			"Content-Type": {"image/png"}, "Cache-Control": {keep}, "X-Content-Type-Options": {"nosniff"}, "Content-Security-Policy": {"default-src 'none'; frame-ancestors 'none'"},
		}
		for name := range want {
			if got := rec.Header().Get(name); got != want.Get(name) {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want.Get(name))
			}
		}
	}
	d.do("PATCH", "/provider", `{"logo":""}`, 200, &s)
	d.do("GET", "/provider/logo.png?mark="+m.Provider.Logo, "", 404, nil, anybody...)
}
