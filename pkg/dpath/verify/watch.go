package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// State is what continuous verification knows at present.
type State string

// States. Only OK says that the guarantees hold.
const (
	OK      State = "ok"
	Alarm   State = "alarm"   // a probe within the window found a guarantee broken
	Unknown State = "unknown" // probes of some kind do not come back, or have not yet
	Blind   State = "blind"   // with protections off on purpose no violation was found
)

var states = []State{OK, Alarm, Unknown, Blind}

// Status is a state, since when it is so, and why.
type Status struct {
	State     State      `json:"state"`
	Since     time.Time  `json:"since"`
	Reason    string     `json:"reason"`
	Violation *Violation `json:"violation,omitempty"` // of an alarm: the first in the window
}

// WatchOptions says how to verify for ever.
type WatchOptions struct {
	// Options are those of one round; Common and Labelled are 5 when both are 0,
	// Attempts is 1 and Timeout 10 s when 0. Control must be empty.
	Options
	// Every is the pause from one round to the next; 0 means 10 s. A round that
	// takes longer delays the next one, so that probes never pile up.
	Every time.Duration
	// Window is how many of the last probes the state is told from; 0 means 2000.
	Window int
	// Canary is after how many rounds a few common probes are sent with guard and
	// filter off, until one finds a violation; 0 means 60, less means never.
	Canary int
	// Patience is after how many of its rounds in a row without a single answer a
	// kind of probes on a path is unknown; 0 means 3.
	Patience int
	// Tell is told of each change of the state once, with the report of the
	// window. It holds the next round up; may be nil.
	Tell func(Status, Report)
	// Registerer takes the metrics; nil means none are kept.
	Registerer prometheus.Registerer
	Log        *slog.Logger // nil means the default logger
}

func (o *WatchOptions) complete() error {
	if len(o.Control) > 0 {
		return errors.New("dpath verify: a watch switches protections off by itself, every Canary rounds; leave Control empty")
	}
	if o.Common == 0 && o.Labelled == 0 {
		o.Common, o.Labelled = 5, 5
	}
	o.Attempts, o.Timeout = cmp.Or(o.Attempts, 1), cmp.Or(o.Timeout, 10*time.Second)
	o.Every, o.Window = cmp.Or(o.Every, 10*time.Second), cmp.Or(o.Window, 2000)
	o.Canary, o.Patience = cmp.Or(o.Canary, 60), cmp.Or(o.Patience, 3)
	o.Log = cmp.Or(o.Log, slog.Default())
	if err := o.Options.complete(); err != nil {
		return err
	}
	switch {
	case o.Every < 0 || o.Patience < 0:
		return errors.New("dpath verify: Every and Patience can not be negative")
	case o.Window < o.round()*len(o.ways()):
		return fmt.Errorf("dpath verify: a window of %d probes is less than one round over each of %d paths; give %d or more", o.Window, len(o.ways()), o.round()*len(o.ways()))
	}
	return nil
}

// route is one kind of probes on one path.
type route struct{ env, path string }

func (r route) String() string {
	return fmt.Sprintf("%s probe of %s", cmp.Or(r.env, "common"), r.path)
}

// silence is for how many of its rounds in a row a route has brought nothing back.
type silence struct {
	rounds int
	never  bool
}

// Watcher verifies for ever, by a low and steady stream of probes.
type Watcher struct {
	o       WatchOptions
	metrics *metrics

	mu     sync.Mutex
	window []outcome // the last ones, oldest first
	quiet  map[route]silence
	canary canary
	status Status
	told   State
}

// NewWatcher makes a watcher; [Watcher.Run] sends.
func NewWatcher(o WatchOptions) (*Watcher, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, err
	}
	w := &Watcher{o: o, metrics: m, quiet: map[route]silence{}, canary: canary{round: -o.Canary},
		status: Status{State: Unknown, Since: moment(), Reason: "nothing has been sent yet"}}
	for _, r := range w.routes() {
		w.quiet[r] = silence{never: true}
	}
	m.tell(Unknown, 1)
	return w, nil
}

// routes lists what is to come back.
func (w *Watcher) routes() (out []route) {
	var envs []string
	if w.o.Common > 0 {
		envs = append(envs, "")
	}
	if w.o.Labelled > 0 {
		envs = append(envs, w.o.Envs...)
	}
	for _, env := range envs {
		for _, path := range w.o.ways() {
			out = append(out, route{env, path})
		}
	}
	return out
}

// Run sends a round of probes each Every until ctx ends. It is called once.
func (w *Watcher) Run(ctx context.Context) {
	defer w.o.connect()()
	tick := time.NewTicker(w.o.Every)
	defer tick.Stop()
	for n := 0; ; n++ {
		w.round(ctx, n)
		w.look(ctx, n)
		if ctx.Err() != nil {
			return // cut short: it tells nothing
		}
		w.assess(n)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round sends the probes of one round. The count goes on, so that every kind
// comes to every path in turn.
func (w *Watcher) round(ctx context.Context, n int) {
	came := map[route]bool{}
	size := w.o.round()
	w.o.sendAll(ctx, n*size, (n+1)*size, func(p outcome) {
		r := route{p.env, p.path}
		came[r] = came[r] || p.err == nil
		w.metrics.count(p)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.window = append(w.window, p)
		if over := len(w.window) - w.o.Window; over > 0 {
			w.window = append(w.window[:0], w.window[over:]...)
		}
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	for r, back := range came {
		s := w.quiet[r]
		if s.rounds++; back {
			s = silence{}
		}
		w.quiet[r] = s
	}
}

// assess tells of the state when it has changed.
func (w *Watcher) assess(n int) {
	report := w.Report()
	w.mu.Lock()
	s, early := w.judge(report, n)
	if s.Since = moment(); s.State == w.status.State {
		s.Since = w.status.Since
	}
	w.status = s
	news := s.State != w.told && (w.told != "" || !early)
	if news {
		w.told = s.State
	}
	w.mu.Unlock()
	w.metrics.tell(s.State, report.Bound)
	if !news {
		return
	}
	level := slog.LevelError
	if s.State == OK {
		level = slog.LevelInfo
	}
	w.o.Log.Log(context.Background(), level, "dedicated paths are "+string(s.State), "entry", w.o.Entry, "reason", s.Reason)
	if w.o.Tell != nil {
		w.o.Tell(s, report)
	}
}

// judge tells the state after round n. early says that it is too early for another.
func (w *Watcher) judge(r Report, n int) (s Status, early bool) {
	if r.Violations > 0 {
		return Status{State: Alarm, Violation: &r.Examples[0],
			Reason: fmt.Sprintf("%d violations in %d probes; %s", r.Violations, r.Common+r.Labelled, r.Examples[0])}, false
	}
	for _, route := range w.routes() {
		if quiet := w.quiet[route]; quiet.rounds >= w.o.Patience {
			return Status{State: Unknown, Reason: fmt.Sprintf("no %s came back in %d rounds%s", route, quiet.rounds, w.lastError(route))}, false
		}
	}
	for _, route := range w.routes() {
		if w.quiet[route].never {
			return Status{State: Unknown, Reason: fmt.Sprintf("no %s has come back yet", route)}, true
		}
	}
	if w.o.Canary > 0 {
		switch {
		case w.canary.report == nil || n-w.canary.round > w.o.Canary+w.o.Patience:
			return Status{State: Unknown, Reason: "the control did not come back: " + w.canary.err}, w.canary.report == nil && n < w.o.Patience
		case !w.canary.report.Sees():
			return Status{State: Blind, Reason: fmt.Sprintf("with guard and filter off %d common probes found no violation; do the probes reach apps with dedicated nodes?", w.canary.report.Common)}, false
		}
	}
	return Status{State: OK, Reason: fmt.Sprintf("no violation in %d common and %d labelled probes", r.Common, r.Labelled)}, false
}

func (w *Watcher) lastError(r route) string {
	for i := len(w.window) - 1; i >= 0; i-- {
		if p := w.window[i]; p.err != nil && (route{p.env, p.path}) == r {
			return ": " + p.err.Error()
		}
	}
	return ""
}

// Status gives the present state.
func (w *Watcher) Status() Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// Report gives the report of the window.
func (w *Watcher) Report() Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := newReport(nil)
	for _, p := range w.window {
		r.add(p)
	}
	if n := len(w.window); n > 0 {
		r.DurationSeconds = w.window[n-1].ended.Sub(w.window[0].ended).Seconds()
	}
	r.finish()
	return r
}

// Evidence gives the window, the state and the last control for others to judge.
func (w *Watcher) Evidence() Evidence {
	e := Evidence{Entry: w.o.Entry, Paths: w.o.ways(), Envs: w.o.Envs, Report: w.Report()}
	w.mu.Lock()
	defer w.mu.Unlock()
	status := w.status
	e.Status, e.Begun, e.Ended = &status, moment(), moment()
	if n := len(w.window); n > 0 {
		e.Begun, e.Ended = w.window[0].ended.UTC(), w.window[n-1].ended.UTC()
	}
	if w.canary.report != nil {
		e.Controls = []Report{*w.canary.report}
	}
	return e
}

// moment is the present, as it is told to others.
func moment() time.Time { return time.Now().UTC().Round(time.Millisecond) }
