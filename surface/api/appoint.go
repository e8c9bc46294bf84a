package api

import (
	"net/http"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/voucher"
)

// appointmentForm is the caller's place for an item.
type appointmentForm struct {
	At  string `json:"at"`
	Won bool   `json:"won" doc:"the lot was drawn; of a lottery alone"`
	As  string `json:"as" doc:"the name under which the lot is drawn"`
}

// lotteryForm is what is published about the lottery of an item.
type lotteryForm struct {
	Commitment string `json:"commitment" doc:"SHA-256 of the seed, in hex; published before the first lot"`
	Lots       int64  `json:"lots" doc:"how many win"`
	Drawn      string `json:"drawn,omitempty" doc:"when it was drawn; what follows is there from then on"`
	Entrants   int64  `json:"entrants,omitempty"`
	Seed       string `json:"seed,omitempty" doc:"in hex"`
	LastRank   string `json:"last_rank,omitempty" doc:"whose HMAC-SHA256(seed, name) is not above it has won"`
}

// saleItemForm is one item of a sale, with what is the caller's of it.
type saleItemForm struct {
	Campaign    string           `json:"campaign"`
	Channel     string           `json:"channel"`
	Stage       string           `json:"stage"`
	From        string           `json:"from"`
	Until       string           `json:"until"`
	Item        itemForm         `json:"item"`
	Appointment *appointmentForm `json:"appointment,omitempty" doc:"the caller's, where they have one"`
	Lottery     *lotteryForm     `json:"lottery,omitempty"`
}

type codeBody struct {
	Code string `json:"code" doc:"as it was typed: large or small, with spaces or dashes or without"`
}

// saleItem is one item, also when its sale is over. Codes: flash.item.
func (a *api) saleItem(c *call) (out saleItemForm, err error) {
	id := campaign.EnrolmentID(c.path("item"))
	i, found, err := a.Flash.Item(c.ctx, id)
	if err != nil {
		return out, err
	}
	if !found {
		return out, fault.New(fault.NotFound, "flash.item")
	}
	out = saleItemForm{Campaign: string(i.Campaign), Channel: string(i.Channel), Stage: string(i.Stage),
		From: at(i.From), Until: at(i.Until), Item: itemOf(i)}
	if i.Appointments == 0 {
		return out, nil
	}
	if out.Appointment, err = a.appointmentOf(c, id); err != nil || !i.Lottery {
		return out, err
	}
	l, err := a.Flash.Lottery(c.ctx, id)
	if fault.Is(err, "flash.item") { // not announced yet
		return out, nil
	}
	out.Lottery = &lotteryForm{Commitment: l.Commitment, Lots: l.Lots, Drawn: at(l.Drawn), Entrants: l.Entrants,
		Seed: l.Seed, LastRank: l.LastRank}
	return out, err
}

// appointmentOf is the caller's for an item; nil where there is none.
func (a *api) appointmentOf(c *call, item campaign.EnrolmentID) (*appointmentForm, error) {
	mine, err := a.Flash.Appointments(c.ctx, c.who.Shopper)
	held, has := mine[item]
	if err != nil || !has {
		return nil, err
	}
	return &appointmentForm{At: at(held.At), Won: held.Won, As: held.As}, nil
}

// appoint makes an appointment. Guests cost nothing to make, and a program could take every place with them.
// Codes: flash.login, and those of flash.Appoint.
func (a *api) appoint(c *call, _ empty) (*appointmentForm, error) {
	if c.who.Login == "" {
		return nil, fault.New(fault.Unauthenticated, "flash.login")
	}
	item := campaign.EnrolmentID(c.path("item"))
	if err := a.Flash.Appoint(c.ctx, c.who.Shopper, item); err != nil {
		return nil, err
	}
	return a.appointmentOf(c, item)
}

func (a *api) redeem(c *call, in codeBody) (claimedForm, error) {
	done, err := a.Vouchers.Redeem(c.ctx, voucher.Redeem{Shopper: c.who.Shopper, Guest: c.who.Login == "", Code: in.Code})
	return claimedForm{string(done.Voucher.ID)}, err
}

// before are what shoppers take of a sale before they buy.
func (a *api) before() []op {
	return []op{
		get("sale.item", "/sales/items/{item}", "One item of a sale, also when that is over: what is sold by appointment "+
			"with the caller's, a lottery with what is published of its draw.", everyone, a.saleItem),
		write(http.MethodPost, "sale.appoint", "/sales/items/{item}/appointment", shoppers, a.appoint).
			says("Make an appointment for an item, or enter its lottery. Repeating it changes nothing.").creates(),
		write(http.MethodPost, "voucher.redeem", "/me/vouchers/codes", shoppers, a.redeem).
			says("Turn a code into a voucher of the caller's. Wrong codes are counted: after ten in an hour none is read.").
			creates(),
	}
}

// itemOf is an item as lists and its own answer show it.
func itemOf(i flash.Shelf) itemForm {
	f := itemForm{Item: string(i.Item.ID), Offer: string(i.Offer), Product: i.Product,
		Price: money.New(i.Price, i.Currency), PerShopper: i.PerShopper, State: string(i.View.State), Taken: i.Taken,
		Left: i.Left, Unpaid: i.Unpaid, Appointments: i.Appointments, Lottery: i.Lottery}
	if i.Shares {
		f.Together = &i.Shared
	}
	if i.Appointments > 0 {
		f.Closes = at(flash.Closes(i.Item))
	}
	return f
}
