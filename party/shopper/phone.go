package shopper

import "github.com/nyaruka/phonenumbers"

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

// phoneNumber is the number in E.164, if it is one that can exist.
func phoneNumber(number, region string) (string, bool) {
	if number == "" || len(number) > PhoneMax {
		return "", false
	}
	parsed, err := phonenumbers.Parse(number, region)
	if err != nil || !phonenumbers.IsValidNumber(parsed) {
		return "", false
	}
	return phonenumbers.Format(parsed, phonenumbers.E164), true
}
