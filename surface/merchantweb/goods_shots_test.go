package merchantweb

import (
	"testing"

	"hutong/surface/page/browsertest"
	"hutong/surface/page/webtest"
)

// TestGoodsHoldInABrowser opens the pages about goods in Chromium, holds them to what all pages are held to, and keeps a
// picture of each.
func TestGoodsHoldInABrowser(t *testing.T) {
	i := openImport(t)
	i.Sell(webtest.Goods{Shop: i.cup.Shop, Zh: "白瓷杯", En: "White cup", Prices: []int64{500}, Pieces: 0})
	checked := i.put("明前茶.csv", teas).Path
	mapping := i.put("仓库.csv", "货号;商品名称;售价;现有\n1;龙井茶;19.90;5\n2;茶杯;8;x\n").Path
	done := i.put("春茶.csv", teas)
	done.Submit("确认导入", nil).Must(200)
	i.uploads.Wait()
	matrix := i.tea.Get("/desk/products/new").Submit("更新规格表", map[string]string{"title_zh": "盖碗", "option_0": "颜色",
		"values_0": "白\r\n青", "price_0": "9"}).Must(200).Submit("保存并上架", map[string]string{"values_0": "白\r\n青",
		"price_0": "20", "price_1": "22", "stock_0": "3"}).Must(200).Path
	screens := map[string]string{"products": "/desk/products", "product": matrix, "product-new": "/desk/products/new",
		"products-none": "/desk/products?q=nothing", "imports": "/desk/import", "import-checked": checked,
		"import-mapping": mapping, "import-done": done.Path}
	for _, l := range browsertest.Two() {
		t.Run(l.String(), func(t *testing.T) {
			b := browsertest.At(t, i.tea.Base(), l)
			b.Go("/desk/products")
			b.Allow("404")
			b.Do(`fetch("/enter", {method: "POST", body: new URLSearchParams({name: "tea"})})`)
			for name, path := range screens {
				b.Go(path)
				b.Check()
				b.Shot("desk-" + name)
			}
		})
	}
}
