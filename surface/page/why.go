package page

// Why says how a price came about: each step with what it took off and who pays that, what would take more off, and
// what did not apply. It is folded until somebody asks. Template "why".
type Why struct {
	Steps   []WhyStep
	Hints   []string
	Refused []string
	Floor   string // that shops let the price go no lower
	Open    bool
}

// WhyStep is one promotion that took something off.
type WhyStep struct {
	Text string // "Shop voucher: takes off ¥40.00"
	Off  string // "−¥40.00"
	Pays string // "paid by the shop ¥40.00"
}

// Empty tells whether there is nothing to say.
func (w Why) Empty() bool { return len(w.Steps)+len(w.Hints)+len(w.Refused) == 0 && w.Floor == "" }
