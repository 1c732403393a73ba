package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/store"
)

func init() {
	benches["pickup"] = bench{"time from Apply's return to the first call of Reconcile", benchPickup}
}

func benchPickup(ctx context.Context) error {
	n := 300
	if *quick {
		n = 60
	}
	fmt.Println("| database | load | p50 | p99 |")
	fmt.Println("|---|---|---:|---:|")
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		for _, load := range []struct {
			name  string
			pause time.Duration
		}{{"one at a time", 0}, {"50 per second", 20 * time.Millisecond}} {
			samples, err := pickups(ctx, d, n, load.pause)
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %s | %s | %s |\n", d, load.name, milliseconds(quantile(samples, 0.5)), milliseconds(quantile(samples, 0.99)))
		}
	}
	return nil
}

// pickups creates objects one after the other, or, with a pause, without waiting for the last.
func pickups(ctx context.Context, d store.Dialect, n int, pause time.Duration) ([]time.Duration, error) {
	k, err := newKernel(ctx, d)
	if err != nil {
		return nil, err
	}
	defer k.close()
	var mu sync.Mutex
	called := map[string]time.Time{}
	arrived := make(chan string, n)
	k.passed = func(id string) {
		mu.Lock()
		defer mu.Unlock()
		if _, again := called[id]; !again {
			called[id] = time.Now()
			arrived <- id
		}
	}
	if err := k.engine.Start(ctx); err != nil {
		return nil, err
	}
	defer func() { _ = k.engine.Stop(context.WithoutCancel(ctx)) }()
	applied := map[string]time.Time{}
	for i := range n {
		a, err := k.Apply(ctx, machineRequest("p", fmt.Sprint("m", i)))
		if err != nil {
			return nil, err
		}
		applied[a.Object.ID] = time.Now()
		if pause > 0 {
			time.Sleep(pause)
			continue
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	for wait := time.Now().Add(10 * time.Second); time.Now().Before(wait); time.Sleep(10 * time.Millisecond) {
		mu.Lock()
		all := len(called) == n
		mu.Unlock()
		if all {
			break
		}
	}
	mu.Lock()
	defer mu.Unlock()
	out := make([]time.Duration, 0, n)
	for id, at := range applied {
		if c, ok := called[id]; ok {
			out = append(out, max(0, c.Sub(at)))
		}
	}
	if len(out) < n {
		return nil, fmt.Errorf("%d of %d were never reconciled", n-len(out), n)
	}
	return out, nil
}
