package login_test

import (
	"fmt"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/party/login"
)

// firstGuesses are what a guesser's list begins with, made by the rules that people follow.
func firstGuesses() (all []login.Password) {
	for _, word := range strings.Fields("password admin welcome iloveyou qwerty woaini dragon sunshine taobao letmein") {
		for n := range 100 {
			all = append(all, login.Password(fmt.Sprintf("%s%02d", word, n)), login.Password(fmt.Sprintf("%s%d!", word, 1930+n)))
		}
		title := strings.ToUpper(word[:1]) + word[1:]
		for _, tail := range strings.Fields("123 1234 123! 520 1314 888 666 @123 #1 2026 2026! ...") {
			all = append(all, login.Password(title+tail), login.Password(strings.ReplaceAll(title, "o", "0")+tail))
		}
	}
	for y := 1950; y < 2026; y++ {
		all = append(all, login.Password(fmt.Sprintf("%d0808", y)), login.Password(fmt.Sprintf("li%d1231", y)))
	}
	for _, p := range []string{"12345678", "PassWord", "woaini1314", "aaaaaaaaaa", "P@ssw0rd!", "pa$$w0rd1", "qwertyuiop", "87654321",
		"abc12345", "1q2w3e4r", "zaq12wsx", "1qaz2wsx3edc", "asdfghjkl", "abcdabcd", "13131313", "aaa111222", "1234qwerasdf",
		"!@#$%^&*", "a1b1a1b1", "q1w2e3r4", "147258369", "Han.Meimei", "han.meimei88", "88Han.Meimei!", "20082008"} {
		all = append(all, login.Password(p))
	}
	kept := all[:0]
	for _, p := range all {
		if len(p) >= login.PasswordMin {
			kept = append(kept, p)
		}
	}
	return kept
}

func TestA23_TheFirstGuessesAreNoPasswords(t *testing.T) {
	m, guesses := open(dbtest.SQLite(t, db.Options{}, schemas...), cheap), firstGuesses()
	if len(guesses) < 1500 {
		t.Fatalf("only %d guesses", len(guesses))
	}
	for _, p := range guesses {
		_, err := m.Register(t.Context(), login.Register{Role: login.Shopper, Name: "han.meimei", Password: p})
		if !fault.Is(err, "login.password_common") || fault.As(err).Field != "password" {
			t.Errorf("%s: %v", string(p), err)
		}
	}
	for i, p := range []login.Password{"hutong-demo", "correct horse battery", "胡同里的第三棵槐树", "tea4two@eight", "Vm9-kk2-Qe7",
		"passwords are a pain", "19480213xyzw", "qwertz is not a walk", "wanglaoshi-tea", "73914826"} {
		_, err := m.Register(t.Context(), login.Register{Role: login.Shopper, Name: fmt.Sprint("fine-", i), Password: p})
		if err != nil {
			t.Errorf("%s: %v", string(p), err)
		}
	}
}

// A password is changed for none of them either, nor for the login's own name.
func TestA23_AChangeIsHeldToTheSameList(t *testing.T) {
	m := open(dbtest.SQLite(t, db.Options{}, schemas...), cheap)
	_, err := m.Register(t.Context(), login.Register{Role: login.Shopper, Name: "han.meimei", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	token, who := m.login(t, "han.meimei")
	for _, p := range []login.Password{"password2026", "han.meimei1"} {
		_, _, err := m.ChangePassword(t.Context(), login.ChangePassword{Who: who, Token: token, Was: password, New: p})
		if !fault.Is(err, "login.password_common") {
			t.Errorf("%s: %v", string(p), err)
		}
	}
}
