package courier

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"time"

	"hutong/base/text"
	"hutong/party/shopper"
	"hutong/trade/ship"
)

//go:embed hubs.json
var hubsJSON []byte

// hubs are the places that parcels pass, by province.
var hubs = readHubs()

func readHubs() map[string]text.Entry {
	var all map[string]text.Entry
	if err := json.Unmarshal(hubsJSON, &all); err != nil {
		panic("courier: hubs.json: " + err.Error()) // a defect of the build: a test reads it
	}
	return all
}

var (
	sender   = text.Entry{Zh: "发货地网点", En: "the sender's branch"}
	receiver = text.Entry{Zh: "收货地网点", En: "the branch near the address"}
	door     = text.Entry{Zh: "收货地址", En: "the address"}
	customs  = text.Entry{Zh: "海关", En: "customs"}
)

// stop is one station of a parcel's way: a share of the whole time, in thousandths, by which it is reached.
type stop struct {
	at    int64
	code  ship.Code
	place text.Entry
}

// way are the stations between two provinces.
func way(n number) []stop {
	all := []stop{{0, ship.Awaiting, sender}, {90, ship.Collected, sender}, {230, ship.Moving, hubs[n.from]}}
	if (n.from == abroad) != (n.to == abroad) {
		all = append(all, stop{480, ship.Moving, customs})
	}
	if n.from != n.to {
		all = append(all, stop{760, ship.Moving, hubs[n.to]})
	}
	return append(all, stop{900, ship.OutForDelivery, receiver}, stop{1000, ship.Signed, door})
}

// journey is all that will have happened to a parcel: the same for the same number and booking time. The time on the
// road lies between the days of its zone, and each station is reached a little earlier or later, as the number says.
func (c *Courier) journey(n number, bookedAt time.Time) []ship.Event {
	days := c.set.Rates.Days[n.zone(c.zones)]
	dice := sha256.Sum256([]byte(n.String()))
	day := c.set.Day.Microseconds()
	shortest, longest := int64(days[0])*day, int64(days[1])*day
	whole := shortest + (longest-shortest)*int64(binary.BigEndian.Uint16(dice[:2]))/65536
	stops := way(n)
	events := make([]ship.Event, len(stops))
	for i, s := range stops {
		jitter := int64(0)
		if i > 0 && i < len(stops)-1 {
			jitter = int64(dice[2+i])%61 - 30 // thousandths, less than half of what lies between two stations
		}
		after := time.Duration(whole/1000*(s.at+jitter)) * time.Microsecond
		events[i] = ship.Event{Code: s.code, At: bookedAt.Add(after), PlaceZh: s.place.Zh, PlaceEn: s.place.En}
	}
	return events
}

// zone is that of the parcel's way, as far as its number tells.
func (n number) zone(z zones) Zone {
	return z.of(endOf(n.from), endOf(n.to))
}

func endOf(province string) end {
	if province == abroad {
		return end{}
	}
	return end{shopper.China, province}
}
