package shopweb

import (
	"hutong/base/money"
	"hutong/surface/page"
)

// lineView is one line of a cart, a quote or an order.
type lineView struct {
	Offer, Href, Title, Choice, Picture string
	Product                             string
	On                                  bool   // to be bought
	Changed                             string // that its price changed since it came in, with both
	No                                  int64  // of an order's line
	Review                              *page.Link
	Tint                                int
	Unit                                page.Price
	shelf                               int64  // minor units of Unit, where a promotion made it
	Times, Sum                          string // "2 × ¥19.90", "¥39.80"
	Off                                 string // "−¥4.00": what promotions took off the line; Sum is what is left
	Quantity, Max                       int64
	Problem                             string // why it cannot be bought as it is
	Refunded, Repriced                  string
	Guarantee                           *guaranteeView
}

type cartView struct {
	page.Frame
	Groups   []cartGroup
	Balances []balanceView // that can be paid together with goods
	Owed     int           // of them, those to be paid
	Total    page.Price
	Picked   int // lines to be bought
	Saved    string
	Why      page.Why
	Wrong    string
	Empty    page.Empty
}

type cartGroup struct {
	Shop     shopCard
	Lines    []lineView
	Subtotal string
}

type checkoutView struct {
	page.Frame
	Addresses             []addressPick
	NewAddress            string
	Shops                 []checkoutShop
	Goods, Freight        string
	Total                 page.Price
	Token, Missing, Login string
	Holds                 *page.Countdown
	Seen                  []string // what is shown of each line, to be sent back and compared
	Finals                []string // what cannot be sent back without a reason
	Saved                 string   // what promotions took off; "" for nothing
	Repriced              string   // how refunds of the order come to their amounts, where that is to be told
	Why                   page.Why
	Remark                page.Field
	Wrong                 string
	Balances              []balanceView // what is paid together with the order
	Vouchers              *voucherBox   // what is chosen among; nil where the shopper holds none
	Presale               *presaleQuote // of what is paid in two parts
	Sought                *groupSought  // the place in a group that is bought
	Terms                 *termsView    // after a refusal: what was promised, beside what holds now
}

type addressPick struct {
	Href, Recipient, Phone, Whole string
	On                            bool
}

type checkoutShop struct {
	Name, NoCarrier string
	Ships           string // within how many hours it is sent
	Lines           []lineView
	Carriers        []carrierPick
}

type carrierPick struct {
	Href, Name, Text, Freight string
	On                        bool
}

type addressView struct {
	page.Frame
	Headline, Old           string
	Next, RegionCode, Wrong string
	Region                  page.Field
	Fields                  []page.Field // empty until the region is chosen
}

type ordersView struct {
	page.Frame
	Tabs   page.Tabs
	Orders []orderRow
	Cases  []caseView
	Pager  page.Pager
	Empty  page.Empty
}

type orderRow struct {
	Href, When, Shops string
	First             string // the title of the first line
	Badge             page.Badge
	Pics              []lineView
	More              int
	Total             page.Price
}

type orderView struct {
	page.Frame
	ID, PlacedAt, PaidAt      string
	Badge                     page.Badge
	Track                     *page.Steps
	Enrol                     string      // for a guest: where to keep all this in an account
	Pay                       *payView    // while it waits for its payment
	Bill                      *billView   // the orders that are paid together with it
	bill                      money.Money // what they come to
	Subs                      []subView
	Group                     *orderGroup
	Sought                    *groupSought // before it is paid
	Goods, Freight, Refunded  string
	Total                     page.Price
	Saved                     string
	Why                       page.Why
	Recipient, Phone, Address string
	Collects                  bool // the shopper comes for all of it
	RemarkText                string
	CanCancel, CanRepeat      bool
	Presale                   *presaleOrder
	Wrong                     string
}

type payView struct {
	Amount  page.Price
	Until   page.Countdown
	Card    *page.QRCard // of the newest open attempt
	name    string       // of its wallet
	Wallets []walletButton
}

// walletButton starts to pay with a wallet; Off says that it does not answer just now.
type walletButton struct {
	Name, Text string
	Off        bool
}

type subView struct {
	Seq                   int64
	Shop                  shopCard
	Badge                 page.Badge
	Lines                 []lineView
	Carrier, Freight      string
	Tracking, Code        string
	Ships                 string // when it is sent; "" where nothing was promised, or the presale says it
	Late                  bool
	Moments               []page.Moment
	Cases                 []caseView
	CanReceive            bool
	ConfirmBy             string
	CanRefund, RefundOpen bool
	Key, RefundRule       string
	Would, Agreed         string // what the request would bring, and the amount as it is sent back with consent
	Look                  bool   // what it would bring is shown first
	RefundLines           []page.Field
	Reason, Note          page.Field
}

type caseView struct {
	Badge            page.Badge
	Text             string
	Steps            page.Steps
	Notes            []string // what the shop or the operator wrote
	Href, When, Shop string
	Back             *backView // where the goods are to be sent
	Withdraw         string    // the case, while its shopper can withdraw it
}

// backView is the address that goods go back to.
type backView struct{ Recipient, Phone, Whole string }
