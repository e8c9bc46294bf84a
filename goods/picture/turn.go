package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// A camera stores a photo as its chip saw it and notes how it was held. The note vanishes when the picture is encoded
// again, so the picture is turned here.

// orientation reads that note (1 to 8, as EXIF numbers them) from a JPEG; 1, upright, when there is none.
func orientation(source []byte) int {
	exif := exifOf(source)
	if len(exif) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(exif[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(exif[4:]))
	if at+2 > int64(len(exif)) {
		return 1
	}
	entries := int64(order.Uint16(exif[at:]))
	for i := range entries {
		const size = 12
		from := at + 2 + i*size
		if from+size > int64(len(exif)) {
			return 1
		}
		entry := exif[from : from+size]
		const tag, short = 0x0112, 3
		if order.Uint16(entry) == tag && order.Uint16(entry[2:]) == short {
			if n := int(order.Uint16(entry[8:])); n >= 1 && n <= 8 {
				return n
			}
			return 1
		}
	}
	return 1
}

// exifOf finds the EXIF block among a JPEG's first segments.
func exifOf(source []byte) []byte {
	if !bytes.HasPrefix(source, []byte{0xff, 0xd8}) {
		return nil
	}
	const app1, scan = 0xe1, 0xda
	for rest := source[2:]; len(rest) > 4 && rest[0] == 0xff && rest[1] != scan; {
		size := 2 + int(binary.BigEndian.Uint16(rest[2:]))
		if size < 4 || size > len(rest) {
			return nil
		}
		if body := rest[4:size]; rest[1] == app1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return body[6:]
		}
		rest = rest[size:]
	}
	return nil
}

// upright turns a picture that was noted with that orientation.
func upright(img *image.NRGBA, orientation int) *image.NRGBA {
	if orientation <= 1 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	ow, oh := w, h
	if orientation >= 5 { // 5 to 8 lie on their side
		ow, oh = h, w
	}
	out := image.NewNRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			sx, sy := seen(x, y, w, h, orientation)
			copy(out.Pix[out.PixOffset(x, y):][:4], img.Pix[img.PixOffset(sx, sy):][:4])
		}
	}
	return out
}

// seen tells which pixel of the stored picture is seen at x, y.
func seen(x, y, w, h, orientation int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}
