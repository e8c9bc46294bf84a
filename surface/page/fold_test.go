package page

import (
	"html"
	"html/template"
	"strings"
	"testing"

	"hutong/base/text"
)

const foldable = `{{define "part"}}<a href="{{asset "hutong.css"}}" title="{{t "x.odd"}}">{{icon "cart"}}{{t "x.odd"}}</a>{{end -}}
<title>{{t "x.odd"}}</title><p lang="{{other}}" class={{t "x.word"}} data-n="{{t "x.n" "n" .N}}">{{t "x.odd"}} {{t "x.word"}}</p>
{{if .N}}{{template "part" .}}{{t "x.word"}}{{else}}{{t "x.odd"}}{{end}}{{range .All}}<i>{{t "x.word"}}{{.}}</i>{{else}}{{t "x.odd"}}{{end}}
{{with .None}}{{.}}{{else}}<b>{{t "x.none"}}{{account}}</b>{{end}}{{$odd := t "x.odd"}}{{$odd}}{{t "x.word" | joined}}`

// A folded template writes what it wrote before, also where what it writes must be escaped.
func TestFoldingChangesNothing(t *testing.T) {
	texts := text.Bundle{"x.odd": {Zh: `<b>"A" & 'B'+{n}</b>`}, "x.word": {Zh: "词"}, "x.n": {Zh: "{n} 件"}}
	tongue := Tongue{Lang: text.Zh, texts: texts, account: "/me?a=1&b=2"}
	assets, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]any{"N": 3, "All": []string{"<a>", "b"}, "None": ""}
	write := func(fold bool) (string, *template.Template) {
		one, err := template.New("x").Funcs(tongue.funcs(assets)).Parse(foldable)
		if err != nil {
			t.Fatal(err)
		}
		if fold {
			tongue.fold(assets, one)
		}
		var b strings.Builder
		if err := one.Execute(&b, data); err != nil {
			t.Fatal(err)
		}
		return b.String(), one
	}
	plain, _ := write(false)
	folded, one := write(true)
	if html.UnescapeString(plain) != html.UnescapeString(folded) || strings.Contains(folded, "<b>\"") {
		t.Errorf("plain\n%s\nfolded\n%s", plain, folded)
	}
	left := one.Lookup("x").Tree.Root.String() + one.Lookup("part").Tree.Root.String()
	if n := strings.Count(left, "{{t "); n != 3 || strings.Contains(left, "{{icon") || strings.Contains(left, "{{asset") {
		t.Errorf("%d calls are left: %s", n, left) // with a parameter, without quotes, handed on
	}
}

func TestChoicesAreEscaped(t *testing.T) {
	got := string(choices([]Group{{Options: []Option{{Text: "any"}}}, {Label: `"<x>`, Options: []Option{{Value: `"'`, Text: "<b>",
		Selected: true}}}}))
	want := `<option value="">any</option><optgroup label="&#34;&lt;x&gt;"><option value="&#34;&#39;" selected>&lt;b&gt;</option>` +
		"</optgroup>\n"
	if got != want {
		t.Errorf("%s", got)
	}
}
