package merchantweb

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"net/url"
	"strings"
	"testing"

	"hutong/goods/catalog"
	"hutong/goods/edit"
	"hutong/goods/offer"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/checkout"
)

// bulk asks for a change of some products, as ticking their boxes does.
func (i *importing) bulk(do string, more url.Values, products ...string) *pagetest.Page {
	v := url.Values{"do": {do}, "product": products}
	for k, all := range more {
		v[k] = all
	}
	return i.tea.Post("/desk/products", v)
}

func TestProductsAreFoundFilteredAndSorted(t *testing.T) {
	i := openImport(t)
	shop := i.cup.Shop
	i.Sell(webtest.Goods{Shop: shop, Zh: "白瓷杯", En: "White cup", Prices: []int64{500}, Pieces: 0})
	i.Sell(webtest.Goods{Shop: shop, Zh: "茶盘", En: "Tray", Prices: []int64{9900}, Pieces: 3})
	i.tea.Get("/desk/products").Must(200, "龙井茶", "白瓷杯", "茶盘", "售罄").MustNot("跑鞋")
	i.tea.Get("/desk/products?q="+url.QueryEscape("瓷")).Must(200, "白瓷杯").MustNot("龙井茶")
	i.tea.Get("/desk/products?stock=out").Must(200, "白瓷杯").MustNot("龙井茶", "茶盘")
	i.tea.Get("/desk/products?show=low").Must(200, "茶盘").MustNot("龙井茶")
	i.tea.Get("/desk/products?state=withdrawn").Must(200, "没有符合条件的商品").Follow("查看全部").Must(200, "龙井茶")
	text := i.tea.Get("/desk/products?sort=price_down").Must(200).Text()
	if strings.Index(text, "茶盘") > strings.Index(text, "白瓷杯") {
		t.Error("the dearest is not the first")
	}
	for _, hostile := range []string{"sort=id%3BDROP", "stock=%27", "state=x", "page=-9", "page=99999999999", "q=%25%5C_%27"} {
		if p := i.tea.Get("/desk/products?" + hostile); p.Status != 200 {
			t.Errorf("A15: %s: %d", hostile, p.Status)
		}
	}
	i.tea.Lang = "en"
	i.tea.Get("/desk/products").Must(200, "Longjing tea", "Sold out")
}

func TestManyProductsAreChangedAfterAsking(t *testing.T) {
	i := openImport(t)
	cup, shoe := i.cup.Product, i.shoe.Product
	i.bulk("withdraw", nil, cup).Must(200, "下架这 1 件商品？", "龙井茶").Submit("确认下架", nil).Must(200, "已完成", "已下架")
	i.bulk("publish", nil, cup).Submit("确认上架", nil).Must(200, "在售")
	p := i.bulk("price", nil, cup).Must(200, "给 1 件商品改价")
	if p = p.Submit("预览", map[string]string{"by": "nine"}).Must(400); p.Wrong("by") == "" {
		t.Fatal("a rate that is none is not refused beside its field")
	}
	p = p.Submit("预览", map[string]string{"by": "-12.5%"}).Must(200, "¥19.90", "¥17.41")
	i.tea.Get("/desk/products").MustNot("17.41")
	p.Submit("确认改价", nil).Must(200, "17")
	if got := i.offer(); got.UnitPrice != 1741 || got.Version != 2 {
		t.Fatalf("%+v", got)
	}
	i.bulk("price", url.Values{"kind": {"price_amount"}, "by": {"-99"}, "sure": {"1"}}, cup).Must(422)
	i.bulk("stock", url.Values{"kind": {"stock_add"}, "by": {"5"}}, cup).Must(200, "15").Submit("确认改库存", nil).Must(200, "15")
	i.Paid(i.cup, 2, checkout.CarrierChoice{})
	i.bulk("stock", url.Values{"kind": {"stock_set"}, "by": {"1"}}, cup).Must(422, "2")
	i.bulk("withdraw", nil).Must(400, "请先选择商品")
	for _, sure := range []url.Values{nil, {"sure": {"1"}}} {
		i.bulk("withdraw", sure, shoe).Must(404)
		i.bulk("withdraw", sure, cup, shoe).Must(404)
	}
	i.bulk("explode", nil, cup).Must(404)
}

// TestA27_ABulkFormIsBounded: one form changes at most 500 products.
func TestA27_ABulkFormIsBounded(t *testing.T) {
	i := openImport(t)
	ids := make([]string, edit.BulkMax+1)
	for n := range ids {
		ids[n] = fmt.Sprintf("prd_%d", n)
	}
	i.bulk("withdraw", url.Values{"sure": {"1"}}, ids...).Must(400, "最多处理 500 件")
}

func (i *importing) offer() offer.Offer {
	i.t().Helper()
	all, err := i.Offers.ByProducts(i.t().Context(), []string{i.cup.Product})
	i.Must(err)
	return all[i.cup.Product][0]
}

func TestAProductIsMadeWithItsMatrix(t *testing.T) {
	i := openImport(t)
	p := i.tea.Get("/desk/products/new").Must(200, "新建商品", "单规格", "售价（CNY）", "图片在保存后添加")
	if p = p.Submit("保存并上架", map[string]string{"price_0": "9"}).Must(400); p.Wrong("title_zh") == "" {
		t.Fatal("a product without a title is not refused beside the title")
	}
	p = p.Submit("更新规格表", map[string]string{"title_zh": "盖碗", "option_0": "颜色 | Colour", "values_0": "白 | White\n青\n",
		"option_1": "容量", "values_1": "100ml\n150ml"}).Must(200, "白 / 100ml", "青 / 150ml")
	// The test's browser joins the lines of a text; a real one does not.
	whole := func(more map[string]string) map[string]string {
		more["values_0"], more["values_1"] = "白 | White\r\n青\r\n", "100ml\r\n150ml"
		return more
	}
	if p = p.Submit("保存并上架", whole(map[string]string{"price_1": "x"})).Must(400); p.Wrong("price_0")+p.Wrong("price_1") == "" {
		t.Fatal("a price that is none is not refused beside its field")
	}
	fill := map[string]string{"category": "茶"}
	for n := range 4 {
		fill[fmt.Sprintf("price_%d", n)], fill[fmt.Sprintf("stock_%d", n)] = fmt.Sprintf("%d.50", 20+n), "3"
	}
	p.Submit("查找类目", whole(fill)).Must(200, "选择类目")
	fill["category"] = "不存在的类目"
	if p.Submit("查找类目", whole(fill)).Must(200).Wrong("category") == "" {
		t.Fatal("nobody is told that no category is called so")
	}
	fill["category"] = ""
	p = p.Submit("保存并上架", fill).Must(200, "已保存。还没有图片", "在售", "查看店内页面")
	if p.Field("price_3") != "23.50" || p.Field("stock_3") != "3" {
		t.Fatalf("%s, %s", p.Field("price_3"), p.Field("stock_3"))
	}
	seen := p
	p = p.Submit("保存", whole(map[string]string{"price_0": "18", "stock_0": "7"})).Must(200, "已保存")
	if p.Field("price_0") != "18.00" || p.Field("stock_0") != "7" {
		t.Fatal(p.Text())
	}
	seen.Submit("保存", whole(map[string]string{"title_zh": "另一个"})).Must(409, "另一处改过")
	i.sport.Get(p.Path).Must(404)
	i.sport.Post(p.Path, url.Values{"do": {"save"}, "title_zh": {"x"}}).Must(404)
	i.tea.Lang = "en"
	i.tea.Get(p.Path).Must(200, "Save and publish", "White / 100ml")
}

// TestR1_AFormSentTwiceMakesOneProduct: a double press, or the way back in the browser and the button again.
func TestR1_AFormSentTwiceMakesOneProduct(t *testing.T) {
	i := openImport(t)
	form := i.tea.Get("/desk/products/new")
	fill := map[string]string{"title_zh": "紫砂壶", "price_0": "9", "stock_0": "1"}
	first, again := form.Submit("保存并上架", fill).Must(200), form.Submit("保存并上架", fill).Must(200)
	if first.Path != again.Path {
		t.Errorf("one form made %s and %s", first.Path, again.Path)
	}
	if other := i.tea.Get("/desk/products/new").Submit("保存并上架", fill).Must(200); other.Path == first.Path {
		t.Error("another form made nothing")
	}
}

// TestA16_NamesAreData: what is typed into a product is shown as it is and never computed.
func TestA16_NamesAreData(t *testing.T) {
	i := openImport(t)
	name := `{{.Me}} <script>alert(1)</script> ${7*7}`
	p := i.tea.Get("/desk/products/new").Submit("保存并上架", map[string]string{"title_zh": name, "price_0": "9", "stock_0": "1",
		"description_zh": `<p onclick="x">a</p><script>alert(1)</script>{{.}}`}).Must(200, name)
	for _, body := range []string{p.Body, i.tea.Get("/desk/products").Must(200, name).Body} {
		if strings.Contains(body, "<script>alert") || strings.Contains(body, "onclick=\"x") {
			t.Error("markup of a stranger")
		}
	}
}

func picturePNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestA12_OnlyPicturesBecomePictures: an SVG, a page and a script are refused beside the field; what follows a picture's
// last byte is not served.
func TestA12_OnlyPicturesBecomePictures(t *testing.T) {
	i := openImport(t)
	path := "/desk/products/" + i.cup.Product
	for name, content := range map[string]string{"a.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"a.png": "<html><script>alert(1)</script>", "a.jpg": "GIF89a<script>", "../../a.png": "PK\x03\x04"} {
		status, _, text := i.sender.file(path+"/pictures", "pictures", name, []byte(content), nil)
		if status != 400 {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	polyglot := append(picturePNG(t), []byte("<script>alert(1)</script>")...)
	if status, _, text := i.sender.file(path+"/pictures", "pictures", "a.png", polyglot, nil); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	p := i.tea.Get(path).Must(200, "图片 2")
	at := strings.LastIndex(p.Body, `<img src="/pic/`)
	src := p.Body[at+len(`<img src="`):]
	got := i.tea.Get(src[:strings.IndexByte(src, '"')])
	if got.Status != 200 || strings.Contains(got.Body, "script") || !strings.HasPrefix(got.Header.Get("Content-Type"), "image/") ||
		got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%d %v", got.Status, got.Header)
	}
	if status, _, _ := newSender(t, i.tea.Base(), "sport").file(path+"/pictures", "pictures", "a.png", polyglot, nil); status != 404 {
		t.Errorf("A1: another shop's picture: %d", status)
	}
}

// TestA13_ABombIsNoPicture: a picture whose header claims more than is allowed is refused before it is decoded.
func TestA13_ABombIsNoPicture(t *testing.T) {
	i := openImport(t)
	bomb := picturePNG(t)
	binary.BigEndian.PutUint32(bomb[16:], 50_000)
	binary.BigEndian.PutUint32(bomb[20:], 50_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	path := "/desk/products/" + i.cup.Product
	status, _, text := i.sender.file(path+"/pictures", "pictures", "a.png", bomb, nil)
	if status != 400 || !strings.Contains(text, "百万像素") {
		t.Fatalf("%d %s", status, text)
	}
}

func TestPicturesAreArranged(t *testing.T) {
	i := openImport(t)
	path := "/desk/products/" + i.cup.Product
	if status, _, text := i.sender.file(path+"/pictures", "pictures", "a.png", picturePNG(t), nil); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	first := func() catalog.PictureID {
		p, err := i.Catalog.Product(t.Context(), catalog.ID(i.cup.Product))
		i.Must(err)
		return p.Pictures[0]
	}
	was := first()
	i.tea.Get(path).Submit("设为主图", nil).Must(200)
	if first() == was {
		t.Fatal("the second picture did not become the first")
	}
	i.tea.Get(path).Submit("移除", nil).Must(200).MustNot("图片 2")
	if first() != was {
		t.Fatal("the wrong picture went")
	}
	i.tea.Post(path+"/pictures", url.Values{"do": {"remove"}, "picture": {"pic_none"}}).Must(404)
	say := url.Values{"do": {"describe"}, "picture": {string(was)}, "alt_zh": {"青瓷杯 <侧面>"}}
	i.tea.Post(path+"/pictures", say).Must(200, "青瓷杯 <侧面>")
	i.sport.Post(path+"/pictures", say).Must(404)
	say.Set("alt_en", strings.Repeat("x", catalog.AltMax+1))
	i.tea.Post(path+"/pictures", say).Must(400, "图片说明最多")
}
