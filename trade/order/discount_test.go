package order_test

import (
	"reflect"
	"testing"

	"hutong/funds/settle"
	"hutong/trade/order"
)

// TestTheShopsPartOfADiscountGoesWithoutSaying: what the shares of others leave is not written, and stands there when
// it is read; lines from before say it, and read the same.
func TestTheShopsPartOfADiscountGoesWithoutSaying(t *testing.T) {
	taken := []order.Discount{
		{Promotion: "prm_a", Version: 3, Kind: "crossshop", Amount: 100,
			Funding: []settle.Share{{Party: "platform", Amount: 60}, {Party: order.Merchant, Amount: 40}}},
		{Promotion: "prm_b", Version: 1, Kind: "price", Amount: 7, Funding: []settle.Share{{Party: order.Merchant, Amount: 7}},
			Rungs: []order.Rung{{Price: 90, Paid: 83}}},
		{Promotion: "prm_c", Version: 1, Kind: "redpacket", Claim: "vch_1", Amount: 5,
			Funding: []settle.Share{{Party: "platform", Amount: 5}}},
	}
	const short = `[["prm_a",3,"crossshop","",100,[["platform",60]]],["prm_b",1,"price","",7,[],[[90,83]]],` +
		`["prm_c",1,"redpacket","vch_1",5,[["platform",5]]]]`
	const long = `[["prm_a",3,"crossshop","",100,[["platform",60],["merchant",40]]],` +
		`["prm_b",1,"price","",7,[["merchant",7]],[[90,83]]],["prm_c",1,"redpacket","vch_1",5,[["platform",5]]]]`
	if stored, err := order.EncodeDiscounts(taken); err != nil || stored != short {
		t.Fatalf("%s, %v", stored, err)
	}
	for _, stored := range []string{short, long} {
		if read, err := order.DecodeDiscounts(stored); err != nil || !reflect.DeepEqual(read, taken) {
			t.Errorf("%s reads %+v, %v", stored, read, err)
		}
	}
	if n := order.Funded(taken); n != 65 {
		t.Errorf("others pay %d", n)
	}
}
