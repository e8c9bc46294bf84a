package merchant_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/party/merchant"
	"hutong/party/shopper"
)

// TestAShopSaysWhereGoodsGoBack: as an address is checked; told and recorded once for each change, without the person;
// when it was first said stays.
func TestAShopSaysWhereGoodsGoBack(t *testing.T) {
	ctx := context.Background()
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		s, err := m.OpenShop(ctx, tea())
		if err != nil {
			t.Fatal(err)
		}
		if r, err := m.Returns(ctx, s.ID); err != nil || r.Set() {
			t.Errorf("%+v, %v", r, err)
		}
		gate := shopper.Address{Country: "CN", Division: "330106", Recipient: " 李四 ", Phone: "138 0013 8000", Street: "文三路 9 号"}
		bad := gate
		bad.Phone = "12"
		if _, err := m.SetReturns(ctx, s.ID, bad); !fault.Is(err, "shopper.phone") || fault.As(err).Field != "phone" {
			t.Errorf("a wrong number: %v", err)
		}
		if _, err := m.SetReturns(ctx, "shp_nobody", gate); !fault.Is(err, "merchant.not_found") {
			t.Errorf("nobody's: %v", err)
		}
		for range 2 {
			r, err := m.SetReturns(ctx, s.ID, gate)
			if err != nil || r.Recipient != "李四" || r.Phone != "+8613800138000" || r.Region == "" || !r.Since.Equal(start) {
				t.Fatalf("%s since %s, %v", r.Whole(), r.Since, err)
			}
			m.clock.Advance(time.Hour)
		}
		gate.Street = "文三路 10 号"
		if r, err := m.SetReturns(ctx, s.ID, gate); err != nil || !r.Since.Equal(start) {
			t.Errorf("moved: since %s, %v", r.Since, err)
		}
		r, err := m.Returns(ctx, s.ID)
		if err != nil || r.Street != gate.Street || !r.Since.Equal(start) {
			t.Errorf("kept %s, %v", r.Whole(), err)
		}
		if said := fmt.Sprintf("%v %+v", r, r); strings.Contains(said, "李四") || strings.Contains(said, "文三路") {
			t.Errorf("it prints %s", said)
		}
		var told, noted int64
		var record string
		err = d.Read(ctx, func(tx *db.Tx) (err error) {
			if told, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM outbox WHERE topic = $1`, merchant.ShopReturns); err != nil {
				return err
			}
			all, err := db.List(tx, func(r db.Row) (s string, err error) { return s, r.Scan(&s) },
				`SELECT facts_before || facts_after FROM audit_entries WHERE what = 'shop.returns'`)
			noted, record = int64(len(all)), strings.Join(all, " ")
			return err
		})
		if err != nil || told != 2 || noted != 2 || strings.Contains(record, "李四") || strings.Contains(record, "文三路") {
			t.Errorf("told %d times, noted %d times: %s, %v", told, noted, record, err)
		}
	})
}
