package emvco

import (
	"fmt"
	"strings"

	"rsc.io/qr"

	"hutong/base/fault"
)

// quiet is the white border that scanners need, in modules.
const quiet = 4

// QR draws a text as a QR code: an SVG of one path, black on white whatever the page's colours, that scales to any
// size. Error correction M survives a smudged screen.
//
// Code: emvco.too_long.
func QR(payload string) (svg string, err error) {
	code, err := qr.Encode(payload, qr.M)
	if err != nil {
		return "", fault.New(fault.Invalid, "emvco.too_long").Because(err)
	}
	size := code.Size + 2*quiet
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" viewBox="0 0 %d %d" `+
		`shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="`,
		size, size, size, size)
	for y := range code.Size {
		row(&b, code, y)
	}
	b.WriteString(`"/></svg>`)
	return b.String(), nil
}

// row draws the runs of black modules of one row.
func row(b *strings.Builder, code *qr.Code, y int) {
	for x := 0; x < code.Size; x++ {
		from := x
		for x < code.Size && code.Black(x, y) {
			x++
		}
		if x > from {
			fmt.Fprintf(b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
		}
	}
}
