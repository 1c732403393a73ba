package main

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/plazacloud/plaza/pkg/dpath"
)

const (
	maxReport  = 16 << 10 // bytes, as Plaza takes it
	maxEntries = 128      // of calls and of lanes
)

// mergeFlows makes one flow of the last ones of many processes: calls a second and counters are added up, and of each lane
// the process tells that reaches least of it. A flow that is too long loses the decisions with the fewest calls first.
func mergeFlows(reports []json.RawMessage) any {
	var out dpath.Flow
	rates, lanes := map[dpath.FlowCalls]float64{}, map[[2]string]dpath.FlowLane{}
	for _, text := range reports {
		var f dpath.Flow
		if json.Unmarshal(text, &f) != nil {
			continue
		}
		out.Violations, out.Rejects, out.Invalid = out.Violations+f.Violations, out.Rejects+f.Rejects, out.Invalid+f.Invalid
		for _, l := range f.Lanes {
			key := [2]string{l.App, l.Env}
			if have, ok := lanes[key]; !ok || cmp.Or(cmp.Compare(l.Usable, have.Usable), cmp.Compare(have.Nodes, l.Nodes)) < 0 {
				lanes[key] = l
			}
		}
		out.Seconds = max(out.Seconds, f.Seconds)
		if f.Seconds < 1 {
			continue // it makes no rate
		}
		for _, c := range f.Calls {
			rate := c.Calls / f.Seconds
			c.Calls = 0
			rates[c] += rate
		}
	}
	for c, rate := range rates {
		c.Calls = rate * out.Seconds
		out.Calls = append(out.Calls, c)
	}
	slices.SortFunc(out.Calls, func(a, b dpath.FlowCalls) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.App, b.App), cmp.Compare(a.Env, b.Env), cmp.Compare(a.Decision, b.Decision), cmp.Compare(a.Pool, b.Pool))
	})
	for _, l := range lanes {
		out.Lanes = append(out.Lanes, l)
	}
	slices.SortFunc(out.Lanes, func(a, b dpath.FlowLane) int { return cmp.Or(cmp.Compare(a.App, b.App), cmp.Compare(a.Env, b.Env)) })
	out.Calls, out.Lanes = out.Calls[:min(len(out.Calls), maxEntries)], out.Lanes[:min(len(out.Lanes), maxEntries)]
	return shorten(out)
}

// shorten leaves out calls, then lanes, until Plaza takes the flow.
func shorten(f dpath.Flow) dpath.Flow {
	for {
		text, err := json.Marshal(f)
		switch {
		case err != nil || len(text) <= maxReport:
			return f
		case len(f.Calls) > 0:
			f.Calls = f.Calls[:len(f.Calls)*3/4]
		case len(f.Lanes) > 0:
			f.Lanes = f.Lanes[:len(f.Lanes)*3/4]
		default:
			return f
		}
	}
}
