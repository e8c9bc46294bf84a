package operatorweb

import (
	"context"
	"testing"

	"hutong/base/text"
	"hutong/deal/voucher"
	"hutong/party/approval"
	"hutong/surface/page/pagetest"
)

// TestPromisesWaitForASecondPerson: what the market and a shop would publish stands among the approvals by its name.
func TestPromisesWaitForASecondPerson(t *testing.T) {
	s := open(t)
	s.Get("/operator/promotions").Must(200, "还没有优惠活动", "优惠券").Follow("新建优惠").Must(200)
	p := s.Get("/operator/promotions/new?kind=subsidy").Submit("保存草稿", map[string]string{"title_zh": "百亿补贴", "title_en": "Subsidy",
		"off": "5", "fund_platform": "100"}).Must(200, "草稿已保存", "无法估计上限")
	p.Submit("发布", nil).Must(422)
	p.Submit("申请另一人审批", nil).Must(200, "待批准")
	ctx := context.Background()
	x, err := s.Vouchers.Draft(ctx, voucher.Draft{Shop: s.tea, Terms: voucher.Terms{Kind: voucher.KindVoucher,
		Title: text.Entry{Zh: "茶券", En: "Tea"}, Off: 1000, UntilUS: 9, ClaimUntilUS: 9, Issue: 10, PerShopper: 1,
		Audience: voucher.Audience{Kind: voucher.Everyone}}})
	s.Must(err)
	_, who, err := s.Logins.Login(ctx, "tea", "long enough", text.Zh)
	s.Must(err)
	_, err = s.deps.Approvals.Ask(ctx, approval.Ask{By: who, Kind: voucher.PublishRequest, Shop: s.tea, Subject: string(x.ID),
		Payload: voucher.PublishPayload{Version: 1}})
	s.Must(err)
	waiting := s.Get("/operator/approvals").Must(200, "发布优惠：百亿补贴", "平台，花费没有上限", "发布优惠券：茶券",
		"巷口茶舍，最多花费 ¥100.00", "巷口茶舍 的员工")
	waiting.Follow("发布优惠：百亿补贴").Must(200, "每件减", "待批准")
	other := pagetest.At(t, s.Base())
	s.enter(other, "second")
	other.Get(p.Path).Submit("批准", nil).Must(200, "已批准", "生效中")
}
