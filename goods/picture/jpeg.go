package picture

import "encoding/binary"

// looks are what a JPEG says of itself beside its size: what decoding it costs more than its pixels.
type looks struct {
	kept  int // bytes of coefficients that a progressive picture keeps until its last scan; 0 for any other
	scans int // how often the decoder walks over the whole picture
}

// The markers of a JPEG that are looked for.
const (
	frameBaseline, frameExtended, frameProgressive = 0xc0, 0xc1, 0xc2
	picture1st, pictureEnd, scanStart              = 0xd8, 0xd9, 0xda
	restartFirst, restartLast                      = 0xd0, 0xd7
)

// look walks along a JPEG's segments, reading none of its pixels, as far as they make sense: what comes behind is
// nothing that a decoder would read.
func look(source []byte) (l looks) {
	for at := 2; at+1 < len(source); {
		marker := source[at+1]
		switch {
		case source[at] != 0xff || marker == 0 || marker >= restartFirst && marker <= picture1st: // pixels, or dirt
			at++
			continue
		case marker == 0xff: // more of them before a marker are allowed
			at++
			continue
		case marker == pictureEnd:
			return l
		case at+4 > len(source):
			return l
		}
		size := int(binary.BigEndian.Uint16(source[at+2:]))
		if size < 2 || at+2+size > len(source) {
			return l
		}
		switch body := source[at+4 : at+2+size]; marker {
		case frameProgressive:
			l.kept += coefficients(body)
		case scanStart:
			l.scans++
		}
		at += 2 + size
	}
	return l
}

// coefficients are the bytes that the decoder keeps of a progressive frame: four for each sample of each of its parts,
// which may be coarser than the picture.
func coefficients(frame []byte) int {
	const head, part = 6, 3
	if len(frame) < head {
		return 0
	}
	high, wide := int(binary.BigEndian.Uint16(frame[1:])), int(binary.BigEndian.Uint16(frame[3:]))
	samples, finest := 0, 1
	for i := range int(frame[5]) {
		at := head + i*part
		if at+part > len(frame) {
			return 0
		}
		h, v := int(frame[at+1]>>4), int(frame[at+1]&0xf)
		samples += h * v
		finest = max(finest, h*v)
	}
	if frame[5] == 1 { // one part alone is as fine as the picture, whatever it says
		samples, finest = 1, 1
	}
	return 4 * high * wide * samples / finest
}
