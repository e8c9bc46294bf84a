package text_test

import (
	"slices"
	"strings"
	"testing"

	"hutong/base/money"
	"hutong/base/text"
)

func TestParseTakesTheFirstLanguageThatTheMarketSpeaks(t *testing.T) {
	for header, want := range map[string]text.Lang{
		"": text.Zh, "fr": text.Zh, "en": text.En, "EN-gb;q=0.8, zh": text.En, "fr, zh-TW;q=0.9, en": text.Zh,
		" zh-Hans-CN ": text.Zh, "english": text.Zh, "zhx": text.Zh, ",,;q=1, en": text.En,
		"en_US.UTF-8": text.Zh,
	} {
		if got := text.Parse(header, text.Zh); got != want {
			t.Errorf("%q is %s, want %s", header, got, want)
		}
	}
	if got := text.Parse("zhx, fr", text.En); got != text.En {
		t.Errorf("no language of the market: %s, want the fallback", got)
	}
}

func TestTextPutsTheParametersIn(t *testing.T) {
	b := text.MustParse([]byte(`{"a.b": {"zh": "最多 {max} 件，{name}", "en": "{name}: at most {max}, not {max} more"}}`))
	for _, c := range []struct {
		lang  text.Lang
		key   string
		pairs []any
		want  string
	}{
		{text.Zh, "a.b", []any{"max", 3, "name", "米"}, "最多 3 件，米"},
		{text.En, "a.b", []any{"max", 3, "name", "rice"}, "rice: at most 3, not 3 more"},
		{text.En, "a.b", []any{"max", 3, "name"}, "{name}: at most 3, not 3 more"},
		{text.En, "a.c", []any{"max", 3}, "a.c"},
		{text.Zh, "a.b", []any{"max", 3, "name", text.Entry{Zh: "米", En: "rice"}}, "最多 3 件，米"},
		{text.En, "a.b", []any{"max", 3, "name", text.Entry{Zh: "米", En: "rice"}}, "rice: at most 3, not 3 more"},
		{text.Zh, "a.b", []any{"max", money.New(2990, "CNY"), "name", ""}, "最多 ¥29.90 件，"},
	} {
		if got := b.Text(c.lang, c.key, c.pairs...); got != c.want {
			t.Errorf("%s %s %v: %q, want %q", c.lang, c.key, c.pairs, got, c.want)
		}
	}
}

func TestABrokenBundleDoesNotBuild(t *testing.T) {
	for name, data := range map[string]string{
		"no JSON":          `{`,
		"no Chinese":       `{"a": {"zh": "", "en": "x"}}`,
		"no English":       `{"a": {"zh": "甲"}}`,
		"other parameters": `{"a": {"zh": "{max} 件", "en": "{most} pieces"}}`,
		"one parameter":    `{"a": {"zh": "件", "en": "{max} pieces"}}`,
	} {
		if !panics(func() { text.MustParse([]byte(data)) }) {
			t.Errorf("%s was taken", name)
		}
	}
	text.MustParse([]byte(`{"a": {"zh": "{x} 和 {y}", "en": "{y} and {x}, {y}"}}`)) // order and repetition are free
}

func TestMergeRefusesTwoMeaningsOfOneKey(t *testing.T) {
	one, same := text.Bundle{"a": {Zh: "甲", En: "a"}}, text.Bundle{"a": {Zh: "甲", En: "a"}, "b": {Zh: "乙", En: "b"}}
	all := text.Merge(one, same)
	if got := all.Keys(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("keys %v", got)
	}
	if len(one) != 1 {
		t.Error("merging changed a room's own texts")
	}
	if !panics(func() { text.Merge(one, text.Bundle{"a": {Zh: "甲", En: "other"}}) }) {
		t.Error("one key has two meanings")
	}
}

func FuzzMustParseTextNeverLoops(f *testing.F) {
	f.Add("{a} {b", "x}{y}{")
	f.Fuzz(func(t *testing.T, sentence, value string) {
		got := text.Bundle{"k": {Zh: "-", En: sentence}}.Text(text.En, "k", "a", value)
		if want := strings.ReplaceAll(sentence, "{a}", value); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func panics(fn func()) (did bool) {
	defer func() { did = recover() != nil }()
	fn()
	return false
}
