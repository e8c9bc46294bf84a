package api

import (
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/goods/offer"
)

// joinForm is a sale that shops can enrol in now.
type joinForm struct {
	Campaign string     `json:"campaign"`
	Channel  string     `json:"channel"`
	Title    words      `json:"title"`
	Until    string     `json:"until" doc:"enrolments are taken until then, and not at that instant"`
	Presale  bool       `json:"presale" doc:"goods can be sold for earnest money first"`
	Hourly   bool       `json:"hourly" doc:"it has sessions, named by their start, in place of waves"`
	Waves    []waveForm `json:"waves"`
	Rule     ruleForm   `json:"rule"`
}

type waveForm struct {
	Wave  int64  `json:"wave" doc:"counted from 1"`
	Title words  `json:"title"`
	From  string `json:"from"`
	Until string `json:"until"`
}

// capForm is the highest price of a sale for a category.
type capForm struct {
	Category string      `json:"category" doc:"with all below it; empty: all goods"`
	Price    money.Money `json:"price"`
}

// ruleForm is what a sale asks for; 0 asks for nothing.
type ruleForm struct {
	Categories  []string    `json:"categories" doc:"whose goods are invited, with those below them; none: all"`
	PriceCaps   []capForm   `json:"price_caps" doc:"the highest price; under several, that of the nearest category"`
	Days        int64       `json:"days" doc:"the lowest deal of so many days, times factor_ppm, caps the price"`
	FactorPPM   int64       `json:"factor_ppm"`
	DealWithin  int64       `json:"deal_within" doc:"the goods were sold within so many days"`
	QuantityMin int64       `json:"quantity_min"`
	LimitMax    int64       `json:"limit_max" doc:"pieces for each shopper; a limit must be set"`
	PerShopDay  int64       `json:"per_shop_day" doc:"enrolments of a shop for one day"`
	DepositMin  money.Money `json:"deposit_min"`
	ScoreMin    int64       `json:"score_min" doc:"in hundredths"`
	NewToo      bool        `json:"new_too" doc:"prices that new shoppers alone had are among the deals"`
	FlashRange  bool        `json:"flash_range" doc:"10 % to 85 % of the ordinary price and 10 below it, at most 24 hours"`
	PenaltyPPM  int64       `json:"penalty_ppm" doc:"owed for leaving after the lock, of the pledge at the locked price"`
}

// enrolmentForm is what a shop offers in a sale, and how that stands.
type enrolmentForm struct {
	Enrolment    string       `json:"enrolment"`
	Version      int64        `json:"version"`
	Campaign     string       `json:"campaign"`
	Wave         int64        `json:"wave,omitempty"`
	Session      string       `json:"session,omitempty"`
	Offer        string       `json:"offer"`
	Product      string       `json:"product"`
	SKU          string       `json:"sku"`
	Price        money.Money  `json:"price"`
	Quantity     int64        `json:"quantity" doc:"pieces pledged"`
	PerShopper   int64        `json:"per_shopper" doc:"0: no limit"`
	Spot         bool         `json:"spot"`
	Presale      bool         `json:"presale"`
	Earnest      money.Money  `json:"earnest"`
	Worth        money.Money  `json:"worth" doc:"what the earnest counts for"`
	ShipBy       string       `json:"ship_by,omitempty"`
	ShipDays     int64        `json:"ship_days,omitempty"`
	Appointments int64        `json:"appointments" doc:"0: anybody buys"`
	Lottery      bool         `json:"lottery"`
	Strike       money.Money  `json:"strike" doc:"the struck price that is shown; 0: none"`
	State        string       `json:"state" doc:"applied, accepted, refused, locked, ended or withdrawn"`
	Reasons      []reasonForm `json:"reasons" doc:"why it was refused, or cannot be locked yet"`
	Note         string       `json:"note,omitempty" doc:"the reviewer's"`
	Penalty      money.Money  `json:"penalty" doc:"charged for leaving after the lock"`
	LockAt       string       `json:"lock_at"`
	From         string       `json:"from" doc:"it is sold from then"`
	Until        string       `json:"until"`
	At           string       `json:"at"`
}

// reasonForm is one thing that keeps an offer from taking part.
type reasonForm struct {
	Code    string                 `json:"code"`
	Params  map[string]string      `json:"params,omitempty"`
	Amounts map[string]money.Money `json:"amounts,omitempty"`
}

type enrolBody struct {
	Offer        string       `json:"offer"`
	Wave         int64        `json:"wave,omitempty" doc:"or a session"`
	Session      string       `json:"session,omitempty" doc:"its start, where the sale is hourly"`
	Price        money.Money  `json:"price"`
	Quantity     int64        `json:"quantity" doc:"pieces pledged: at the lock they are set apart"`
	PerShopper   int64        `json:"per_shopper,omitempty"`
	Presale      bool         `json:"presale,omitempty" doc:"sold for earnest money first"`
	Spot         bool         `json:"spot,omitempty" doc:"sold outright; so is what is in no presale"`
	Earnest      *money.Money `json:"earnest,omitempty"`
	Worth        *money.Money `json:"worth,omitempty"`
	ShipBy       string       `json:"ship_by,omitempty" doc:"of a presale: it is sent before then"`
	ShipDays     int64        `json:"ship_days,omitempty" doc:"or within so many days after the balance is paid"`
	Appointments int64        `json:"appointments,omitempty"`
	Lottery      bool         `json:"lottery,omitempty"`
	Strike       *money.Money `json:"strike,omitempty"`
}

type changeEnrolmentBody struct {
	Version  int64       `json:"version"`
	Price    money.Money `json:"price"`
	Quantity int64       `json:"quantity"`
}

func joinOf(c campaign.Campaign, cash func(int64) money.Money) joinForm {
	r := c.Rule
	f := joinForm{Campaign: string(c.ID), Channel: string(c.Channel), Title: words{c.Title.Zh, c.Title.En},
		Until: at(c.Recruit.Until), Presale: c.Switches.Presale, Hourly: c.Timetable != nil, Waves: []waveForm{},
		Rule: ruleForm{Categories: append([]string{}, r.Categories...), Days: int64(r.Days),
			FactorPPM: int64(r.FactorPPM), DealWithin: int64(r.DealWithin),
			PriceCaps:   []capForm{},
			QuantityMin: r.QuantityMin, LimitMax: r.LimitMax, PerShopDay: r.PerShopDay, DepositMin: cash(r.DepositMin),
			ScoreMin: r.ScoreMin, NewToo: r.NewToo, FlashRange: r.FlashRange, PenaltyPPM: int64(r.PenaltyPPM)}}
	for _, limit := range r.Caps {
		f.Rule.PriceCaps = append(f.Rule.PriceCaps, capForm{limit.Category, cash(limit.Price)})
	}
	for i, w := range c.Waves {
		whole := w.Whole()
		f.Waves = append(f.Waves, waveForm{Wave: int64(i + 1), Title: words{w.Title.Zh, w.Title.En}, From: at(whole.From),
			Until: at(whole.Until)})
	}
	return f
}

func enrolmentOf(e campaign.Enrolment) enrolmentForm {
	cash := func(minor int64) money.Money { return money.New(minor, e.Currency) }
	f := enrolmentForm{Enrolment: string(e.ID), Version: e.Version, Campaign: string(e.Campaign), Wave: e.Slot.Wave,
		Session: at(e.Slot.Session), Offer: string(e.Offer), Product: e.Product, SKU: e.SKU, Price: cash(e.Price),
		Quantity: e.Quantity, PerShopper: e.PerShopper, Spot: e.Spot, Presale: e.Presale, Earnest: cash(e.Earnest),
		Worth: cash(e.Worth), ShipBy: at(e.ShipBy), ShipDays: e.ShipDays, Appointments: e.Appointments, Lottery: e.Lottery,
		Strike: cash(e.Strike), State: string(e.State), Reasons: []reasonForm{}, Note: e.Note, Penalty: cash(e.Penalty),
		LockAt: at(e.LockAt), From: at(e.Selling.From), Until: at(e.Selling.Until), At: at(e.Applied)}
	for _, r := range e.Reasons {
		why := reasonForm{Code: r.Code, Params: map[string]string{}, Amounts: map[string]money.Money{}}
		for name, value := range r.Params {
			if minor, is := r.Amount(name); is {
				why.Amounts[name] = cash(minor)
			} else {
				why.Params[name] = value
			}
		}
		f.Reasons = append(f.Reasons, why)
	}
	return f
}

func (a *api) enrolment(e campaign.Enrolment, err error) (enrolmentForm, error) {
	if err != nil {
		return enrolmentForm{}, err
	}
	return enrolmentOf(e), nil
}

// joinable are the sales that shops can enrol in now.
func (a *api) joinable(c *call) (page[joinForm], error) {
	out, now := page[joinForm]{Items: []joinForm{}}, clock.Now(c.ctx, a.Campaigns.Clock)
	for _, sale := range a.Campaigns.Live().Campaigns {
		if sale.Recruit.Holds(now) {
			out.Items = append(out.Items, joinOf(sale, a.cash))
		}
	}
	return out, nil
}

// enrol enrols what the body says. Codes: api.time, api.currency, those of campaign.Enrol.
func (a *api) enrol(c *call, in enrolBody) (enrolmentForm, error) {
	cmd := campaign.Enrol{Shop: c.who.Shop, Campaign: campaign.ID(c.path("campaign")), Offer: offer.ID(in.Offer),
		Slot: campaign.Slot{Wave: in.Wave}, Terms: campaign.Terms{Price: in.Price.Minor, Quantity: in.Quantity,
			PerShopper: in.PerShopper, Part: campaign.Part{Presale: in.Presale, Spot: in.Spot || !in.Presale},
			Appointments: in.Appointments, Lottery: in.Lottery, ShipDays: in.ShipDays}}
	for _, t := range []struct {
		field, said string
		into        *time.Time
	}{{"session", in.Session, &cmd.Slot.Session}, {"ship_by", in.ShipBy, &cmd.ShipBy}} {
		if t.said == "" {
			continue
		}
		parsed, err := time.Parse(time.RFC3339, t.said)
		if err != nil {
			return enrolmentForm{}, fault.New(fault.Invalid, "api.time").At(t.field).Because(err)
		}
		*t.into = parsed.UTC()
	}
	for _, m := range []struct {
		field string
		said  *money.Money
		into  *int64
	}{{"price", &in.Price, &cmd.Price}, {"earnest", in.Earnest, &cmd.Earnest}, {"worth", in.Worth, &cmd.Worth},
		{"strike", in.Strike, &cmd.Strike}} {
		if m.said == nil {
			continue
		}
		if err := a.priced(*m.said, m.field); err != nil {
			return enrolmentForm{}, err
		}
		*m.into = m.said.Minor
	}
	return a.enrolment(a.Campaigns.Enrol(c.ctx, cmd))
}

// enrolments are how a shop takes part in sales.
func (a *api) enrolments() []op {
	const all, one = "/merchant/enrolments", "/merchant/enrolments/{enrolment}"
	id := func(c *call) campaign.EnrolmentID { return campaign.EnrolmentID(c.path("enrolment")) }
	return []op{
		get("merchant.campaign.list", "/merchant/campaigns", "The sales that the shop can enrol in now, with what they ask.",
			merchants, a.joinable),
		get("merchant.enrolment.list", all, "What the shop enrolled, newest first.", merchants,
			func(c *call) (page[enrolmentForm], error) {
				limit, err := c.limit()
				if err != nil {
					return page[enrolmentForm]{}, err
				}
				mine, err := a.Campaigns.ByShop(c.ctx, c.who.Shop, campaign.EnrolmentID(c.text("cursor")), limit+1)
				forms := make([]enrolmentForm, len(mine))
				for i, e := range mine {
					forms[i] = enrolmentOf(e)
				}
				return paged(forms, limit, func(f enrolmentForm) string { return f.Enrolment }), err
			}).takes(limitParam, cursorOf("enr")),
		get("merchant.enrolment", one, "One enrolment of the shop.", merchants, func(c *call) (enrolmentForm, error) {
			return a.enrolment(a.Campaigns.Enrolment(c.ctx, c.who.Shop, id(c)))
		}),
		records(write(http.MethodPost, "merchant.enrolment.enrol", "/merchant/campaigns/{campaign}/enrolments", merchants,
			a.enrol).says("Enrol an offer in a sale. What its rule does not bear is kept as `refused`, with every reason, and "+
			"may be tried again with other terms; the rest waits for the operator.").creates().calls("slot", "wave"),
			enrolmentOf),
		write(http.MethodPost, "merchant.enrolment.change", one+"/change", merchants,
			func(c *call, in changeEnrolmentBody) (enrolmentForm, error) {
				if err := a.priced(in.Price, "price"); err != nil {
					return enrolmentForm{}, err
				}
				return a.enrolment(a.Campaigns.Change(c.ctx, campaign.Change{Shop: c.who.Shop, ID: id(c), Version: in.Version,
					Price: in.Price.Minor, Quantity: in.Quantity}))
			}).says("Change price and pledge. Before the lock it is reviewed anew; from the lock on the price only falls and " +
			"the pledge only grows."),
		write(http.MethodPost, "merchant.enrolment.withdraw", one+"/withdraw", merchants,
			func(c *call, in retractBody) (enrolmentForm, error) {
				return a.enrolment(a.Campaigns.Withdraw(c.ctx, c.who.Shop, id(c), in.Version))
			}).says("Leave a sale. Before the lock it is free; after it the penalty of the rule is charged, and a place that " +
			"was paid for is lost with its fee; once the sale runs it is too late."),
	}
}
