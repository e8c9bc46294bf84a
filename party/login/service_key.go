package login

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/audit"
)

// MakeKey asks for an API key of the caller's shop.
type MakeKey struct {
	By     Principal
	Name   string
	Scopes []Permission
	Lasts  time.Duration // at most KeyForMax
}

// MakeKey makes an API key and gives it as the program must send it, "Authorization: Bearer htk_...": it is shown once.
// A key may do no more than its maker, and never what decides about people or payouts.
//
// Codes: login.key_name, login.key_scope, login.key_lasts, login.keys_many, login.not_yours_to_grant,
// login.proof_old.
func (s *Service) MakeKey(ctx context.Context, cmd MakeKey) (string, APIKey, error) {
	name, err := checkLabel(cmd.Name, "login.key_name", KeyNameMax)
	if err != nil {
		return "", APIKey{}, err
	}
	if !cmd.By.Person() || cmd.By.Role != Merchant || !cmd.By.Can(KeysManage) {
		return "", APIKey{}, fault.New(fault.Forbidden, "login.not_yours_to_grant")
	}
	if err := s.Proved(ctx, cmd.By); err != nil {
		return "", APIKey{}, err
	}
	scopes := SetOf(cmd.Scopes...)
	if scopes == 0 || len(scopes.List()) != len(cmd.Scopes) || !scopes.Within(keyScopes&cmd.By.May) {
		return "", APIKey{}, fault.New(fault.Invalid, "login.key_scope").At("scopes")
	}
	if cmd.Lasts < time.Hour || cmd.Lasts > KeyForMax {
		return "", APIKey{}, fault.New(fault.Invalid, "login.key_lasts").At("lasts")
	}
	now := clock.Now(ctx, s.clock)
	token, id, secret := newSecret(s.ids, s.random, "key")
	k := apiKey{hash: secret.String(), APIKey: APIKey{ID: ID(id), Shop: cmd.By.Shop, Name: name, Prefix: keyPrefix(ID(id)),
		Scopes: scopes, MadeBy: cmd.By.Login, Created: now, Expires: now.Add(cmd.Lasts)}}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Turn("login.key " + k.Shop); err != nil {
			return err
		}
		maker, err := hold(tx, k.MadeBy) // who may less, or is gone, since they asked has their keys ended
		if err == nil && !scopes.Within(PermissionsOf(maker.Login.Staff)) {
			err = fault.New(fault.Forbidden, "login.not_yours_to_grant")
		}
		if err != nil {
			return err
		}
		n, err := goodKeys(tx, k.Shop, now)
		if err == nil && n >= KeysMax {
			err = fault.New(fault.Unprocessable, "login.keys_many", fault.P("max", KeysMax))
		}
		if err == nil {
			err = insertKey(tx, k)
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, cmd.By, audit.Entry{At: now, What: "key.made", On: id,
			After: audit.Facts{"scopes": scopes.String(), "expires": k.Expires.Format(time.RFC3339)}})
	})
	if err != nil {
		return "", APIKey{}, err
	}
	return KeyPrefix + token, k.APIKey, nil
}

// Keys are the API keys of the caller's shop, newest first, with those that are no longer good.
func (s *Service) Keys(ctx context.Context, by Principal) (all []APIKey, err error) {
	if by.Shop == "" {
		return nil, nil
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := keysOf(tx, by.Shop)
		all = all[:0]
		for _, k := range rows {
			all = append(all, k.APIKey)
		}
		return err
	})
	return all, err
}

// RevokeKey ends an API key of the caller's shop. Codes: login.key_not_found, also for another's and for one that was
// ended before; login.not_yours_to_grant. It needs no new proof: who finds a key in wrong hands must be quick.
func (s *Service) RevokeKey(ctx context.Context, by Principal, key ID) error {
	if !by.Person() || by.Shop == "" || !by.Can(KeysManage) {
		return fault.New(fault.Forbidden, "login.not_yours_to_grant")
	}
	now := clock.Now(ctx, s.clock)
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		revoked, err := revokeKey(tx, by.Shop, key, now)
		if err == nil && !revoked {
			err = fault.New(fault.NotFound, "login.key_not_found")
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, by, audit.Entry{At: now, What: "key.revoked", On: string(key)})
	})
	if err != nil {
		return err
	}
	s.end(string(key))
	return nil
}

// endKeys says whose keys end: those that may do more than their maker may from now on.
type endKeys struct {
	maker ID
	may   Permissions
	at    time.Time
}

func (s *Service) endKeysBeyond(ctx context.Context, tx *db.Tx, by Principal, e endKeys) (ended []string, err error) {
	if by.Shop == "" {
		return nil, nil
	}
	all, err := keysMadeBy(tx, by.Shop, e.maker, e.at)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		if k.Scopes.Within(e.may) {
			continue
		}
		if _, err := revokeKey(tx, by.Shop, k.ID, e.at); err != nil {
			return nil, err
		}
		ended = append(ended, string(k.ID))
		if err := s.note(ctx, tx, by, audit.Entry{At: e.at, What: "key.revoked", On: string(k.ID)}); err != nil {
			return nil, err
		}
	}
	return ended, nil
}

// readKey finds an API key as a session that its shop's program has.
func (s *Service) readKey(ctx context.Context, name string) (row session, ok bool, err error) {
	var k apiKey
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		k, ok, err = keyByID(tx, name)
		return err
	})
	if err != nil || !ok {
		return session{}, false, err
	}
	who := Principal{Role: Merchant, Login: k.ID, Shop: k.Shop, Lang: text.Zh, May: k.Scopes}
	return session{id: name, hash: k.hash, who: who, created: k.Created, expires: k.Expires, seen: k.Used}, true, nil
}
