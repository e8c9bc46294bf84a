package merchantweb

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"hutong/goods/edit"
	"hutong/goods/intake"
	"hutong/goods/intake/upload"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/trade/review"
)

// goodsDeps are what the pages about goods stand on, on a test's market.
func goodsDeps(t testing.TB, m *webtest.Market, d Deps) Deps {
	t.Helper()
	m.Must(m.DB.Migrate(t.Context(), intake.Schema))
	d.Intake = intake.New(m.DB, m.Clock, m.IDs, intake.Rooms{Catalog: m.Catalog, Offers: m.Offers, Stock: m.Stock,
		Pictures: m.Pictures}, nil)
	var err error
	d.Uploads, err = upload.Open(upload.Deps{Intake: d.Intake, Clock: m.Clock, Dir: t.TempDir()})
	m.Must(err)
	t.Cleanup(func() { m.Must(d.Uploads.Close()) })
	d.Currency = "CNY"
	return d
}

// sender sends files as a browser does, logged in as a merchant.
type sender struct {
	t      testing.TB
	client *http.Client
	base   string
}

func newSender(t testing.TB, base, name string) *sender {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &sender{t, &http.Client{Jar: jar}, base}
	s.send("/enter", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"name": {name}}.Encode()))
	return s
}

func (s *sender) send(path, kind string, body io.Reader) (status int, at, text string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.base+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Origin", s.base)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Accept-Language", "zh-CN")
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, res.Request.URL.RequestURI(), string(answer)
}

// file posts a form with fields and one file.
func (s *sender) file(path, field, name string, content []byte, fields url.Values) (status int, at, text string) {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, all := range fields {
		for _, v := range all {
			if err := form.WriteField(k, v); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	part, err := form.CreateFormFile(field, name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.send(path, form.FormDataContentType(), &body)
}

// importing is a stand whose merchant sends files.
type importing struct {
	*stand
	sender  *sender
	uploads *upload.Service
}

func openImport(t testing.TB) *importing {
	t.Helper()
	m := webtest.New(t)
	i := &importing{stand: &stand{Market: m}}
	tea, sport := m.Shop("tea", "巷口茶舍", "Corner Tea"), m.Shop("sport", "钟楼运动", "Bell Tower Sports")
	_, cups := m.Sell(webtest.Goods{Shop: tea, Zh: "龙井茶", En: "Longjing tea", Prices: []int64{1990}, Pieces: 10})
	_, shoes := m.Sell(webtest.Goods{Shop: sport, Zh: "跑鞋", En: "Running shoe", Prices: []int64{29900}, Pieces: 10})
	i.cup, i.shoe = cups[0], shoes[0]
	m.Login(login.Merchant, "tea", tea)
	m.Login(login.Merchant, "sport", sport)
	c := m.Pages(Texts, audit.Texts, review.Texts, approval.Texts, intake.Texts, upload.Texts, edit.Texts)
	d := goodsDeps(t, m, deps(t, m, c))
	i.uploads = d.Uploads
	routes, err := New(d)
	m.Must(err)
	i.tea = pagetest.New(t, m.Handler(c, append(routes, doors(t, m, c)...)...))
	i.sport = pagetest.At(t, i.tea.Base())
	i.in(i.tea, "tea")
	i.in(i.sport, "sport")
	i.sender = newSender(t, i.tea.Base(), "tea")
	return i
}

// put uploads a file and gives the page of its run, at rest.
func (i *importing) put(name, content string) *pagetest.Page {
	i.t().Helper()
	status, at, text := i.sender.file("/desk/import", "file", name, []byte(content), nil)
	if status != 200 || !strings.HasPrefix(at, "/desk/import/imp_") {
		i.t().Fatalf("%d at %s: %s", status, at, text)
	}
	i.uploads.Wait()
	return i.tea.Get(at)
}

func (i *importing) t() testing.TB { return i.sender.t }

// after does what a form says and gives the run's page, at rest.
func (i *importing) after(p *pagetest.Page) *pagetest.Page {
	i.uploads.Wait()
	path, _, _ := strings.Cut(p.Path, "?")
	return i.tea.Get(path)
}

const teas = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty,Published\n" +
	"oolong,乌龙茶,Size,大,19.90,5,true\noolong,,,小,12,7,\nbad,=1+1,,,1.999,,true\n"

func TestAnImportFromUploadToUndo(t *testing.T) {
	i := openImport(t)
	i.tea.Get("/desk/import").Must(200, "还没有导入记录", "检查文件")
	p := i.put("tees.csv", teas).Must(200, "待确认", "新增商品 1", "SKU 2", "被拒行 1", "超出货币精度", "intake.price_fraction")
	i.tea.Get("/desk/products").MustNot("乌龙茶")
	i.sport.Get(p.Path).Must(404)
	i.sport.Post(p.Path, url.Values{"do": {"confirm"}}).Must(404)
	p = i.after(p.Submit("确认导入", nil).Must(200)).Must(200, "已导入", "新增商品 1")
	i.tea.Get("/desk/products").Must(200, "乌龙茶")
	i.tea.Get("/desk/import").Must(200, "tees.csv", "已导入")
	p = i.after(p.Submit("确认撤销", nil).Must(200)).Must(200, "已撤销", "已下架 1")
	i.tea.Post(p.Path, url.Values{"do": {"undo"}}).Must(409, "不能撤销")
	i.tea.Lang = "en"
	i.tea.Get(p.Path).Must(200, "Undone", "Withdrawn 1")
	i.tea.Get("/desk/import").Must(200, "Imports so far")
}

func TestAnUnknownFileIsMapped(t *testing.T) {
	i := openImport(t)
	p := i.put("仓库.csv", "货号;商品名称;售价;现有\n1;龙井茶;19.90;5\n2;茶杯;8;x\n").Must(200, "哪一列是什么", "龙井茶", "待选择")
	p = p.Submit("检查文件", map[string]string{"map_price": ""}).Must(400)
	if p.Wrong("map_price") == "" {
		t.Fatalf("no refusal beside the price: %s", p.Text())
	}
	p = p.Submit("检查文件", map[string]string{"map_price": "售价", "map_stock": "现有", "mapping_name": "仓库"}).Must(200)
	p = i.after(p).Must(200, "待确认", "新增商品 1", "被拒行 1", "intake.bad_stock")
	p.Follow("改选列").Must(200, "仓库").Submit("检查文件", map[string]string{"map_stock": ""})
	i.after(p).Must(200, "新增商品 2").MustNot("intake.bad_stock")
	again := i.put("第二批.csv", "货号;商品名称;售价;现有\n3;茶盘;80;1\n").Must(200, "仓库")
	i.after(again.Submit("检查文件", nil)).Must(200, "新增商品 1")
	i.tea.Get(again.Path).Submit("放弃", nil).Must(200, "已放弃")
}

// TestA13_A14_UploadsAreHeldToTheirLimits: what is no export is refused beside its field, whatever it is called.
func TestA13_A14_UploadsAreHeldToTheirLimits(t *testing.T) {
	i := openImport(t)
	for name, content := range map[string]string{"a.csv": "", "../../a.csv": "MZ\x00\x00", "a.zip": "PK\x03\x04\x14\x00",
		"a.gz": "\x1f\x8b\x08\x00broken", "a.svg": "<svg onload=alert(1)>", "%2e%2e%2fa": "just a line\n"} {
		status, _, text := i.sender.file("/desk/import", "file", name, []byte(content), nil)
		if status != 400 || !strings.Contains(text, `id="file-error"`) {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _, _ := i.sender.file("/desk/import", "other", "a.csv", []byte(teas), nil); status != 400 {
		t.Errorf("a form without the file: %d", status)
	}
	i.tea.Post("/desk/import", url.Values{"file": {"a"}}).Must(400)
	p := i.put("../../<b>x.csv", teas).Must(200, "<b>x.csv")
	if strings.Contains(p.Body, "<b>x") {
		t.Error("A16: a file's name is markup")
	}
}

func TestA17_RefusedRowsAreNoFormulas(t *testing.T) {
	i := openImport(t)
	p := i.put("=cmd.csv", teas)
	path, _, _ := strings.Cut(p.Path, "?")
	got := i.tea.Get(path + "/refused.csv")
	if got.Status != 200 || !strings.Contains(got.Body, `"'=cmd.csv","4",`) {
		t.Fatalf("%d: %q", got.Status, got.Body)
	}
	i.sport.Get(path + "/refused.csv").Must(404)
}
