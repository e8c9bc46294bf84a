package emvco

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"

	"hutong/base/fault"
)

// The drawing is read back module by module: it is the code, no more and no less, inside its quiet zone.
func TestQRDrawsTheCode(t *testing.T) {
	for _, payload := range []string{specExample, "https://127.0.0.1:8080/wallet/bluejay/bj_1", "1", "最佳运输"} {
		svg, err := QR(payload)
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal([]byte(svg), new(struct{ XMLName xml.Name })); err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		code, err := qr.Encode(payload, qr.M)
		if err != nil {
			t.Fatal(err)
		}
		if view := fmt.Sprintf(`viewBox="0 0 %d %d"`, code.Size+8, code.Size+8); !strings.Contains(svg, view) {
			t.Errorf("no %s", view)
		}
		black := map[[2]int]bool{}
		for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(svg, -1) {
			x, y, n := number(run[1]), number(run[2]), number(run[3])
			for i := range n {
				black[[2]int{x + i, y}] = true
			}
		}
		for y := range code.Size + 8 {
			for x := range code.Size + 8 {
				if black[[2]int{x, y}] != code.Black(x-4, y-4) {
					t.Fatalf("%q: module %d,%d is drawn wrong", payload, x, y)
				}
			}
		}
	}
	if _, err := QR(strings.Repeat("x", 5000)); !fault.Is(err, "emvco.too_long") {
		t.Errorf("too long: %v", err)
	}
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
