package page

import "html/template"

// icons are drawn on a grid of 24 with a stroke of the text's colour.
var icons = map[string]string{
	"search": `<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>`,
	"cart": `<path d="M3 4h2.2l2 11h10.6l2-8H6"/><circle cx="9" cy="19" r="1.4"/>` +
		`<circle cx="16.5" cy="19" r="1.4"/>`,
	"orders": `<path d="M6 3.5h12v17l-3-2-3 2-3-2-3 2z"/><path d="M9 8.5h6M9 12.5h6"/>`,
	"me":     `<circle cx="12" cy="8" r="3.6"/><path d="M4.5 20c1-4 4-5.6 7.5-5.6s6.5 1.6 7.5 5.6"/>`,
	"shop": `<path d="M4 10v10h16V10M3 10l2-6h14l2 6a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0z"/>` +
		`<path d="M10 20v-5h4v5"/>`,
	"truck": `<path d="M2.5 6h11v10h-11zM13.5 9.5h4l3.5 3.5v3h-7.5z"/>` +
		`<circle cx="7" cy="18" r="1.8"/><circle cx="17" cy="18" r="1.8"/>`,
	"check":  `<path d="m5 12.5 4.5 4.5L19 7.5"/>`,
	"back":   `<path d="m14.5 5-7 7 7 7"/>`,
	"next":   `<path d="m9.5 5 7 7-7 7"/>`,
	"clock":  `<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>`,
	"box":    `<path d="m12 3 8 4.2v9.6L12 21l-8-4.2V7.2z"/><path d="m4 7.2 8 4.3 8-4.3M12 11.5V21"/>`,
	"lock":   `<rect x="5" y="10.5" width="14" height="10" rx="2"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>`,
	"pin":    `<path d="M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11z"/><circle cx="12" cy="10" r="2.2"/>`,
	"globe":  `<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c5 5 5 12 0 17-5-5-5-12 0-17z"/>`,
	"bin":    `<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10.5 11v5M13.5 11v5"/>`,
	"filter": `<path d="M3.5 6h17M6.5 12h11M10 18h4"/>`,
	"money":  `<circle cx="12" cy="12" r="8.5"/><path d="m8.5 7.5 3.5 4.5 3.5-4.5M12 12v5M9 13h6M9 15.5h6"/>`,
	"wallet": `<path d="M4 7.5h15.5v11H4zM4 7.5 15 4v3.5"/><circle cx="15.8" cy="13" r="1.2"/>`,
	"home":   `<path d="m3.5 11.5 8.5-7.5 8.5 7.5"/><path d="M6 10v10h12V10"/>`,
	"alert":  `<path d="M12 3.8 21 19.5H3z"/><path d="M12 10v4.5M12 17.2v.3"/>`,
}

// icon is a drawing that says nothing by itself: the text beside it does.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"` +
		` focusable="false">` + icons[name] + `</svg>`)
}
