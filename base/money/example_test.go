package money_test

import (
	"fmt"

	"hutong/base/money"
)

func ExampleMoney() {
	price := money.New(1990, "CNY")
	line, err := price.Times(3)
	fmt.Println(line.Format("zh-CN"), err)
	_, err = line.Add(money.New(100, "USD"))
	fmt.Println(err)
	// Output:
	// ¥59.70 <nil>
	// money: unknown or mixed currency
}

func ExampleSum() {
	total, err := money.Sum("CNY", money.New(1990, "CNY"), money.New(-90, "CNY"))
	fmt.Println(total.Decimal(), err)
	// Output: 19.00 <nil>
}

func ExampleApportion() {
	// 1.00 off three lines of 10.00: thirds would lose a fen, so the first line takes it.
	shares, err := money.Apportion(100, []int64{1000, 1000, 1000})
	fmt.Println(shares, err)
	// Output: [34 33 33] <nil>
}

func ExampleUnitRefund() {
	// Three units were bought for 100.00 together and come back one by one.
	for k := int64(1); k <= 3; k++ {
		fen, err := money.UnitRefund(10000, 3, k)
		fmt.Println(fen, err)
	}
	// Output:
	// 3333 <nil>
	// 3333 <nil>
	// 3334 <nil>
}

func ExampleUnitsRefund() {
	// The second and third of three units at once.
	fmt.Println(money.UnitsRefund(10000, 3, 1, 2))
	// Output: 6667 <nil>
}

func ExampleMoney_Rate() {
	// 15 % off 99.90, half-up to the fen.
	price, err := money.New(9990, "CNY").Rate(money.Whole-150_000, money.RoundHalfUp)
	fmt.Println(price.Decimal(), err)
	// Output: 84.92 <nil>
}

func ExampleFeeReversal() {
	// 0.6 % of 8.34 is 0.05. Two refunds of 4.17 give back 0.02 and 0.03, never 0.06.
	fmt.Println(money.Fee(834, 6000))
	fmt.Println(money.FeeReversal(834, 417, 6000))
	fmt.Println(money.FeeReversal(417, 0, 6000))
	// Output:
	// 5 <nil>
	// 2 <nil>
	// 3 <nil>
}

func ExampleParseMinor() {
	fmt.Println(money.ParseMinor("19.90", "CNY"))
	fmt.Println(money.ParseMinor("55.0000", "CNY"))
	fmt.Println(money.ParseMinor("19.999", "CNY"))
	fmt.Println(money.ParseMinor("1,234", "CNY"))
	fmt.Println(money.ParseMinor("199", "JPY"))
	// Output:
	// 1990 <nil>
	// 5500 <nil>
	// 0 money: more decimals than the currency has
	// 0 money: not a plain decimal number
	// 199 <nil>
}

func ExampleMoney_Format() {
	fmt.Println(money.New(123450, "USD").Format("en"))
	fmt.Println(money.New(123450, "USD").Format("zh-CN"))
	fmt.Println(money.New(1990, "CNY").Format("zh-CN"))
	// Output:
	// $1,234.50
	// US$1,234.50
	// ¥19.90
}
