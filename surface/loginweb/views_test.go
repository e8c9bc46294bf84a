package loginweb

import (
	"testing"

	"github.com/jba/templatecheck"

	"hutong/base/text"
	"hutong/surface/page"
	"hutong/surface/page/webtest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	set, err := page.NewSet(page.Config{Texts: text.Merge(webtest.Texts(), Texts)}, files)
	if err != nil {
		t.Fatal(err)
	}
	views := map[string]any{"login": loginView{}, "register": registerView{}, "code": codeView{}, "join": joinView{},
		"security": securityView{}}
	for _, name := range set.Names() {
		view, known := views[name]
		if !known && name != "fault" {
			t.Errorf("the page %q has no view here", name)
		}
		if !known {
			continue
		}
		if err := templatecheck.CheckHTML(set.Template(text.Zh, name), view); err != nil {
			t.Error(err)
		}
	}
}
