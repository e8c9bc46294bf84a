package operatorweb

import "hutong/surface/page"

type booksView struct {
	page.Frame
	Stats    []page.Stat
	Accounts []accountRow
	Audit    auditView
	Forged   int64
}

type accountRow struct{ Name, Debits, Credits, Net string }

// auditView is the lamp and what stands behind it. Tone is "good", "bad" or "".
type auditView struct {
	Tone, Text, When string
	Checks           []checkRow
}

type checkRow struct {
	Name, Rule, Counted string
	Badge               page.Badge
	Rows                []string
}

type ordersView struct {
	page.Frame
	Orders []orderRow
	Pager  page.Pager
	Empty  page.Empty
}

type orderRow struct {
	Href, Number, When, Shops, Total string
	Badge                            page.Badge
}

type orderView struct {
	page.Frame
	ID, PlacedAt, Total string
	Badge               page.Badge
	Subs                []subRow
	Attempts            []attemptRow
	Refunds             []refundRow
	Transfers           []transferRow
	Steps               []stepRow
}

type subRow struct {
	Shop, Goods, Freight, Carrier string
	Badge                         page.Badge
	Lines                         []string
	Parcels                       []string
}

type attemptRow struct {
	ID, Wallet, Amount, At string
	Badge                  page.Badge
}

type refundRow struct {
	ID, Wallet, Amount, Reason string
	Badge                      page.Badge
}

type transferRow struct{ Seq, Kind, Debit, Credit, Amount, At string }

type stepRow struct{ Of, From, To, Who, At string }

type suspenseView struct {
	page.Frame
	Wrong string
	Rows  []suspenseRow
	Empty page.Empty
}

type suspenseRow struct {
	Provider, Txn, Kind                     string // what the form sends back
	Wallet, KindWord, Amount, Reason, Since string // what people read
	Badge                                   page.Badge
	Open                                    bool // a capture that can be sent back
}

type shopsView struct {
	page.Frame
	Rows  []shopRow
	Empty page.Empty
}

type shopRow struct {
	ID, Href, Name, Code, Payable, Since string
	Open                                 bool
	Badge                                page.Badge
}
