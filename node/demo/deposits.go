package demo

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/deal/campaign"
	"hutong/funds/deposit"
	"hutong/party/login"
)

// clerk is who kept the deposits before the demo began: nobody who can log in, so that its operator may answer appeals.
const clerk login.ID = "demo"

// stand is how a demo shop's deposit stands: what was paid in, what is asked of it, and its score.
type stand struct{ in, required, score int64 }

// stands are those of the first shops; the others have none yet. The last is short of what is asked.
var stands = []stand{{in: 300_000, required: 200_000, score: 480}, {in: 200_000, required: 100_000, score: 465},
	{in: 100_000, required: 80_000, score: 430}, {in: 50_000, required: 80_000, score: 395}}

// deposits has some shops leave a deposit: on the first one's something was drawn, and a draw is announced against
// which its merchant may appeal; the second one has appealed; a part of the third one's is frozen.
func (d *Market) deposits(ctx context.Context) error {
	currency := d.Checkout.Settings().Currency
	first := string(d.Shops[0].ID)
	ago := func(days int) context.Context {
		return clock.Pin(ctx, d.Clock.Now().Add(-time.Duration(days)*24*time.Hour))
	}
	for i, s := range stands {
		shop := string(d.Shops[i].ID)
		err := d.Deposits.PayIn(ago(30), deposit.Move{Shop: shop, Currency: currency, Amount: s.in,
			Ref: "B2026-" + d.Shops[i].Code, By: clerk})
		if err == nil {
			err = d.Deposits.Require(ago(30), clerk, shop, currency, s.required)
		}
		if err == nil {
			err = d.Campaigns.SetStanding(ago(30), shop, campaign.ShopStanding{Score: s.score,
				Source: "上月服务评分 · Service report of last month"})
		}
		if err != nil {
			return err
		}
	}
	draw := func(at context.Context, shop string, amount int64, why string) (deposit.Hold, error) {
		return d.Deposits.Draw(at, clerk, shop, deposit.DrawAsked{Currency: currency, Amount: amount,
			Payee: deposit.ToMarket, Why: why})
	}
	_, err := draw(ago(20), first, 20_000, "上月三单逾期未发货，规则 3.4 · Three orders of last month sent late, rule 3.4")
	if err != nil {
		return err
	}
	if _, err := d.Deposits.DrawDue(ago(12)); err != nil {
		return err
	}
	_, err = draw(ago(2), first, 15_000, "商品描述与实物不符，规则 3.2 · Goods not as described, rule 3.2")
	if err != nil {
		return err
	}
	second := string(d.Shops[1].ID)
	h, err := draw(ago(3), second, 30_000, "宣传图使用他人作品，规则 5.1 · Pictures that belong to others, rule 5.1")
	if err == nil {
		err = d.Deposits.Appeal(ago(1), clerk, second, h.ID, "图片已获作者授权，授权书可随时提供。 · The author gave us leave; "+
			"we can show the letter.")
	}
	if err == nil {
		_, err = d.Deposits.Freeze(ago(5), deposit.Freeze{By: clerk, Shop: string(d.Shops[2].ID), Currency: currency,
			Amount: 20_000, Why: "商标投诉核实中 · A complaint about a trade mark is looked into"})
	}
	return err
}
