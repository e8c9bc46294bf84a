package operatorweb

import (
	"hutong/funds/pay"
	"hutong/surface/page"
)

// word says a code of the tables in words; one that has none is shown as it is, so that nothing is hidden.
func word(t page.Tongue, of, code string) string {
	if key := "operatorweb." + of + "_" + code; t.Has(key) {
		return t.T(key)
	}
	return code
}

// stateWord is a state of an order (seq 0) or of one of its parts.
func stateWord(t page.Tongue, seq int64, state string) string {
	key := "state.order." + state
	if seq > 0 {
		key = "state.sub." + state
	}
	if t.Has(key) {
		return t.T(key)
	}
	return state
}

func attemptBadge(t page.Tongue, s pay.State) page.Badge {
	tones := map[pay.State]string{pay.Pending: "wait", pay.Unknown: "wait", pay.Succeeded: "done", pay.Failed: "off",
		pay.Cancelled: "off"}
	return page.Badge{Tone: tones[s], Text: word(t, "attempt", string(s))}
}

func refundBadge(t page.Tongue, s pay.RefundState) page.Badge {
	tones := map[pay.RefundState]string{pay.Asked: "go", pay.RefundSucceeded: "done", pay.RefundRefused: "wait",
		pay.RefundTaken: "done", pay.RefundByHand: "done"}
	return page.Badge{Tone: tones[s], Text: word(t, "refund", string(s))}
}
