package loginweb

import (
	"context"
	"errors"

	"hutong/party/login"
)

// OnPage is a login.Sender for a demo, which has nobody to send with: the page that asked for a code shows it. Whoever
// asks for a code has it then, so no market that anybody trusts may use this.
type OnPage struct{}

// Send leaves the code with the page that asked.
func (OnPage) Send(ctx context.Context, m login.Message) error {
	page, ok := ctx.Value(showing{}).(*string)
	if !ok {
		return errors.New("loginweb: no page asked for this code, so none can show it")
	}
	*page = m.Code
	return nil
}

type showing struct{}

// askCode asks for a code; shown is the code itself where a demo leaves it, "" everywhere else.
func (w *web) askCode(ctx context.Context, cmd login.AskCode) (ticket, shown string, err error) {
	ticket, err = w.Logins.AskCode(context.WithValue(ctx, showing{}, &shown), cmd)
	return ticket, shown, err
}
