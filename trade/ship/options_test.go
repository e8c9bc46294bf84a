package ship_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/trade/ship"
	"hutong/trade/ship/courier"
	"hutong/trade/ship/shiptest"
)

func (b *bench) options(s *ship.Service, p ship.Parcel) (all []ship.Option) {
	b.t.Helper()
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = s.Options(tx, p); return err }))
	return all
}

func names(all []ship.Option) (out []string) {
	for _, o := range all {
		out = append(out, fmt.Sprint(o.Carrier, " ", o.Freight))
	}
	return out
}

func parcel(shop string) ship.Parcel {
	return ship.Parcel{Shop: shop, To: shiptest.Address("330106"), WeightG: 1, Goods: money.New(100, "CNY")}
}

func TestM19_FreightIsNeverTrustedBlindly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		rates := map[string]func(r *ship.Rate) (ship.Outcome, error){
			"negative":   func(r *ship.Rate) (ship.Outcome, error) { r.Freight.Minor = -1; return ship.OK, nil },
			"enormous":   func(r *ship.Rate) (ship.Outcome, error) { r.Freight.Minor = b.Set.FreightMax + 1; return ship.OK, nil },
			"foreigner":  func(r *ship.Rate) (ship.Outcome, error) { r.Freight.Currency = "USD"; return ship.OK, nil },
			"backwards":  func(r *ship.Rate) (ship.Outcome, error) { r.DaysMin = 4; return ship.OK, nil },
			"neverthere": func(r *ship.Rate) (ship.Outcome, error) { r.DaysMax = 366; return ship.OK, nil },
			"unsure":     func(*ship.Rate) (ship.Outcome, error) { return ship.UNKNOWN, nil },
			"confused":   func(*ship.Rate) (ship.Outcome, error) { return ship.OK, errors.New("and yet") },
			"mumbling":   func(*ship.Rate) (ship.Outcome, error) { return "MAYBE", nil },
			"refusing":   func(*ship.Rate) (ship.Outcome, error) { return ship.REFUSED, errors.New("too far") },
			"broken":     func(*ship.Rate) (ship.Outcome, error) { panic("nil map") },
			"dear":       func(r *ship.Rate) (ship.Outcome, error) { r.Freight.Minor = b.Set.FreightMax; return ship.OK, nil },
			"free":       func(r *ship.Rate) (ship.Outcome, error) { r.Freight.Minor = 0; return ship.OK, nil },
		}
		var carriers []ship.Carrier
		for name, change := range rates {
			c := newScript(name, 500)
			c.rate = func(p ship.Parcel) (ship.Rate, ship.Outcome, error) {
				r := ship.Rate{Freight: money.New(500, p.Goods.Currency), DaysMin: 1, DaysMax: 3}
				outcome, err := change(&r)
				return r, outcome, err
			}
			carriers = append(carriers, c)
		}
		got := names(b.options(b.ship(carriers...), parcel("shp_1")))
		if want := []string{"free 0", fmt.Sprint("dear ", b.Set.FreightMax)}; !slices.Equal(got, want) {
			t.Errorf("offered %v, want %v", got, want)
		}
	})
}

func TestOptionsAreRankedAndKnowTheShop(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		slow := newScript("snail", 700)
		slow.rate = func(p ship.Parcel) (ship.Rate, ship.Outcome, error) {
			return ship.Rate{Freight: money.New(700, p.Goods.Currency), DaysMin: 1, DaysMax: 9}, ship.OK, nil
		}
		pickup := b.Ship.Carriers[1]
		s := b.ship(pickup, newScript("zebra", 700), slow, newScript("ant", 700), newScript("cheap", 1),
			courier.New(courier.DefaultSettings()))
		if got := names(b.options(s, parcel("shp_1"))); !slices.Equal(got, []string{"cheap 1", "courier 600", "ant 700",
			"zebra 700", "snail 700"}) {
			t.Errorf("%v", got)
		}
		b.Must(s.SavePoint(ctx, "shp_1", ship.Point{Code: "b", Zh: "乙", En: "B", Address: "2"}))
		b.Must(s.SavePoint(ctx, "shp_1", ship.Point{Code: "a", Zh: "甲", En: "A", Address: "1"}))
		b.Must(s.SavePoint(ctx, "shp_2", ship.Point{Code: "c", Zh: "丙", En: "C", Address: "3"}))
		b.Must(s.SetOrigin(ctx, "shp_2", ship.Origin{Country: "CN", Division: "540102"}))
		var all [][]ship.Option
		b.Must(b.DB.Read(ctx, func(tx *db.Tx) (err error) {
			all, err = s.OptionsFor(tx, []ship.Parcel{parcel("shp_2"), parcel("shp_1"), parcel("shp_3")})
			return err
		}))
		if got := names(all[0]); got[len(got)-2] != "courier 2000" || got[len(got)-1] != "selfpickup 0" {
			t.Errorf("from Lhasa: %v", got)
		}
		last := all[1][len(all[1])-1]
		if !last.Pickup || len(last.Points) != 2 || last.Points[0].Code != "a" || last.Points[1].Zh != "乙" {
			t.Errorf("%+v", last)
		}
		if len(all[2]) != 5 {
			t.Errorf("a shop without points: %v", names(all[2]))
		}
		b.Must(s.ClosePoint(ctx, "shp_1", "a"))
		if o := b.options(s, parcel("shp_1")); len(o[5].Points) != 1 {
			t.Errorf("a closed point is offered: %+v", o[5])
		}
	})
}

func TestPlacesOfAShop(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		good := ship.Point{Code: "front-1", Zh: "前台", En: "Front desk", Address: "1 Long Lane"}
		for field, change := range map[string]func(p *ship.Point){
			"code":    func(p *ship.Point) { p.Code = "Front 1" },
			"zh":      func(p *ship.Point) { p.Zh = "\u202e " },
			"en":      func(p *ship.Point) { p.En = "" },
			"address": func(p *ship.Point) { p.Address = string(make([]rune, 101)) },
		} {
			p := good
			change(&p)
			if err := b.Ship.SavePoint(ctx, "shp_1", p); err == nil || fault.As(err).Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		for range 2 {
			b.Must(b.Ship.SavePoint(ctx, "shp_1", good))
		}
		if err := b.Ship.ClosePoint(ctx, "shp_2", good.Code); !fault.Is(err, "ship.point") {
			t.Errorf("another shop closed it: %v", err)
		}
		for range 2 {
			b.Must(b.Ship.ClosePoint(ctx, "shp_1", good.Code))
		}
		if all, err := b.Ship.Points(ctx, "shp_1"); err != nil || len(all) != 0 {
			t.Errorf("%v %v", all, err)
		}
		if p, err := b.Ship.Point(ctx, "shp_1", good.Code); err != nil || p != good {
			t.Errorf("%v %v", p, err)
		}
		if _, err := b.Ship.Point(ctx, "shp_2", good.Code); !fault.Is(err, "ship.point") {
			t.Errorf("another shop's: %v", err)
		}
		for i := range 51 {
			good.Code = fmt.Sprint("p", i)
			if err := b.Ship.SavePoint(ctx, "shp_1", good); fault.Is(err, "ship.points_many") != (i == 50) {
				t.Fatalf("point %d: %v", i, err)
			}
		}
		for _, o := range []ship.Origin{{}, {Country: "CN"}, {Country: "CN", Division: "99"}, {Country: "XX"},
			{Country: "GB", Division: "33"}} {
			if err := b.Ship.SetOrigin(ctx, "shp_1", o); !fault.Is(err, "ship.origin") {
				t.Errorf("%+v: %v", o, err)
			}
		}
		b.Must(b.Ship.SetOrigin(ctx, "shp_1", ship.Origin{Country: "GB"}))
		b.Must(b.Ship.SetOrigin(ctx, "shp_1", ship.Origin{Country: "CN", Division: "31"}))
		if o, err := b.Ship.Origin(ctx, "shp_1"); err != nil || o.Division != "31" {
			t.Errorf("%+v %v", o, err)
		}
		if o, err := b.Ship.Origin(ctx, "shp_2"); err != nil || o != b.Set.Origin {
			t.Errorf("%+v %v", o, err)
		}
	})
}
