package campaign

import (
	"strings"
	"time"

	"hutong/base/fault"
)

// Shanghai is the market's time zone unless the operator says otherwise: UTC+8 all year round.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// published are the ways in which a time is written in an announcement, each with how many characters name the day.
var published = []string{"2006-01-02 15:04:05.999999", "2006-01-02 15:04"}

// Start reads when something starts as an announcement says it ("2020-10-21 00:00:00", or the day alone), in a zone.
// Codes: campaign.time.
func Start(s string, zone *time.Location) (time.Time, error) {
	day, at, err := read(s, zone)
	if err != nil || at == "24:00" || at == "24:00:00" {
		return time.Time{}, badTime(s).Because(err)
	}
	return day.UTC(), nil
}

// End reads when something ends. Announcements name the last second that still counts: 21:59:59 means that it ends at
// 22:00:00; 24:00 is the next midnight, and a day alone ends with that day. Codes: campaign.time.
func End(s string, zone *time.Location) (time.Time, error) {
	t, at, err := read(s, zone)
	if err != nil {
		return time.Time{}, badTime(s).Because(err)
	}
	switch {
	case at == "" || at == "24:00" || at == "24:00:00":
		t = t.AddDate(0, 0, 1)
	case t.Second() == 59:
		t = t.Truncate(time.Second).Add(time.Second)
	}
	return t.UTC(), nil
}

func badTime(s string) *fault.Error {
	return fault.New(fault.Invalid, "campaign.time", fault.P("time", s[:min(len(s), 40)]))
}

// read gives the instant, or the day when at is empty or 24:00, and at, the time of day as written.
func read(s string, zone *time.Location) (t time.Time, at string, err error) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.In(zone), "instant", nil
	}
	day, at, _ := strings.Cut(strings.Replace(strings.TrimSpace(s), "T", " ", 1), " ")
	if at == "" || at == "24:00" || at == "24:00:00" {
		t, err = time.ParseInLocation(time.DateOnly, day, zone)
		return t, at, err
	}
	for _, form := range published {
		if t, err = time.ParseInLocation(form, day+" "+at, zone); err == nil {
			return t, at, nil
		}
	}
	return time.Time{}, at, err
}
