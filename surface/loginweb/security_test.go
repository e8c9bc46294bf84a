package loginweb_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
)

// in logs somebody in by password and gives their browser.
func (s *stand) in(t testing.TB, name string) *pagetest.Browser {
	t.Helper()
	b := s.visitor(t)
	b.Post("/login", password(name)).Must(200)
	return b
}

func TestAShopperLooksAfterTheirWaysIn(t *testing.T) {
	s := open(t)
	b := s.visitor(t)
	s.byCode(t, b, "ming@example.com").Must(200)
	p := b.Get("/account/security").Must(200, "ming@example.com", "设置密码", "登录的设备", "本机", "验证码")
	p.Submit("移除", nil).Must(409, "最后一种方式")
	p.Submit("保存", map[string]string{"password": "short"}).Must(400)
	if wrong := p.Submit("保存", map[string]string{"password": "short"}).Wrong("password"); !strings.Contains(wrong, "密码须为") {
		t.Errorf("beside the password stands %q", wrong)
	}
	p = p.Submit("保存", map[string]string{"password": "long enough"}).Must(200, "密码已修改", "修改密码", "当前密码")
	p = p.Submit("保存", map[string]string{"was": "something else", "password": "longer still"}).Must(400)
	if p.Wrong("was") == "" {
		t.Error("nothing stands beside the wrong password")
	}
	code := p.Submit("获取验证码", map[string]string{"address": "13800138000"}).Must(200, "输入验证码", "13800138000")
	if code.Submit("确认", map[string]string{"code": "1"}).Must(401).Wrong("code") == "" {
		t.Error("nothing stands beside the wrong code")
	}
	p = code.Submit("确认", map[string]string{"code": s.sent.Code}).Must(200, "已添加", "+8613800138000")
	p.Submit("移除", nil).Must(200, "已移除")
	if got := b.Get("/account/security").Submit("获取验证码", map[string]string{"address": "nonsense"}).Wrong("address"); got == "" {
		t.Error("nothing stands beside the wrong address")
	}
	s.visitor(t).Get("/account/security").Must(200, "获取验证码") // strangers are sent to log in
	guest := s.visitor(t)
	guest.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	if at := guest.Get("/account/security").Path; at != "/login?next=%2Faccount%2Fsecurity" {
		t.Errorf("a guest is sent to %s", at)
	}
}

// After ten minutes what leads in takes another proof, and leads back to where it was asked for. The session before ends.
func TestA23_ADearChangeAsksWhoIsThere(t *testing.T) {
	s := open(t)
	b := s.visitor(t)
	s.byCode(t, b, "ming@example.com").Must(200)
	s.Clock.Advance(login.ProofFor + time.Second)
	address := map[string]string{"address": "13800138000"}
	p := b.Get("/account/security").Submit("获取验证码", address).Must(200, "请再登录一次")
	if p.Path != "/login?again=1&next=%2Faccount%2Fsecurity" {
		t.Errorf("it leads to %s", p.Path)
	}
	p = p.Submit("获取验证码", map[string]string{"address": "ming@example.com"}).Must(200, "输入验证码")
	p = p.Submit("确认", map[string]string{"code": s.sent.Code}).Must(200, "ming@example.com", "设置密码")
	if p.Path != "/account/security" {
		t.Errorf("it leads back to %s", p.Path)
	}
	p.Submit("获取验证码", address).Must(200, "输入验证码", "13800138000")
	s.Login(login.Merchant, "boss", s.shop)
	b = s.in(t, "boss")
	s.Clock.Advance(login.ProofFor + time.Second)
	b.Send("/account/security/passkeys/begin", "application/json", strings.NewReader("{}")).Must(403)
	again := b.Get("/login?again=1&way=password&next=/account/security").Must(200, "请再登录一次")
	again = again.Submit("登录", map[string]string{"name": "boss", "password": "nonsense"}).Must(401, "请再登录一次")
	again.Submit("登录", map[string]string{"name": "boss", "password": webtest.Password}).Must(200, "登录的设备")
	_, who, err := s.Logins.Login(t.Context(), "boss", webtest.Password, text.Zh)
	s.Must(err)
	if all, err := s.Logins.Sessions(t.Context(), who, ""); err != nil || len(all) != 2 { // this one and the browser's
		t.Errorf("%d sessions, %v", len(all), err)
	}
}

func TestSessionsAreEndedFromAnotherDevice(t *testing.T) {
	s := open(t)
	s.Login(login.Merchant, "boss", s.shop)
	one, two, three := s.in(t, "boss"), s.in(t, "boss"), s.in(t, "boss")
	p := one.Get("/desk/security").Must(200, "本机", "退出其他所有设备").MustNot("邮箱和手机号")
	if p.Path != "/account/security" {
		t.Errorf("the desk's own address leads to %s", p.Path)
	}
	p = p.Submit("退出 ", nil).Must(200, "该设备已退出登录")
	ended := 0
	for _, b := range []*pagetest.Browser{two, three} {
		if strings.HasPrefix(b.Get("/account/security").Path, "/login") {
			ended++
		}
	}
	if ended != 1 {
		t.Fatalf("%d sessions ended, want 1", ended)
	}
	p.Submit("退出其他所有设备", nil).Must(200, "其他设备都已退出").MustNot("退出其他所有设备")
	for _, b := range []*pagetest.Browser{two, three} {
		if at := b.Get("/account/security").Path; !strings.HasPrefix(at, "/login") {
			t.Errorf("a session goes on at %s", at)
		}
	}
	other := s.visitor(t)
	s.byCode(t, other, "hong@example.com")
	other.Post("/account/security/sessions", url.Values{"session": {"ses_00000000000000000000000000"}}).Must(404, "没有这个登录会话")
}

func TestAnotherPasswordEndsAllOtherSessions(t *testing.T) {
	s := open(t)
	s.Login(login.Operator, "chief", "")
	one, two := s.in(t, "chief"), s.in(t, "chief")
	one.Get("/operator/security").Submit("保存", map[string]string{"was": webtest.Password, "password": "another one"}).
		Must(200, "密码已修改")
	if at := two.Get("/account/security").Path; !strings.HasPrefix(at, "/login") {
		t.Errorf("a session with the old password goes on at %s", at)
	}
}

func TestSupportLooksOnWithConsentOnly(t *testing.T) {
	s := open(t)
	s.Login(login.Operator, "chief", "")
	b := s.visitor(t)
	s.byCode(t, b, "ming@example.com")
	p := b.Get("/account/security").Submit("生成授权码", nil).Must(200, "授权码", "12:15")
	_, code, _ := strings.Cut(p.Body, `help-code"><output>`)
	code, _, _ = strings.Cut(code, "<")
	_, chief, err := s.Logins.Login(t.Context(), "chief", webtest.Password, text.Zh)
	s.Must(err)
	token, _, err := s.Logins.Help(t.Context(), chief, code)
	s.Must(err)
	helper := func(method, path string) *http.Response {
		return s.raw(t, nil, path, url.Values{"method": {method}}, "Cookie", gate.SessionCookie+"="+token)
	}
	for _, path := range []string{"/account/security/password", "/account/security/help", "/account/security/contacts"} {
		if res := helper("POST", path); res.StatusCode != http.StatusForbidden {
			t.Errorf("a helper may %s: %d", path, res.StatusCode)
		}
	}
	b.Get("/account/security").Must(200, "客服正在查看", "平台协助").Submit("收回授权", nil).Must(200, "授权已收回")
	if _, err := s.Logins.Resolve(t.Context(), token); err == nil {
		t.Error("the helper's session outlived the consent")
	}
}

func (s *stand) invite(t testing.TB, role login.StaffRole, email string) string {
	t.Helper()
	_, boss, err := s.Logins.Login(t.Context(), "boss", webtest.Password, text.Zh)
	s.Must(err)
	token, _, err := s.Logins.Invite(t.Context(), login.Invite{By: boss, Role: role, Email: email})
	s.Must(err)
	return token
}

func TestAnInvitationIsTakenUpOnce(t *testing.T) {
	s := open(t)
	s.Login(login.Merchant, "boss", s.shop)
	token := s.invite(t, login.Clerk, "")
	b := s.visitor(t)
	p := b.Get("/join?token="+token).Must(200, "巷口茶舍 邀请你加入", "店员")
	if got := p.Submit("加入", map[string]string{"name": "boss", "password": "long enough"}).Must(409).Wrong("name"); got == "" {
		t.Error("nothing stands beside a name that is taken")
	}
	p.Submit("加入", map[string]string{"name": "xiaoli", "password": "short"}).Must(400, "密码须为")
	if got := b.Post("/join/"+token, url.Values{"name": {"xiaoli"}, "password": {"long enough"}}); got.Path != "/desk" {
		t.Errorf("joining leads to %s", got.Path)
	}
	for _, gone := range []string{token, token + "x", "", "inv_0"} {
		b.Get("/join/" + gone).Must(404)
	}
	s.visitor(t).Get("/join/"+token).Must(404, "邀请不存在、已使用或已过期")
	late := s.invite(t, login.Viewer, "")
	s.Clock.Advance(8 * 24 * time.Hour)
	s.visitor(t).Get("/join/"+late).Must(404, "已过期")
}

// TestA6_WhoLooksOnIsSeenOnEveryPage: the bar that says so is on every page, also on those that are kept as bytes, and on
// nobody else's; it ends the session.
func TestA6_WhoLooksOnIsSeenOnEveryPage(t *testing.T) {
	s := open(t)
	s.Login(login.Operator, "chief", "")
	s.Login(login.Merchant, "boss", s.shop)
	token := s.looking(t, "boss")
	for _, path := range []string{"/", "/search?q=x", "/p/" + string(s.cup), "/login", "/account/security",
		"/p/prd_00000000000000000000000000"} {
		r, err := http.NewRequest(http.MethodGet, s.Base()+path, nil)
		s.Must(err)
		r.AddCookie(&http.Cookie{Name: gate.SessionCookie, Value: token})
		res, err := http.DefaultClient.Do(r)
		s.Must(err)
		said := body(t, res)
		res.Body.Close()
		if !strings.Contains(said, "协助查看") || !strings.Contains(said, "结束查看") || !strings.Contains(said, s.shop[len(s.shop)-6:]) {
			t.Errorf("%s does not say who looks on: %.300s", path, said)
		}
		s.visitor(t).Get(path).MustNot("协助查看")
	}
	res := s.raw(t, nil, "/logout", nil, "Cookie", gate.SessionCookie+"="+token)
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/login?") {
		t.Errorf("ending leads to %q (%d)", to, res.StatusCode)
	}
	if _, err := s.Logins.Resolve(t.Context(), token); err == nil {
		t.Error("the session goes on")
	}
}

// looking is the token of the session in which the operator "chief" looks on at somebody's place.
func (s *stand) looking(t testing.TB, name string) string {
	t.Helper()
	_, who, err := s.Logins.Login(t.Context(), name, webtest.Password, text.Zh)
	s.Must(err)
	code, _, err := s.Logins.Consent(t.Context(), who)
	s.Must(err)
	_, chief, err := s.Logins.Login(t.Context(), "chief", webtest.Password, text.Zh)
	s.Must(err)
	token, _, err := s.Logins.Help(t.Context(), chief, code)
	s.Must(err)
	return token
}
