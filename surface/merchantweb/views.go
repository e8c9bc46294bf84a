package merchantweb

import (
	"hutong/party/merchant"
	"hutong/surface/page"
)

// listView is a page that is a table, perhaps with a second one below, and with ways to add to it above.
type listView struct {
	page.Frame
	Heading, Intro string
	Acts           []page.Act
	Wrong          string
	Secret         *secretView // shown once
	Dialogs        []page.Dialog
	Tabs           *page.Tabs
	Table          page.Table
	Second         *secondTable
}

type secondTable struct {
	Heading, Intro string
	Table          page.Table
}

// secretView is something that is shown this once.
type secretView struct{ Title, Text, Value string }

type todayView struct {
	page.Frame
	Name, When string
	Start      *startView // while the shop has not begun
	Trades     bool       // there may be work
	Stats      []page.Stat
	Measures   page.Tabs
	Chart      *page.Chart
	Todo       []todoRow
	Held       *page.Link // orders that are not to be sent, beside the work
	Calm       page.Empty
}

// todoRow is work that waits.
type todoRow struct{ Href, Icon, Text, Hint, Count string }

type shipManyView struct {
	page.Frame
	Heading, Submit string
	Open            int
	Hidden          []page.Pair
	Carrier         page.Field
	Labels, Slips   string
	Table           page.Table
}

type orderView struct {
	page.Frame
	ID, PlacedAt, PaidAt, RemarkText string
	Badge                            page.Badge
	Wrong                            string
	Subs                             []subView
	Next, NextHref                   string // what the shop does next, and where
	Prints                           []page.Act
	Recipient, Phone, Address        string // while the parcel is on its way
	Collects                         bool   // who is named comes for it
	Cases                            []caseView
	Presale                          *presaleView
}

// caseView is what a shopper asks back, and what can be answered.
type caseView struct {
	ID, Reason, Amount, When string
	Badge                    page.Badge
	Lines, Notes             []string
	CanAnswer, CanClose      bool
	NoReturns                bool // goods would go back, and the shop has not said where to
	Restock                  bool
	Note                     page.Field
}

type subView struct {
	Seq                   int64
	Badge                 page.Badge
	Lines                 []lineView
	Goods, Freight        string
	Funded                string // what the market and others pay beside it
	Carrier, Point        string
	Tracking              string
	Ships                 string // when it is to be sent, and how it stands by that
	Late                  bool
	Moments               []page.Moment
	CanShip               bool
	CarrierField, NoField page.Field
	Hint                  string
}

type lineView struct {
	Picture, Title, Choice, Times, Sum, Refunded string
	Lowered                                      string // what went back of it under the price guarantee
	Repriced                                     string // what is left of it costs, since it was priced again
	Tint                                         int
}

type pickupView struct {
	page.Frame
	Wrong string
	Code  page.Field
}

type moneyView struct {
	page.Frame
	Totals  []page.Stat
	Account *accountView // nil where the reader may not ask for another one
	Table   page.Table
}

type statementView struct {
	page.Frame
	Period, Due, CSV, PDF string
	Badge                 page.Badge
	Facts                 []page.Pair
	Table                 page.Table
}

type payoutView struct {
	page.Frame
	Account *accountView
	Wrong   string
	Fields  []page.Field
	Table   page.Table
}

type memberView struct {
	page.Frame
	Name, Since, Wrong string
	Role               page.Field
	Remove             page.Dialog
}

type reviewsView struct {
	page.Frame
	Tabs  page.Tabs
	Rows  []reviewRow
	Pager page.Pager
	Empty page.Empty
}

// reviewRow is one review, with the field for the shop's answer.
type reviewRow struct {
	ID, Author, When, Choice, Text, FollowUp, Answer, Product string
	Stars                                                     page.Stars
	Notes, Pictures                                           []string
	May                                                       bool
	Field                                                     page.Field
}

type settingsView struct {
	page.Frame
	Code, Front, Logo, From, Wrong string
	Tint                           int
	OK                             bool // shoppers see the shop
	Say                            []page.Field
	Picture                        page.FileDrop
	Province, District             page.Field
	Returns                        returnsView
	Points                         page.Table
	Point                          page.Dialog
}

type webhookView struct {
	page.Frame
	URL, Wrong string
	Badge      page.Badge
	Secret     *secretView
	Field, On  page.Field
	Topics     []page.Field
	Dialogs    []page.Dialog
	Table      page.Table
}

type openView struct {
	page.Frame
	Wrong     string
	Steps     page.Steps
	Shop, You []page.Field
}

type papersView struct {
	page.Frame
	Wrong   string
	Open    bool // still to be changed
	Given   merchant.Papers
	Steps   page.Steps
	Fields  []page.Field
	Picture page.FileDrop
}
