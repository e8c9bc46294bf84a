package merchantweb

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/review"
)

// between cuts out what stands between two texts.
func between(t testing.TB, body, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(body, from)
	middle, _, ended := strings.Cut(rest, to)
	if !found || !ended {
		t.Fatalf("nothing between %q and %q", from, to)
	}
	return middle
}

func TestStaffAreInvitedChangedAndRemoved(t *testing.T) {
	s := open(t)
	p := s.tea.Get("/desk/staff").Must(200, "店主", "你自己")
	p = p.Submit("生成链接", map[string]string{"role": "clerk"}).Must(200, "邀请链接已生成", "仓库")
	link := between(t, p.Body, "/join?token=", "<")
	_, who, err := s.Logins.Join(context.Background(), login.Join{Token: link, Name: "packer", Password: webtest.Password})
	s.Must(err)
	if who.Staff != login.Clerk || who.Shop != s.cup.Shop {
		t.Errorf("%+v", who)
	}
	member := "/desk/staff/" + string(who.Login)
	s.sport.Get(member).Must(404)
	s.sport.Post(member, map[string][]string{"word": {"remove"}}).Must(404)
	s.tea.Get(member).Must(200, "packer").Submit("保存", map[string]string{"role": "manager"}).Must(200, "岗位已更改", "店长")
	s.tea.Get("/desk/record").Must(200, "更改了岗位", "角色：仓库 → 店长", "tea")
	s.tea.Get(member).Submit("移除", nil).Must(200, "员工已移除").MustNot("packer 店长")
	s.sport.Get("/desk/record").Must(200).MustNot("clerk → manager")
	s.tea.Post("/desk/staff", map[string][]string{"word": {"invite"}, "role": {"emperor"}}).Must(400)
	s.tea.Get("/desk/staff").Submit("生成链接", nil)
	s.tea.Get("/desk/staff").Submit("撤回", nil).Must(200, "邀请已撤回").MustNot("未使用")
}

func TestA6_NobodyRaisesThemselves(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	l, err := s.Logins.Register(ctx, login.Register{Role: login.Merchant, Name: "boss", Password: webtest.Password,
		Shop: s.cup.Shop, Staff: login.Manager})
	s.Must(err)
	b := pagetest.At(t, s.tea.Base())
	s.in(b, "boss").Must(200)
	b.Get("/desk/staff").Must(200, "店长").MustNot("邀请员工")
	for _, path := range []string{"/desk/staff", "/desk/staff/" + string(l.ID), "/desk/keys", "/desk/payout"} {
		p := b.Post(path, map[string][]string{"word": {"role"}, "role": {"owner"}})
		if p.Status != http.StatusForbidden && p.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	own := between(t, s.tea.Get("/desk/staff").Body, `href="/desk/staff/`, `"`)
	if own != string(l.ID) {
		t.Fatalf("the owner is offered to change %s", own)
	}
	me, err := s.Logins.Staff(ctx, login.Principal{Role: login.Merchant, Shop: s.cup.Shop, Login: l.ID,
		May: login.PermissionsOf(login.Owner)})
	s.Must(err)
	s.tea.Post("/desk/staff/"+string(me[0].Login), map[string][]string{"word": {"role"}, "role": {"viewer"}}).Must(403)
}

func TestAKeyIsShownOnce(t *testing.T) {
	s := open(t)
	p := s.tea.Get("/desk/keys").Must(200, "还没有密钥")
	p.Submit("新建密钥", map[string]string{"name": "ERP"}).Must(400)
	made := s.tea.Post("/desk/keys", map[string][]string{"word": {"make"}, "name": {"sync-7"}, "lasts": {"90"},
		"scopes": {"orders.read", "stock.write"}}).Must(200, "密钥已生成", "看订单，改库存")
	secret := "htk_" + between(t, made.Body, `secret-code">htk_`, "<")
	who, err := s.Logins.Resolve(context.Background(), secret)
	if err != nil || who.Shop != s.cup.Shop {
		t.Errorf("%+v %v", who, err)
	}
	again := s.tea.Get("/desk/keys").Must(200, "sync-7", "有效")
	if strings.Contains(again.Body, secret) {
		t.Error("the secret is shown twice")
	}
	s.sport.Get("/desk/keys").Must(200).MustNot("sync-7")
	again.Submit("停用", nil).Must(200, "密钥已停用", "已停用")
	s.tea.Post("/desk/keys", map[string][]string{"word": {"make"}, "name": {"x"}, "lasts": {"90"},
		"scopes": {"staff.manage"}}).Must(400)
}

func TestSessionsAreAPageOfTheLogin(t *testing.T) {
	s := open(t)
	p := s.tea.Get("/desk/sessions")
	if p.Path != "/account/security" {
		t.Errorf("led to %s", p.Path)
	}
}

func TestReviewsAreAnswered(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	who, id := s.Paid(s.cup, 1, checkout.CarrierChoice{})
	s.tea.Post("/desk/orders/ship", map[string][]string{"order": {id}}).Must(200)
	s.Must(s.Orders.Receive(ctx, who, order.ID(id), 1))
	_, err := s.reviews.Write(ctx, review.Write{Shopper: who, Order: order.ID(id), Line: 1, Stars: 4,
		Said: review.Said{Text: "很香"}})
	s.Must(err)
	p := s.tea.Get("/desk/reviews").Must(200, "很香")
	p.Submit("答复", map[string]string{"text": strings.Repeat("长", review.AnswerMax+1)}).Must(400)
	p.Submit("答复", map[string]string{"text": "谢谢"}).Must(200, "答复已保存", "没有要答复的评价")
	s.tea.Get("/desk/reviews?show=all").Must(200, "谢谢", "修改答复")
	s.sport.Get("/desk/reviews?show=all").Must(200).MustNot("很香")
	one := between(t, p.Body, `action="/desk/reviews/`, `"`)
	s.sport.Post("/desk/reviews/"+one, map[string][]string{"text": {"我的"}}).Must(404)
}

func TestWebhooksAreMadeChangedAndRemoved(t *testing.T) {
	s := open(t)
	p := s.tea.Get("/desk/webhooks").Must(200, "还没有推送地址")
	p.Submit("添加地址", map[string]string{"url": "http://10.0.0.1/"}).Must(400)
	made := p.Submit("添加地址", map[string]string{"url": "https://erp.example/hook"}).Must(200, "签名密钥", "whsec_")
	one := made.Follow("https://erp.example/hook").Must(200, "正常", "还没有推送").MustNot("whsec_")
	s.sport.Get(one.Path).Must(404)
	for _, word := range []string{"save", "rotate", "remove", "ping", "again", "replay"} {
		s.sport.Post(one.Path, map[string][]string{"word": {word}}).Must(404)
	}
	one.Submit("更换密钥", nil).Must(200, "whsec_")
	one = s.tea.Post(one.Path, map[string][]string{"word": {"save"}, "url": {"https://erp.example/two"},
		"topics": {"order.paid"}}).Must(200, "已停用", "/two")
	one.Submit("删除", nil).Must(200, "已删除", "还没有推送地址")
}

// send posts a form with a file.
func send(t testing.TB, b *pagetest.Browser, path string, fields map[string]string, file string, data []byte) *pagetest.Page {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := m.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if data != nil {
		part, err := m.CreateFormFile(file, "x.php")
		if err == nil {
			_, err = part.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Send(path, m.FormDataContentType(), &body)
}

func drawing(t testing.TB) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheShopSaysOfItselfWhatItsStaffWrite(t *testing.T) {
	s := open(t)
	say := map[string]string{"name_zh": "新茶舍", "name_en": "New Tea", "intro_zh": "好茶", "intro_en": "Good tea"}
	send(t, s.tea, "/desk/settings", say, "logo", []byte("no picture")).Must(400)
	send(t, s.tea, "/desk/settings", say, "logo", drawing(t)).Must(200, "已保存")
	shop, err := s.Shops.Shop(context.Background(), merchant.ID(s.cup.Shop))
	s.Must(err)
	if shop.Name.Zh != "新茶舍" || shop.Logo == "" || shop.Code != "tea" {
		t.Errorf("%+v", shop)
	}
	say["name_zh"] = strings.Repeat("长", 61)
	if send(t, s.tea, "/desk/settings", say, "logo", nil).Must(400).Wrong("name_zh") == "" {
		t.Error("a long name is not named at its field")
	}
	s.tea.Get("/desk").Must(200, "填写发货地")
	s.tea.Get("/desk/settings?province=33").Must(200, "西湖区")
	s.tea.Post("/desk/settings/origin", map[string][]string{"division": {"330106"}}).Must(200, "已保存", "西湖区")
	from, err := s.Ship.Origin(context.Background(), s.cup.Shop)
	s.Must(err)
	if from.Division != "330106" {
		t.Errorf("%+v", from)
	}
	s.tea.Get("/desk").Must(200).MustNot("填写发货地")
	s.tea.Get("/desk").Follow("填写退货地址").Must(200, "没有退货地址，就不能同意退货")
	if p := s.tea.Get("/desk?lang=en"); !strings.Contains(p.Body, `href="/desk/settings#returns"`) ||
		!strings.Contains(p.Body, "Say where goods come back to") {
		t.Error("the first page does not lead to the form")
	}
	s.tea.Post("/desk/settings/returns", map[string][]string{"returns": {"CN-33"}, "division": {"330106"}, "recipient": {"仓库"},
		"phone": {"13800138000"}, "street": {"文三路 1 号"}}).Must(200, "文三路 1 号")
	s.tea.Get("/desk?lang=zh").Must(200).MustNot("填写退货地址")
	s.tea.Post("/desk/settings/origin", map[string][]string{"division": {"999999"}}).Must(400)
	s.tea.Get("/desk/settings").Submit("停用", nil).Must(200, "没有自提点")
	s.tea.Post("/desk/settings/points", map[string][]string{"word": {"save"}, "code": {"two"}, "zh": {"二店"},
		"en": {"Two"}, "address": {"东四 2 号"}}).Must(200, "东四 2 号")
}

func TestAShopBeginsAtTheDoor(t *testing.T) {
	s := open(t)
	b := pagetest.At(t, s.tea.Base())
	fill := map[string]string{"shop": "小巷咖啡", "code": "tea", "name": "barista", "password": webtest.Password}
	if b.Get("/open").Must(200, "三分钟开店").Submit("注册店铺", fill).Must(409).Wrong("code") == "" {
		t.Error("a taken code is not named at its field")
	}
	fill["code"], fill["name"] = "coffee", "tea"
	if b.Get("/open").Submit("注册店铺", fill).Must(409).Wrong("name") == "" {
		t.Error("a taken name is not named at its field")
	}
	fill["name"] = "barista"
	b.Get("/open").Submit("注册店铺", fill).Must(200, "资质", "执照照片")
	papers := map[string]string{"holder": "小巷咖啡馆", "licence": "91350100M000100Y43"}
	if send(t, b, "/desk/papers", papers, "picture", nil).Must(400).Wrong("picture") == "" {
		t.Error("a missing picture is not named at its field")
	}
	send(t, b, "/desk/papers", papers, "picture", drawing(t)).Must(200, "店铺等待审核", "资质已提交")
	if p := b.Get("/desk/papers/licence"); p.Status != 200 || p.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("licence: %d", p.Status)
	}
	s.tea.Get("/desk/papers/licence").Must(404)
	shop, err := s.Shops.ByCode(context.Background(), "coffee")
	s.Must(err)
	if shop.State != merchant.Applied {
		t.Fatal(shop.State)
	}
	if p := s.tea.Get("/operator/licences/" + string(shop.ID)); p.Status != 404 && p.Status != 403 {
		t.Errorf("another shop reads the licence: %d", p.Status)
	}
	s.Must(s.Shops.Reopen(context.Background(), shop.ID))
	b.Get("/desk").Must(200, "店铺已开业", "上架第一件商品")
	s.tea.Get("/open").Must(200, "待办")
	send(t, b, "/desk/papers", papers, "picture", drawing(t)).Must(409)
}
