package page

import "html/template"

// Picture is one picture in two sizes. Where there is none the tint is shown.
type Picture struct {
	ID, Large, Small, Alt string
	Tint                  int
}

// Gallery is the pictures of a product, to be swiped; with more than one, small ones lead to each. Template "gallery".
type Gallery struct {
	Label    string
	Pictures []Picture
}

// Stars is what buyers say on the whole: tenths of a star, and the same in words. Template "stars".
type Stars struct {
	Tenths int    // 46 is 4.6 of 5
	Text   string // "4.6"
	Count  string // "1,024 reviews"; "" leaves it out
}

// Whole tells which of the five stars are full, half and empty: a class for each.
func (s Stars) Whole() [5]string {
	var out [5]string
	for i := range out {
		switch left := s.Tenths - 10*i; {
		case left >= 8:
			out[i] = "star-full"
		case left >= 3:
			out[i] = "star-half"
		default:
			out[i] = "star-none"
		}
	}
	return out
}

// QRCard is something to scan with a phone, or to open on the phone itself. Template "qr-card".
type QRCard struct {
	Title  string
	Price  *Price
	Code   template.HTML // an SVG that we drew: emvco.QR
	Label  string        // what the code is, for readers who listen
	Text   string        // what to do
	Href   string        // the same on this phone; "" for none
	Action string
	Until  *Countdown
}
