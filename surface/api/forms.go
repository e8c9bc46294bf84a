package api

import (
	"time"

	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/promo/presale"
	"hutong/deal/reference"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/party/shopper"
	"hutong/trade/order"
)

// The forms that resources are shown in. They say less than the rooms know: a form is made for its audience.

type words struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

func wordsOf(w catalog.Words) words { return words{w.Zh, w.En} }

type skuForm struct {
	SKU        string       `json:"sku"`
	Offer      string       `json:"offer,omitempty"`
	Choice     words        `json:"choice"`
	Price      *money.Money `json:"price,omitempty"`
	ListPrice  *money.Money `json:"list_price,omitempty"`
	PercentOff int64        `json:"percent_off,omitempty" doc:"how far price is below list_price, rounded down"`
	ShelfPrice *money.Money `json:"shelf_price,omitempty" doc:"what a piece costs anybody now; searches sort by it"`
	InStock    bool         `json:"in_stock"`
	Code       string       `json:"code,omitempty"`
	Presale    *aheadForm   `json:"presale,omitempty" doc:"it is sold for earnest money: a quote's presale names its item"`
}

// aheadForm is what one piece costs in a presale, and when its two payments are made.
type aheadForm struct {
	Item         string      `json:"item"`
	Open         bool        `json:"open" doc:"the earnest can be paid now"`
	Price        money.Money `json:"price"`
	Earnest      money.Money `json:"earnest"`
	Worth        money.Money `json:"worth" doc:"what the earnest counts for"`
	Balance      money.Money `json:"balance"`
	Total        money.Money `json:"total" doc:"earnest and balance"`
	Forfeit      money.Money `json:"forfeit" doc:"of the earnest, what is lost when the balance is not paid"`
	SellerGives  money.Money `json:"seller_default" doc:"what goes back when the shop does not deliver"`
	EarnestOpens string      `json:"earnest_opens"`
	EarnestDue   string      `json:"earnest_due" doc:"until then, and not at that instant"`
	BalanceOpens string      `json:"balance_opens"`
	BalanceDue   string      `json:"balance_due"`
	PerShopper   int64       `json:"per_shopper" doc:"0: no limit"`
	ShipBy       string      `json:"ship_by,omitempty" doc:"it is sent before then"`
	ShipDays     int64       `json:"ship_days,omitempty" doc:"or within so many days after the balance is paid"`
}

// aheadOf is nil where a SKU is in no presale, or in one whose terms come to nothing.
func aheadOf(i *campaign.Item, now time.Time) *aheadForm {
	if i == nil {
		return nil
	}
	deal, err := (&presale.Terms{Earnest: i.Earnest, Worth: i.Worth}).Deal(i.Price, 1, presale.LegalCap)
	if err != nil {
		return nil
	}
	cash := func(minor int64) money.Money { return money.New(minor, i.Currency) }
	due := i.Wave.Phase(campaign.Balance)
	return &aheadForm{Item: string(i.ID), Open: i.InForce(now), Price: cash(i.Price), Earnest: cash(i.Earnest),
		Worth: cash(i.Worth), Balance: cash(deal.Balance), Total: cash(deal.Total), Forfeit: cash(deal.Forfeit),
		SellerGives: cash(deal.SellerDefault), EarnestOpens: at(i.From), EarnestDue: at(i.Until),
		BalanceOpens: at(due.From), BalanceDue: at(due.Until), PerShopper: i.PerShopper, ShipBy: at(i.ShipBy),
		ShipDays: i.ShipDays}
}

type productForm struct {
	Product     string    `json:"product"`
	Shop        string    `json:"shop"`
	Category    string    `json:"category,omitempty"`
	Title       words     `json:"title"`
	Description words     `json:"description"`
	Brand       string    `json:"brand,omitempty"`
	Pictures    []string  `json:"pictures"`
	SKUs        []skuForm `json:"skus"`
}

func productOf(p catalog.Product, offers []offer.Offer, free map[string]int64) productForm {
	f := productForm{Product: string(p.ID), Shop: p.Shop, Category: p.Category, Title: wordsOf(p.Title),
		Description: wordsOf(p.Description), Brand: p.Brand, Pictures: []string{}, SKUs: []skuForm{}}
	for _, pic := range p.Pictures {
		f.Pictures = append(f.Pictures, string(pic))
	}
	for _, k := range p.SKUs {
		s := skuForm{SKU: string(k.ID), Choice: wordsOf(catalog.Choose(p.Options, k.Choice)), Code: k.Code}
		for _, o := range offers {
			if o.SKU != string(k.ID) || o.State != offer.Listed {
				continue
			}
			price := o.Price()
			s.Offer, s.Price, s.InStock = string(o.ID), &price, free[string(o.Pool)] > 0
			if o.ListPrice > 0 {
				list := money.New(o.ListPrice, o.Currency)
				s.ListPrice = &list
			}
		}
		f.SKUs = append(f.SKUs, s)
	}
	return f
}

// label says beside each struck price how far the price is below it.
func (f *productForm) label() {
	for i := range f.SKUs {
		if k := &f.SKUs[i]; k.Price != nil && k.ListPrice != nil {
			k.PercentOff = reference.PercentOff(k.Price.Minor, k.ListPrice.Minor)
		}
	}
}

type addressForm struct {
	Address   string `json:"address,omitempty"`
	Country   string `json:"country"`
	Division  string `json:"division,omitempty"`
	Region    string `json:"region,omitempty"`
	Recipient string `json:"recipient"`
	Phone     string `json:"phone"`
	Street    string `json:"street"`
	Postcode  string `json:"postcode,omitempty"`
}

func addressOf(a shopper.Address) addressForm {
	return addressForm{string(a.ID), a.Country, a.Division, a.Region, a.Recipient, a.Phone, a.Street, a.Postcode}
}

// given is the address as it was sent.
func (f addressForm) given() shopper.Address {
	return shopper.Address{Country: f.Country, Division: f.Division, Region: f.Region, Recipient: f.Recipient,
		Phone: f.Phone, Street: f.Street, Postcode: f.Postcode}
}

type lineForm struct {
	Line      int64          `json:"line"`
	Offer     string         `json:"offer"`
	Product   string         `json:"product"`
	Title     string         `json:"title"`
	Choice    string         `json:"choice,omitempty"`
	Quantity  int64          `json:"quantity"`
	Unit      money.Money    `json:"unit_price"`
	Discount  money.Money    `json:"discount"`
	Discounts []discountForm `json:"discounts" doc:"what took it off, in the order of application"`
	Paid      money.Money    `json:"paid"`
	Returned  int64          `json:"refunded_quantity"`
	Refunded  money.Money    `json:"refunded"`
}

// discountForm is what one promotion takes off a line, and who pays it: "merchant" is the line's own shop.
type discountForm struct {
	Promotion string      `json:"promotion"`
	Version   int64       `json:"version"`
	Kind      string      `json:"kind"`
	Claim     string      `json:"claim,omitempty" doc:"the voucher that was used"`
	Amount    money.Money `json:"amount"`
	Funding   []shareForm `json:"funding"`
}

type shareForm struct {
	Party  string      `json:"party"`
	Amount money.Money `json:"amount"`
}

func discountsOf(stored string, c money.Currency) ([]discountForm, error) {
	all, err := order.DecodeDiscounts(stored)
	forms := make([]discountForm, len(all))
	for i, d := range all {
		forms[i] = discountForm{Promotion: d.Promotion, Version: d.Version, Kind: d.Kind, Claim: d.Claim,
			Amount: money.New(d.Amount, c), Funding: make([]shareForm, len(d.Funding))}
		for n, s := range d.Funding {
			forms[i].Funding[n] = shareForm{s.Party, money.New(s.Amount, c)}
		}
	}
	return forms, err
}

type subForm struct {
	Seq       int64       `json:"seq"`
	Shop      string      `json:"shop"`
	State     string      `json:"state"`
	Goods     money.Money `json:"goods"`
	Freight   money.Money `json:"freight"`
	Carrier   string      `json:"carrier"`
	ShipHours int64       `json:"ship_hours,omitempty" doc:"it is sent within so many hours of being paid"`
	ShipBy    string      `json:"ship_by,omitempty" doc:"it is sent before then"`
	ShippedAt string      `json:"shipped_at,omitempty"`
	Lines     []lineForm  `json:"lines"`
}

type stepForm struct {
	Seq   int64  `json:"seq"`
	From  string `json:"from"`
	To    string `json:"to"`
	Actor string `json:"actor"`
	Cause string `json:"cause"`
	At    string `json:"at"`
}

type orderForm struct {
	Order     string       `json:"order"`
	State     string       `json:"state"`
	Total     money.Money  `json:"total"`
	Goods     money.Money  `json:"goods"`
	Freight   money.Money  `json:"freight"`
	Address   string       `json:"address,omitempty"`
	Remark    string       `json:"remark,omitempty"`
	Reason    string       `json:"reason,omitempty"`
	PlacedAt  string       `json:"placed_at"`
	ExpiresAt string       `json:"expires_at"`
	PaidAt    string       `json:"paid_at,omitempty"`
	TakenAt   string       `json:"taken_back_at,omitempty" doc:"its money went back: the market decides"`
	Bill      string       `json:"bill,omitempty" doc:"the order at which it is paid together with others"`
	Presale   *presaleForm `json:"presale,omitempty" doc:"of an order that is paid in two parts"`
	Suborders []subForm    `json:"suborders"`
	Steps     []stepForm   `json:"steps,omitempty"`
}

func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func orderOf(o order.Order, err error) (orderForm, error) {
	if err != nil {
		return orderForm{}, err
	}
	c := o.Currency
	f := orderForm{Order: string(o.ID), State: string(o.State), Total: o.Amount(), Goods: money.New(o.Goods, c),
		Freight: money.New(o.Freight, c), Address: o.Address, Remark: o.Remark, Reason: o.Reason, PlacedAt: at(o.PlacedAt),
		ExpiresAt: at(o.PayBy()), Bill: string(o.Bill), PaidAt: at(o.PaidAt), TakenAt: at(o.TakenAt), Presale: presaleOf(o),
		Suborders: []subForm{}}
	for _, s := range o.Subs {
		sub := subForm{Seq: s.Seq, Shop: s.Shop, State: string(s.State), Goods: money.New(s.Goods, c),
			Freight: money.New(s.Freight, c), Carrier: s.Carrier, ShipHours: s.ShipHours, ShipBy: at(o.ShipBy(s)),
			ShippedAt: at(s.ShippedAt), Lines: []lineForm{}}
		for _, l := range s.Lines {
			discounts, err := discountsOf(l.Discounts, c)
			if err != nil {
				return orderForm{}, err
			}
			sub.Lines = append(sub.Lines, lineForm{l.No, l.Offer, l.Product, l.Title, l.Choice, l.Quantity,
				money.New(l.UnitPrice, c), money.New(l.Discount, c), discounts, money.New(l.Paid, c), l.RefundedQuantity,
				money.New(l.Refunded, c)})
		}
		f.Suborders = append(f.Suborders, sub)
	}
	for _, s := range o.Steps {
		f.Steps = append(f.Steps, stepForm{s.Seq, s.From, s.To, s.Actor, s.Cause, at(s.At)})
	}
	return f, nil
}

// soldOf is an order as its seller sees it: the other sellers' parts, their money and the shopper's notes to the market
// are not in it, and the total is that of the shop's own part.
func soldOf(o order.Order, err error) (orderForm, error) {
	o.Goods, o.Freight = 0, 0
	for _, s := range o.Subs {
		o.Goods += s.Goods
		o.Freight += s.Freight
	}
	o.Total = o.Goods + o.Freight
	return orderOf(o, err)
}
