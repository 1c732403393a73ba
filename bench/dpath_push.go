package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/plazacloud/plaza/pkg/centre"
	"github.com/plazacloud/plaza/pkg/centre/natskv"
	"github.com/plazacloud/plaza/pkg/kinds"
)

const (
	pushProject = "?project=freshfoods%2Fnorth%2Fdailymart%2Fshop"
	pushRest    = time.Second // between rounds, after all acknowledged: nothing is taken together
	pushSize    = 4 << 10     // bytes of a document
)

// benchPush measures from the request that changes a config until its subscribers applied it, by either way.
func benchPush(ctx context.Context) error {
	many, rounds := 1000, 40
	if *quick {
		many, rounds = 200, 5
	}
	dir, err := os.MkdirTemp("", "plaza-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary, err := build(ctx, dir, "plazad", false)
	if err != nil {
		return err
	}
	fmt.Printf("\nA config of %d KiB is changed %d times, each time when all acknowledged the last change; subscribers, each with a connection of its own, and NATS are in the measuring process, plazad in its own (target: p99 ≤ 200 ms).\n\n", pushSize>>10, rounds)
	fmt.Println("| by | subscribers | p50 of all | p99 of all | last, p50 | last, p99 | plazad's memory a subscriber |")
	fmt.Println("|---|---:|---:|---:|---:|---:|---:|")
	for i, way := range []struct {
		name  string
		known int // subscribers that plazad has
		start func(ctx context.Context, s *site, a *audience, many int) (stop func(), err error)
	}{{"SSE", many, followSSE}, {"NATS KV, with a relay", 1, followNATS}} {
		if err := pushBy(ctx, binary, filepath.Join(dir, fmt.Sprint("state-", i)), way.name, many, way.known, rounds, way.start); err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
	}
	return nil
}

func pushBy(ctx context.Context, binary, dir, name string, many, known, rounds int, start func(context.Context, *site, *audience, int) (func(), error)) error {
	s := &site{}
	plane, admin, err := startStored(ctx, binary, dir, 1)
	if err != nil {
		return err
	}
	s.plane, s.token = plane, admin.token
	defer s.plane.stop()
	a := &audience{}
	publish := func(method, path string, body map[string]any) error {
		body["spec"] = map[string]any{"format": "text", "document": fmt.Sprintf("%d %s", a.version, strings.Repeat("x", pushSize))}
		return s.call(ctx, method, path, body, nil)
	}
	a.expect(1, many)
	if err := publish(http.MethodPost, "/v1/configs", map[string]any{"name": "lanes", "project": "freshfoods/north/dailymart/shop"}); err != nil {
		return err
	}
	time.Sleep(pushRest)
	before, err := residentKiB(s.plane.cmd.Process.Pid)
	if err != nil {
		return err
	}
	stop, err := start(ctx, s, a, many)
	if err != nil {
		return err
	}
	defer stop()
	if _, err := a.wait(ctx); err != nil {
		return err
	}
	var all, last []time.Duration
	for round := range rounds {
		if err := acknowledged(ctx, s, a.version, known); err != nil {
			return err
		}
		a.expect(int64(round+2), many)
		if err := publish(http.MethodPatch, "/v1/configs/lanes"+pushProject, map[string]any{}); err != nil {
			return err
		}
		times, err := a.wait(ctx)
		if err != nil {
			return err
		}
		all, last = append(all, times...), append(last, quantile(times, 1))
	}
	after, err := residentKiB(s.plane.cmd.Process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("| %s | %d | %s | %s | %s | %s | %.1f KiB |\n", name, many, milliseconds(quantile(all, 0.5)), milliseconds(quantile(all, 0.99)), milliseconds(quantile(last, 0.5)), milliseconds(quantile(last, 0.99)), float64(after-before)/float64(many))
	return nil
}

// acknowledged waits until all that plazad knows told that they apply a version, and rests.
func acknowledged(ctx context.Context, s *site, version int64, known int) error {
	for began := time.Now(); time.Since(began) < 2*time.Minute; time.Sleep(pushRest / 4) {
		var o struct{ Status kinds.ConfigStatus }
		if err := s.call(ctx, http.MethodGet, "/v1/configs/lanes"+pushProject, nil, &o); err != nil {
			return err
		}
		if o.Status.Version == version && o.Status.Applied == known {
			time.Sleep(pushRest)
			return nil
		}
	}
	return fmt.Errorf("not all acknowledged version %d within two minutes", version)
}

// audience are the subscribers, of which each is to apply a version.
type audience struct {
	mu      sync.Mutex
	version int64
	many    int
	began   time.Time
	times   []time.Duration
	all     chan struct{}
}

// expect begins a round.
func (a *audience) expect(version int64, many int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.version, a.many, a.times, a.all, a.began = version, many, nil, make(chan struct{}), time.Now()
}

func (a *audience) apply(v centre.Version) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if v.Number == a.version {
		if a.times = append(a.times, time.Since(a.began)); len(a.times) == a.many {
			close(a.all)
		}
	}
	return nil
}

// wait returns how long each subscriber took.
func (a *audience) wait(ctx context.Context) ([]time.Duration, error) {
	select {
	case <-a.all:
		return a.times, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(2 * time.Minute):
		return nil, errors.New("not all subscribers had a version within two minutes")
	}
}

func followSSE(ctx context.Context, s *site, a *audience, many int) (stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	var all []*centre.Subscription
	stop = func() {
		cancel()
		for _, sub := range all {
			<-sub.Done()
		}
	}
	for i := range many {
		sub, err := centre.Subscribe(ctx, centre.Options{URL: s.plane.base + "/v1/configs/lanes" + pushProject, Token: s.token, Name: fmt.Sprint("s", i), Apply: a.apply})
		if err != nil {
			stop()
			return nil, err
		}
		all = append(all, sub)
	}
	return stop, nil
}

func followNATS(ctx context.Context, s *site, a *audience, many int) (stop func(), err error) {
	dir, err := os.MkdirTemp("", "plaza-bench")
	if err != nil {
		return nil, err
	}
	broker, err := natsd.NewServer(&natsd.Options{Host: "127.0.0.1", Port: natsd.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir})
	if err != nil {
		return nil, err
	}
	broker.Start()
	ctx, cancel := context.WithCancel(ctx)
	var conns []*nats.Conn
	var all []*centre.Subscription
	stop = func() {
		cancel()
		for _, sub := range all {
			<-sub.Done()
		}
		for _, nc := range conns {
			nc.Close()
		}
		broker.Shutdown()
		broker.WaitForShutdown()
		_ = os.RemoveAll(dir)
	}
	if !broker.ReadyForConnections(30 * time.Second) {
		stop()
		return nil, errors.New("NATS did not get ready")
	}
	join := func(start func(natskv.Place) (*centre.Subscription, error)) error {
		nc, err := nats.Connect(broker.ClientURL(), nats.MaxReconnects(-1))
		if err != nil {
			return err
		}
		conns = append(conns, nc)
		sub, err := start(natskv.Place{Conn: nc, Bucket: "plaza", Key: "lanes"})
		if err == nil {
			all = append(all, sub)
		}
		return err
	}
	err = join(func(at natskv.Place) (*centre.Subscription, error) {
		return natskv.Relay(ctx, at, natskv.RelayOptions{Options: centre.Options{URL: s.plane.base + "/v1/configs/lanes" + pushProject, Token: s.token, Name: "relay"}})
	})
	for i := 0; i < many && err == nil; i++ {
		err = join(func(at natskv.Place) (*centre.Subscription, error) {
			return natskv.Follow(ctx, at, centre.Options{Name: fmt.Sprint("s", i), Apply: a.apply})
		})
	}
	if err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}
