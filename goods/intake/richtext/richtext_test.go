package richtext

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func TestReduce(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"text", "Duffle Bag", "<p>Duffle Bag</p>"},
		{"escaped once", "a &amp;lt; b &lt; c", "<p>a &amp;lt; b &lt; c</p>"},
		{"paragraphs", "<p>One<p>Two</p>Three", "<p>One</p><p>Two</p><p>Three</p>"},
		{"blanks", "  <p>\n  One \t two </p>\n\n<p> </p><p>&nbsp;x</p>", "<p>One two</p><p>\u00a0x</p>"},
		{"attributes", `<p style="color:red" onclick="x()">Hi</p>`, "<p>Hi</p>"},
		{"link becomes text", `See <a href="javascript:alert(1)">here</a>.`, "<p>See here.</p>"},
		{"picture goes", `a<img src=x onerror=alert(1)>b`, "<p>ab</p>"},
		{"divs", "<div>One</div><div><div>Two</div></div>", "<p>One</p><p>Two</p>"},
		{"breaks", "<br>One<br/>Two<br><br><br>Three<br>", "<p>One<br>Two<br><br>Three</p>"},
		{"emphasis", "<b>A</b> <i>b</i> <strong><em>c</em></strong>",
			"<p><strong>A</strong> <em>b</em> <strong><em>c</em></strong></p>"},
		{"emphasis left open", "<b>A<p>B", "<p><strong>A</strong></p><p>B</p>"},
		{"emphasis crossed", "<b>A<i>B</b>C</i>D", "<p><strong>A<em>B</em></strong>CD</p>"},
		{"empty emphasis", "<b></b><i> </i>x", "<p>x</p>"},
		{"headings", "<h1>A</h1>b<h2>C</h2><h4>D</h4><h6>E</h6>",
			"<h3>A</h3><p>b</p><h3>C</h3><h4>D</h4><h6>E</h6>"},
		{"list", "<ul>\n<li> One\n<li>Two </li>\n</ul>", "<ul><li>One</li><li>Two</li></ul>"},
		{"numbers", "<ol><li>1<li>2</ol>after", "<ol><li>1</li><li>2</li></ol><p>after</p>"},
		{"nested list", "<ul><li>A<ul><li>B</ul>C<li>D</ul>", "<ul><li>A<ul><li>B</li></ul>C</li><li>D</li></ul>"},
		{"paragraphs in an item", "<ul><li><p>A</p><p>B</p></li></ul>", "<ul><li>A<br>B</li></ul>"},
		{"item without a list", "<li>A", "<ul><li>A</li></ul>"},
		{"text in a list", "<ul>A<li>B</ul>", "<ul><li>A</li><li>B</li></ul>"},
		{"empty list", "<ul><li></li><li><br></li></ul>x", "<p>x</p>"},
		{"unclosed real one", "<p>Bag.<p>\n<ul>\n<li>Two</li>\n</ul>", "<p>Bag.</p><ul><li>Two</li></ul>"},
		{"table", "<table><tr><td>A<td>B<tr><td>C</table>", "<p>A B</p><p>C</p>"},
		{"script", "a<script>alert('<p>x</p>')</script>b", "<p>ab</p>"},
		{"style", "a<style>p{}</style>b", "<p>ab</p>"},
		{"svg", "a<svg><svg><script>x</script></svg>y</svg>b", "<p>ab</p>"},
		{"comment", "a<!-- <script>x</script> -->b", "<p>ab</p>"},
		{"direction marks and controls", "a\u202eb\u0007c", "<p>abc</p>"},
		{"not utf-8", "a\xffb", "<p>a\ufffdb</p>"},
		{"nothing", " <p><br></p> ", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Reduce(c.in); got != c.want {
				t.Fatalf("got  %s\nwant %s", got, c.want)
			}
			safe(t, c.in)
		})
	}
}

func TestListDepthIsBounded(t *testing.T) {
	got := Reduce(strings.Repeat("<ul><li>x", 5000) + strings.Repeat("</ul>", 5000) + "after")
	if n := strings.Count(got, "<ul>"); n != listDepthMax {
		t.Fatalf("%d lists", n)
	}
	if n := strings.Count(got, "<li>x"); n != 5000 || !strings.HasSuffix(got, "</ul><p>after</p>") {
		t.Fatalf("%d items, end %s", n, got[len(got)-40:])
	}
}

func TestPlain(t *testing.T) {
	got := Plain("17\" <b> & co\r\nnext\n\n\nlast")
	if want := "<p>17&#34; &lt;b&gt; &amp; co<br>next</p><p>last</p>"; got != want {
		t.Fatalf("got %s", got)
	}
}

func TestString(t *testing.T) {
	got := Parse("<h2>A</h2>b<br>c<ul><li>d<li>e</ul>").String()
	if want := "A\nb\nc\nd\ne"; got != want {
		t.Fatalf("got %q", got)
	}
}

// attacks are the usual ways in, from the public cheat sheets, each as a merchant could type it into an export.
var attacks = []string{
	`<script>alert(1)</script>`, `<ScRiPt >alert(1)</sCrIpT>`, `<script/x>alert(1)</script>`,
	`<<script>alert(1);//<</script>`, `<script>alert(1)`, `<img src=x onerror=alert(1)>`,
	`<img """><script>alert(1)</script>">`, `<IMG SRC=&#106;avascript:alert(1)>`, `<svg/onload=alert(1)>`,
	`<svg><a xlink:href="javascript:alert(1)"><text y=20>x</text></a></svg>`, `<body onload=alert(1)>`,
	`<iframe src="javascript:alert(1)"></iframe>`, `<iframe srcdoc="<script>alert(1)</script>">`,
	`<a href="java&#x09;script:alert(1)">x</a>`, `<a href=" &#14; javascript:alert(1)">x</a>`,
	`<p onmouseover=alert(1)>x</p>`, `<p/onclick=alert(1)//>x`, `<strong style="background:url(javascript:x)">y`,
	`<math><mi//xlink:href="data:x,<script>alert(1)</script>">`, `<style>@import'http://x';</style>`,
	`<link rel=stylesheet href=javascript:alert(1)>`, `<meta http-equiv=refresh content="0;url=javascript:x">`,
	`<base href="javascript:alert(1)//">`, `<object data="javascript:alert(1)">`, `<embed src=javascript:alert(1)>`,
	`<form action=javascript:alert(1)><button>x</button></form>`, `<input autofocus onfocus=alert(1)>`,
	`<details open ontoggle=alert(1)>x`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`<template><script>alert(1)</script></template>`, `<!--><script>alert(1)</script>-->`,
	`<!--[if gte IE 4]><script>alert(1)</script><![endif]-->`, `<![CDATA[<script>alert(1)</script>]]>`,
	`<?xml version="1.0"?><script>alert(1)</script>`, `<plaintext><script>alert(1)</script>`,
	`<xmp><p title="</xmp><script>alert(1)</script>">`, `<textarea><script>alert(1)</script></textarea>`,
	`<title><img src=x onerror=alert(1)></title>`, `&lt;script&gt;alert(1)&lt;/script&gt;`,
	`&amp;lt;script&amp;gt;alert(1)`, "<scr\x00ipt>alert(1)</scr\x00ipt>", "<script\u2028>alert(1)</script>",
	`<p><style><img src="</style><script>alert(1)</script>">`, `<ul><li onclick=x><script>alert(1)</script></ul>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`,
	`<h3 id=x name=attributes>y</h3>`, `<br onload=alert(1)>`, `<em/**/onclick=alert(1)>x</em>`,
	`"><script>alert(1)</script>`, `'-alert(1)-'`, "`-alert(1)-`", `{{constructor.constructor('alert(1)')()}}`,
	`<p hx-get="/admin" hx-trigger="load">x</p>`, `<p data-x="y">z`, `<custom-tag onclick=x>y</custom-tag>`,
	`<a href="//evil.example">x</a>`, `<img src="http://127.0.0.1/pay">`, `<video><source onerror=alert(1)></video>`,
	`=HYPERLINK("http://evil","x")`, `+cmd|' /C calc'!A0`,
}

// TestA11_StoredXSS: no attack leaves a tag that is not ours or any attribute.
func TestA11_StoredXSS(t *testing.T) {
	for _, a := range attacks {
		safe(t, a)
		safe(t, "<ul><li><b>"+a+"</b></li></ul>")
		if out := Reduce(a); strings.Contains(strings.ToLower(out), "<script") || strings.Contains(out, "<img") {
			t.Errorf("%s became %s", a, out)
		}
	}
}

func FuzzReduce(f *testing.F) {
	for _, a := range attacks {
		f.Add(a)
	}
	f.Add("<ul><li>A<ol><li>B</ol><p>C<br></ul><h2>D</h2><b>e<i>f</b>g")
	f.Fuzz(func(t *testing.T, src string) { safe(t, src) })
}

var allowed = map[string]bool{
	"p": true, "br": true, "ul": true, "ol": true, "li": true, "strong": true, "em": true,
	"h3": true, "h4": true, "h5": true, "h6": true,
}

// safe re-parses the output as a browser would and walks what it finds there; and reducing again changes nothing.
func safe(t *testing.T, src string) {
	t.Helper()
	out := Reduce(src)
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(out), root)
	if err != nil {
		t.Fatalf("%q became %q, which does not parse: %v", src, out, err)
	}
	var again strings.Builder
	for _, n := range nodes {
		walk(t, n, out)
		if err := html.Render(&again, n); err != nil {
			t.Fatal(err)
		}
	}
	if back := strings.ReplaceAll(again.String(), "<br/>", "<br>"); back != out {
		t.Fatalf("%q became %q, which a browser reads as %q", src, out, back)
	}
	if twice := Reduce(out); twice != out {
		t.Fatalf("%q became %q, and that %q", src, out, twice)
	}
}

func walk(t *testing.T, n *html.Node, out string) {
	t.Helper()
	switch n.Type {
	case html.TextNode:
	case html.ElementNode:
		if !allowed[n.Data] || len(n.Attr) > 0 || n.Namespace != "" {
			t.Fatalf("%q holds <%s %v>", out, n.Data, n.Attr)
		}
	default:
		t.Fatalf("%q holds a node of type %d", out, n.Type)
	}
	for kid := n.FirstChild; kid != nil; kid = kid.NextSibling {
		walk(t, kid, out)
	}
}
