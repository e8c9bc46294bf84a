package login

import (
	"context"
	"strings"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/audit"
)

// Offered tells which ways in there are, for the page that logs people in.
func (s *Service) Offered(ctx context.Context) (Offered, error) {
	sso, err := s.loadSSO(ctx)
	return Offered{Codes: s.plugs.Sender != nil, Passkeys: s.plugs.Passkeys.ID, SSO: sso.Issuer != ""}, err
}

// Ways are the ways into the caller's own login. Codes: login.session (nobody's).
func (s *Service) Ways(ctx context.Context, who Principal) (Ways, error) {
	l, err := s.byID(ctx, who.Login)
	if err != nil {
		return Ways{}, err
	}
	w := Ways{Name: l.Name, Password: l.hash != noPassword}
	if strings.HasPrefix(w.Name, "~") {
		w.Name = ""
	}
	return w, nil
}

// RenamePasskey gives a passkey of the caller's login another name. It is safe to repeat.
// Codes: login.passkey_name, login.passkey_not_found, also for another's.
func (s *Service) RenamePasskey(ctx context.Context, who Principal, passkey, name string) error {
	missing := fault.New(fault.NotFound, "login.passkey_not_found")
	if !who.Person() {
		return missing
	}
	name, err := checkLabel(name, "login.passkey_name", PasskeyNameMax)
	if err != nil {
		return err
	}
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		renamed, err := renamePasskey(tx, who.Login, passkey, name)
		if err == nil && !renamed {
			err = missing
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, who, audit.Entry{At: now, What: "passkey.renamed", On: string(who.Login)})
	})
}
