package login

import "time"

// KeyPrefix begins every API key, so that scanners of leaked secrets know one when they see it.
const KeyPrefix = "htk_"

// The bounds of API keys.
const (
	KeyNameMax = 60
	KeysMax    = 50                   // of one shop, not counting revoked and expired ones
	KeyForMax  = 366 * 24 * time.Hour // how long a key may last
)

// APIKey is a key with which a shop's own program calls.
type APIKey struct {
	ID      ID // "key_...": names the program in records
	Shop    string
	Name    string
	Prefix  string // what its owner may recognise it by
	Scopes  Permissions
	MadeBy  ID
	Created time.Time
	Expires time.Time
	Used    time.Time // to the hour; zero if never
	Revoked time.Time // zero while it is good
}

// keyScopes are what a program may be allowed to do: nothing that changes who may do what, or where money goes.
var keyScopes = SetOf(OrdersRead, OrdersShip, CasesAnswer, ProductsRead, ProductsWrite, StockWrite, ReviewsAnswer,
	MoneyRead, ShopEdit)

// KeyScopes are the permissions that a key can hold.
func KeyScopes() []Permission { return keyScopes.List() }

// keyPrefix is the public part of a key, of which the id shows as much.
func keyPrefix(id ID) string { return KeyPrefix + string(id[len("key_"):]) }
