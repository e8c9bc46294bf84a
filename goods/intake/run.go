package intake

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/catalog"
	"hutong/goods/offer"
)

// RunID names a run, "imp_...".
type RunID string

// RunState is where a run is.
type RunState string

// The states of a run, with who acts next.
const (
	Uploaded  RunState = "uploaded"  // the merchant says how the file is to be read
	Checking  RunState = "checking"  // the market looks what the file would do
	Checked   RunState = "checked"   // the merchant confirms, or drops it
	Importing RunState = "importing" // the market
	Done      RunState = "done"      // nobody; the merchant may undo it
	Undoing   RunState = "undoing"   // the market
	Undone    RunState = "undone"    // nobody
	Failed    RunState = "failed"    // nobody; the merchant may undo what it brought before it failed
	Dropped   RunState = "dropped"   // nobody; nothing was written
)

// runMoves is the table of allowed moves.
var runMoves = map[RunState][]RunState{
	Uploaded:  {Checking, Dropped},
	Checking:  {Checked, Uploaded},
	Checked:   {Checking, Importing, Dropped},
	Importing: {Done, Failed},
	Done:      {Undoing},
	Failed:    {Undoing},
	Undoing:   {Undone, Failed},
}

// May tells whether a run may move to that state.
func (s RunState) May(to RunState) bool { return slices.Contains(runMoves[s], to) }

// Busy tells whether the market is at work on the run.
func (s RunState) Busy() bool { return s == Checking || s == Importing || s == Undoing }

// Run is one import of a shop, kept.
type Run struct {
	ID        RunID
	Shop      string
	State     RunState
	File      string // as the merchant calls it
	Size      int64  // bytes as stored
	Format    string // the format's name, "" while it is not known
	Mapping   string // the column mapping as it was, JSON; "" for a format that needs none
	Currency  money.Currency
	By        string // who asked for it
	Read      int64  // bytes of Size that were read
	Counts    Counts
	Withdrawn int64  // products that the undo took off sale
	Restored  int64  // products that it put back
	Kept      int64  // products whose content it left, for somebody has changed it since
	Reason    string // the code of what went wrong
	At        time.Time
	BeatAt    time.Time // when the market last said that it is at work
	EndedAt   time.Time
	desk      bool // holds the shop's turn
}

// Counts are the numbers of a Report.
type Counts struct {
	Products, SKUs              int64
	Created, Updated, Unchanged int64
	Rejected                    int64
}

// staleAfter is how long a run may say nothing before it counts as broken off.
const staleAfter = 2 * time.Minute

// kind says what a run did to a product.
type kind string

const (
	created kind = "created"
	updated kind = "updated"
)

// change is what a run did to one product.
type change struct {
	product catalog.ID
	kind    kind
	was     *before // of an updated one
}

// before is how a product was before a run changed it, with what the run made of it: an undo leaves alone what is no
// longer as the run left it.
type before struct {
	Product catalog.Product
	Offers  map[offer.ID]terms
	Stock   map[catalog.SKUID]int64 // by how much the run changed what lies in the pool
	Hash    string                  // of the import before
	Figures map[string]figure       // of the import before
	Links   []keptLink

	Left      string                 // the hash of the content as the run left it
	LeftState catalog.State          // of the product
	LeftTerms map[offer.ID]terms     // as the run left them
	SKUs      map[catalog.SKUID]bool // those of the product before the run
}

// terms are an offer's price and state, as part of a kept change.
type terms struct {
	Unit    int64       `json:"u"`
	List    int64       `json:"l,omitempty"`
	Floor   int64       `json:"f,omitempty"`
	Version int64       `json:"v"`
	State   offer.State `json:"s"`
}

func termsOf(o offer.Offer) terms {
	return terms{o.UnitPrice, o.ListPrice, o.FloorPrice, o.Version, o.State}
}

// keptLink is a link as part of a kept change.
type keptLink struct {
	Position                    int64
	URL, State, Picture, Reason string
	Tries                       int64
}

func keepLinks(all []link) []keptLink {
	out := make([]keptLink, len(all))
	for i, l := range all {
		out[i] = keptLink{l.position, l.url, l.state, string(l.picture), l.reason, l.tries}
	}
	return out
}

func (b *before) links(product catalog.ID) []link {
	out := make([]link, len(b.Links))
	for i, l := range b.Links {
		out[i] = link{product, l.Position, l.URL, l.State, catalog.PictureID(l.Picture), l.Reason, l.Tries}
	}
	return out
}

// undoContent is the product as it shall be again, false when somebody has changed its content since. A state that was
// set by hand since stays.
func (b *before) undoContent(now catalog.Product, hash string) (catalog.Product, bool) {
	if hash != b.Left {
		return now, false
	}
	p := b.Product
	if now.State != b.LeftState {
		p.State = now.State
	}
	return p, true
}

// undoOffer is what an offer of an updated product shall be again: its price unless it has another since, its floor and
// its state unless they were set since. A price below a floor that was set since stays away. An offer that the run made
// is withdrawn with the content that named it.
func (b *before) undoOffer(o offer.Offer, content bool) offer.Terms {
	to := offer.Terms{Offer: o.ID, UnitPrice: o.UnitPrice, ListPrice: o.ListPrice, State: o.State}
	was, known := b.Offers[o.ID]
	left := b.LeftTerms[o.ID]
	switch {
	case !known && content:
		to.State = offer.Withdrawn
	case known:
		price, floor := o.Version == left.Version, o.FloorPrice == left.Floor
		if price && (floor || o.FloorPrice <= was.Unit) {
			to.UnitPrice, to.ListPrice = was.Unit, was.List
		}
		if floor && was.Floor <= to.UnitPrice {
			to.FloorPrice = &was.Floor
		}
		if o.State == left.State {
			to.State = was.State
		}
	}
	return to
}

// renderParams keeps a refusal's parameters as JSON: texts and whole numbers.
func renderParams(all []fault.Param) (string, error) {
	if len(all) == 0 {
		return "", nil
	}
	b, err := json.Marshal(all)
	return string(b), err
}

func readParams(stored string) (all []fault.Param, err error) {
	if stored == "" {
		return nil, nil
	}
	d := json.NewDecoder(strings.NewReader(stored))
	d.UseNumber() // shown digit by digit
	return all, d.Decode(&all)
}
