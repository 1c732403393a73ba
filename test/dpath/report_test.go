package dpath_test

import (
	"time"

	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

// plot shows each call of the rounds, by when it began and how long it took.
func plot(title string, rounds []round) verify.Plot {
	p := verify.Plot{Title: title, Busy: "ten times the common calls"}
	for _, r := range rounds {
		phase := verify.Phase{Label: r.label, Busy: r.loud, Begun: r.begun, Ended: r.ended}
		for _, s := range r.samples {
			phase.Calls = append(phase.Calls, verify.Call{Env: s.env, Begun: s.begun, Took: s.took, Failed: s.err != nil})
		}
		p.Phases = append(p.Phases, phase)
	}
	return p
}

// prove verifies the whole chain by n probes of every kind, with a control, and
// gives the evidence.
func (r *rig) prove(n int) verify.Evidence {
	e := verify.Evidence{Entry: "http://" + r.entry.addr(), Sender: "the client's network namespace", Paths: []string{chain}, Envs: r.lanes, Begun: time.Now()}
	e.Report, e.Controls = r.verify(n), []verify.Report{r.verify(10, "guard", "filter")}
	e.Ended = time.Now()
	return e
}
