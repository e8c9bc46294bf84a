package picture

import (
	"bytes"
	"encoding/binary"
	"testing"

	"hutong/base/fault"
)

// progressive makes a JPEG of that size that says it is progressive, with its parts sampled as given, and then that many
// scans that hold nothing.
func progressive(w, h uint16, scans int, sampling ...byte) []byte {
	frame := []byte{8, 0, 0, 0, 0, byte(len(sampling))}
	binary.BigEndian.PutUint16(frame[1:], h)
	binary.BigEndian.PutUint16(frame[3:], w)
	for i, s := range sampling {
		frame = append(frame, byte(i+1), s, 0)
	}
	var b bytes.Buffer
	segment := func(marker byte, body []byte) {
		b.Write([]byte{0xff, marker})
		b.Write(binary.BigEndian.AppendUint16(nil, uint16(len(body)+2)))
		b.Write(body)
	}
	b.Write([]byte{0xff, 0xd8})
	segment(0xe0, []byte("JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"))
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))
	segment(frameProgressive, frame)
	segment(0xc4, append(append([]byte{0}, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0)) // one code: difference 0
	segment(0xc4, append(append([]byte{0x10}, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0xe0))
	for range scans { // each says that the next 32,767 blocks hold nothing, as often as needed
		segment(scanStart, []byte{1, 1, 0, 1, 1, 0})
		b.Write(bytes.Repeat([]byte{0}, 40))
	}
	b.Write([]byte{0xff, 0xd9})
	return b.Bytes()
}

// TestA13_AProgressivePictureIsWeighedWithWhatItKeeps: a progressive JPEG keeps all of its coefficients until the last
// scan, four bytes each, so a few bytes could take four times the memory that a picture may have.
func TestA13_AProgressivePictureIsWeighedWithWhatItKeeps(t *testing.T) {
	const fine, half = 0x11, 0x22
	for _, c := range []struct {
		name     string
		w, h     uint16
		sampling []byte
		want     string
		takes    int64
	}{
		{"forty megapixels in full colour", 6300, 6300, []byte{fine, fine, fine}, "picture.too_large", 0},
		{"forty megapixels in four inks", 6300, 6300, []byte{fine, fine, fine, fine}, "picture.too_large", 0},
		{"forty megapixels of a camera", 6300, 6300, []byte{half, fine, fine}, "picture.too_large", 0},
		{"thirty of a camera", 6000, 5000, []byte{half, fine, fine}, "", 300_000_000},
		{"twelve of a camera", 4000, 3000, []byte{half, fine, fine}, "", memoryMax},
		{"grey, whatever its sampling", 6000, 6000, []byte{half}, "", 8 * 36_000_000},
		{"small", 60, 60, []byte{fine, fine, fine}, "", memoryMax},
	} {
		_, takes, refused := inspect(progressive(c.w, c.h, 1, c.sampling...))
		if c.want == "" && (refused != nil || takes != c.takes) || c.want != "" && !fault.Is(refused, c.want) {
			t.Errorf("%s: takes %d, %v; want %d, %q", c.name, takes, refused, c.takes, c.want)
		}
	}
}

// TestA13_APictureOfEndlessScans: a scan of fifty bytes walks over the whole picture, so a file of 20 MB could keep a
// core busy for hours.
func TestA13_APictureOfEndlessScans(t *testing.T) {
	s, _ := open(t)
	for _, c := range []struct {
		side  uint16
		scans int
		want  string
	}{{6000, 23, "picture.too_large"}, {600, 300_000, "picture.too_large"}, {60, 12, ""}} {
		_, err := s.Put(t.Context(), bytes.NewReader(progressive(c.side, c.side, c.scans, 0x11)))
		if err == nil != (c.want == "") || err != nil && !fault.Is(err, c.want) {
			t.Errorf("%d scans of %d by %d: %v; want %s", c.scans, c.side, c.side, err, c.want)
		}
	}
	if got := look(progressive(600, 600, 9, 0x11)); got.scans != 9 {
		t.Errorf("%d scans of 9 were seen", got.scans)
	}
	dressed := withEXIF(progressive(600, 600, 2, 0x11), 1) // a note before the frame hides nothing
	if got := look(append(dressed, bytes.Repeat([]byte{0xff, scanStart, 0, 2}, 500)...)); got.scans != 2 || got.kept == 0 {
		t.Errorf("with a note before and a film behind: %+v", got)
	}
}
