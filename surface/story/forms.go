package story

import (
	"hutong/base/text"
	"hutong/surface/page"
)

// forms are the components of asking and answering.
func forms() []Component {
	return []Component{
		{"button", text.Entry{Zh: "按钮", En: "Button"}, `{{template "act" .Act}}`, "page.Act", buttons},
		{"field", text.Entry{Zh: "输入框", En: "Form field"}, `{{template "field" .Field}}`, "page.Field", fields},
		{"dialog", text.Entry{Zh: "对话框", En: "Dialog"}, `{{template "dialog" .Dialog}}`, "page.Dialog",
			dialogs},
		{"notice", text.Entry{Zh: "提示", En: "Notice"}, `Frame.Notice, page.Flash`, "page.Notice", notices},
		{"toast", text.Entry{Zh: "轻提示", En: "Toast"}, `Frame.Toast, page.ToastHeader`, "page.Toast", toasts},
		{"drop", text.Entry{Zh: "文件上传", En: "File drop"}, `{{template "drop" .Files}}`, "page.FileDrop", drops},
		{"rate", text.Entry{Zh: "打分", En: "Giving stars"}, `{{template "stars-field" .Stars}}`,
			"page.StarsField", rates},
		{"empty", text.Entry{Zh: "空白", En: "Empty state"}, `{{template "empty" .Empty}}`, "page.Empty",
			empties},
	}
}

func buttons(t page.Tongue) []State {
	return []State{
		{Title: pick(t, "主要、普通、删除", "Main, ordinary, taking away"), Acts: []page.Act{{Text: pick(t, "去结算",
			"Check out"), Main: true},
			{Text: pick(t, "保存", "Save")}, {Text: pick(t, "下架", "Withdraw"), Bad: true}}},
		{Title: pick(t, "带图标", "With an icon"), Acts: []page.Act{{Text: pick(t, "加入购物车", "Add to cart"),
			Icon: "cart", Main: true},
			{Text: pick(t, "收藏", "Keep"), Icon: "heart"}, {Text: pick(t, "链接", "A link"),
				Href: "/story/button", Icon: "next"}}},
	}
}

func fields(t page.Tongue) []State {
	name := page.Field{ID: "name", Name: "name", Kind: "text", Label: pick(t, "收件人", "Recipient"),
		Required: true, Value: pick(t, "王小明", "Wang Xiaoming"), Auto: "name"}
	phone := page.Field{ID: "phone", Name: "phone", Kind: "tel", Label: pick(t, "手机", "Phone"), Required: true,
		Value: "138", Auto: "tel",
		Hint: pick(t, "快递员会打这个电话", "The courier calls this number"), Error: pick(t, "手机号应有 11 位",
			"A mobile number has 11 digits")}
	remark := page.Field{ID: "remark", Name: "remark", Kind: "area", Label: pick(t, "备注", "Remark"),
		Length: 200, Holder: pick(t, "比如：请放门口", "Such as: leave it at the door")}
	region := page.Field{ID: "region", Name: "region", Kind: "select", Label: pick(t, "地区", "Region"),
		Required: true, Options: []page.Group{
			{Label: pick(t, "国内", "In China"), Options: []page.Option{{Value: "33", Text: pick(t, "浙江",
				"Zhejiang"), Selected: true}, {Value: "31", Text: pick(t, "上海", "Shanghai")}}},
			{Label: pick(t, "国外", "Abroad"), Options: []page.Option{{Value: "SG", Text: pick(t, "新加坡",
				"Singapore")}}}}}
	price := page.Field{ID: "price", Name: "price", Kind: "text", Mode: "decimal", Label: pick(t, "售价",
		"Price"), Before: "¥", Value: "128.00", Required: true}
	weight := page.Field{ID: "weight", Name: "weight", Kind: "text", Mode: "decimal", Label: pick(t, "重量",
		"Weight"), After: "kg", Value: "0",
		Error: pick(t, "重量要大于零", "The weight must be above zero")}
	agree := page.Field{ID: "agree", Name: "agree", Kind: "check", Label: pick(t, "短信通知我发货",
		"Text me when it ships"), Value: "1", Checked: true,
		Hint: pick(t, "随时可以关掉", "You can turn it off any time")}
	must := page.Field{ID: "must", Name: "must", Kind: "check", Label: pick(t, "我同意退货规则",
		"I agree to the rules of returns"), Value: "1", Required: true,
		Error: pick(t, "请先同意", "Please agree first")}
	ways := page.Field{ID: "way", Name: "way", Kind: "radios", Label: pick(t, "配送方式", "Delivery"),
		Required: true, Options: []page.Group{{Options: []page.Option{
			{Value: "courier", Text: pick(t, "胡同快递", "Hutong Express"), Sub: pick(t, "明天到 · ¥8",
				"tomorrow · ¥8"),
				Selected: true},
			{Value: "pickup", Text: pick(t, "到店自提", "Pick up"), Sub: pick(t, "鼓楼店 · 免费",
				"Drum Tower · free")}}}}}
	return []State{
		{Title: pick(t, "填好的", "Filled in"), Fields: []page.Field{name, region, remark}},
		{Title: pick(t, "有错的", "Refused"), Fields: []page.Field{phone, weight, must}, Wrong: pick(t, "有三处要改。",
			"Three things need a change.")},
		{Title: pick(t, "带单位", "With a unit"), Fields: []page.Field{price}},
		{Title: pick(t, "勾选和单选", "A box, and one of several"), Fields: []page.Field{agree, ways}},
	}
}

func dialogs(t page.Tongue) []State {
	ask := page.Dialog{ID: "withdraw", Open: pick(t, "下架…", "Withdraw…"), Title: pick(t, "下架这件商品？",
		"Withdraw this product?"),
		Text:   pick(t, "已下的订单不受影响。以后可以再上架。", "Orders already placed stand. You can list it again later."),
		Action: "/story/dialog", Confirm: page.Act{Text: pick(t, "下架", "Withdraw"), Bad: true}}
	form := page.Dialog{ID: "ship", Open: pick(t, "发货…", "Ship…"), Title: pick(t, "发货", "Ship the order"),
		Action: "/story/dialog",
		Fields: []page.Field{{ID: "waybill", Name: "waybill", Kind: "text", Label: pick(t, "运单号", "Waybill"),
			Required: true,
			Hint:     pick(t, "快递单上的号码", "The number on the label")}}, Confirm: page.Act{Text: pick(t, "确认发货",
			"Ship"), Main: true}}
	return []State{{Title: pick(t, "确认", "A question"), Dialog: &ask}, {Title: pick(t, "带输入", "With a field"),
		Dialog: &form}}
}

func notices(t page.Tongue) []State {
	return []State{
		{Title: pick(t, "办好了", "Done"), Notice: &page.Notice{Tone: "good", Text: pick(t, "3 个订单已发货。",
			"3 orders are shipped.")}},
		{Title: pick(t, "没办成", "Refused"), Notice: &page.Notice{Tone: "bad", Text: pick(t, "库存不够，只剩 2 件。",
			"There are only 2 left.")}},
		{Title: pick(t, "说明", "A remark"), Notice: &page.Notice{Tone: "plain", Text: pick(t, "数据每分钟更新一次。",
			"The numbers are a minute old at most.")}},
	}
}

func toasts(t page.Tongue) []State {
	return []State{{Title: pick(t, "已移出，可撤销", "Removed, and a way back"), Toast: &page.Toast{Tone: "good",
		Text: pick(t, "已移出购物车", "Removed from the cart"),
		Href: "/story/toast", Action: pick(t, "撤销", "Undo")}}}
}

func drops(t page.Tongue) []State {
	pictures := page.FileDrop{ID: "pictures", Name: "pictures", Label: pick(t, "商品图片", "Pictures"),
		Accept: "image/*", Many: true,
		Hint: pick(t, "JPG、PNG 或 WebP，每张不超过 8 MB", "JPG, PNG or WebP, up to 8 MB each")}
	file := page.FileDrop{ID: "file", Name: "file", Label: pick(t, "要导入的文件", "File to import"),
		Accept: ".csv,.xlsx", Required: true,
		Error: pick(t, "这个文件不是表格", "This file is no table")}
	return []State{{Title: pick(t, "多张图", "Several pictures"), Drop: &pictures}, {Title: pick(t, "被拒的文件",
		"A refused file"), Drop: &file}}
}

func rates(t page.Tongue) []State {
	names := [5]string{pick(t, "很差", "Bad"), pick(t, "较差", "Poor"), pick(t, "一般", "Fair"), pick(t, "满意",
		"Good"), pick(t, "非常好", "Great")}
	fresh := page.StarsField{ID: "stars", Name: "stars", Legend: pick(t, "商品怎么样？", "How is it?"),
		Required: true, Names: names}
	chosen, wrong := fresh, fresh
	chosen.ID, chosen.Name, chosen.Value = "stars-4", "stars-4", 4
	wrong.ID, wrong.Name, wrong.Error = "stars-0", "stars-0", pick(t, "请打分", "Please give it stars")
	return []State{{Title: pick(t, "还没打", "Not yet"), AskStars: &fresh}, {Title: pick(t, "四星", "Four"),
		AskStars: &chosen},
		{Title: pick(t, "漏了", "Left out"), AskStars: &wrong}}
}

func empties(t page.Tongue) []State {
	return []State{
		{Title: pick(t, "有下一步", "With a way on"), Empty: &page.Empty{Title: pick(t, "购物车还是空的",
			"Your cart is empty"),
			Text: pick(t, "去看看今天的好价。", "See what is cheap today."), Href: "/story", Action: pick(t, "去逛逛",
				"Look around")}},
		{Title: pick(t, "只说一句", "Just a sentence"), Empty: &page.Empty{Title: pick(t, "没有待发货的订单",
			"No orders to ship")}},
	}
}
