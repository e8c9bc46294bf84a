// Package campaign is the sale event: its waves and stages as data, and the enrolment of shops' offers into them.
//
// Which stage something is in is a pure function of campaign, wave, item and time: no job flips anything, so no flip
// can be late, doubled or forgotten. Windows are half-open and stored in UTC; the market's time zone only says what a
// published time of day means.
//
// It never prices a basket (deal/promo does) and never takes stock for an order (goods/stock does). Read this file
// first, then stage.go, timetable.go (when) and enrolment.go, check.go (who takes part).
package campaign

import (
	_ "embed"
	"encoding/json"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/text"
)

// ID names a campaign, "cmp_...".
type ID string

// State is what the operator decided about a campaign; where it is in time is its Stage.
type State string

// The states of a campaign.
const (
	Drafted   State = "drafted"   // the operator goes on writing
	Published State = "published" // time decides, shops enrol
	Cancelled State = "cancelled" // nobody; nothing of it is in force
)

// Channel says what sort of sale it is.
type Channel string

// The channels: the big sale with its waves, the three of flash sales, and the one in which places are sold.
const (
	Sale      Channel = "sale"      // waves written down one by one
	Daily     Channel = "daily"     // 天天特价: cheap single goods, anew each day
	Seckill   Channel = "seckill"   // 秒杀场次: fixed sessions of a day
	Brand     Channel = "brand"     // 品牌闪购: a brand's goods for some days
	Juhuasuan Channel = "juhuasuan" // 聚划算: few places, which shops pay for; see Places
)

// Channels lists them, as desks show them.
func Channels() []Channel { return []Channel{Sale, Seckill, Daily, Brand, Juhuasuan} }

// Valid tells whether c is one of the channels.
func (c Channel) Valid() bool { return slices.Contains(Channels(), c) }

// Timed tells whether the channel's windows come from a timetable.
func (c Channel) Timed() bool { return c == Daily || c == Seckill }

// Switches are independent of each other: a sale may have any of them, or none.
type Switches struct {
	Presale   bool `json:"presale"`    // earnest first, balance later
	CrossShop bool `json:"cross_shop"` // spend thresholds over many shops
	Direct    bool `json:"direct"`     // the official cut of each price
}

// Window is a span of time, half-open: From is in it, Until is not.
type Window struct {
	From, Until time.Time
}

// Holds tells whether at is in the window.
func (w Window) Holds(at time.Time) bool { return !at.Before(w.From) && at.Before(w.Until) }

// Empty tells whether no instant is in the window.
func (w Window) Empty() bool { return !w.From.Before(w.Until) }

// Overlaps tells whether the windows share an instant.
func (w Window) Overlaps(o Window) bool { return w.From.Before(o.Until) && o.From.Before(w.Until) }

// MarshalJSON writes the window as it is stored: two counts of microseconds.
func (w Window) MarshalJSON() ([]byte, error) {
	return json.Marshal([2]int64{clock.Micros(w.From), clock.Micros(w.Until)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (w *Window) UnmarshalJSON(data []byte) error {
	var us [2]int64
	err := json.Unmarshal(data, &us)
	w.From, w.Until = clock.FromMicros(us[0]), clock.FromMicros(us[1])
	return err
}

// Phase is one stage of a wave and when it is.
type Phase struct {
	Stage  Stage  `json:"stage"`
	Window Window `json:"window"`
}

// Wave is one run of a campaign. Waves may overlap: while one wave's balance is due, another takes earnest money.
type Wave struct {
	Title  text.Entry `json:"title"`
	Phases []Phase    `json:"phases"`
	// Of a Brand channel: what each shop's items sell together, and to one shopper, in pieces. 0: no bound.
	Pieces     int64 `json:"pieces,omitempty"`
	PerShopper int64 `json:"per_shopper,omitempty"`
}

// Plan is everything of a campaign that the operator writes down.
type Plan struct {
	Title     text.Entry `json:"title"`
	Channel   Channel    `json:"channel"`
	Switches  Switches   `json:"switches"`
	Recruit   Window     `json:"recruit"` // shops may enrol
	Lock      Window     `json:"lock"`    // prices only fall, pledged stock only grows; not of a channel that is Timed
	Waves     []Wave     `json:"waves,omitempty"`
	Timetable *Timetable `json:"timetable,omitempty"` // of a channel that is Timed, in place of waves
	Rule      Rule       `json:"rule"`
}

// Campaign is a sale event.
type Campaign struct {
	ID      ID
	Version int64 // rises with each change; a change names the version that it was made from
	State   State
	Plan
	Created time.Time
}

// Allows tells whether promotions of that kind count in this campaign. A kind that has no switch does.
func (c Campaign) Allows(kind string) bool {
	switch kind {
	case "presale":
		return c.Switches.Presale
	case "crossshop":
		return c.Switches.CrossShop
	case "direct":
		return c.Switches.Direct
	}
	return true
}

// The bounds of a plan.
const (
	TitleMax  = 40 // characters
	WavesMax  = 12
	PhasesMax = 8
	PiecesMax = 10_000_000 // that items sell together
)

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed schema_source.sql
	sourceSQL string
	//go:embed schema_ships.sql
	shipsSQL string
	//go:embed schema_channel.sql
	channelSQL string
	//go:embed schema_priced.sql
	pricedSQL string
	//go:embed schema_fell.sql
	fellSQL string
	//go:embed text.json
	textJSON []byte
)

// Schema is this room's tables.
var Schema = db.Schema{Room: "campaign", Steps: []string{schemaSQL, sourceSQL, shipsSQL, channelSQL, pricedSQL,
	fellSQL}}

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
