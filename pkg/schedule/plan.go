package schedule

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"
	_ "time/tzdata" // a machine without zones is no reason to refuse one

	"github.com/robfig/cron/v3"

	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	shortest = time.Minute
	longest  = 366 * 24 * time.Hour
	// tolerance is how late a run may begin and still be the one that was due, as when plazad was restarted.
	tolerance = 5 * time.Minute
	// setBack is how far a clock is set back without being taken for one that was wrong before: nothing is run again for it.
	setBack = 3 * time.Hour
	// gap is more than the hours that a zone leaves out when it puts its clocks forward.
	gap = 3 * time.Hour
)

// starred is how cron marks a field that is *.
const starred = 1 << 63

// plan is when runs are due.
type plan struct {
	next   func(after time.Time) time.Time // the first that is due after a moment; zero when there is none
	zone   *time.Location
	jitter time.Duration
	seed   string
}

// plan reads when runs are due. Those that come every so often are counted from since.
func (s Spec) plan(id string, since time.Time) (plan, error) {
	p := plan{zone: time.UTC, seed: id}
	var fields []resource.Field
	wrong := func(path string, value any, format string, args ...any) {
		fields = append(fields, resource.Field{Path: "spec." + path, Value: value, Message: fmt.Sprintf(format, args...)})
	}
	if zone, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "Local" {
		wrong("timeZone", s.TimeZone, "is no time zone; one is, for example, Asia/Shanghai")
	} else {
		p.zone = zone
	}
	var err error
	switch {
	case (s.Cron == "") == (s.Every == ""):
		wrong("cron", s.Cron, "either cron or every says when")
	case s.Cron != "":
		if p.next, err = byCron(s.Cron, p.zone); err != nil {
			wrong("cron", s.Cron, "%v", err)
		}
	default:
		d, err := time.ParseDuration(s.Every)
		if err != nil || d < shortest || d > longest || d%time.Second != 0 {
			wrong("every", s.Every, "is a time from 1m to 8784h, such as 6h")
		} else {
			p.next = byPeriod(d, since.Truncate(time.Second))
		}
	}
	if p.jitter, err = jitterOf(s.Jitter, p.next, since); err != nil {
		wrong("jitter", s.Jitter, "%v", err)
	}
	if fields != nil {
		return p, &resource.Problem{Reason: resource.ReasonInvalid, Kind: kindName, Detail: "the schedule is not valid", Fields: fields}
	}
	return p, nil
}

// jitterOf refuses one by which a run could come near the next.
func jitterOf(text string, next func(time.Time) time.Time, since time.Time) (time.Duration, error) {
	if text == "" || next == nil {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("is a time such as 10m")
	}
	for at, i := next(since), 0; i < 50 && !at.IsZero(); i++ {
		then := next(at)
		if !then.IsZero() && d > then.Sub(at)/2 {
			return 0, fmt.Errorf("is more than half of the time between two runs, %s", then.Sub(at))
		}
		at = then
	}
	return d, nil
}

func byPeriod(d time.Duration, since time.Time) func(time.Time) time.Time {
	return func(after time.Time) time.Time {
		n := after.Sub(since) / d
		if after.Before(since) && after.Sub(since)%d != 0 { // a clock that was set back
			n--
		}
		return since.Add((n + 1) * d) //nolint:durationcheck // n is a number of them
	}
}

// byCron reads minute, hour, day, month and weekday. What is due at certain hours is due once on each of its days, also on
// those on which the zone's clocks are changed; what is due in every hour goes by the time that has passed.
func byCron(text string, zone *time.Location) (func(time.Time) time.Time, error) {
	if strings.HasPrefix(text, "TZ=") || strings.HasPrefix(text, "CRON_TZ=") || strings.HasPrefix(text, "@every") {
		return nil, fmt.Errorf("is minute, hour, day of month, month and weekday, such as 30 3 * * 1-5")
	}
	parsed, err := cron.ParseStandard(text)
	if err != nil {
		return nil, fmt.Errorf("is minute, hour, day of month, month and weekday, such as 30 3 * * 1-5: %w", err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("is not read as a cron expression")
	}
	if spec.Hour&starred != 0 {
		spec.Location = zone
		return func(after time.Time) time.Time { return utc(spec.Next(after)) }, reachable(spec.Next(epoch))
	}
	spec.Location = time.UTC // what a clock on the wall shows, without jumps
	next := func(after time.Time) time.Time {
		for wall := wallOf(after, zone).Add(-gap); ; {
			if wall = spec.Next(wall); wall.IsZero() {
				return wall
			}
			if at := shown(wall, zone); at.After(after) {
				return at
			}
		}
	}
	return next, reachable(spec.Next(epoch))
}

var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC) // a leap year

func reachable(first time.Time) error {
	if first.IsZero() {
		return fmt.Errorf("is never due")
	}
	return nil
}

// utc keeps the zero time what it is.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

// wallOf is what a clock on the wall shows at a moment, as if it were UTC.
func wallOf(at time.Time, zone *time.Location) time.Time {
	_, offset := at.In(zone).Zone()
	return at.UTC().Add(time.Duration(offset) * time.Second)
}

// shown is the first moment at which a clock on the wall shows that; as long after the jump as that would have been, when it
// jumps over it.
func shown(wall time.Time, zone *time.Location) time.Time {
	before, after := wall.Add(-offsetAt(wall.Add(-24*time.Hour), zone)), wall.Add(-offsetAt(wall.Add(24*time.Hour), zone))
	if !wallOf(before, zone).Equal(wall) && wallOf(after, zone).Equal(wall) {
		return after
	}
	return before
}

func offsetAt(at time.Time, zone *time.Location) time.Duration {
	_, offset := at.In(zone).Zone()
	return time.Duration(offset) * time.Second
}

// moment is when the run that is due then begins: a while later, which is always the same for it.
func (p plan) moment(due time.Time) time.Time {
	if p.jitter <= 0 {
		return due
	}
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%s %d", p.seed, due.Unix()) // never fails
	return due.Add(time.Duration(int64(h.Sum32())%max(int64(p.jitter/time.Second), 1)) * time.Second)
}

// latest is the last run that is due after one moment and not after another, found in few steps however long that is.
func (p plan) latest(after, now time.Time) (due time.Time, ok bool) {
	for back := time.Minute; ; back *= 8 {
		from := now.Add(-back)
		if from.Before(after) {
			from = after
		}
		for at := p.next(from); !at.IsZero() && !at.After(now); at = p.next(at) {
			due, ok = at, true
		}
		if ok || !from.After(after) {
			return due, ok
		}
	}
}

// verdict is what is to be done at a moment.
type verdict struct {
	settled time.Time // up to here nothing is due any more
	run     time.Time // the run to make now; zero: none
	missed  *span     // runs that nobody can make any more
	next    time.Time // when the next one begins; zero: never
}

// span is from the first to the last run of several.
type span struct{ from, to time.Time }

// decide tells what is due now when all up to settled is done with. With once, those that were missed are made up for by one.
func (p plan) decide(settled, now time.Time, once bool) verdict {
	if settled.Sub(now) > setBack {
		settled = now
	}
	v := verdict{settled: settled}
	due, ok := p.latest(settled, now)
	first := p.next(settled)
	switch {
	case !ok:
		v.next = p.begins(first)
		return v
	case now.Before(p.moment(due)): // it makes up for those before it, too
		if v.next = p.moment(due); first.Before(due) {
			v.settled = due.Add(-time.Second) // also when the clock is set back meanwhile
			if !once {
				v.missed = p.missed(first, due)
			}
		}
		return v
	case once || now.Sub(p.moment(due)) <= tolerance:
		if v.run, v.settled = due, due; !once && first.Before(due) {
			v.missed = p.missed(first, due)
		}
	default:
		v.settled, v.missed = due, &span{first, due}
	}
	v.next = p.begins(p.next(due))
	return v
}

// missed are the runs from one until before another.
func (p plan) missed(first, due time.Time) *span {
	last, _ := p.latest(first.Add(-time.Second), due.Add(-time.Second))
	return &span{first, last}
}

func (p plan) begins(due time.Time) time.Time {
	if due.IsZero() {
		return due
	}
	return p.moment(due)
}
