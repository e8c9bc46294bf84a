package cli

import (
	"crypto/rand"
	"fmt"

	"hutong/base/fault"
	"hutong/node"
	"hutong/party/login"
)

type userCmd struct {
	Storage
	Role string `help:"operator, or merchant of --shop." enum:"operator,merchant" default:"operator"`
	Shop string `help:"Code of the merchant's shop."`
	Name string `arg:"" help:"The name to log in with."`
}

// Run makes a login with a password of its own, which is shown once and kept only as a hash.
func (c *userCmd) Run(e *env) error {
	if (c.Role == string(login.Merchant)) != (c.Shop != "") {
		return fault.New(fault.Invalid, "node.user_shop").At("shop")
	}
	e.opens(c.Storage)
	m, err := node.Open(e.ctx, node.Config{URL: c.url(), Dir: c.Data, Log: e.log})
	if err != nil {
		return err
	}
	defer m.Close()
	password := rand.Text()
	r := login.Register{Role: login.Role(c.Role), Name: c.Name, Password: login.Password(password)}
	if r.Role == login.Merchant {
		shop, err := m.Shops.ByCode(e.ctx, c.Shop)
		if err != nil {
			return err
		}
		r.Shop = string(shop.ID)
	}
	if _, err := m.Login.Register(e.ctx, r); err != nil {
		return err
	}
	if e.json {
		e.print(map[string]string{"name": c.Name, "role": c.Role, "password": password})
		return nil
	}
	fmt.Fprintf(e.Out, "%s %s, password %s — it is not shown again\n", c.Role, c.Name, password)
	return nil
}
