// Package verify proves, with authenticated probes, that a dedicated path holds
// on a live system: it sends common and labelled calls through the entry, reads
// the signed trail of every call, and judges the trails off-line.
package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// Options says what to verify.
type Options struct {
	// Entry is the base URL of the entry, such as http://127.0.0.1:8080.
	Entry string
	// Paths are called in turn by GET; none means "/".
	Paths []string
	// Common is the number of common probes. Labelled is the number of probes
	// of each of Envs.
	Common, Labelled int
	Envs             []string
	// Key is the probe keyring shared with all hops.
	Key *dpath.Keyring
	// Control disables protections for the probes only: "guard", "filter" or
	// both. With both, violations must be found.
	Control []string
	// Concurrency bounds the probes in flight; 0 means 8.
	Concurrency int
	// Timeout of one attempt; 0 means 30 s, for slow machines.
	Timeout time.Duration
	// Attempts per probe when it fails without a trail; 0 means 3.
	Attempts int
	// Progress is told now and then, from one goroutine at a time; may be nil.
	Progress func(done, total int)
	// Client sends the probes; nil makes one with keep-alive.
	Client *http.Client
}

func (o *Options) complete() error {
	u, err := url.Parse(o.Entry)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("dpath verify: entry %q is not an http URL", o.Entry)
	}
	if o.Key == nil {
		return errors.New("dpath verify: a probe key is needed")
	}
	if o.Common < 0 || o.Labelled < 0 || o.Common+o.Labelled*len(o.Envs) == 0 {
		return errors.New("dpath verify: there is nothing to send; give a number of common probes, or of labelled ones and environments")
	}
	if len(o.Paths) == 0 {
		o.Paths = []string{"/"}
	}
	if o.Concurrency <= 0 {
		o.Concurrency = 8
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Attempts <= 0 {
		o.Attempts = 3
	}
	return new(trail.Probe).Disable(o.Control...)
}

// Run sends the probes and judges what came back. The error is about the run
// itself; violations are in the report. When ctx ends early the report covers
// the probes sent so far, with the error of ctx.
func Run(ctx context.Context, o Options) (Report, error) {
	if err := o.complete(); err != nil {
		return Report{}, err
	}
	r := &runner{Options: o, report: newReport(o.Control), total: o.Common + o.Labelled*len(o.Envs)}
	if r.Client == nil {
		base := &http.Transport{MaxIdleConnsPerHost: o.Concurrency, MaxConnsPerHost: o.Concurrency, IdleConnTimeout: time.Minute}
		defer base.CloseIdleConnections()
		r.Client = &http.Client{Transport: base, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	start := time.Now()
	r.sendAll(ctx)
	r.report.DurationSeconds = time.Since(start).Seconds()
	r.report.finish()
	return r.report, ctx.Err()
}

type runner struct {
	Options
	total  int
	next   atomic.Int64
	mu     sync.Mutex
	report Report
	done   int
}

func (r *runner) sendAll(ctx context.Context) {
	var wg sync.WaitGroup
	for range min(r.Concurrency, r.total) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(r.next.Add(1)) - 1
				if i >= r.total {
					return
				}
				r.probe(ctx, i)
			}
		})
	}
	wg.Wait()
}

// kind mixes the kinds of probes evenly, so that all of them meet the same
// conditions: probe i belongs to the kind whose share is furthest behind. Each
// kind takes the paths in turn by itself, so that every one takes them all.
func (r *runner) kind(i int) (env, path string) {
	labelled := r.Labelled * len(r.Envs)
	before, after := i*labelled/r.total, (i+1)*labelled/r.total
	if before == after {
		return "", r.Paths[(i-before)%len(r.Paths)]
	}
	return r.Envs[before%len(r.Envs)], r.Paths[before/len(r.Envs)%len(r.Paths)]
}

func (r *runner) probe(ctx context.Context, i int) {
	env, path := r.kind(i)
	var last error
	for range r.Attempts {
		t, err := r.send(ctx, env, path)
		if ctx.Err() != nil {
			return // cut short, not failed
		}
		r.mu.Lock()
		if err == nil {
			r.report.judge(env, path, t)
		} else {
			r.report.Errors++
		}
		r.mu.Unlock()
		if last = err; err == nil {
			break
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if last != nil {
		r.report.fail(last)
	}
	r.done++
	if r.Progress != nil && (r.done == r.total || r.done%max(1, r.total/100) == 0) {
		r.Progress(r.done, r.total)
	}
}

// send makes one attempt with a token of its own.
func (r *runner) send(ctx context.Context, env, path string) (trail.Trail, error) {
	probe := trail.Probe{Env: env}
	if err := probe.Disable(r.Control...); err != nil {
		return trail.Trail{}, err
	}
	probe = trail.Mint(r.Key, probe, time.Now(), r.Timeout+time.Minute)
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.Entry+path, nil)
	if err != nil {
		return trail.Trail{}, err
	}
	req.Header.Set(trail.HeaderProbe, probe.Token())
	resp, err := r.Client.Do(req)
	if err != nil {
		return trail.Trail{}, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return trail.Trail{}, err
	}
	t, err := trail.Open(r.Key, probe.ID, resp.Header.Get(trail.HeaderTrail))
	if err != nil {
		return t, fmt.Errorf("%s answered %d without a valid trail: %w", path, resp.StatusCode, err)
	}
	if !served(t) {
		return t, fmt.Errorf("%s answered %d, but no node behind the entry served it", path, resp.StatusCode)
	}
	return t, nil
}

// served tells whether the trail shows a node doing work. Without one a probe
// proves nothing.
func served(t trail.Trail) bool {
	for _, h := range t.Hops {
		if h.Decision != trail.Refused && h.Decision != trail.Entered {
			return true
		}
	}
	return false
}
