package shopweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/deal/voucher"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
)

// hand publishes a template; change makes it another one than 40 off 300 for all.
func (s *stand) hand(shop string, change func(*voucher.Terms)) voucher.TemplateID {
	now := s.Clock.Now()
	of := voucher.Terms{Kind: voucher.KindVoucher, Title: text.Entry{Zh: "大促券", En: "Sale voucher"}, Threshold: 30_000,
		Off: 4_000, FromUS: clock.Micros(now), UntilUS: clock.Micros(now.Add(48 * time.Hour)), Listed: true,
		ClaimFromUS: clock.Micros(now), ClaimUntilUS: clock.Micros(now.Add(24 * time.Hour)), Issue: 2, PerShopper: 1,
		Audience: voucher.Audience{Kind: voucher.Everyone}}
	change(&of)
	tpl, err := s.Vouchers.Draft(context.Background(), voucher.Draft{Shop: shop, Terms: of})
	s.Must(err)
	s.Must(s.Vouchers.Publish(context.Background(), voucher.Publish{Shop: shop, Template: tpl.ID, Version: 1}))
	return tpl.ID
}

// member is a visitor who is logged in.
func (s *stand) member(t testing.TB, name string) *pagetest.Browser {
	t.Helper()
	s.Login(login.Shopper, name, "")
	token, _, err := s.Logins.Enter(t.Context(), login.Enter{Name: name, Password: webtest.Password})
	s.Must(err)
	return pagetest.New(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: token})
		s.handler.ServeHTTP(w, r)
	}))
}

func TestAVoucherIsClaimedAndKept(t *testing.T) {
	s := open(t)
	s.Get("/vouchers").Must(200, "现在没有可领的优惠券")
	s.hand("", func(*voucher.Terms) {})
	s.hand(s.tea, func(o *voucher.Terms) {
		o.Title, o.Threshold, o.Off, o.PPM, o.Max = text.Entry{Zh: "茶券", En: "Tea voucher"}, 0, 0, 100_000, 2_000
	})
	s.hand("", func(o *voucher.Terms) {
		o.Kind, o.Threshold, o.Off, o.Total, o.Title = voucher.KindRedPacket, 0, 0, 376, text.Entry{Zh: "开门红", En: "Opening"}
	})
	s.Get("/vouchers").Must(200, "大促券", "¥40", "满 ¥300 可用", "全场通用", "茶券", "减 10%", "最多减 ¥20", "仅限 巷口茶舍", "剩 2 张")
	s.Clock.Advance(keepFor)
	s.Get("/shop/tea").Must(200, "立减 10%，最多减 ¥20").Follow("立减 10%").Must(200, "巷口茶舍 的优惠券", "茶券").MustNot("大促券")
	s.Get("/shop/sport").Must(200).MustNot("店铺优惠券")
	if at := s.Get("/vouchers?shop=tea").Submit("立即领取", nil).Path; !strings.HasPrefix(at, "/login?") {
		t.Fatalf("a visitor is sent to %s", at)
	}
	asked := s.guestSession(t).send(http.MethodPost, "/vouchers", url.Values{"template": {"x"}, "nth": {"1"}}, true)
	if to := asked.Header().Get("HX-Redirect"); asked.Code != 200 || asked.Body.Len() > 0 || !strings.HasPrefix(to, "/login?") {
		t.Fatalf("a visitor with script is sent to %q: %d %s", to, asked.Code, asked.Body)
	}
	m := s.member(t, "ming")
	m.Get("/vouchers?shop=tea").Submit("立即领取", nil).Must(200, "领取成功", "已领取", "巷口茶舍 的优惠券", "剩 1 张")
	m.Get("/vouchers").Submit("立即领取", nil).Must(200, "领取成功")
	m.Get("/me").Must(200, "2 张可用").Follow("优惠券").Must(200, "茶券", "¥1.88", "去使用", "可使用")
	m.Get("/me/vouchers?show=used").Must(200, "这里还没有优惠券")
	s.Clock.Advance(47 * time.Hour)
	m.Get("/me/vouchers").Must(200, "还剩")
	s.Clock.Advance(time.Hour)
	m.Get("/me/vouchers?show=over").Must(200, "茶券", "已过期")
}

func TestClaimsThatAreRefusedSaySo(t *testing.T) {
	s := open(t)
	tpl := s.hand("", func(*voucher.Terms) {})
	early := s.hand("", func(o *voucher.Terms) { o.ClaimFromUS += 3_600_000_000; o.Title.Zh = "早鸟券" })
	m := s.member(t, "ming")
	for _, who := range []string{"shr_a", "shr_b"} {
		_, err := s.Vouchers.Claim(context.Background(), voucher.Claim{Shopper: who, Template: tpl})
		s.Must(err)
	}
	m.Get("/vouchers").Must(200, "已领完", "即将开始", "早鸟券")
	post := func(form url.Values) { m.Post("/vouchers", form).Must(200, form.Get("want")) }
	post(url.Values{"template": {string(tpl)}, "nth": {"1"}, "want": {"已被领完"}})
	post(url.Values{"template": {string(early)}, "nth": {"1"}, "want": {"还没到领取时间"}})
	post(url.Values{"template": {string(early)}, "nth": {"7"}, "back": {"https://evil.example/"}, "want": {"请刷新页面后再领取"}})
	m.Post("/vouchers", url.Values{"template": {"vtp_x"}, "nth": {"1"}}).Must(404)
	m.Post("/vouchers", url.Values{"template": {string(tpl)}, "nth": {"x"}}).Must(400)
}

func TestACodeIsRedeemed(t *testing.T) {
	s := open(t)
	tpl := s.hand("", func(o *voucher.Terms) { o.Listed, o.Codes = false, 2 })
	codes, err := s.Vouchers.Draw(context.Background(), voucher.Draw{Template: tpl, Count: 2})
	s.Must(err)
	m := s.member(t, "ming")
	m.Get("/vouchers").Must(200, "现在没有可领的优惠券")
	p := m.Get("/me/vouchers")
	if again := p.Submit("兑换", map[string]string{"code": "abc"}).Must(404, "券码无效或已被使用"); again.Field("code") != "abc" {
		t.Error("what was typed is gone")
	}
	p.Submit("兑换", map[string]string{"code": strings.ToUpper(codes[0])}).Must(200, "领取成功", "大促券")
	p.Submit("兑换", map[string]string{"code": codes[1]}).Must(429, "每人限领 1 张")
	b := s.english(t)
	b.Get("/p/"+string(s.cup)).Submit("Add to cart", nil)
	at := b.Get("/me/vouchers").Must(200, "Log in to claim and redeem").Submit("Redeem", map[string]string{"code": "x"}).Path
	if at != "/login?next=%2Fme%2Fvouchers" {
		t.Errorf("a guest is sent to %s", at)
	}
}

// With script, a claim changes its ticket in place.
// TestAPausedVoucherIsNotOfferedForUse: the wallet sends nobody shopping with a voucher that the till does not take now.
func TestAPausedVoucherIsNotOfferedForUse(t *testing.T) {
	s := open(t)
	tpl := s.hand("", func(*voucher.Terms) {})
	m := s.member(t, "ming")
	m.Get("/vouchers").Submit("立即领取", nil).Must(200, "领取成功")
	turn := func(to voucher.TemplateState) {
		s.Must(s.Vouchers.Turn(t.Context(), voucher.Turn{Template: tpl, To: to, Reason: "typo"}))
	}
	m.Get("/me/vouchers").Must(200, "去使用").MustNot("暂停使用")
	turn(voucher.TemplatePaused)
	m.Get("/me/vouchers").Must(200, "暂停使用").MustNot("去使用")
	turn(voucher.TemplateOpen)
	m.Get("/me/vouchers").Must(200, "去使用").MustNot("暂停使用")
}

// TestAClaimOfWhatIsGoneIsTold: a page with script asks for a voucher whose time to be claimed ended meanwhile: the page is
// read anew, without the ticket, and says why. It was told that there is no such voucher.
func TestAClaimOfWhatIsGoneIsTold(t *testing.T) {
	s := open(t)
	tpl := s.hand("", func(o *voucher.Terms) { o.ClaimUntilUS = o.ClaimFromUS + 3_600_000_000 })
	s.Login(login.Shopper, "ming", "")
	token, who, err := s.Logins.Enter(t.Context(), login.Enter{Name: "ming", Password: webtest.Password})
	s.Must(err)
	o := &other{t, s.handler, token, who}
	s.Clock.Advance(2 * time.Hour)
	got := o.send("POST", "/vouchers", url.Values{"template": {string(tpl)}, "nth": {"1"}}, true)
	if got.Code != 200 || got.Header().Get("HX-Redirect") != "/vouchers" || got.Header().Get("HX-Trigger") != "" ||
		len(got.Result().Cookies()) == 0 {
		t.Fatalf("%d %v %s", got.Code, got.Header(), got.Body)
	}
}

func TestAClaimChangesItsTicket(t *testing.T) {
	s := open(t)
	tpl := s.hand("", func(*voucher.Terms) {})
	s.Login(login.Shopper, "ming", "")
	token, who, err := s.Logins.Enter(t.Context(), login.Enter{Name: "ming", Password: webtest.Password})
	s.Must(err)
	o := &other{t, s.handler, token, who}
	form := url.Values{"template": {string(tpl)}, "nth": {"1"}}
	for _, want := range []string{"已领取", "已领取"} {
		got := o.send("POST", "/vouchers", form, true)
		if body := got.Body.String(); !strings.Contains(body, want) || strings.Contains(body, "<html") ||
			got.Header().Get("HX-Trigger") == "" {
			t.Errorf("%d %s", got.Code, body)
		}
	}
	if all, err := s.Vouchers.Wallet(t.Context(), who.Shopper); err != nil || len(all) != 1 {
		t.Errorf("%d vouchers: %v", len(all), err)
	}
	form.Set("nth", "2")
	if got := o.send("POST", "/vouchers", form, true); !strings.Contains(got.Header().Get("HX-Trigger"), `"bad"`) {
		t.Errorf("a refusal: %s", got.Header().Get("HX-Trigger"))
	}
}

// TestBackTo: a form leads back to these pages only.
func TestBackTo(t *testing.T) {
	for given, want := range map[string]string{"/vouchers": "/vouchers", "/vouchers?shop=tea": "/vouchers?shop=tea",
		"": "/vouchers", "//evil.example/vouchers": "/vouchers", "https://evil.example/vouchers": "/vouchers",
		"/me": "/vouchers", "\x7f": "/vouchers"} {
		if got := backTo(given); got != want {
			t.Errorf("%q leads to %q", given, got)
		}
	}
}

// TestACodeWaitsForTheLogin: who types one without being logged in finds it filled in after logging in, once; it stands
// in no address on the way.
func TestACodeWaitsForTheLogin(t *testing.T) {
	s := open(t)
	s.Login(login.Shopper, "ming", "")
	token, _, err := s.Logins.Enter(t.Context(), login.Enter{Name: "ming", Password: webtest.Password})
	s.Must(err)
	in := false
	b := pagetest.New(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if in {
			all := r.Cookies()
			r.Header.Del("Cookie")
			r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: token})
			for _, c := range all {
				if c.Name != gate.SessionCookie {
					r.AddCookie(c)
				}
			}
		}
		s.handler.ServeHTTP(w, r)
	}))
	b.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	const code = "abcde-fghjk-mnpqr-stuvw"
	if at := b.Get("/me/vouchers").Submit("兑换", map[string]string{"code": code}).Path; at != "/login?next=%2Fme%2Fvouchers" {
		t.Errorf("a guest is sent to %s", at)
	}
	in = true
	for _, want := range []string{code, ""} {
		if got := b.Get("/me/vouchers").Must(200).Field("code"); got != want {
			t.Errorf("the code is %q, want %q", got, want)
		}
	}
}
