package schedule

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func planOf(t require.TestingT, s Spec, since time.Time) plan {
	p, err := s.plan("0190", since)
	require.NoError(t, err)
	return p
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// zones change their clocks in either half of the year, by half an hour, at midnight, or never.
var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "America/Santiago", "Asia/Shanghai", "Africa/Casablanca"}

// TestEveryDayHasItsRun looks at a time of day over the days on which clocks are changed: there is one run on each day of the
// calendar, whether the clock shows that time never, once or twice.
func TestEveryDayHasItsRun(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := Spec{TimeZone: rapid.SampledFrom(zones).Draw(t, "zone")}
		hour, minute := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
		s.Cron = fmt.Sprintf("%d %d * * *", minute, hour)
		p := planOf(t, s, epoch)
		from := time.Date(rapid.IntRange(2008, 2030).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"), 12, 0, 0, 0, time.UTC)
		due := p.next(from)
		for range 60 {
			then := p.next(due)
			day, next := due.In(p.zone), then.In(p.zone)
			require.True(t, then.After(due))
			following := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, time.UTC) // by the calendar: there a midnight may be missing
			require.Equal(t, following.Format(time.DateOnly), next.Format(time.DateOnly), "after %s", day)
			if next.Hour() != hour || next.Minute() != minute { // the clock jumped over it
				wall := time.Date(next.Year(), next.Month(), next.Day(), hour, minute, 0, 0, time.UTC)
				require.Less(t, wallOf(then, p.zone).Sub(wall), gap)
				require.Positive(t, wallOf(then, p.zone).Sub(wall), "%s is not before it was to be", next)
			}
			late, ok := p.latest(due, then)
			require.True(t, ok)
			require.Equal(t, then, late)
			due = then
		}
	})
}

func TestClocksThatAreChanged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cron, zone, after, due string }{
		{"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"}, // 02:30 is not; it is 03:30
		{"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"}, // the first of two
		{"30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}, // and not the second
		{"30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z"},
		{"*/30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"}, // what is often goes on
		{"*/30 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"},
		{"0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
		{"@weekly", "Asia/Shanghai", "2026-11-27T00:00:00Z", "2026-11-28T16:00:00Z"},
	} {
		p := planOf(t, Spec{Cron: c.cron, TimeZone: c.zone}, epoch)
		require.Equal(t, at(c.due), p.next(at(c.after)), "%s in %s after %s", c.cron, c.zone, c.after)
	}
}

func TestWrongTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spec Spec
		says string
	}{
		{Spec{}, "either cron or every"},
		{Spec{Cron: "0 1 * * *", Every: "1h"}, "either cron or every"},
		{Spec{Cron: "61 1 * * *"}, "spec.cron: is minute, hour"},
		{Spec{Cron: "* * * * * *"}, "spec.cron: is minute, hour"},
		{Spec{Cron: "TZ=Asia/Tokyo 0 1 * * *"}, "spec.cron"},
		{Spec{Cron: "@every 1s"}, "spec.cron"},
		{Spec{Cron: "0 0 31 2 *"}, "is never due"},
		{Spec{Cron: "0 * 31 2 *"}, "is never due"},
		{Spec{Cron: "0 1 * * *", TimeZone: "Mars/Olympus"}, "spec.timeZone"},
		{Spec{Cron: "0 1 * * *", TimeZone: "../../etc/passwd"}, "spec.timeZone"},
		{Spec{Every: "59s"}, "spec.every"},
		{Spec{Every: "often"}, "spec.every"},
		{Spec{Every: "1h", Jitter: "31m"}, "more than half"},
		{Spec{Cron: "0 1,2 * * *", Jitter: "1h"}, "more than half"},
		{Spec{Every: "1h", Jitter: "-1m"}, "spec.jitter"},
	} {
		_, err := c.spec.plan("", epoch)
		require.ErrorContains(t, err, c.says, "%+v", c.spec)
	}
}

// clock is a schedule that is looked at as time goes on, or does not.
type clock struct {
	plan
	once         bool
	now, settled time.Time
	runs         []time.Time
	missed       []span
}

// look does what a pass does.
func (c *clock) look() verdict {
	v := c.decide(c.settled, c.now, c.once)
	c.settled = v.settled
	if !v.run.IsZero() {
		c.runs = append(c.runs, v.run)
	}
	if v.missed != nil {
		c.missed = append(c.missed, *v.missed)
	}
	return v
}

// wait goes on to a moment as the engine does: looked at whenever it asked for that.
func (c *clock) wait(until time.Time) {
	for {
		v := c.look()
		if v.next.IsZero() || v.next.After(until) {
			c.now = until
			c.look()
			return
		}
		if v.next.After(c.now) {
			c.now = v.next
		}
	}
}

func anyClock(t *rapid.T) *clock {
	begin := at("2026-03-01T00:00:00Z").Add(time.Duration(rapid.IntRange(0, 300*24*3600).Draw(t, "begin")) * time.Second)
	s := Spec{TimeZone: rapid.SampledFrom(zones).Draw(t, "zone"), Missed: rapid.SampledFrom([]string{"skip", "once"}).Draw(t, "missed")}
	switch rapid.IntRange(0, 2).Draw(t, "sort") {
	case 0:
		s.Every = fmt.Sprintf("%ds", rapid.IntRange(60, 200_000).Draw(t, "every"))
	case 1:
		s.Cron = rapid.SampledFrom([]string{"*/7 * * * *", "5 * * * *", "@hourly"}).Draw(t, "often")
	default:
		s.Cron = rapid.SampledFrom([]string{"30 2 * * *", "0 0 * * *", "15 1,2,3,14 * * *", "0 */6 * * *"}).Draw(t, "hours")
	}
	p := planOf(t, s, begin)
	if rapid.Bool().Draw(t, "jitter") {
		p.jitter = narrowest(p, begin) / 5
	}
	return &clock{plan: p, once: s.Missed == "once", now: begin, settled: begin}
}

// narrowest is the shortest time between two runs of the next fifty, as a jitter has to keep well below it.
func narrowest(p plan, begin time.Time) time.Duration {
	due := p.next(begin)
	out := p.next(due).Sub(due)
	for range 50 {
		then := p.next(due)
		out, due = min(out, then.Sub(due)), then
	}
	return out
}

// dues are all that are due from one moment to another.
func (c *clock) dues(after, until time.Time) (out []time.Time) {
	for due := c.next(after); !due.After(until); due = c.next(due) {
		out = append(out, due)
	}
	return out
}

// TestClocksThatJump lets a clock go on, stand still for plazad as in an outage, and be set forward and back. No run is made twice,
// what is neither run nor missed is not due yet, and one that goes on as it should runs all that is due.
func TestClocksThatJump(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyClock(t)
		begin, furthest := c.now, c.now
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			before := len(c.runs)
			switch rapid.IntRange(0, 2).Draw(t, "step") {
			case 0:
				c.wait(c.now.Add(time.Duration(rapid.IntRange(1, 36*3600).Draw(t, "seconds")) * time.Second))
			case 1: // nobody looks, or the clock is set forward
				c.now = c.now.Add(time.Duration(rapid.IntRange(1, 20*24*3600).Draw(t, "forward")) * time.Second)
				c.look()
				require.LessOrEqual(t, len(c.runs)-before, 1, "one run at most for an outage")
			case 2:
				c.now = c.now.Add(-time.Duration(rapid.IntRange(1, int(setBack/time.Second)).Draw(t, "back")) * time.Second)
				if c.settled.Sub(c.now) <= setBack {
					c.look()
					require.Len(t, c.runs, before, "nothing again")
				} else {
					c.now = c.settled.Add(-setBack)
				}
			}
			if c.now.After(furthest) {
				furthest = c.now
			}
		}
		seen := map[time.Time]int{}
		for _, due := range c.runs {
			seen[due]++
			require.Equal(t, 1, seen[due], "run twice: %s", due)
		}
		for _, m := range c.missed {
			require.False(t, c.once, "what is made up for is not missed")
			require.False(t, m.to.Before(m.from))
			for due := m.from; !due.After(m.to); due = c.next(due) {
				require.Zero(t, seen[due], "run and missed: %s", due)
				seen[due]++
			}
		}
		if c.once {
			return
		}
		for _, due := range c.dues(begin, furthest) {
			if !due.After(c.settled) {
				require.Equal(t, 1, seen[due], "neither run nor missed: %s", due)
			}
		}
	})
}

// TestClockThatGoesOn runs all that is due, each once and at its moment, also when it is looked at more often than asked for.
func TestClockThatGoesOn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyClock(t)
		begin, end := c.now, c.now.Add(time.Duration(rapid.IntRange(1, 5*24*3600).Draw(t, "seconds"))*time.Second)
		for c.now.Before(end) {
			c.wait(c.now.Add(time.Duration(rapid.IntRange(600, 40_000).Draw(t, "look")) * time.Second))
		}
		var want []time.Time
		for _, due := range c.dues(begin, c.now) {
			if !c.moment(due).After(c.now) {
				want = append(want, due)
			}
		}
		require.Equal(t, want, c.runs)
		require.Empty(t, c.missed)
	})
}

func TestMissedRuns(t *testing.T) {
	t.Parallel()
	p := planOf(t, Spec{Cron: "0 3 * * *"}, epoch)
	settled, now := at("2026-11-20T03:00:00Z"), at("2026-11-27T09:00:00Z")
	v := p.decide(settled, now, false)
	require.Equal(t, verdict{settled: at("2026-11-27T03:00:00Z"), missed: &span{at("2026-11-21T03:00:00Z"), at("2026-11-27T03:00:00Z")}, next: at("2026-11-28T03:00:00Z")}, v)
	v = p.decide(settled, now, true)
	require.Equal(t, verdict{settled: at("2026-11-27T03:00:00Z"), run: at("2026-11-27T03:00:00Z"), next: at("2026-11-28T03:00:00Z")}, v)
	v = p.decide(settled, at("2026-11-27T03:04:00Z"), false)
	require.Equal(t, verdict{settled: at("2026-11-27T03:00:00Z"), run: at("2026-11-27T03:00:00Z"), next: at("2026-11-28T03:00:00Z"),
		missed: &span{at("2026-11-21T03:00:00Z"), at("2026-11-26T03:00:00Z")}}, v)
	// A clock that was a year ahead does not make a schedule wait for a year.
	v = p.decide(at("2027-11-27T03:00:00Z"), now, false)
	require.Equal(t, verdict{settled: now, next: at("2026-11-28T03:00:00Z")}, v)
	e := planOf(t, Spec{Every: "6h"}, at("2027-11-27T03:00:00Z"))
	require.Equal(t, at("2026-11-27T15:00:00Z"), e.next(now))
}
