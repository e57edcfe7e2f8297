package operators_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"drawbridge/bridge/operators"
	"drawbridge/directory"
)

func picture(t *testing.T, width, height int, paint func(x, y int) color.Color) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, paint(x, y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func green(int, int) color.Color { return color.NRGBA{G: 160, A: 255} }

func TestLogoIsDrawnAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ width, height, toWidth, toHeight int }{
		{200, 60, 200, 60}, {1, 1, 1, 1}, {1024, 512, 320, 160}, {960, 160, 480, 80}, {1024, 1, 480, 1}, {1, 1024, 1, 160},
	} {
		out, err := operators.Logo(picture(t, c.width, c.height, green))
		if err != nil {
			t.Fatalf("%d × %d: %v", c.width, c.height, err)
		}
		m, err := png.Decode(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Bounds().Size(); got != image.Pt(c.toWidth, c.toHeight) {
			t.Errorf("%d × %d became %v, want %d × %d", c.width, c.height, got, c.toWidth, c.toHeight)
		}
		if r, g, b, a := m.At(0, 0).RGBA(); r != 0 || g>>8 != 160 || b != 0 || a != 0xffff {
			t.Errorf("%d × %d: the colour became %v", c.width, c.height, m.At(0, 0))
		}
	}
}

func TestLogoKeepsNothingButPixels(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	m := image.NewRGBA(image.Rect(0, 0, 40, 20))
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	file := append(b.Bytes(), "<script>alert(1)</script>"...)
	out, err := operators.Logo(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(out, []byte("\x89PNG")) || bytes.Contains(out, []byte("script")) {
		t.Errorf("the logo is not a clean PNG: %q", out)
	}
}

func TestBadLogo(t *testing.T) {
	t.Parallel()
	seed := uint32(1)
	noise := func(int, int) color.Color {
		seed = seed*1664525 + 1013904223
		return color.NRGBA{uint8(seed >> 24), uint8(seed >> 16), uint8(seed >> 8), 255}
	}
	good := picture(t, 100, 50, green)
	huge := bytes.Clone(good)
	copy(huge[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // says that it has 65,536 × 65,536 pixels
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":          {nil, "neither a PNG nor a JPEG"},
		"SVG":              {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "neither a PNG nor a JPEG"},
		"GIF":              {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "neither a PNG nor a JPEG"},
		"too many bytes":   {append(bytes.Clone(good), make([]byte, operators.LogoFile)...), "at most 256"},
		"too wide":         {picture(t, 1025, 4, green), "1025 × 4 pixels"},
		"a bomb":           {huge, "65536 × 65536 pixels"},
		"cut short":        {good[:len(good)-30], "damaged"},
		"too many details": {picture(t, 240, 160, noise), "too many details"},
		"too many passes":  {append(plain.Bytes(), bytes.Repeat([]byte{0xFF, 0xDA}, 64)...), "more than 64 passes"},
	} {
		_, err := operators.Logo(c.file)
		if directory.CodeOf(err) != directory.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
