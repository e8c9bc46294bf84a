package shopweb

import (
	"context"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/surface/page"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
)

// midnight is that of the market's first day in Shanghai; its clock stands at noon.
var midnight = time.Date(2026, 11, 10, 16, 0, 0, 0, time.UTC)

// seckill opens a channel of hourly sessions for the day.
func (s *stand) seckill() campaign.Campaign {
	days := campaign.Window{From: midnight, Until: midnight.Add(24 * time.Hour)}
	c, err := s.Campaigns.Save(context.Background(), "", 0, campaign.Plan{Title: text.Entry{Zh: "整点秒杀", En: "Hourly"},
		Channel: campaign.Seckill, Recruit: days, Timetable: campaign.EveryHour(days)})
	s.Must(err)
	c, err = s.Campaigns.Publish(context.Background(), c.ID, c.Version)
	s.Must(err)
	return c
}

// sellAt has an offer in the session that starts at an hour of the day.
func (s *stand) sellAt(c campaign.Campaign, o offer.Offer, hour int, terms campaign.Terms) campaign.Enrolment {
	terms.Spot = true
	e, err := s.Campaigns.Enrol(context.Background(), campaign.Enrol{Shop: o.Shop, Campaign: c.ID, Offer: o.ID,
		Slot: campaign.Slot{Session: midnight.Add(time.Duration(hour) * time.Hour)}, Terms: terms})
	s.Must(err)
	e, err = s.Campaigns.Decide(context.Background(), campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
	s.Must(err)
	return e
}

// at moves the clock to a time of the day and lets the jobs run.
func (s *stand) at(since time.Duration) {
	s.Clock.Set(midnight.Add(since))
	for _, job := range []func(context.Context) (int, error){s.Campaigns.Lock, s.Campaigns.Return, s.Campaigns.Refresh,
		s.Flash.Announce, s.Flash.Draw} {
		_, err := job(context.Background())
		s.Must(err)
	}
}

func TestTheHallOfASession(t *testing.T) {
	s := open(t)
	s.Get("/sale").Must(200, "现在没有活动")
	c := s.seckill()
	s.sellAt(c, s.cups[0], 15, campaign.Terms{Price: 990, Quantity: 4, PerShopper: 1})
	s.sellAt(c, s.shirts[0], 15, campaign.Terms{Price: 4900, Quantity: 50})
	s.at(13 * time.Hour)
	s.Get("/sale").Must(200, "秒杀 15:00 即将开始", "开始时间 2026年11月11日 15:00", "龙井茶", "¥9.90", "即将开抢", "每人限购 1 件")
	s.Get("/p/"+s.cups[0].Product).Must(200, "2026年11月11日 15:00 开抢 ¥9.90")
	s.at(15 * time.Hour)
	p := s.Get("/sale").Must(200, "秒杀 15:00 抢购中", "结束时间 2026年11月11日 16:00", "仅剩 4 件", "已抢 0%", "跑步衫 · 小")
	p.Follow("龙井茶").Must(200, "龙井茶")
	s.Get("/").Must(200, "秒杀 15:00 抢购中", "¥9.90")
	cup := s.Campaigns.Live().Of(s.cups[0].SKU, s.Clock.Now())
	s.hold("ord_1", cup.Pool, 4)
	s.at(15*time.Hour + 3*time.Second)
	s.Get("/sale").Must(200, "还有机会", "4 件他人还未付款").MustNot("已抢光")
	s.Get("/p/"+s.cups[0].Product).Must(200, "还有机会 ¥9.90")
	s.Must(s.DB.Write(context.Background(), func(tx *db.Tx) error {
		return stock.Commit(tx, []stock.Reservation{{Order: "ord_1", Pool: cup.Pool, Quantity: 4}})
	}))
	s.at(15*time.Hour + 6*time.Second)
	s.Get("/sale").Must(200, "已抢光")
	s.english(t).Get("/sale").Must(200, "Flash sale 15:00 on now", "Sold out")
	s.at(16 * time.Hour)
	s.Get("/sale").Must(200, "现在没有活动")
}

// hold reserves pieces for an order that is not paid yet.
func (s *stand) hold(order string, p stock.PoolID, n int64) {
	s.Must(s.DB.Write(context.Background(), func(tx *db.Tx) error {
		b, err := stock.LoadBook(tx, []stock.PoolID{p})
		if err != nil {
			return err
		}
		if err := b.Hold([]stock.Want{{Pool: p, Quantity: n}}); err != nil {
			return err
		}
		return b.Save(tx)
	}))
}

func TestAnAppointmentAndALottery(t *testing.T) {
	s := open(t)
	c := s.seckill()
	e := s.sellAt(c, s.cups[0], 15, campaign.Terms{Price: 990, Quantity: 4, PerShopper: 1, Appointments: 1, Lottery: true})
	s.at(13 * time.Hour)
	page := "/sale/" + string(e.ID)
	s.Get("/sale").Follow("活动规则").Must(200, "预约名额", "14:50 截止", "抽签公示", "种子承诺").MustNot("中签的最大序号")
	other, member := s.member(t, "other"), s.member(t, "member")
	if at := s.Get(page).Submit("参加抽签", nil).Path; !strings.HasPrefix(at, "/login?") {
		t.Errorf("somebody unknown takes a place, at %s", at)
	}
	member.Get(page).Submit("参加抽签", nil).Must(200, "已参加抽签，2026年11月11日 14:50 开奖").MustNot("开抢后即可购买", "立即预约")
	other.Get(page).Submit("参加抽签", nil).Must(409, "预约已满（1 人）")
	s.at(15 * time.Hour)
	won := member.Get(page).Must(200, "恭喜中签，现在就能按活动价购买", "中签的最大序号", "你的预约编号")
	won.Follow("马上抢").Must(200, "确认订单", "龙井茶")
	other.Get(page).Must(200, "中签的最大序号", "活动价只给中签的用户").MustNot("立即预约", "马上抢")
	s.Get("/sale").Must(200, "抽签专享").MustNot("马上抢")
	product := "/p/" + s.cups[0].Product + "?sku=" + s.cups[0].SKU
	s.Get(product).Must(200, "抽签专享 ¥9.90")
	s.at(16*time.Hour + time.Minute) // over, and its pieces are back
	for who, what := range map[*pagetest.Browser]string{member: "你中签了", other: "中签的最大序号"} {
		who.Get(page).Must(200, "已结束", "种子", "参与人数", what).MustNot("马上抢", "立即预约")
	}
	s.Get(product).Must(200).MustNot("抽签专享")
	s.Get("/sale/enr_x").Must(404)
	s.Post("/sale/enr_x", nil).Must(404)
}

func TestABigSaleSaysWhereItIs(t *testing.T) {
	day := func(n int) time.Time { return midnight.AddDate(0, 0, n) }
	both := text.Entry{Zh: "双11", En: "Double Eleven"}
	plan := campaign.Plan{Title: both, Channel: campaign.Sale,
		Recruit: campaign.Window{From: day(0), Until: day(2)}, Lock: campaign.Window{From: day(3), Until: day(20)},
		Waves: []campaign.Wave{{Title: text.Entry{Zh: "第一波", En: "First wave"}, Phases: []campaign.Phase{
			{Stage: campaign.Spot, Window: campaign.Window{From: day(5), Until: day(7)}}}}}}
	for since, want := range map[int][2]string{1: {"即将开始", "现货开卖时间"}, 4: {"即将预热", "现货开卖时间"},
		6: {"现货开卖", "本阶段结束于"}} {
		s := open(t)
		c, err := s.Campaigns.Save(context.Background(), "", 0, plan)
		s.Must(err)
		_, err = s.Campaigns.Publish(context.Background(), c.ID, c.Version)
		s.Must(err)
		s.at(time.Duration(since) * 24 * time.Hour)
		if got := s.Get("/sale").Must(200, "双11", "第一波", want[0], want[1]); strings.Contains(got.Text(), "现在没有活动") {
			t.Error("a hall with a sale says that there is none")
		}
	}
}

// TestACartKnowsWhoHasAnAppointment: goods of which nothing lies outside a sale by appointment are on everybody's page,
// and in the cart of who has an appointment; in the cart of who has none they are sold out, as checkout would say.
func TestACartKnowsWhoHasAnAppointment(t *testing.T) {
	s := open(t)
	e := s.sellAt(s.seckill(), s.cups[0], 15, campaign.Terms{Price: 990, Quantity: 4, PerShopper: 1, Appointments: 1})
	s.at(13 * time.Hour)
	member, other := s.member(t, "member"), s.member(t, "other")
	member.Get("/sale/"+string(e.ID)).Submit("立即预约", nil).Must(200, "已预约")
	s.at(15 * time.Hour)
	var rest map[stock.PoolID]int64
	s.Must(s.DB.Read(context.Background(), func(tx *db.Tx) (err error) {
		rest, err = stock.Free(tx, []stock.PoolID{s.cups[0].Pool})
		return err
	}))
	s.hold("ord_rest", s.cups[0].Pool, rest[s.cups[0].Pool])
	for who, bought := range map[*pagetest.Browser]bool{member: true, other: false} {
		who.Get("/p/"+s.cups[0].Product+"?sku="+s.cups[0].SKU).Submit("加入购物车", nil).Must(200)
		if cart := who.Get("/cart"); bought != !strings.Contains(cart.Text(), "已售罄") {
			t.Errorf("with an appointment %v: %s", bought, cart.Text())
		}
	}
}

// TestWhatEndsFirstIsShownFirst: of what sells now a session of an hour comes before a sale of a day, and both before
// what takes earnest; what has an hour tells it.
func TestWhatEndsFirstIsShownFirst(t *testing.T) {
	now := time.Date(2026, 11, 11, 4, 20, 0, 0, time.UTC)
	sitting := func(channel campaign.Channel, stage campaign.Stage, from, until time.Duration) flash.Sitting {
		return flash.Sitting{Channel: channel, Stage: stage, Items: []flash.Shelf{{Item: &campaign.Item{}}},
			Window: campaign.Window{From: now.Add(from * time.Hour), Until: now.Add(until * time.Hour)}}
	}
	all := []flash.Sitting{sitting(campaign.Sale, campaign.Earnest, -9, 1), sitting(campaign.Juhuasuan, campaign.Spot, -8, 16),
		sitting(campaign.Seckill, campaign.Spot, -1, 1), sitting(campaign.Seckill, campaign.Spot, 1, 2)}
	set, err := page.NewSet(page.Config{Texts: text.Merge(webtest.Texts(), Texts), Zone: campaign.Shanghai}, files)
	if err != nil {
		t.Fatal(err)
	}
	tongue := set.In(text.En)
	for n, want := range []string{"Presale", "Juhuasuan on now", "Flash sale 11:20 on now", "Flash sale 13:20 soon"} {
		if got := sittingName(tongue, all[n], now); !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for want := 2; want >= 0; want-- {
		if got := choose(all[:want+1], "", now); got != want {
			t.Errorf("of %d sittings %d is shown", want+1, got)
		}
	}
	if choose(all[3:], "", now) != 0 {
		t.Error("the next is shown where none runs")
	}
}
