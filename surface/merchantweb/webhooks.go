package merchantweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"hutong/base/fault"
	"hutong/reach/webhook"
	"hutong/surface/page"
)

const deliveriesPerPage = 50

// webhooks lists the addresses at which the shop's programs listen.
func (w *web) webhooks(rw http.ResponseWriter, r *http.Request) error {
	return w.showWebhooks(rw, r, "", nil)
}

func (w *web) showWebhooks(rw http.ResponseWriter, r *http.Request, secret string, refused error) error {
	f, t := w.begin(rw, r, "/desk/webhooks", "merchantweb.webhooks")
	f.Here = "/desk/webhooks"
	all, err := w.Webhooks.Endpoints(r.Context(), shopOf(r))
	if err != nil {
		return err
	}
	v := listView{Frame: f, Heading: t.T("merchantweb.webhooks"), Intro: t.T("merchantweb.webhooks_text"),
		Secret: hookSecret(t, secret), Dialogs: []page.Dialog{hookDialog(t, r, t.FaultsOf(refused, "url", "topics"))}}
	v.Table = page.Table{ID: "hooks", Caption: t.T("merchantweb.webhooks"), Columns: []page.Column{
		{Name: t.T("merchantweb.url"), Wide: true}, {Name: t.T("merchantweb.topics")}, {Name: t.T("merchantweb.state")}},
		Empty: page.Empty{Title: t.T("merchantweb.no_webhooks"), Text: t.T("merchantweb.no_webhooks_text")}}
	for _, e := range all {
		badge := hookBadge(t, e)
		v.Table.Rows = append(v.Table.Rows, page.Row{ID: string(e.ID), Cells: []page.Cell{
			{Text: e.URL, Href: "/desk/webhooks/" + string(e.ID)}, {Text: t.Count(int64(len(e.Topics)))}, {Badge: &badge}}})
	}
	return w.set.Render(rw, r, statusOf(refused), "desk-list", v)
}

func hookSecret(t page.Tongue, secret string) *secretView {
	if secret == "" {
		return nil
	}
	return &secretView{Title: t.T("merchantweb.hook_secret"), Text: t.T("merchantweb.hook_secret_text"), Value: secret}
}

func hookBadge(t page.Tongue, e webhook.Endpoint) page.Badge {
	switch {
	case !e.On && e.Reason != "":
		return page.Badge{Tone: "bad", Text: t.T("merchantweb.hook_" + e.Reason)}
	case !e.On:
		return page.Badge{Tone: "off", Text: t.T("merchantweb.hook_off")}
	case !e.FailingSince.IsZero():
		return page.Badge{Tone: "wait", Text: t.T("merchantweb.hook_fails"), Who: t.When(e.FailingSince)}
	}
	return page.Badge{Tone: "done", Text: t.T("merchantweb.hook_on")}
}

func topicFields(t page.Tongue, chosen []webhook.Topic) (all []page.Field) {
	for i, topic := range webhook.Topics() {
		all = append(all, page.Field{ID: "topic-" + page.Itoa(int64(i)), Name: "topics", Kind: "check", Value: string(topic),
			Label: string(topic), Checked: slices.Contains(chosen, topic)})
	}
	return all
}

func topicsOf(r *http.Request) (all []webhook.Topic) {
	for _, v := range r.PostForm["topics"] {
		all = append(all, webhook.Topic(v))
	}
	return all
}

func hookDialog(t page.Tongue, r *http.Request, faults page.Faults) page.Dialog {
	chosen := topicsOf(r)
	if !faults.Any() {
		chosen = []webhook.Topic{webhook.OrderPaid}
	}
	d := page.Dialog{ID: "hook", Open: t.T("merchantweb.add_hook"), Title: t.T("merchantweb.add_hook"),
		Action: "/desk/webhooks", Show: faults.Any(), Wrong: faults.General,
		Fields: []page.Field{{ID: "url", Name: "url", Kind: "url", Label: t.T("merchantweb.url"), Required: true,
			Length: webhook.URLMax, Hint: t.T("merchantweb.url_hint"), Value: value(r, faults, "url", ""),
			Error: faults.At("url")}},
		Confirm: page.Act{Text: t.T("merchantweb.add_hook"), Main: true}}
	if wrong := faults.At("topics"); wrong != "" {
		d.Wrong = wrong
	}
	d.Fields = append(d.Fields, topicFields(t, chosen)...)
	return d
}

// makeWebhook adds an endpoint and shows its secret this once.
func (w *web) makeWebhook(rw http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "merchantweb.form").Because(err)
	}
	_, secret, err := w.Webhooks.Make(r.Context(), webhook.Make{Shop: shopOf(r), URL: r.PostFormValue("url"),
		Topics: topicsOf(r)})
	if err != nil {
		if !page.Own(err) {
			return err
		}
		return w.showWebhooks(rw, r, "", err)
	}
	return w.showWebhooks(rw, r, secret.Reveal(), nil)
}

// webhook shows one endpoint with its deliveries.
func (w *web) webhook(rw http.ResponseWriter, r *http.Request) error {
	return w.showWebhook(rw, r, "", nil)
}

func (w *web) endpoint(ctx context.Context, r *http.Request) (webhook.Endpoint, error) {
	all, err := w.Webhooks.Endpoints(ctx, shopOf(r))
	for _, e := range all {
		if string(e.ID) == r.PathValue("endpoint") {
			return e, nil
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "webhook.not_found")
	}
	return webhook.Endpoint{}, err
}

func (w *web) showWebhook(rw http.ResponseWriter, r *http.Request, secret string, refused error) error {
	ctx, shop := r.Context(), shopOf(r)
	e, err := w.endpoint(ctx, r)
	if err != nil {
		return err
	}
	f, t := w.begin(rw, r, "/desk/webhooks", "merchantweb.webhooks")
	f.Here = "/desk/webhooks/" + string(e.ID)
	f.Way = []page.Crumb{{Href: "/desk/webhooks", Text: t.T("merchantweb.webhooks")}, {Text: e.URL}}
	faults := t.FaultsOf(refused, "url")
	v := webhookView{Frame: f, URL: e.URL, Badge: hookBadge(t, e), Wrong: faults.General, Secret: hookSecret(t, secret),
		Field: page.Field{ID: "url", Name: "url", Kind: "url", Label: t.T("merchantweb.url"), Required: true,
			Length: webhook.URLMax, Value: value(r, faults, "url", e.URL), Error: faults.At("url")},
		Topics: topicFields(t, e.Topics), On: page.Field{ID: "on", Name: "on", Kind: "check", Value: "1", Checked: e.On,
			Label: t.T("merchantweb.hook_is_on")}}
	ask := func(word string, bad bool) page.Dialog {
		return page.Dialog{ID: word, Open: t.T("merchantweb.hook_" + word), Title: t.T("merchantweb.hook_" + word),
			Text: t.T("merchantweb.hook_" + word + "_text"), Action: f.Here, Hidden: []page.Pair{{Name: "word", Value: word}},
			Confirm: page.Act{Text: t.T("merchantweb.hook_" + word), Bad: bad, Main: !bad}}
	}
	v.Dialogs = []page.Dialog{ask("replay", false), ask("rotate", false), ask("remove", true)}
	if v.Table, err = w.deliveryTable(ctx, t, shop, e.ID, r.URL.Query()); err != nil {
		return err
	}
	return w.set.Render(rw, r, statusOf(refused), "desk-webhook", v)
}

func (w *web) deliveryTable(
	ctx context.Context, t page.Tongue, shop string, of webhook.EndpointID, q url.Values,
) (page.Table, error) {
	at := "/desk/webhooks/" + string(of)
	table := page.Table{ID: "deliveries", Caption: t.T("merchantweb.deliveries"), Columns: []page.Column{
		{Name: t.T("merchantweb.topic"), Wide: true}, {Name: t.T("merchantweb.when")}, {Name: t.T("merchantweb.state")},
		{Name: t.T("merchantweb.acts")}}, Empty: page.Empty{Title: t.T("merchantweb.no_deliveries"),
		Text: t.T("merchantweb.no_deliveries_text")}}
	before := webhook.DeliveryID(page.Place(q, "before", "msg"))
	all, err := w.Webhooks.Deliveries(ctx, shop, webhook.Query{Endpoint: of, Before: before, Limit: deliveriesPerPage})
	for _, d := range all {
		badge := deliveryBadge(t, d)
		cell := page.Cell{}
		if d.State != webhook.Queued && d.Topic != webhook.Ping {
			cell = page.Cell{Post: at, Hidden: []page.Pair{{Name: "word", Value: "again"},
				{Name: "delivery", Value: string(d.ID)}}, Acts: []page.Act{{Text: t.T("merchantweb.send_again")}}}
		}
		table.Rows = append(table.Rows, page.Row{ID: string(d.ID), Cells: []page.Cell{{Text: string(d.Topic), Sub: d.Subject},
			{Text: t.When(d.CreatedAt)}, {Badge: &badge, Sub: d.Excerpt}, cell}})
	}
	if len(all) == deliveriesPerPage {
		table.Pager.Next = at + "?" + url.Values{"before": {string(all[len(all)-1].ID)}}.Encode()
	}
	return table, err
}

func deliveryBadge(t page.Tongue, d webhook.Delivery) page.Badge {
	b := page.Badge{Text: t.T("merchantweb.delivery_" + string(d.State)), Tone: map[webhook.State]string{
		webhook.Queued: "wait", webhook.Delivered: "done", webhook.Failed: "bad"}[d.State]}
	switch {
	case d.Status != 0:
		b.Who = "HTTP " + strconv.FormatInt(d.Status, 10)
	case d.Reason != "":
		b.Who = t.T("merchantweb.why_" + d.Reason)
	}
	return b
}

// changeWebhook does what the buttons of an endpoint's page say.
func (w *web) changeWebhook(rw http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "merchantweb.form").Because(err)
	}
	ctx, shop := r.Context(), shopOf(r)
	e, err := w.endpoint(ctx, r)
	if err != nil {
		return err
	}
	word, to := r.PostFormValue("word"), "/desk/webhooks/"+string(e.ID)
	switch word {
	case "save":
		_, err = w.Webhooks.Change(ctx, webhook.Change{Shop: shop, Endpoint: e.ID, URL: r.PostFormValue("url"),
			Topics: topicsOf(r), On: r.PostFormValue("on") != ""})
	case "rotate":
		var secret webhook.Secret
		if _, secret, err = w.Webhooks.Rotate(ctx, shop, e.ID); err == nil {
			return w.showWebhook(rw, r, secret.Reveal(), nil)
		}
	case "remove":
		to, err = "/desk/webhooks", w.Webhooks.Remove(ctx, shop, e.ID)
	case "ping":
		_, err = w.Webhooks.Ping(ctx, shop, e.ID)
	case "again":
		err = w.Webhooks.Replay(ctx, shop, webhook.DeliveryID(r.PostFormValue("delivery")))
	case "replay":
		_, err = w.Webhooks.ReplaySince(ctx, shop, e.ID, w.Clock.Now().Add(-24*time.Hour))
	default:
		return fault.New(fault.NotFound, "gate.not_found")
	}
	if err != nil {
		if !page.Own(err) || fault.Of(err) == fault.NotFound {
			return err
		}
		return w.showWebhook(rw, r, "", err)
	}
	page.Flash(rw, "good", "merchantweb.hook_did_"+word)
	return page.See(rw, r, to)
}
