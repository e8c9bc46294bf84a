package api

import (
	"net/http"

	"hutong/base/money"
	"hutong/trade/order"
)

// presaleForm is the two payments of an order: the earnest at once, the balance from its opening until it is due.
type presaleForm struct {
	Item         string      `json:"item"`
	State        string      `json:"state"`
	Earnest      money.Money `json:"earnest"`
	Worth        money.Money `json:"worth"` // what the earnest counts for
	Balance      money.Money `json:"balance"`
	Forfeit      money.Money `json:"forfeit"`        // of the earnest, what is lost when the balance is not paid
	GiveBack     money.Money `json:"give_back"`      // what goes back all the same
	SellerGives  money.Money `json:"seller_default"` // what goes back when the shop does not deliver
	BalanceOpens string      `json:"balance_opens"`
	BalanceDue   string      `json:"balance_due"` // until then, and not at that instant
	EarnestPaid  string      `json:"earnest_paid_at,omitempty"`
}

func presaleOf(o order.Order) *presaleForm {
	p := o.Presale
	if p == nil {
		return nil
	}
	cash := func(minor int64) money.Money { return money.New(minor, o.Currency) }
	return &presaleForm{Item: p.Item, State: string(p.State), Earnest: cash(p.Earnest), Worth: cash(p.Worth),
		Balance: cash(o.Balance()), Forfeit: cash(p.Forfeit), GiveBack: cash(p.GiveBack()),
		SellerGives: cash(p.SellerDefault()), BalanceOpens: at(p.Opens), BalanceDue: at(p.Due),
		EarnestPaid: at(p.EarnestPaidAt)}
}

// defaults ends a presale order on the seller's side.
func (a *api) defaults() op {
	return write(http.MethodPost, "merchant.default", "/merchant/orders/{order}/default", merchants,
		func(c *call, _ empty) (orderForm, error) {
			id := order.ID(c.path("order"))
			if err := a.Orders.Default(c.ctx, order.Default{Order: id, Shop: c.who.Shop}); err != nil {
				return orderForm{}, err
			}
			return soldOf(a.Orders.Sold(c.ctx, c.who.Shop, id))
		}).says("Say that a presale order whose earnest is paid will not be delivered: the shopper has the earnest back, " +
		"and its legal part once more from the shop.")
}
