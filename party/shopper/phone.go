package shopper

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// phoneRegion is where a number without country code is taken to be from. Hong Kong, Macao and Taiwan have numbering
// plans of their own.
func (a Address) phoneRegion() string {
	if a.Country != China {
		return a.Country
	}
	switch a.Division[:2] {
	case "71":
		return "TW"
	case "81":
		return "HK"
	case "82":
		return "MO"
	}
	return China
}

// Phone is a number in E.164, if it is one that can exist; without country code it is taken to be from that region, a
// country's two letters.
func Phone(number, region string) (string, bool) { return phoneNumber(number, region) }

// phoneNumber is the number in E.164, if it is one that can exist.
func phoneNumber(number, region string) (string, bool) {
	if number == "" || len(number) > PhoneMax {
		return "", false
	}
	if mobile, ok := chineseMobile(number); ok && region == China {
		return mobile, true
	}
	parsed, err := phonenumbers.Parse(number, region)
	if err != nil || !phonenumbers.IsValidNumber(parsed) {
		return "", false
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), true
}

var spaces = strings.NewReplacer(" ", "", "-", "")

// chineseMobile knows the form that nearly all addresses here have, +86 and eleven digits from 13 to 19, without the
// tens of microseconds that the general answer takes.
func chineseMobile(number string) (string, bool) {
	digits := strings.TrimPrefix(spaces.Replace(number), "+86")
	if len(digits) != 11 || digits[0] != '1' || digits[1] < '3' {
		return "", false
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return "+86" + digits, true
}
