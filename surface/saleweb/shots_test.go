package saleweb

import (
	"maps"
	"slices"
	"testing"

	"hutong/surface/page/browsertest"
)

// TestEveryScreenHoldsInABrowser opens every page of both desks in Chromium, holds it to what all pages are held to,
// and keeps a picture of each.
func TestEveryScreenHoldsInABrowser(t *testing.T) {
	s := open(t)
	s.tea.Get("/desk/promotions/new?kind=spend").Submit("保存草稿", fill()).Submit("发布", nil).Must(200)
	f := fill()
	f["tiers"] = "200 60"
	draft := s.tea.Get("/desk/promotions/new?kind=spend").Submit("保存草稿", f).Must(200)
	ticket := s.tea.Get("/desk/vouchers/new").Submit("保存草稿", ticket()).Submit("发布", nil).Must(200)
	subsidy := s.boss.Get("/operator/promotions/new?kind=subsidy").Submit("保存草稿", map[string]string{
		"title_zh": "百亿补贴", "title_en": "Subsidy", "off": "5", "fund_platform": "100", "budget": "20000"}).Must(200)
	subsidy.Submit("申请另一人审批", nil).Must(200)
	query := draft.Follow("价格试算").Submit("加入", map[string]string{"add": s.cup.SKU}).
		Submit("试算", map[string]string{"n1": "2"}).Must(200).Path
	screens := map[string]map[string]string{
		"tea": {"promotions": "/desk/promotions", "promotion-new": "/desk/promotions/new", "promotion": draft.Path,
			"try": query, "vouchers": "/desk/vouchers", "voucher-new": "/desk/vouchers/new", "voucher": ticket.Path},
		"boss": {"operator-promotions": "/operator/promotions", "operator-promotion-new": "/operator/promotions/new",
			"operator-promotion": subsidy.Path, "operator-try": "/operator/promotions/try",
			"operator-vouchers": "/operator/vouchers", "operator-voucher-new": "/operator/vouchers/new?kind=redpacket",
			"operator-given": "/operator/vouchers/given"}}
	for _, l := range browsertest.Two() {
		t.Run(l.String(), func(t *testing.T) {
			for _, who := range slices.Sorted(maps.Keys(screens)) {
				b := browsertest.At(t, s.tea.Base(), l)
				b.Go("/enter?name=" + who)
				for _, name := range slices.Sorted(maps.Keys(screens[who])) {
					b.Go(screens[who][name])
					b.Check()
					b.Shot("sale-" + name)
				}
			}
		})
	}
}

// TestTheDesksWorkWithoutScript drafts, publishes and tries in a browser that runs no script.
func TestTheDesksWorkWithoutScript(t *testing.T) {
	s := open(t)
	b := browsertest.At(t, s.tea.Base(), browsertest.Look{NoScript: true})
	b.Go("/enter?name=tea")
	b.Go("/desk/promotions/new?kind=direct")
	for name, value := range map[string]string{"title_zh": "直降", "title_en": "Cut", "off": "10.00"} {
		b.Fill("input[name="+name+"]", value)
	}
	b.Follow(".sale-ask button[type=submit]")
	b.Click("#do-publish summary")
	b.Follow("#do-publish button[value=publish]")
	if n := s.rooms.Rules.Rules().Len(); n != 1 {
		t.Errorf("%s: %d rules hold", b.Path(), n)
	}
}
