package node

import (
	_ "embed"

	"hutong/base/checkup"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/idempotency"
	"hutong/base/lane"
	"hutong/base/rollout"
	"hutong/base/setting"
	"hutong/base/strict"
	"hutong/base/text"
	"hutong/base/tune"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/place"
	"hutong/deal/promo"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/standard"
	"hutong/deal/quota"
	"hutong/deal/reference"
	"hutong/deal/voucher"
	"hutong/funds/deposit"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/pay/bluejay"
	"hutong/funds/pay/emvco"
	"hutong/funds/pay/redbean"
	"hutong/funds/pay/sandbox"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/edit"
	"hutong/goods/intake"
	"hutong/goods/intake/fetch"
	"hutong/goods/intake/upload"
	"hutong/goods/offer"
	"hutong/goods/picture"
	"hutong/goods/search"
	"hutong/goods/stock"
	"hutong/node/verify"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/reach/notice"
	"hutong/reach/segment"
	"hutong/reach/webhook"
	"hutong/surface/api"
	"hutong/surface/gate"
	"hutong/surface/loginweb"
	"hutong/surface/merchantweb"
	"hutong/surface/operatorweb"
	"hutong/surface/page"
	"hutong/surface/saleweb"
	"hutong/surface/shopweb"
	"hutong/surface/walletweb"
	"hutong/trade/aftersale"
	"hutong/trade/cart"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/guarantee"
	"hutong/trade/order"
	"hutong/trade/referral"
	"hutong/trade/review"
	"hutong/trade/ship"
	"hutong/trade/ship/courier"
	"hutong/trade/ship/selfpickup"
)

//go:embed text.json
var textJSON []byte

// Own are the sentences of this package itself.
var Own = text.MustParse(textJSON)

// texts lists the rooms that speak; a test holds the list against the tree.
func texts() []text.Bundle {
	return []text.Bundle{Own, db.Texts, idempotency.Texts, lane.Texts, setting.Texts, strict.Texts, event.Texts,
		checkup.Texts, rollout.Texts, tune.Texts, audit.Texts, approval.Texts, login.Texts, shopper.Texts,
		merchant.Texts, catalog.Texts, edit.Texts, intake.Texts, upload.Texts, fetch.Texts, picture.Texts,
		search.Texts, offer.Texts, stock.Texts, ledger.Texts, pay.Texts, sandbox.Texts, redbean.Texts, bluejay.Texts,
		emvco.Texts, settle.Texts, deposit.Texts, cart.Texts, order.Texts, checkout.Texts, aftersale.Texts, ship.Texts,
		courier.Texts, selfpickup.Texts, review.Texts, notice.Texts, webhook.Texts, gate.Texts, page.Texts,
		saleweb.Texts, shopweb.Texts, loginweb.Texts, merchantweb.Texts, operatorweb.Texts, api.Texts, walletweb.Texts,
		verify.Texts, quota.Texts, voucher.Texts, campaign.Texts,
		place.Texts, flash.Texts, reference.Texts, promo.Texts, standard.Texts,
		rulebook.Texts, group.Texts, guarantee.Texts, referral.Texts, segment.Texts}
}
