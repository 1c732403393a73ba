package schedule

import (
	"fmt"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

func (k *Keep) validate() error {
	if k == nil || *k != (Keep{}) {
		return nil
	}
	return resource.Invalid(kindName, "spec.keep", nil, "keeps none; leave it out to keep all")
}

// spare tells which of several, given by the times they were made at from the oldest on, stay.
func (k Keep) spare(at []time.Time, zone *time.Location) []bool {
	stay := make([]bool, len(at))
	week := func(t time.Time) string { y, w := t.ISOWeek(); return fmt.Sprint(y, w) }
	for _, rule := range []struct {
		count int
		of    func(i int) string
	}{
		{k.Last, func(i int) string { return fmt.Sprint(i) }},
		{k.Daily, func(i int) string { return at[i].In(zone).Format(time.DateOnly) }},
		{k.Weekly, func(i int) string { return week(at[i].In(zone)) }},
		{k.Monthly, func(i int) string { return at[i].In(zone).Format("2006-01") }},
	} {
		left, last := rule.count, ""
		for i := len(at) - 1; i >= 0 && left > 0; i-- {
			if of := rule.of(i); of != last {
				last, stay[i] = of, true
				left--
			}
		}
	}
	return stay
}

// surplus are those of what was made of one object that do not stay.
func (k Keep) surplus(kept []Made, of string, zone *time.Location) (out []Made) {
	var mine []Made
	for _, m := range kept {
		if m.Of == of {
			mine = append(mine, m)
		}
	}
	slices.SortStableFunc(mine, func(a, b Made) int { return a.At.Compare(b.At) })
	at := make([]time.Time, len(mine))
	for i, m := range mine {
		at[i] = m.At
	}
	for i, stays := range k.spare(at, zone) {
		if !stays {
			out = append(out, mine[i])
		}
	}
	return out
}
