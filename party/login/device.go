package login

import (
	"context"
	"strings"
	"sync"
	"time"
)

// Way is how a session was opened.
type Way string

// The ways in. A guest's is empty.
const (
	ByPassword Way = "password"
	ByCode     Way = "code"
	ByPasskey  Way = "passkey"
	BySSO      Way = "sso"
	ByInvite   Way = "invite"
	ByConsent  Way = "consent" // an operator looks on
)

// Device is the key of a context under which the User-Agent stands that calls, a string. The gate answers to it.
type Device struct{}

// agentMax bounds how much of a User-Agent is read (FAULTS A28).
const agentMax = 512

// browsers and systems in the order in which they must be looked for: many agents name others that they resemble.
var (
	browsers = []word{{"MicroMessenger", "WeChat"}, {"AlipayClient", "Alipay"}, {"DingTalk", "DingTalk"}, {"Edg", "Edge"},
		{"OPR/", "Opera"}, {"QQBrowser", "QQ Browser"}, {"UCBrowser", "UC Browser"}, {"HuaweiBrowser", "Huawei Browser"},
		{"MiuiBrowser", "Mi Browser"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"},
		{"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}, {"curl", "curl"}}
	systems = []word{{"HarmonyOS", "HarmonyOS"}, {"OpenHarmony", "HarmonyOS"}, {"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

type word struct{ in, is string }

// deviceOf is the caller's device in two words at most, such as "Chrome, Windows": proper names, the same in every
// language, and too coarse to follow anybody by.
func deviceOf(ctx context.Context) string {
	agent, _ := ctx.Value(Device{}).(string)
	return deviceWords(agent)
}

func deviceWords(agent string) string {
	agent = agent[:min(len(agent), agentMax)]
	var found []string
	for _, list := range [][]word{browsers, systems} {
		for _, w := range list {
			if strings.Contains(agent, w.in) {
				found = append(found, w.is)
				break
			}
		}
	}
	return strings.Join(found, ", ")
}

// seenEvery is how coarse "last seen" is.
const seenEvery = time.Hour

// seenMax bounds what waits to be written; what does not fit is noted the next time.
const seenMax = 50_000

// seen collects which sessions and keys were used, for one write of many instead of one per request.
type seen struct {
	mu      sync.Mutex
	waiting map[string]time.Time
}

func (s *seen) mark(name string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		s.waiting = map[string]time.Time{}
	}
	if len(s.waiting) < seenMax {
		s.waiting[name] = at.Truncate(seenEvery)
	}
}

// take empties it, a bounded number at a time.
func (s *seen) take(most int) map[string]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	some := map[string]time.Time{}
	for name, at := range s.waiting {
		if len(some) == most {
			break
		}
		some[name] = at
		delete(s.waiting, name)
	}
	return some
}
