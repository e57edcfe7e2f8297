package operators

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // the two formats of a logo
	"image/png"

	"drawbridge/directory"
)

const (
	// LogoFile bounds the file of a logo as it is uploaded, in bytes.
	LogoFile = 256 << 10
	// logoSide bounds each side of it, in pixels, and so the memory that it takes: eight megabytes.
	logoSide = 1024
	// logoWidth and logoHeight are the box that a logo is reduced to, and logoStored bounds the result in bytes: it is part of every mail.
	logoWidth, logoHeight = 480, 160
	logoStored            = 64 << 10
	// logoScans bounds the passes of a JPEG. An ordinary file has at most a dozen; each takes time for the whole picture, however few bytes it has.
	logoScans = 64
)

// Logo decodes a PNG or JPEG and draws it again as a PNG of at most 480 × 160 pixels and 64 KiB. So nothing of the file but its pixels is ever
// shown: no text, no colour profile, no second format hidden in it. Invalid: the file is too large, is none of the two, or is damaged.
func Logo(file []byte) ([]byte, error) {
	if len(file) > LogoFile {
		return nil, badLogo(fmt.Sprintf("the file of the logo has %d KiB; at most %d are taken", len(file)>>10, LogoFile>>10))
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case err != nil:
		return nil, badLogo("the logo is neither a PNG nor a JPEG file")
	case config.Width < 1 || config.Height < 1 || config.Width > logoSide || config.Height > logoSide:
		return nil, badLogo(fmt.Sprintf("the logo has %d × %d pixels; each side may have at most %d", config.Width, config.Height, logoSide))
	case format == "jpeg" && bytes.Count(file, []byte{0xFF, 0xDA}) > logoScans:
		return nil, badLogo(fmt.Sprintf("the logo is a JPEG of more than %d passes; save it as a PNG", logoScans))
	}
	whole, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, badLogo("the file of the logo is damaged: " + err.Error())
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, reduced(whole)); err != nil {
		return nil, err
	}
	if out.Len() > logoStored {
		return nil, badLogo(fmt.Sprintf("the logo has too many details: it takes %d KiB, and at most %d are kept; use a plainer or smaller one", out.Len()>>10, logoStored>>10))
	}
	return out.Bytes(), nil
}

func badLogo(message string) error {
	return &directory.Error{Code: directory.Invalid, Field: "logo", Message: message}
}

// reduced copies a picture, at the size at which it fits the box of a logo. Each pixel is the mean of those that it replaces.
func reduced(from image.Image) *image.NRGBA {
	b := from.Bounds()
	width, height := b.Dx(), b.Dy()
	if width > logoWidth {
		width, height = logoWidth, max(1, height*logoWidth/width)
	}
	if height > logoHeight {
		width, height = max(1, width*logoHeight/height), logoHeight
	}
	to := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		rows := [2]int{b.Min.Y + y*b.Dy()/height, b.Min.Y + (y+1)*b.Dy()/height}
		for x := range width {
			to.Set(x, y, mean(from, image.Rect(b.Min.X+x*b.Dx()/width, rows[0], b.Min.X+(x+1)*b.Dx()/width, rows[1])))
		}
	}
	return to
}

// mean is the mean colour of a part of a picture, which is not empty.
func mean(from image.Image, part image.Rectangle) color.Color {
	var red, green, blue, alpha, n uint64
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			r, g, b, a := from.At(x, y).RGBA()
			red, green, blue, alpha, n = red+uint64(r), green+uint64(g), blue+uint64(b), alpha+uint64(a), n+1
		}
	}
	return color.RGBA64{R: uint16(red / n), G: uint16(green / n), B: uint16(blue / n), A: uint16(alpha / n)}
}
