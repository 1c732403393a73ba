package dpath_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// flow is a steady stream of calls, whether or not they are answered.
type flow struct {
	env, path, method string
	rate              int           // calls a second
	limit             int           // calls under way; further ones are not made
	deadline          time.Duration // of a call; 0 means patience
	hasty             bool          // gives calls up at the end
}

// sample is one call of a flow.
type sample struct {
	env   string
	begun time.Time
	took  time.Duration
	nodes []string
	err   error
}

// run keeps flows up until ctx ends, and gives their calls. Those of hasty flows
// that are under way by then fail.
func (r *rig) run(ctx context.Context, flows ...flow) []sample {
	var mu sync.Mutex
	var samples []sample
	var wg sync.WaitGroup
	for _, f := range flows {
		under := context.WithoutCancel(ctx)
		if f.hasty {
			under = ctx
		}
		wg.Go(func() {
			f.each(ctx, func() {
				s := r.sample(under, f)
				mu.Lock()
				defer mu.Unlock()
				samples = append(samples, s)
			})
		})
	}
	wg.Wait()
	return samples
}

// beside keeps common calls and those of env up while f changes something, and gives them.
func (r *rig) beside(env, path string, common, labelled int, f func()) []sample {
	ctx, stop := context.WithCancel(context.Background())
	go func() { defer stop(); f() }()
	return r.run(ctx, flow{path: path, method: http.MethodGet, rate: common, limit: 64},
		flow{env: env, path: path, method: http.MethodGet, rate: labelled, limit: 64})
}

// each starts calls at the flow's rate, late ones at once.
func (f flow) each(ctx context.Context, call func()) {
	start, gap := time.Now(), time.Second/time.Duration(f.rate)
	slots := make(chan struct{}, f.limit)
	var wg sync.WaitGroup
	defer wg.Wait()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(start.Add(time.Duration(i) * gap))):
		}
		select {
		case slots <- struct{}{}:
			wg.Go(func() { defer func() { <-slots }(); call() })
		default:
		}
	}
}

func (r *rig) sample(ctx context.Context, f flow) sample {
	if f.deadline == 0 {
		f.deadline = patience
	}
	ctx, cancel := context.WithTimeout(ctx, f.deadline)
	defer cancel()
	s := sample{env: f.env, begun: time.Now()}
	s.nodes, s.err = r.call(ctx, f.method, f.env, f.path)
	s.took = time.Since(s.begun)
	return s
}

// many makes n calls from several clients, and gives them in no order.
func (r *rig) many(n int, path string, env func(i int) string) []sample {
	const clients = 16
	samples := make([]sample, n)
	var wg sync.WaitGroup
	var next atomic.Int64
	for range clients {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				samples[i] = r.sample(context.Background(), flow{env: env(int(i)), path: path, method: http.MethodGet})
			}
		})
	}
	wg.Wait()
	return samples
}

func only(env string) func(int) string { return func(int) string { return env } }

// quantile is a duration that the share q of the calls of env did not exceed; 0 without calls.
func quantile(samples []sample, env string, q float64) time.Duration {
	var took []time.Duration
	for _, s := range samples {
		if s.env == env {
			took = append(took, s.took)
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[min(int(q*float64(len(took))), len(took)-1)]
}

// failures tells how many samples are errors, and of one of them what it says.
func failures(samples []sample) error {
	var last error
	n := 0
	for _, s := range samples {
		if s.err != nil {
			n, last = n+1, s.err
		}
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d calls failed: %w", n, len(samples), last)
}
