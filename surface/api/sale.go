package api

import (
	"net/http"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/flash"
	"hutong/deal/voucher"
	"hutong/surface/gate"
	"hutong/trade/referral"
)

// offeredForm is a voucher that can be claimed.
type offeredForm struct {
	Template   string      `json:"template"`
	Title      string      `json:"title"`
	Kind       string      `json:"kind" doc:"voucher or redpacket"`
	Shop       string      `json:"shop,omitempty" doc:"whose goods it is for; without it, all"`
	Category   string      `json:"category,omitempty"`
	Threshold  money.Money `json:"threshold"`
	Off        money.Money `json:"off"`
	PPM        int64       `json:"ppm,omitempty" doc:"a part of the price in millionths, in place of off"`
	Most       money.Money `json:"most" doc:"the most that ppm takes off; 0 for no bound"`
	Left       int64       `json:"left"`
	Mine       int64       `json:"mine" doc:"how many of them the caller has"`
	PerShopper int64       `json:"per_shopper"`
	ClaimFrom  string      `json:"claim_from"`
	ClaimUntil string      `json:"claim_until"`
	Until      string      `json:"until" doc:"when what was claimed can be used last"`
	Days       int64       `json:"days,omitempty" doc:"after the claim, when that is earlier"`
	SKUs       []string    `json:"skus,omitempty" doc:"the goods it is for; without it, all"`
	Audience   string      `json:"audience" doc:"all, new, tier or segment"`
	Tiers      []int64     `json:"tiers,omitempty" doc:"of cities; it is good for parcels to them alone"`
}

// heldForm is a voucher of the caller's.
type heldForm struct {
	Voucher  string      `json:"voucher" doc:"what a quote's claims name"`
	Template string      `json:"template"`
	Title    string      `json:"title"`
	State    string      `json:"state" doc:"open, used, expired or void"`
	Amount   money.Money `json:"amount" doc:"of a red packet"`
	From     string      `json:"from"`
	Until    string      `json:"until"`

	Paused    bool        `json:"paused,omitempty" doc:"nobody can use it for now"`
	Kind      string      `json:"kind" doc:"voucher or redpacket"`
	Shop      string      `json:"shop,omitempty" doc:"whose goods it is for; without it, all"`
	Category  string      `json:"category,omitempty"`
	SKUs      []string    `json:"skus,omitempty" doc:"the goods it is for; without it, all"`
	Threshold money.Money `json:"threshold"`
	Off       money.Money `json:"off"`
	PPM       int64       `json:"ppm,omitempty" doc:"a part of the price in millionths, in place of off"`
	Most      money.Money `json:"most" doc:"the most that ppm takes off; 0 for no bound"`
	Tiers     []int64     `json:"tiers,omitempty" doc:"of cities; it is good for parcels to them alone"`
}

type claimBody struct {
	Nth int64 `json:"nth,omitempty" doc:"which of the caller's vouchers of this template it is to be; 1 without"`
}

type claimedForm struct {
	Voucher string `json:"voucher"`
}

// sittingForm is one session of the campaign hall.
type sittingForm struct {
	Campaign string     `json:"campaign"`
	Channel  string     `json:"channel"`
	Stage    string     `json:"stage"`
	From     string     `json:"from"`
	Until    string     `json:"until"`
	Items    []itemForm `json:"items"`
}

// itemForm is what one SKU is sold for in a session, and what is true of it now.
type itemForm struct {
	Item       string      `json:"item"`
	Offer      string      `json:"offer"`
	Product    string      `json:"product"`
	Price      money.Money `json:"price"`
	PerShopper int64       `json:"per_shopper" doc:"0: no limit"`
	State      string      `json:"state"`
	Taken      int64       `json:"taken" doc:"of a hundred pieces, how many are held or sold"`
	Left       int64       `json:"left,omitempty" doc:"pieces, once there are few"`
	Unpaid     int64       `json:"unpaid" doc:"pieces that others hold and have not paid"`
	Together   *int64      `json:"together_left,omitempty" doc:"pieces left of all items that it counts together with"`

	Appointments int64  `json:"appointments,omitempty" doc:"places; of such goods only who has one buys at this price"`
	Lottery      bool   `json:"lottery,omitempty" doc:"lots are drawn among the appointments"`
	Closes       string `json:"closes,omitempty" doc:"until when appointments are taken"`
}

// invitedForm is a friend whom the caller invited, without their name.
type invitedForm struct {
	Referral string `json:"referral"`
	State    string `json:"state" doc:"bound, pending, rewarded or refused"`
	Why      string `json:"why,omitempty" doc:"why there is no reward, in the caller's language"`
	At       string `json:"at" doc:"when the friend accepted"`
}

// invitationsForm is the caller's link and whom it brought.
type invitationsForm struct {
	Code  string        `json:"code,omitempty" doc:"the link is /i/CODE; without it nobody can be invited now"`
	Items []invitedForm `json:"items"`
	Next  string        `json:"next,omitempty"`
}

func (a *api) invitations(c *call) (out invitationsForm, err error) {
	out.Items = []invitedForm{}
	_, open, err := a.Referrals.InForce(c.ctx)
	if err != nil {
		return out, err
	}
	if open && c.who.Login != "" {
		if out.Code, err = a.Referrals.Code(c.ctx, c.who.Shopper, ""); err != nil {
			return out, err
		}
	}
	all, err := a.Referrals.Mine(c.ctx, c.who.Shopper, referral.ID(c.text("before")))
	for _, r := range all {
		f := invitedForm{Referral: string(r.ID), State: string(r.State), At: at(r.BoundAt)}
		if r.Why != "" {
			f.Why = referral.Texts.Text(gate.Lang(c.ctx), "referral.why."+string(r.Why))
		}
		out.Items = append(out.Items, f)
	}
	if len(all) == referral.MineMax {
		out.Next = string(all[len(all)-1].ID)
	}
	return out, err
}

// claimables lists what can be claimed; a page may be short of what is not for the caller.
func (a *api) claimables(c *call) (page[offeredForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[offeredForm]{}, err
	}
	all, next, err := a.Vouchers.Centre(c.ctx, voucher.Centre{Shopper: c.who.Shopper, Shop: c.text("shop"),
		After: voucher.TemplateID(c.text("cursor")), Limit: limit})
	out := page[offeredForm]{Items: []offeredForm{}, Next: string(next)}
	for i := range all {
		out.Items = append(out.Items, a.claimable(c, &all[i]))
	}
	return out, err
}

// wallet lists the caller's vouchers, those that end last first.
func (a *api) wallet(c *call) (page[heldForm], error) {
	limit, err := c.limit()
	if err != nil {
		return page[heldForm]{}, err
	}
	all, err := a.Vouchers.Pages(c.ctx, voucher.Held{Shopper: c.who.Shopper, After: voucher.ID(c.text("cursor")),
		Limit: limit + 1})
	var out []heldForm
	for i := range all {
		out = append(out, a.heldOf(c, &all[i]))
	}
	return paged(out, limit, func(f heldForm) string { return f.Voucher }), err
}

func (a *api) heldOf(c *call, v *voucher.Voucher) heldForm {
	t := v.Terms
	return heldForm{Voucher: string(v.ID), Template: string(v.Template), Title: t.Title.Pick(gate.Lang(c.ctx)),
		State: string(v.State), Amount: a.cash(v.Amount), From: at(v.From), Until: at(v.Until), Kind: string(t.Kind),
		Paused: v.Paused, Shop: v.Shop, Category: t.Category, SKUs: t.SKUs, Threshold: a.cash(t.Threshold),
		Off: a.cash(t.Off), PPM: int64(t.PPM), Most: a.cash(t.Max), Tiers: t.Audience.Tiers}
}

func (a *api) sales() []op {
	return []op{
		get("invitation.mine", "/me/invitations", "The caller's invitation link, and what became of whom it brought.",
			shoppers, a.invitations).takes(param{name: "before", help: "the page after this referral"}),
		get("voucher.list", "/vouchers", "What the caller can claim.", everyone,
			a.claimables).takes(param{name: "shop", help: "only vouchers for this shop's goods"}, limitParam,
			cursorOf("vtp")),
		write(http.MethodPost, "voucher.claim", "/vouchers/{template}/claims", shoppers,
			func(c *call, in claimBody) (claimedForm, error) {
				done, err := a.Vouchers.Claim(c.ctx, voucher.Claim{Shopper: c.who.Shopper, Guest: c.who.Login == "",
					Template: voucher.TemplateID(c.path("template")), Nth: in.Nth})
				return claimedForm{string(done.Voucher.ID)}, err
			}).says("Claim a voucher. The same nth is the same voucher, however often it is asked for.").creates(),
		get("voucher.mine", "/me/vouchers", "The caller's vouchers and red packets.", shoppers,
			a.wallet).takes(limitParam, cursorOf("vch")),
		get("sale.list", "/sales", "The campaign hall: sessions that run or are about to, with what is sold in them.",
			everyone, func(c *call) (page[sittingForm], error) {
				all, err := a.Flash.Hall(c.ctx)
				out := page[sittingForm]{Items: []sittingForm{}}
				for i := range all {
					out.Items = append(out.Items, sittingOf(&all[i]))
				}
				return out, err
			}),
	}
}

func (a *api) cash(minor int64) money.Money { return money.New(minor, a.Checkout.Settings().Currency) }

// priced refuses an amount that is not in the market's currency: nobody's 9 dollars are 9 yuan (FAULTS M7).
// Codes: api.currency.
func (a *api) priced(m money.Money, field string) error {
	if own := a.Checkout.Settings().Currency; m.Currency != own {
		return fault.New(fault.Invalid, "api.currency", fault.P("currency", string(own))).At(field + ".currency")
	}
	return nil
}

func (a *api) claimable(c *call, o *voucher.Offer) offeredForm {
	t := o.Terms
	return offeredForm{Template: string(o.ID), Title: t.Title.Pick(gate.Lang(c.ctx)), Kind: string(t.Kind), Shop: o.Shop,
		Category: t.Category, Threshold: a.cash(t.Threshold), Off: a.cash(t.Off), PPM: int64(t.PPM), Most: a.cash(t.Max),
		Left: o.Left, Mine: o.Mine, PerShopper: t.PerShopper, ClaimFrom: at(t.ClaimFrom()), ClaimUntil: at(t.ClaimUntil()),
		Until: at(t.Until()), Days: t.Days, SKUs: t.SKUs, Audience: string(t.Audience.Kind), Tiers: t.Audience.Tiers}
}

func sittingOf(s *flash.Sitting) sittingForm {
	f := sittingForm{Campaign: string(s.Campaign), Channel: string(s.Channel), Stage: string(s.Stage),
		From: at(s.Window.From), Until: at(s.Window.Until), Items: []itemForm{}}
	for _, i := range s.Items {
		f.Items = append(f.Items, itemOf(i))
	}
	return f
}
