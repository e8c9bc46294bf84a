package shopweb

import (
	"context"
	_ "embed"
	"net/http"
	"net/url"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/goods/catalog"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// hallPath is the campaign hall.
const hallPath = "/sale"

//go:embed text_sale.json
var saleTextJSON []byte

// saleTexts are the sentences of these pages.
var saleTexts = text.MustParse(saleTextJSON)

func (w *web) saleRoutes() []gate.Route {
	return []gate.Route{
		row("sale", http.MethodGet, hallPath, everyone, w.hall),
		row("sale.item", http.MethodGet, "/sale/{item}", everyone, w.saleItem),
		row("sale.appoint", http.MethodPost, "/sale/{item}", takers, w.appoint),
	}
}

// hallView is the campaign hall: the big sales under way, and the sessions with what is sold in one of them.
type hallView struct {
	page.Frame
	Sales []saleCard
	Tabs  page.Tabs
	Until *page.Countdown
	Items []flashCard
	Mine  string
	Empty page.Empty
}

// saleCard is a campaign: where it is and when that changes.
type saleCard struct {
	Name, Stage string
	Until       *page.Countdown
	Waves       []waveLine
}

type waveLine struct{ Name, When string }

// flashCard is an item of a session.
type flashCard struct {
	ID, Href, Title, Picture string
	Tint                     int
	Price                    page.Price
	Badge                    page.Badge
	Taken                    int64 // of a hundred
	Told                     string
	Meter                    bool // how many are gone is shown
	Limit                    string
	Only                     string    // how it is sold where not everybody buys it
	About                    string    // the page about the item; "" on that page
	Go                       page.Link // what can be done now
}

// hall shows what is on sale and what comes.
func (w *web) hall(rw http.ResponseWriter, r *http.Request) error {
	if w.Flash == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	f, at := w.frame(r, ""), r.URL.Query().Get("at")
	return w.kept.Serve(rw, r, page.Ask{Path: hallPath + ifAny("?at=", url.QueryEscape(at[:min(len(at), 80)])),
		Lang: f.Lang, Name: "sale", Me: f.Me,
		Make: func(ctx context.Context) (page.View, error) { return w.hallView(ctx, public(f, hallPath), at) }})
}

func (w *web) hallView(ctx context.Context, f page.Frame, at string) (hallView, error) {
	t, now := w.set.In(f.Lang), clock.Now(ctx, w.Clock)
	f.Title, f.Description = t.T("shopweb.sale"), t.T("shopweb.sale_text")
	v := hallView{Frame: f, Mine: walletPath, Empty: page.Empty{Title: t.T("shopweb.sale_none"),
		Text: t.T("shopweb.sale_none_text"), Href: "/", Action: t.T("shopweb.browse")}}
	for _, c := range w.Flash.Campaigns.Live().Campaigns {
		if !c.Channel.Timed() {
			v.Sales = append(v.Sales, w.saleCard(t, c, now))
		}
	}
	sittings, err := w.Flash.Hall(ctx)
	if err != nil || len(sittings) == 0 {
		return v, err
	}
	chosen := choose(sittings, at, now)
	v.Tabs.Label = f.Title
	for i, s := range sittings {
		v.Tabs.Links = append(v.Tabs.Links, page.Link{Href: hallPath + "?at=" + url.QueryEscape(keyOf(s)),
			Text: sittingName(t, s, now), Current: i == chosen})
	}
	v.Until = sittingEnd(t, sittings[chosen], now)
	briefs, err := w.briefsOf(ctx, sittings[chosen].Items)
	for _, i := range sittings[chosen].Items {
		v.Items = append(v.Items, w.flashCard(t, i, briefs[catalog.SKUID(i.SKU)], now))
	}
	return v, err
}

// addSale puts the session that runs, or the next, on the start page.
func (w *web) addSale(ctx context.Context, t page.Tongue, v *homeView) error {
	if w.Flash == nil {
		return nil
	}
	sittings, err := w.Flash.Hall(ctx)
	if err != nil || len(sittings) == 0 {
		return err
	}
	now := clock.Now(ctx, w.Clock)
	s := sittings[choose(sittings, "", now)]
	s.Items = s.Items[:min(len(s.Items), shelfSize)]
	briefs, err := w.briefsOf(ctx, s.Items)
	if err != nil {
		return err
	}
	on := shelf{Title: sittingName(t, s, now), Href: hallPath}
	for _, i := range s.Items {
		c := w.flashCard(t, i, briefs[catalog.SKUID(i.SKU)], now)
		on.Cards = append(on.Cards, page.Card{Href: c.Href, Title: c.Title, Picture: c.Picture, Tint: c.Tint, Price: c.Price,
			SoldOut: i.State == flash.SoldOut, Few: i.Left, Tags: []string{c.Badge.Text}})
	}
	v.Shelves = append(v.Shelves, on)
	return nil
}

// keyOf names a sitting in an address.
func keyOf(s flash.Sitting) string {
	return string(s.Campaign) + "." + string(s.Items[0].Stage) + "." + page.Itoa(s.Window.From.Unix())
}

// choose is the sitting that was asked for, or of those that run the one that ends first, or the next: a session of an
// hour comes before what sells all day. What takes earnest comes after what sells now.
func choose(all []flash.Sitting, key string, now time.Time) int {
	running := -1
	for i, s := range all {
		if keyOf(s) == key {
			return i
		}
		if s.Window.Holds(now) && (running < 0 || sooner(s, all[running])) {
			running = i
		}
	}
	return max(running, 0)
}

func sooner(a, b flash.Sitting) bool {
	if earnest := a.Stage == campaign.Earnest; earnest != (b.Stage == campaign.Earnest) {
		return !earnest
	}
	return a.Window.Until.Before(b.Window.Until)
}

func sittingName(t page.Tongue, s flash.Sitting, now time.Time) string {
	state := "shopweb.sale_soon"
	if s.Window.Holds(now) {
		state = "shopweb.sale_now"
	}
	name, earnest := t.T("shopweb.channel_"+string(s.Channel)), s.Stage == campaign.Earnest
	if earnest {
		name = t.T("shopweb.presale")
	}
	switch running := s.Window.Holds(now); {
	case running && earnest:
		state = "shopweb.stage_earnest"
	case s.Channel.Timed(): // what runs for days began at no hour that tells anybody anything
		name += " " + t.Clock(s.Window.From)
	}
	return name + " " + t.T(state)
}

// sittingEnd counts to the start of a sitting, and then to its end. The page is read anew when it is over.
func sittingEnd(t page.Tongue, s flash.Sitting, now time.Time) *page.Countdown {
	if now.Before(s.Window.From) {
		return &page.Countdown{Before: t.T("shopweb.sale_starts"), At: t.T("shopweb.sale_starts_at"),
			Ends: s.Window.From, Now: now,
			Over: t.T("shopweb.sale_now"), Again: true}
	}
	return &page.Countdown{Before: t.T("shopweb.sale_ends"), At: t.T("shopweb.sale_ends_at"),
		Ends: s.Window.Until, Now: now,
		Over: t.T("shopweb.sale_over"), Again: true}
}

// saleCard says of a campaign where its waves are.
func (w *web) saleCard(t page.Tongue, c campaign.Campaign, now time.Time) saleCard {
	card := saleCard{Name: c.Title.Pick(t.Lang)}
	for _, wave := range c.Waves {
		whole := wave.Whole()
		if card.Stage == "" && now.Before(whole.Until) {
			card.Stage = t.T("shopweb.stage_" + string(campaign.StageOf(c, wave, everyPart, now).Stage))
			card.Until = stageEnd(t, c, wave, now)
		}
		card.Waves = append(card.Waves, waveLine{wave.Title.Pick(t.Lang), t.Span(whole.From, whole.Until)})
	}
	return card
}

// everyPart sees all stages of a wave.
var everyPart = campaign.Part{Presale: true, Spot: true}

// stageEnd counts to what shoppers see next of a wave, by its name: what shops do before it, such as the lock, is not
// theirs, and where nothing begins at once the stage ends.
func stageEnd(t page.Tongue, c campaign.Campaign, wave campaign.Wave, now time.Time) *page.Countdown {
	ends, first := campaign.StageOf(c, wave, everyPart, now).Next, wave.Whole().From
	if now.Before(first) {
		ends = first
	}
	if ends.IsZero() {
		return nil
	}
	words, date := t.T("shopweb.sale_stage_ends"), t.T("shopweb.sale_stage_ends_at")
	switch s := campaign.StageOf(c, wave, everyPart, ends).Stage; s {
	case campaign.Warmup, campaign.Earnest, campaign.Balance, campaign.Spot, campaign.Encore:
		stage := t.T("shopweb.stage_" + string(s))
		words, date = t.T("shopweb.sale_next", "stage", stage), t.T("shopweb.sale_next_at", "stage", stage)
	}
	return &page.Countdown{Before: words, At: date, Ends: ends, Now: now, Over: t.T("shopweb.sale_now"), Again: true}
}

var stateTones = map[flash.State]string{flash.Warming: "wait", flash.OnSale: "done", flash.Paying: "wait",
	flash.SoldOut: "off", flash.Over: "off"}

func (w *web) flashCard(t page.Tongue, i flash.Shelf, b catalog.Brief, now time.Time) flashCard {
	title := b.Title.In(t.Lang)
	if c := b.Choice.In(t.Lang); c != "" {
		title += " · " + c
	}
	c := flashCard{ID: string(i.ID), Href: "/p/" + i.Product + "?sku=" + i.SKU, Title: title,
		Picture: pictureURL(string(b.Picture), medium), Tint: page.TintOf(i.Product), Taken: i.Taken,
		Price: t.PriceOf(money.New(i.Price, i.Currency), money.New(i.Strike, i.Currency), false),
		Badge: page.Badge{Tone: stateTones[i.State], Text: t.T("shopweb.flash_" + string(i.State))},
		About: hallPath + "/" + string(i.ID)}
	switch {
	case i.State == flash.Paying:
		c.Told = t.T("shopweb.flash_unpaid", "n", t.Count(i.Unpaid))
	case i.Low && i.State == flash.OnSale:
		c.Told = t.T("shopweb.flash_left", "n", t.Count(i.Left))
	case i.State == flash.OnSale:
		c.Told = t.T("shopweb.flash_taken", "n", t.Count(i.Taken))
	}
	if i.Appointments > 0 {
		c.Only = t.T("shopweb." + byAppointment(i.Item))
	}
	c.Go = goOn(t, i, c, now)
	c.Meter = i.State != flash.Warming && i.Stage != campaign.Earnest
	if i.Stage == campaign.Earnest {
		if i.State == flash.OnSale {
			c.Badge.Text = t.T("shopweb.stage_earnest")
		}
		c.Told = t.T("shopweb.presale_flash", "earnest", t.Money(money.New(i.Earnest, i.Currency)),
			"worth", t.Money(money.New(i.Worth, i.Currency)))
	}
	if i.Shares && i.State == flash.OnSale {
		c.Told = t.T("shopweb.flash_shared", "n", t.Count(i.Shared))
	}
	if i.Together() != "" && i.Wave.PerShopper > 0 {
		c.Limit = t.T("shopweb.flash_limit_together", "n", t.Count(i.Wave.PerShopper))
	} else if i.PerShopper > 0 {
		c.Limit = t.T("shopweb.flash_limit", "n", t.Count(i.PerShopper))
	}
	return c
}

// goOn is what a shopper can do about an item now: buy it, pay earnest, or see to an appointment before it begins.
func goOn(t page.Tongue, i flash.Shelf, c flashCard, now time.Time) page.Link {
	switch {
	case i.State == flash.OnSale && i.Stage == campaign.Earnest:
		return page.Link{Href: c.Href + "#presale", Text: t.T("shopweb.flash_earnest"), Current: true}
	case i.State == flash.OnSale && i.Appointments > 0: // whose page this is is not known here
		return page.Link{Href: c.About, Text: t.T("shopweb.flash_mine")}
	case i.State == flash.OnSale:
		return page.Link{Href: c.Href, Text: t.T("shopweb.flash_buy"), Current: true}
	case i.State == flash.Warming && i.Appointments > 0 && now.Before(flash.Closes(i.Item)):
		return page.Link{Href: c.About, Text: appointWord(t, i.Item)}
	case i.State == flash.Warming && i.Appointments > 0:
		return page.Link{Href: c.About, Text: t.T("shopweb.flash_mine")}
	}
	return page.Link{Href: c.Href, Text: t.T("shopweb.flash_look")}
}
