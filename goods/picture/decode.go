package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"hutong/base/fault"
)

// decoder is one accepted kind of picture. There is no registry: what is not here is refused, SVG above all.
type decoder struct {
	config func([]byte) (image.Config, error)
	decode func([]byte) (image.Image, error)
}

var decoders = map[string]decoder{
	"image/jpeg": {
		func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) },
		func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
	},
	"image/png": {
		func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) },
		func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
	},
	"image/gif": { // of a moving picture the first frame
		func(b []byte) (image.Config, error) { return gif.DecodeConfig(bytes.NewReader(b)) },
		func(b []byte) (image.Image, error) { return gif.Decode(bytes.NewReader(b)) },
	},
	"image/webp": {
		func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) },
		func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) },
	},
}

// inspect reads the header only and refuses what is no picture or too large to decode. It tells how many bytes decoding
// takes, which for some kinds is more than the pixels alone.
func inspect(source []byte) (d decoder, takes int64, refused *fault.Error) {
	kind := http.DetectContentType(source)
	d, ok := decoders[kind]
	if !ok {
		return d, 0, fault.New(fault.Invalid, "picture.kind", fault.P("kind", kind))
	}
	c, err := d.config(source)
	if err != nil {
		return d, 0, unreadable(err)
	}
	if c.Width < 1 || c.Height < 1 {
		return d, 0, unreadable(nil)
	}
	pixels := c.Width * c.Height * pixelBytes(c.ColorModel)
	if c.Width > SideMax || c.Height > SideMax || pixels > memoryMax {
		return d, 0, tooLarge()
	}
	var l looks
	if kind == "image/jpeg" {
		l = look(source)
	}
	if l.scans*c.Width*c.Height > walksMax || pixels+l.kept > allMax {
		return d, 0, tooLarge()
	}
	return d, int64(max(memoryMax, pixels+l.kept)), nil
}

// pixelBytes is what a pixel takes once decoded.
func pixelBytes(m color.Model) int {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model:
		return 8
	}
	return 4
}

// pixels decodes a picture that was inspected. It is as its camera saw it.
func (d decoder) pixels(source []byte) (image.Image, *fault.Error) {
	img, err := d.decode(source)
	if err != nil {
		return nil, unreadable(err)
	}
	b := img.Bounds()
	if b.Empty() || b.Dx() > SideMax || b.Dy() > SideMax { // a frame that differs from its header
		return nil, unreadable(nil)
	}
	return img, nil
}

// shrink makes img fit a square of that side, keeping its shape; a smaller one is only copied.
func shrink(img image.Image, side int) *image.NRGBA {
	b := img.Bounds()
	w, h := fit(b.Dx(), b.Dy(), side)
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	if w == b.Dx() && h == b.Dy() {
		draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	} else {
		xdraw.BiLinear.Scale(out, out.Rect, img, b, draw.Src, nil)
	}
	return out
}

// fit gives the size of a picture of w by h in a square of that side, rounded half up and at least one pixel.
func fit(w, h, side int) (int, int) {
	long := max(w, h)
	if long <= side {
		return w, h
	}
	scaled := func(n int) int { return max(1, (2*n*side+long)/(2*long)) }
	return scaled(w), scaled(h)
}

// encoded is a picture as it is stored.
type encoded struct {
	data      []byte
	extension string
}

// encode writes JPEG, or PNG where something shows through.
func encode(img *image.NRGBA) (encoded, error) {
	var out bytes.Buffer
	if img.Opaque() {
		err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 85})
		return encoded{out.Bytes(), "jpg"}, err
	}
	err := png.Encode(&out, img)
	return encoded{out.Bytes(), "png"}, err
}
