package saleweb

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/standard"
	"hutong/deal/ruleset"
	"hutong/deal/voucher"
	"hutong/goods/offer"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/surface/page/browsertest"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// stand is both desks of a market with two shops, each with two people at it.
type stand struct {
	*webtest.Market
	tea, tea2, sport, boss, second *pagetest.Browser
	cup, shoe                      offer.Offer
	rooms                          Rooms
}

func open(t testing.TB) *stand {
	t.Helper()
	m := webtest.New(t)
	s := &stand{Market: m}
	ctx := context.Background()
	m.Must(m.DB.Migrate(ctx, audit.Schema, approval.Schema, rulebook.Schema, ruleset.Schema))
	tea, sport := m.Shop("tea", "巷口茶舍", "Corner Tea"), m.Shop("sport", "钟楼运动", "Bell Tower Sports")
	_, cups := m.Sell(webtest.Goods{Shop: tea, Zh: "龙井茶", En: "Longjing tea", Prices: []int64{19900}, Pieces: 10})
	_, shoes := m.Sell(webtest.Goods{Shop: sport, Zh: "跑鞋", En: "Running shoe", Prices: []int64{29900}, Pieces: 10})
	s.cup, s.shoe = cups[0], shoes[0]
	book := rulebook.New(rulebook.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Kinds: standard.Kinds(),
		Settings: rulebook.Defaults(), Shelf: rulebook.Shop{Briefs: m.Catalog.Briefs}})
	rules, err := ruleset.New(ctx, ruleset.Deps{DB: m.DB, Clock: m.Clock, Log: slog.New(slog.DiscardHandler),
		Sources: []ruleset.Source{{Name: "rulebook", List: book.List},
			{Name: "voucher", List: func(ctx context.Context) ([]promo.Promotion, any, error) {
				all, err := m.Vouchers.Promotions(ctx)
				return all, nil, err
			}}}})
	m.Must(err)
	ask := []login.Permission{login.SaleWrite, login.MarketSaleAsk}
	decide := []login.Permission{login.SaleWrite, login.MarketSaleApprove}
	approvals, err := approval.New(m.DB, m.Clock, m.IDs, rulebook.PublishKind(book, ask, decide),
		voucher.PublishKind(m.Vouchers, ask, decide), voucher.GrantKind(m.Vouchers, ask, decide))
	m.Must(err)
	c := m.Pages(Texts, approval.Texts, promo.Texts, standard.Texts, rulebook.Texts, audit.Texts)
	s.rooms = Rooms{Pages: c, Clock: m.Clock, DB: m.DB, Currency: "CNY", Catalog: m.Catalog, Shops: m.Shops,
		Promotions: book, Vouchers: m.Vouchers, Rules: rules, Approvals: approvals,
		Search: m.Search}
	h := m.Handler(c, append(s.routes(t), s.doors(c)...)...)
	s.tea = pagetest.New(t, h)
	for _, b := range []**pagetest.Browser{&s.tea2, &s.sport, &s.boss, &s.second} {
		*b = pagetest.At(t, s.tea.Base())
	}
	for name, b := range map[string]*pagetest.Browser{"tea": s.tea, "tea2": s.tea2, "sport": s.sport, "boss": s.boss,
		"second": s.second} {
		role, shop := login.Merchant, map[string]string{"tea": tea, "tea2": tea, "sport": sport}[name]
		if shop == "" {
			role = login.Operator
		}
		m.Login(role, name, shop)
		b.Get("/enter?name=" + name).Must(200)
	}
	return s
}

// routes are both desks' pages, in a plain frame.
func (s *stand) routes(t testing.TB) []gate.Route {
	set, err := page.NewSet(s.rooms.Pages)
	s.Must(err)
	frame := func(area page.Area) Frame {
		return func(rw http.ResponseWriter, r *http.Request, _, title string) page.Frame {
			f := page.FrameOf(r, area)
			f.Title, f.Notice = set.In(f.Lang).T(title), set.In(f.Lang).TakeFlash(rw, r)
			return f
		}
	}
	shop, err := Shop(s.rooms, frame(page.Desk))
	s.Must(err)
	market, err := Market(s.rooms, frame(page.Operator))
	s.Must(err)
	return append(shop, market...)
}

// doors let people in, and give their browsers what pages are dressed with.
func (s *stand) doors(c page.Config) []gate.Route {
	set, err := page.NewSet(c)
	s.Must(err)
	enter := func(rw http.ResponseWriter, r *http.Request) error {
		token, who, err := s.Logins.Login(r.Context(), r.FormValue("name"), webtest.Password, text.Zh)
		if err == nil {
			gate.SetSession(rw, r, token, time.Hour)
			to := "/desk/promotions"
			if who.Role == login.Operator {
				to = "/operator/promotions"
			}
			http.Redirect(rw, r, to, http.StatusSeeOther)
		}
		return err
	}
	return []gate.Route{{Name: "test.enter", Method: http.MethodGet, Path: "/enter", Roles: gate.Anyone(),
		Handler: gate.Verb(enter)},
		{Name: "test.static", Method: http.MethodGet, Path: "/static/{file}", Roles: gate.Anyone(), Handler: set.Assets()}}
}

func TestTemplates(t *testing.T) {
	set, err := page.NewSet(page.Config{Texts: text.Merge(webtest.Texts(), Texts)}, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := templatecheck.CheckHTML(set.Template(text.Zh, "sale-desk"), view{}); err != nil {
		t.Error(err)
	}
}
