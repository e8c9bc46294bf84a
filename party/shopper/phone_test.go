package shopper

import (
	"fmt"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// The short way knows every mobile number that the numbering plan knows, and none that would be read as another.
func TestTheShortWayAgreesWithTheNumberingPlan(t *testing.T) {
	for second := range 10 {
		for rest := range 100 {
			number := fmt.Sprintf("1%d%02d3800138", second, rest)
			parsed, err := phonenumbers.Parse(number, China)
			if err != nil {
				t.Fatal(number, err)
			}
			short, ok := chineseMobile(number)
			mobile := phonenumbers.IsValidNumber(parsed) && phonenumbers.GetNumberType(parsed) == phonenumbers.MOBILE
			if mobile && !ok {
				t.Errorf("%s is a mobile number", number)
			}
			if ok && short != phonenumbers.Format(parsed, phonenumbers.E164) {
				t.Errorf("%s became %s", number, short)
			}
		}
	}
	for _, not := range []string{"", "1380013800", "138001380000", "12800138000", "1380013800x", "+8613800138", "+8513800138000",
		"١٣٨٠٠١٣٨٠٠٠", "8613800138000"} {
		if short, ok := chineseMobile(not); ok {
			t.Errorf("%q became %s", not, short)
		}
	}
}

func BenchmarkChecked(b *testing.B) {
	a := Address{Country: "CN", Division: "330106", Recipient: "李雷", Phone: "138 0013 8000", Street: "文三路"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Checked(); err != nil {
			b.Fatal(err)
		}
	}
}
