package notice

import (
	"strconv"
	"strings"
	"time"

	"hutong/base/money"
	"hutong/base/text"
)

// Words are a notice in a language: a line, and what stands under it.
type Words struct {
	Subject string
	Body    string // for the inbox; a mail's text has the greeting and the link around it
}

// Words puts the notice into a language. What comes from people is a value, put in once: braces in a shop's name are
// braces (FAULTS A16).
func (n Notice) Words(l text.Lang) Words {
	values := map[string]string{"order": n.Facts.Order, "shop": n.Facts.shop(l), "amount": "",
		"why": Texts.Text(l, "notice.why."+n.Facts.why())}
	if n.Facts.Currency != "" {
		values["amount"] = money.New(n.Facts.Amount, n.Facts.Currency).Format(string(l))
	}
	if sale := n.Facts.Sale; sale != nil {
		values["sale"], values["goods"] = sale.Title.Pick(l), sale.Goods.Pick(l)
	}
	if d := n.Facts.Deposit; d != nil {
		values["reason"] = d.Reason
	}
	if by := n.Facts.By; !by.IsZero() {
		values["until"] = text.When(l, by)
	}
	if g := n.Facts.Group; g != nil {
		values["code"], values["need"], values["until"] = g.Code, strconv.FormatInt(g.Need, 10), text.When(l, g.Until)
	}
	if lot := n.Facts.Lot; lot != nil {
		values["sale"], values["goods"] = lot.Title.Pick(l), lot.Goods.Pick(l)
		values["from"], values["until"] = text.When(l, lot.From), text.When(l, lot.Until)
	}
	key := "notice." + string(n.Topic)
	body := key + ".body"
	if special := key + "." + n.Facts.Why + ".body"; n.Facts.Why != "" && Texts[special] != (text.Entry{}) {
		body = special
	}
	return Words{Subject: fill(Texts.Text(l, key+".subject"), values), Body: fill(Texts.Text(l, body), values)}
}

func (f Facts) shop(l text.Lang) string {
	if l == text.Zh && f.ShopZh != "" || f.ShopEn == "" {
		return f.ShopZh
	}
	return f.ShopEn
}

// why is a cause that has words.
func (f Facts) why() string {
	if _, ok := Texts["notice.why."+f.Why]; ok && f.Why != "" {
		return f.Why
	}
	return "other"
}

// letter is the text of the mail of a notice.
func (n Notice) letter(l text.Lang, link string) string {
	return fill(Texts.Text(l, "notice.letter"), map[string]string{"body": n.Words(l).Body, "link": link})
}

// fill puts values in for {names}, each place once: what was put in is never looked at again.
func fill(sentence string, values map[string]string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(sentence, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		value, known := values[name]
		if !closed || !known {
			b.WriteString("{")
			sentence = rest
			continue
		}
		b.WriteString(value)
		sentence = after
	}
}

// Code is a one-time code on its way to whoever asked for it, as party/login describes it.
type Code struct {
	Address string
	Phone   bool
	Code    string
	Lang    text.Lang
	GoodFor time.Duration
}

// String is printed instead of the code and the address (FAULTS A34).
func (c Code) String() string { return "[one-time code]" }

// GoString is String.
func (c Code) GoString() string { return c.String() }

func (c Code) words() Words {
	values := map[string]string{"code": c.Code, "minutes": strconv.Itoa(int(c.GoodFor.Minutes()))}
	return Words{Subject: fill(Texts.Text(c.Lang, "notice.code.subject"), values),
		Body: fill(Texts.Text(c.Lang, "notice.code.body"), values)}
}
