package emvco

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/fault"
	"hutong/base/money"
)

// specExample is the example of EMV QRCPS Merchant-Presented Mode, with its Chinese names and its tip fields.
const specExample = "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN" +
	"5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***" +
	"0708A60086670902ME91320016A0112233449988770708123456786304A13A"

func TestSpecExample(t *testing.T) {
	p, err := Parse(specExample)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Dynamic || p.Amount != money.New(2372, "CNY") || p.Name != "BEST TRANSPORT" || p.City != "BEIJING" ||
		p.MCC != "4111" || p.Country != "CN" || p.Local != (Local{"ZH", "最佳运输", "北京"}) {
		t.Errorf("read %+v", p)
	}
	if a, ok := p.Account("D15600000001"); !ok || a.ID != "31" || a.Get("03") != "12345678" {
		t.Errorf("account: %+v", p.Accounts)
	}
	if a, _ := p.Account("D15600000000"); a.Get("05") != "A93FO3230Q" {
		t.Errorf("account: %+v", p.Accounts)
	}
}

func TestChecksum(t *testing.T) {
	if got := checksum("123456789"); got != 0x29B1 { // the check value of CRC-16/CCITT-FALSE
		t.Errorf("got %04X", got)
	}
}

func sample() Payload {
	return Payload{Dynamic: true, MCC: "5999", Amount: money.New(1990, "CNY"), Country: "CN", Name: "HUTONG",
		City: "HANGZHOU", Ref: "1k8zabc", Local: Local{"zh", "胡同集市", "杭州"},
		Accounts: []Template{{ID: "26", GUID: "cn.redbean", Fields: []Field{{"01", "m1"}, {"02", "att_1"}}}}}
}

func TestBuild(t *testing.T) {
	got, err := Build(sample())
	if err != nil {
		t.Fatal(err)
	}
	const want = "00020101021226290010cn.redbean0102m10205att_1" + "52045999" + "5303156" + "540519.90" + "5802CN" +
		"5906HUTONG" + "6008HANGZHOU" + "621105071k8zabc" + "64200002zh0104胡同集市0202杭州" + "6304"
	if !strings.HasPrefix(got, want) || len(got) != len(want)+4 {
		t.Errorf("got  %s\nwant %s....", got, want)
	}
}

// The amount is written with the decimals of its currency, and the currency by its number.
func TestCurrencies(t *testing.T) {
	for _, c := range []struct {
		amount money.Money
		want   string
	}{
		{money.New(1, "CNY"), "530315654040.01"}, {money.New(123456, "EUR"), "530397854071234.56"},
		{money.New(840, "USD"), "530384054048.40"}, {money.New(826, "GBP"), "530382654048.26"},
		{money.New(1990, "JPY"), "530339254041990"}, {money.New(1500, "KWD"), "530341454051.500"},
	} {
		p := sample()
		p.Amount = c.amount
		got, err := Build(p)
		if err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%v: %q, %v; want %s in it", c.amount, got, err, c.want)
		}
		back, err := Parse(got)
		if err != nil || back.Amount != c.amount {
			t.Errorf("%v: read back %v, %v", c.amount, back.Amount, err)
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	long := strings.Repeat("x", 26)
	for field, spoil := range map[string]func(*Payload){
		"accounts": func(p *Payload) { p.Accounts = nil },
		"mcc":      func(p *Payload) { p.MCC = "59" },
		"currency": func(p *Payload) { p.Amount.Currency = "XXX?" },
		"amount":   func(p *Payload) { p.Amount.Minor = 0 },
		"country":  func(p *Payload) { p.Country = "cn" },
		"name":     func(p *Payload) { p.Name = "胡同" },
		"city":     func(p *Payload) { p.City = "" },
		"bill":     func(p *Payload) { p.Bill = long },
		"ref":      func(p *Payload) { p.Ref = long },
		"local":    func(p *Payload) { p.Local.Name = "" },
		"other":    func(p *Payload) { p.Other = []Field{{"54", "1"}} },
		"26": func(p *Payload) {
			p.Accounts[0].Fields = append(p.Accounts[0].Fields, Field{"09", strings.Repeat("u", 90)})
		},
		"80": func(p *Payload) { p.Other = []Field{{"80", "line\nbreak"}} },
	} {
		p := sample()
		spoil(&p)
		if got, err := Build(p); fault.As(err) == nil || fault.As(err).Field != field {
			t.Errorf("%s: got %q, %v", field, got, err)
		}
	}
	p := sample()
	p.Amount.Minor = 10_000_000_000_00 // fourteen characters
	if _, err := Build(p); !fault.Is(err, "emvco.malformed") {
		t.Errorf("an amount that is too long: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	good, err := Build(sample())
	if err != nil {
		t.Fatal(err)
	}
	body := good[:len(good)-8]
	for name, s := range map[string]string{
		"empty":             "",
		"no checksum":       body,
		"wrong checksum":    good[:len(good)-4] + "0000",
		"amount changed":    strings.Replace(good, "19.90", "09.90", 1),
		"cut":               good[:40],
		"something behind":  good + "0001x",
		"version":           seal(strings.Replace(body, "000201", "000202", 1)),
		"version not first": seal("010212" + strings.Replace(body, "010212", "", 1)),
		"field twice":       seal(body + "5802CN"),
		"two checksums":     seal(body + "63040000"),
		"no currency":       seal(strings.Replace(body, "5303156", "", 1)),
		"unknown currency":  seal(strings.Replace(body, "5303156", "5303000", 1)),
		"no amount":         seal(strings.Replace(body, "540519.90", "", 1)),
		"negative amount":   seal(strings.Replace(body, "19.90", "-9.90", 1)),
		"third decimal":     seal(strings.Replace(body, "19.90", "1.999", 1)),
		"zero amount":       seal(strings.Replace(body, "19.90", "00.00", 1)),
		"length of zero":    seal(body + "8000"),
		"length too long":   seal(body + "8099x"),
		"initiation":        seal(strings.Replace(body, "010212", "010213", 1)),
		"no name":           seal(strings.Replace(body, "5906HUTONG", "", 1)),
		"account":           seal(strings.Replace(body, "0010cn.redbean", "0110cn.redbean", 1)),
		"control":           seal(body + "8001\x00"),
		"not UTF-8":         seal(body + "8001\xff"),
		"too long":          seal(body + strings.Repeat("8", 600)),
	} {
		if p, err := Parse(s); err == nil {
			t.Errorf("%s: read %+v", name, p)
		}
	}
	for _, ok := range []string{"19.90", "19.9", "19.", "19"} { // all of them are amounts by the form
		s := seal(strings.Replace(body, "540519.90", join([]Field{{"54", ok}}), 1))
		if _, err := Parse(s); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := sample()
		p.Dynamic = rapid.Bool().Draw(t, "dynamic")
		p.Amount = money.New(rapid.Int64Range(1, 999_999_999_999).Draw(t, "amount"),
			rapid.SampledFrom([]money.Currency{"CNY", "USD", "EUR", "GBP", "JPY", "KWD"}).Draw(t, "currency"))
		p.Ref = rapid.StringMatching(`[ -~]{0,25}`).Draw(t, "ref")
		p.Local.Name = rapid.StringMatching(`\p{Han}{1,25}`).Draw(t, "name")
		p.Accounts[0].Fields[1].Value = rapid.StringMatching(`[ -~]{1,40}`).Draw(t, "field")
		s, err := Build(p)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(s)
		if err != nil || !reflect.DeepEqual(back, p) {
			t.Fatalf("%v\nwrote %+v\nread  %+v", err, p, back)
		}
	})
}

func TestASCII(t *testing.T) {
	for _, c := range [][3]string{{"胡同 Hutong", "SHOP", "Hutong"}, {"胡同集市", "SHOP", "SHOP"}, {" a  b ", "SHOP", "a b"},
		{"（胡同） -", "SHOP", "SHOP"}, {"The Very Long Name of a Shop Indeed", "S", "The Very Long Name of a S"}} {
		if got := ASCII(c[0], NameMax, c[1]); got != c[2] {
			t.Errorf("%q: %q, want %q", c[0], got, c[2])
		}
	}
}

// What Parse accepts, Build writes again, and it reads the same: nothing is half understood.
func FuzzParse(f *testing.F) {
	good, err := Build(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(specExample)
	f.Add(good)
	f.Add(good[:30])
	f.Fuzz(func(t *testing.T, s string) {
		for _, s := range []string{s, seal(s)} {
			p, err := Parse(s)
			if err != nil {
				if fault.Of(err) != fault.Invalid {
					t.Fatalf("%q: %v", s, err)
				}
				continue
			}
			again, err := Build(p)
			if err != nil {
				continue // a name in another script than ASCII is read, but not written
			}
			back, err := Parse(again)
			if err != nil || !reflect.DeepEqual(back, p) {
				t.Fatalf("%q\nread  %+v\nagain %+v, %v", s, p, back, err)
			}
		}
	})
}
