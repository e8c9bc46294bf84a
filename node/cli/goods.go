package cli

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/intake"
	"hutong/goods/intake/icecat"
	"hutong/goods/intake/magento"
	"hutong/goods/intake/mapped"
	"hutong/goods/intake/shopify"
	"hutong/goods/intake/woocommerce"
	"hutong/node"
	"hutong/party/merchant"
)

type importCmd struct {
	Storage
	Shop          string   `required:"" help:"The shop's code; it is opened when there is none."`
	Format        string   `help:"One of ${enum}." default:"auto" enum:"auto,shopify,woocommerce,magento,icecat,mapped"`
	Mapping       string   `help:"Column mapping for --format mapped: a JSON file." type:"existingfile"`
	Currency      string   `help:"What the prices are in; a new market gets this currency, CNY by default."`
	Pictures      string   `help:"Folder of the pictures that the files name." type:"existingdir"`
	FetchPictures bool     `help:"Fetch pictures from public web addresses."`
	DryRun        bool     `help:"Say what would be done, and write nothing."`
	Files         []string `arg:"" name:"file" help:"Export files, gzipped or not." type:"existingfile"`
}

// Run imports files into one shop of the market.
func (c *importCmd) Run(e *env) error {
	formats, err := c.formats()
	if err != nil {
		return err
	}
	config := node.Config{URL: c.url(), Dir: c.Data, Log: e.log, FetchPictures: c.FetchPictures}
	config.Checkout.Currency = money.Currency(strings.ToUpper(c.Currency))
	m, err := node.Open(e.ctx, config)
	if err != nil {
		return err
	}
	defer m.Close()
	shop, err := c.shop(e, m)
	if err != nil {
		return err
	}
	bar := newProgress(e)
	report, err := m.Intake.Import(e.ctx, intake.Import{Shop: string(shop), Files: c.Files, Formats: formats,
		Currency: m.Config.Checkout.Currency, DryRun: c.DryRun, Pictures: c.Pictures, OnProgress: bar.show})
	bar.end()
	err = errors.Join(err, handOver(e.ctx, m))
	if report.Products > 0 || report.Rejected > 0 || err == nil {
		c.show(e, report) // also when one file of several could not be read: the others are in
		e.told = true     // that file is among the rejects
	}
	return err
}

// shop finds the shop, or opens it. A dry run opens none: it looks at the file as a new shop would.
func (c *importCmd) shop(e *env, m *node.Market) (merchant.ID, error) {
	shop, err := m.Shops.ByCode(e.ctx, c.Shop)
	if !fault.Is(err, "merchant.not_found") {
		return shop.ID, err
	}
	if c.DryRun {
		return merchant.ID(m.IDs.New("shp")), nil
	}
	shop, err = m.Shops.OpenShop(e.ctx, merchant.OpenShop{Code: c.Shop, Name: text.Entry{Zh: c.Shop, En: c.Shop}})
	return shop.ID, err
}

func (c *importCmd) formats() ([]intake.Format, error) {
	switch {
	case c.Format == "mapped" && c.Mapping == "":
		return nil, fault.New(fault.Invalid, "node.mapping").At("mapping")
	case c.Mapping != "" && c.Format == "auto":
		c.Format = "mapped"
	case c.Mapping != "" && c.Format != "mapped":
		return nil, fault.New(fault.Invalid, "node.mapping").At("format")
	}
	if c.Format == "mapped" {
		f, err := os.Open(c.Mapping)
		if err != nil {
			return nil, fault.New(fault.Invalid, "intake.no_file", fault.P("file", c.Mapping)).At("mapping").Because(err)
		}
		defer f.Close()
		mapping, err := mapped.Parse(f)
		return []intake.Format{mapped.Format{Mapping: mapping}}, err
	}
	all := []intake.Format{shopify.Format{}, woocommerce.Format{}, magento.Format{}, icecat.Format{}}
	if c.Format == "auto" {
		return all, nil
	}
	for _, f := range all {
		if f.Name() == c.Format {
			return []intake.Format{f}, nil
		}
	}
	return nil, fault.New(fault.Invalid, "intake.unknown_format").At("format")
}

func (c *importCmd) show(e *env, r intake.Report) {
	view := r.View(node.Texts(), e.lang)
	if e.json {
		e.print(view)
		return
	}
	for _, v := range view.Rejects {
		where := v.File
		if v.Line > 0 { // else it is said of the whole file
			where += ":" + strconv.Itoa(v.Line)
		}
		fmt.Fprintf(e.Out, "%s: %s (%s)\n", where, v.Message, v.Code)
	}
	done := "imported"
	if c.DryRun {
		done = "would be imported"
	}
	fmt.Fprintf(e.Out, "%s with %s %s: %d created, %d updated, %d unchanged; %s refused\n",
		number(view.Products, "product"), number(view.SKUs, "SKU"), done,
		view.Created, view.Updated, view.Unchanged, number(view.Rejected, "row"))
}

// number says how many things there are.
func number(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.FormatInt(n, 10) + " " + thing + "s"
}
