package shopweb

import (
	"context"
	"net/url"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/surface/page/pagetest"
)

// TestAShopperAsksForALowerPrice goes from a received order to a difference, and to the end of the guarantee.
func TestAShopperAsksForALowerPrice(t *testing.T) {
	s := open(t)
	path := s.received(t)
	s.Tell()
	s.Get(path).Must(200, "价保至 2026年11月26日", "申请价保").MustNot("已退差价").
		Submit("申请价保", nil).Must(200, "现在的价格没有更低")
	shirt := s.shirts[0]
	s.Must(s.Offers.Reprice(context.Background(), s.sport, shirt.ID, money.New(shirt.UnitPrice-350, "CNY"),
		money.New(0, "CNY")))
	s.Get(path).Submit("申请价保", nil).Must(200, "差价 ¥10.50", "已退差价 ¥10.50")
	s.Get(path).Submit("申请价保", nil).Must(200, "现在的价格没有更低", "已退差价 ¥10.50")
	stranger := pagetest.At(t, s.Base())
	stranger.Get("/p/"+string(s.cup)).Submit("加入购物车", nil)
	stranger.Post(path+"/guarantee", url.Values{"line": {"1"}}).Must(404)
	s.Post(path+"/guarantee", url.Values{"line": {"9"}}).Must(409, "不在价保范围内")
	s.Clock.Advance(15 * 24 * time.Hour)
	s.Get(path).Must(200, "价保已于", "已退差价 ¥10.50", "单价由 ¥99.00 降至 ¥95.50，3 件退 ¥10.50").MustNot("申请价保")
	s.Post(path+"/guarantee", url.Values{"line": {"1"}}).Must(410, "价保期已于")
}
