// Package verify proves, with authenticated probes, that a dedicated path holds
// on a live system: it sends common and labelled calls through the entry, and
// work into the lanes of queues, reads the signed trail of every one, and judges
// the trails off-line. [Run] does so
// once, a [Watcher] without end; [Evidence] shows the outcome to others.
package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// Options says what to verify.
type Options struct {
	// Entry is the base URL of the entry, such as http://127.0.0.1:8080.
	Entry string
	// Paths are called in turn by GET; none means "/", or with an Entry of ""
	// that Queues alone are verified.
	Paths []string
	// Queues are asynchronous paths, which take their turn with Paths.
	Queues []Queue
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

// Queue is an asynchronous path: work is put into one of its lanes, for a
// consumer to take. natsdpath.Queue and amqpdpath.Queue are some.
type Queue interface {
	// String names the path in reports, such as nats:t.orders.created.
	fmt.Stringer
	// Send puts a probe into a lane, with the label of its environment, and
	// gives the trail header of the consumer that took it.
	Send(ctx context.Context, p trail.Probe, lane string) (string, error)
}

func (o *Options) complete() error {
	u, err := url.Parse(o.Entry)
	switch {
	case o.Entry == "" && len(o.Paths) == 0 && len(o.Queues) > 0:
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("dpath verify: entry %q is not an http URL", o.Entry)
	case len(o.Paths) == 0:
		o.Paths = []string{"/"}
	}
	if o.Key == nil {
		return errors.New("dpath verify: a probe key is needed")
	}
	if o.Common < 0 || o.Labelled < 0 || o.Common+o.Labelled*len(o.Envs) == 0 {
		return errors.New("dpath verify: there is nothing to send; give a number of common probes, or of labelled ones and environments")
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
	defer o.connect()()
	report, done, total := newReport(o.Control), 0, o.round()
	start := time.Now()
	o.sendAll(ctx, 0, total, func(p outcome) {
		report.add(p)
		done++
		if o.Progress != nil && (done == total || done%max(1, total/100) == 0) {
			o.Progress(done, total)
		}
	})
	report.DurationSeconds = time.Since(start).Seconds()
	report.finish()
	return report, ctx.Err()
}

// round is the number of probes after which every kind has had its share.
func (o *Options) round() int { return o.Common + o.Labelled*len(o.Envs) }

// ways lists all that a probe can take, by the names that reports tell.
func (o *Options) ways() []string {
	out := slices.Clone(o.Paths)
	for _, q := range o.Queues {
		out = append(out, q.String())
	}
	return out
}

// connect sees to a client, and gives what ends its connections.
func (o *Options) connect() (end func()) {
	if o.Client != nil {
		return func() {}
	}
	base := &http.Transport{MaxIdleConnsPerHost: o.Concurrency, MaxConnsPerHost: o.Concurrency, IdleConnTimeout: time.Minute}
	o.Client = &http.Client{Transport: base, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return base.CloseIdleConnections
}

// outcome is what became of one probe.
type outcome struct {
	ended     time.Time
	env, path string
	trail     trail.Trail
	errors    int   // attempts that gave no trail
	err       error // of the last one, when none gave a trail
}

// sendAll sends the probes from begin up to end; seen is told of each, one at a
// time. Those that the end of ctx cuts short have not failed and are left out.
func (o *Options) sendAll(ctx context.Context, begin, end int, seen func(outcome)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var next atomic.Int64
	next.Store(int64(begin))
	for range min(o.Concurrency, end-begin) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < end && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				p := o.probe(ctx, i)
				if p.err != nil && ctx.Err() != nil {
					return
				}
				mu.Lock()
				seen(p)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// kind mixes the kinds of probes evenly, so that all of them meet the same
// conditions: probe i belongs to the kind whose share is furthest behind. Each
// kind takes the paths in turn by itself, so that every one takes them all.
func (o *Options) kind(i int) (env, path string) {
	labelled, total, ways := o.Labelled*len(o.Envs), o.round(), o.ways()
	before, after := i*labelled/total, (i+1)*labelled/total
	if before == after {
		return "", ways[(i-before)%len(ways)]
	}
	return o.Envs[before%len(o.Envs)], ways[before/len(o.Envs)%len(ways)]
}

func (o *Options) probe(ctx context.Context, i int) outcome {
	p := outcome{}
	p.env, p.path = o.kind(i)
	for range o.Attempts {
		if p.trail, p.err = o.send(ctx, p.env, p.path, o.Control...); p.err == nil || ctx.Err() != nil {
			break
		}
		p.errors++
	}
	p.ended = time.Now()
	return p
}

// send makes one attempt with a token of its own.
func (o *Options) send(ctx context.Context, env, path string, without ...string) (trail.Trail, error) {
	probe := trail.Probe{Env: env}
	if err := probe.Disable(without...); err != nil {
		return trail.Trail{}, err
	}
	probe = trail.Mint(o.Key, probe, time.Now(), o.Timeout+time.Minute)
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	answered, header, err := o.exchange(ctx, probe, path)
	if err != nil {
		return trail.Trail{}, err
	}
	t, err := trail.Open(o.Key, probe.ID, header)
	if err != nil {
		return t, fmt.Errorf("%s without a valid trail: %w", answered, err)
	}
	if t.Broken == 0 && !served(t) {
		return t, fmt.Errorf("%s, but no node behind the entry served it", answered)
	}
	return t, nil
}

// exchange sends a probe on a path, and gives the trail header that came back, and in words what did.
func (o *Options) exchange(ctx context.Context, probe trail.Probe, path string) (answered, header string, err error) {
	if i := slices.IndexFunc(o.Queues, func(q Queue) bool { return q.String() == path }); i >= 0 {
		header, err = o.Queues[i].Send(ctx, probe, o.lane(probe))
		return path + " answered", header, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.Entry+path, nil)
	if err != nil {
		return "", "", err
	}
	req.Header.Set(trail.HeaderProbe, probe.Token())
	resp, err := o.Client.Do(req)
	if err != nil {
		return "", "", err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return fmt.Sprintf("%s answered %d", path, resp.StatusCode), resp.Header.Get(trail.HeaderTrail), err
}

// lane is where a probe waits. What a caller's filter is to calls, that is the choice of the lane to work: without
// it, common work waits in the lane of an environment.
func (o *Options) lane(p trail.Probe) string {
	switch {
	case p.Env != "":
		return p.Env
	case p.NoFilter && len(o.Envs) > 0:
		return o.Envs[0]
	}
	return carrier.CommonLane
}

// served tells whether the trail shows a node doing work. Without one, and
// without a node that gave no trail, a probe proves nothing.
func served(t trail.Trail) bool {
	for _, h := range t.Hops {
		if h.Decision != trail.Refused && h.Decision != trail.Entered {
			return true
		}
	}
	return false
}
