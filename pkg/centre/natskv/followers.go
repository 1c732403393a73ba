package natskv

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// follower is the last that was heard of one.
type follower struct {
	word
	heard    time.Time
	revision uint64
}

// followers are all that were heard of, by the key of each.
type followers map[string]follower

// lives tells whether a follower counts.
func (f follower) lives(lasts time.Duration) bool { return time.Since(f.heard) <= lasts }

// revive forgives all the silence of an outage.
func (fs followers) revive() {
	for key, f := range fs {
		f.heard = time.Now()
		fs[key] = f
	}
}

// hear takes note of a word, which may be older than the outage that was forgiven.
func (fs followers) hear(key string, f follower) {
	if before, ok := fs[key]; ok && before.heard.After(f.heard) {
		f.heard = before.heard
	}
	fs[key] = f
}

// living are those who count, by name.
func (fs followers) living(lasts time.Duration) []follower {
	var out []follower
	for _, f := range fs {
		if f.lives(lasts) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b follower) int { return strings.Compare(a.Subscriber, b.Subscriber) })
	return out
}

// verdict tells why a version is not in force with all who count, empty when it is, and whether some have yet to tell.
func (fs followers) verdict(version int64, lasts time.Duration) (why string, open bool) {
	var refuse, silent []string
	for _, f := range fs.living(lasts) {
		switch {
		case f.Version < version:
			silent = append(silent, f.Subscriber)
		case f.Refused():
			refuse = append(refuse, f.Subscriber+": "+f.Reason)
		}
	}
	switch {
	case len(refuse) > 1:
		why = fmt.Sprintf("refused by %d who follow; %s", len(refuse), refuse[0])
	case len(refuse) == 1:
		why = refuse[0]
	case len(silent) > 0:
		why = fmt.Sprintf("%d who follow have not answered yet: %s", len(silent), strings.Join(silent[:min(len(silent), 10)], ", "))
	}
	return why, len(silent) > 0
}

// reports are the last ones of those who count.
func (fs followers) reports(lasts time.Duration) []json.RawMessage {
	var out []json.RawMessage
	for _, f := range fs.living(lasts) {
		if len(f.Report) > 0 {
			out = append(out, f.Report)
		}
	}
	return out
}
