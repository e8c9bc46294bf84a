package courier_test

import (
	"strings"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/party/shopper/division"
	"hutong/trade/ship"
	"hutong/trade/ship/courier"
	"hutong/trade/ship/shiptest"
)

func newCourier() ship.Carrier { return courier.New(courier.DefaultSettings()) }

func yuan(fen int64) money.Money { return money.New(fen, "CNY") }

func TestCourierKeepsWhatACarrierMust(t *testing.T) {
	s := shiptest.Subject{New: newCourier, Texts: courier.Texts}
	for _, goods := range []money.Money{yuan(100), yuan(1_000_000), money.New(100, "USD"), money.New(100, "JPY")} {
		for _, to := range []string{"330106", "310101", "110101", "650102", "810001"} {
			s.Serves = append(s.Serves, shiptest.DoorParcel(shiptest.Address(to), 800, goods))
		}
		s.Serves = append(s.Serves, shiptest.DoorParcel(shiptest.Address("", "GB"), 800, goods))
	}
	s.Refuses = []ship.Parcel{
		shiptest.DoorParcel(shiptest.Address("330106"), 800, money.New(100, "THB")),
		shiptest.DoorParcel(shiptest.Address("330106"), 500_001, yuan(100)),
	}
	shiptest.Run(t, s)
}

func TestFreightByZoneAndWeight(t *testing.T) {
	abroad := ship.Origin{Country: "GB"}
	for _, c := range []struct {
		name  string
		to    string
		from  *ship.Origin
		grams int64
		goods int64
		want  int64
	}{
		{"within the province", "330106", nil, 1000, 1000, 600},
		{"nobody weighed it", "330106", nil, 0, 1000, 600},
		{"a gram more", "330106", nil, 1001, 1000, 700},
		{"two kilograms", "330106", nil, 2000, 1000, 700},
		{"a neighbour", "310101", nil, 2500, 1000, 800 + 2*200},
		{"neither near nor far", "110101", nil, 1000, 1000, 1000},
		{"far", "540102", nil, 3000, 1000, 2000 + 2*1500},
		{"a fen below the threshold", "330106", nil, 1000, 6899, 600},
		{"at the threshold", "330106", nil, 50_000, 6900, 0},
		{"never free so far away", "650102", nil, 1000, 1_000_000, 2000},
		{"abroad", "GB", nil, 1500, 1_000_000, 12000 + 6000},
		{"from abroad", "330106", &abroad, 1000, 1_000_000, 12000},
		{"at home abroad", "GB", &abroad, 1000, 1000, 1000},
		{"between two countries abroad", "FR", &abroad, 1000, 1000, 12000},
		{"the heaviest", "330106", nil, 500_000, 1000, 600 + 499*100},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := shiptest.Address(c.to)
			if len(c.to) == 2 {
				to = shiptest.Address("", c.to)
			}
			p := shiptest.DoorParcel(to, c.grams, yuan(c.goods))
			if c.from != nil {
				p.From = *c.from
			}
			rate, outcome, err := newCourier().Freight(p)
			if outcome != ship.OK || err != nil || rate.Freight != yuan(c.want) {
				t.Errorf("%+v %s %v, want %d", rate, outcome, err, c.want)
			}
		})
	}
}

func TestZonesAreTheSameBothWays(t *testing.T) {
	c := newCourier()
	for _, a := range division.Provinces() {
		for _, b := range division.Provinces() {
			there, outcome, err := c.Freight(between(a.Code, b.Code))
			if outcome != ship.OK || err != nil {
				t.Fatalf("%s to %s: %s %v", a.Name, b.Name, outcome, err)
			}
			if back, _, _ := c.Freight(between(b.Code, a.Code)); back != there {
				t.Errorf("%s to %s: %+v, and back %+v", a.Name, b.Name, there, back)
			}
		}
	}
}

func between(from, to string) ship.Parcel {
	p := shiptest.DoorParcel(shiptest.Address(to+"0101"), 1000, yuan(100))
	p.From.Division = from
	return p
}

func TestRatesThatCannotBeMeant(t *testing.T) {
	const row = `{"first":1,"extra":1,"free_above":0}`
	const whole = `{"neighbours":[],"far":[],"weight_max_g":1000,
		"days":{"same":[1,2],"near":[1,2],"rest":[1,2],"far":[1,2],"foreign":[1,2]},
		"tables":{"CNY":{"same":` + row + `,"near":` + row + `,"rest":` + row + `,"far":` + row + `,"foreign":` + row + `}}}`
	if _, err := courier.ParseRates([]byte(whole)); err != nil {
		t.Fatalf("the whole table: %v", err)
	}
	for name, change := range map[string][2]string{
		"negative":        {`"near":{"first":1`, `"near":{"first":-1`},
		"too large":       {`"near":{"first":1`, `"near":{"first":1000000001`},
		"missing zone":    {`,"foreign":` + row, ``},
		"unknown zone":    {`"foreign":` + row, `"moon":` + row},
		"unknown field":   {`"free_above":0`, `"free_over":0`},
		"a fraction":      {`"first":1,`, `"first":1.5,`},
		"no currency":     {`"CNY"`, `"XXQ"`},
		"no province":     {`"far":[]`, `"far":["00"]`},
		"no city please":  {`"far":[]`, `"far":["3301"]`},
		"no neighbour":    {`"neighbours":[]`, `"neighbours":[["33","00"]]`},
		"days backwards":  {`"far":[1,2]`, `"far":[2,1]`},
		"days missing":    {`"far":[1,2],`, ``},
		"nothing carried": {`"weight_max_g":1000`, `"weight_max_g":0`},
	} {
		t.Run(name, func(t *testing.T) {
			broken := strings.Replace(whole, change[0], change[1], 1)
			if broken == whole {
				t.Fatal("the change changed nothing")
			}
			if _, err := courier.ParseRates([]byte(broken)); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

func TestASlipOfThePenIsNoticed(t *testing.T) {
	c := newCourier()
	w, _, err := c.Book(t.Context(), ship.Booking{Ref: "ord_x-1", To: shiptest.Address("110101"),
		From: ship.Origin{Country: "CN", Division: "33"}})
	if err != nil || !strings.HasPrefix(w.TrackingNo, "HT3311") {
		t.Fatalf("%+v %v", w, err)
	}
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for i := range len(w.TrackingNo) {
		for _, l := range []byte(letters) {
			slip := []byte(w.TrackingNo)
			slip[i] = l
			if string(slip) != w.TrackingNo && c.Valid(string(slip)) {
				t.Errorf("%s for %s is not noticed", slip, w.TrackingNo)
			}
		}
		if i > 0 {
			swap := []byte(w.TrackingNo)
			swap[i-1], swap[i] = swap[i], swap[i-1]
			if string(swap) != w.TrackingNo && c.Valid(string(swap)) {
				t.Errorf("%s for %s is not noticed", swap, w.TrackingNo)
			}
		}
	}
}

func FuzzTrackTakesAnyNumber(f *testing.F) {
	f.Add("HT3311ABCDEFGHJKMN0", int64(0))
	f.Add("", int64(-1))
	c := newCourier()
	f.Fuzz(func(t *testing.T, no string, us int64) {
		booked := time.UnixMicro(us % (1 << 52)).UTC()
		events, outcome, _ := c.Track(t.Context(), no, booked, booked.Add(time.Hour))
		if (outcome == ship.OK) != c.Valid(no) || outcome != ship.OK && len(events) > 0 {
			t.Errorf("%q: %s, Valid %v, %d events", no, outcome, c.Valid(no), len(events))
		}
	})
}

func TestJourneyKeepsTheDaysOfItsZone(t *testing.T) {
	c := newCourier()
	booked := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	for _, v := range []struct {
		to       string
		min, max int
		stops    int
	}{{"330106", 1, 2, 5}, {"310101", 2, 3, 6}, {"110101", 3, 5, 6}, {"650102", 5, 9, 6}, {"GB", 7, 20, 7}} {
		to := shiptest.Address(v.to)
		if len(v.to) == 2 {
			to = shiptest.Address("", v.to)
		}
		for _, ref := range []string{"a", "b", "c", "d", "e", "f"} {
			w, _, _ := c.Book(t.Context(), ship.Booking{Ref: ref, To: to, From: ship.Origin{Country: "CN", Division: "33"}})
			events, _, _ := c.Track(t.Context(), w.TrackingNo, booked, booked.AddDate(1, 0, 0))
			took := ship.Stand(events).DeliveredAt.Sub(booked)
			day := 24 * time.Hour
			if len(events) != v.stops || took < time.Duration(v.min)*day-time.Minute || took > time.Duration(v.max)*day {
				t.Errorf("to %s: %d events, delivered after %s", v.to, len(events), took)
			}
			for i := 1; i < len(events); i++ {
				if !events[i-1].At.Before(events[i].At) {
					t.Errorf("to %s: %+v is not before %+v", v.to, events[i-1], events[i])
				}
			}
		}
	}
}
