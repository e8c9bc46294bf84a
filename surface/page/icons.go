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
	"up":     `<path d="M12 19V5.5M6 11l6-6 6 6"/>`,
	"down":   `<path d="M12 5v13.5M6 13l6 6 6-6"/>`,
	"menu":   `<path d="M4 7h16M4 12h16M4 17h16"/>`,
	"upload": `<path d="M12 16V4.5M7 9l5-5 5 5M4.5 15.5v4h15v-4"/>`,
	"chart":  `<path d="M4 4v16h16M8.5 16v-5M13 16V7.5M17.5 16v-3"/>`,
	"heart":  `<path d="M12 20S4 15 4 9.3A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.3C20 15 12 20 12 20z"/>`,
	"people": `<circle cx="9" cy="8.5" r="3.2"/><path d="M3 19c.6-3.6 3-5 6-5s5.4 1.4 6 5` +
		`M15.5 5.7a3 3 0 0 1 0 5.6M17 14.3c2.3.4 3.6 1.9 4 4.7"/>`,
	"key":  `<circle cx="8" cy="15.5" r="4"/><path d="m11 12.5 8.5-8.5M15.5 8l3 3"/>`,
	"book": `<path d="M5 4.5h11.5a2.5 2.5 0 0 1 2.5 2.5v13H7.5A2.5 2.5 0 0 1 5 17.5z"/><path d="M9 9h6M9 13h6"/>`,
	"gear": `<circle cx="12" cy="12" r="3"/><path d="M12 3.5v3M12 17.5v3M3.5 12h3M17.5 12h3M6 6l2.1 2.1M15.9 15.9` +
		` 18 18M6 18l2.1-2.1M15.9 8.1 18 6"/>`,
	"bell":   `<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4"/>`,
	"ticket": `<path d="M3.5 7h17v3a2 2 0 0 0 0 4v3h-17v-3a2 2 0 0 0 0-4z"/><path d="M14.5 7v10"/>`,
	"alert":  `<path d="M12 3.8 21 19.5H3z"/><path d="M12 10v4.5M12 17.2v.3"/>`,
}

// icon is a drawing that says nothing by itself: the text beside it does.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"` +
		` focusable="false">` + icons[name] + `</svg>`)
}
