package ship

import "time"

// Code says what happened to a parcel, in the numbers of WeChat Shop's interface, which other carriers' codes are
// translated to.
type Code int

// The codes of tracking events.
const (
	Awaiting       Code = 0  // 待揽件
	Collected      Code = 1  // 揽收
	Moving         Code = 2  // 运输中
	OutForDelivery Code = 3  // 派件
	InLocker       Code = 4  // 入柜: laid into a locker, which is not yet delivered
	Signed         Code = 5  // 签收
	SentBack       Code = 6  // 退回
	Forwarded      Code = 7  // 转寄
	Abnormal       Code = 8  // 异常
	FromLocker     Code = 9  // 出柜: the shopper took it out of the locker
	Unclear        Code = 99 // 未知
)

// Valid tells whether c is one of the codes.
func (c Code) Valid() bool { return c >= Awaiting && c <= FromLocker || c == Unclear }

// Delivers tells whether the shopper has the parcel after such an event.
func (c Code) Delivers() bool { return c == Signed || c == FromLocker }

// Event is one report about a parcel.
type Event struct {
	Code    Code
	At      time.Time
	PlaceZh string
	PlaceEn string
}
