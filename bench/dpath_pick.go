package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

// benchPick measures the choice of a node among 500, with 1,000 environments in force.
func benchPick() error {
	fmt.Println("| nodes of the app | call | Pick | allocations |")
	fmt.Println("|---:|---|---:|---:|")
	for _, apps := range []int{50, 10, 1} {
		cfg, err := manyLanes(apps, 500/apps, 1000)
		if err != nil {
			return err
		}
		view, src := dpath.NewTable().View(cfg), rand.NewPCG(1, 2) // #nosec G404 -- a repeatable order
		for _, call := range []struct{ name, env string }{{"common", ""}, {"labelled, own nodes", "env-0"}, {"labelled, shared", "env-999"}} {
			r := testing.Benchmark(func(b *testing.B) {
				for b.Loop() {
					if _, err := dpath.Pick(cfg, call.env, "app-0", view, nil, src); err != nil {
						b.Fatal(err)
					}
				}
			})
			fmt.Printf("| %d | %s | %d ns | %d |\n", 500/apps, call.name, r.NsPerOp(), r.AllocsPerOp())
		}
	}
	return nil
}

// manyLanes makes apps whose nodes are half public, half in lanes of two nodes, and environments of which the later share.
func manyLanes(apps, nodes, envs int) (*dpath.Config, error) {
	reg := &dpath.Registry{Apps: map[string][]dpath.Endpoint{}}
	doc := &dpath.Document{Enable: true, Version: 1}
	for i := range envs {
		doc.EnvRules = append(doc.EnvRules, dpath.EnvRule{EnvName: fmt.Sprint("env-", i)})
	}
	for a := range apps {
		app := fmt.Sprint("app-", a)
		for n := range nodes {
			addr := fmt.Sprintf("10.%d.%d.%d:80", a, n/200, 1+n%200)
			reg.Apps[app] = append(reg.Apps[app], dpath.Endpoint{ID: addr, Addr: addr})
			if n%2 == 0 {
				continue
			}
			e := &doc.EnvRules[n/4]
			if len(e.EnvAppRules) <= a {
				e.EnvAppRules = append(e.EnvAppRules, dpath.EnvAppRule{AppName: app})
			}
			e.EnvAppRules[a].IPs = append(e.EnvAppRules[a].IPs, addr)
		}
	}
	return dpath.Compile(doc, reg, time.Now())
}

// benchToolkit compares calls through the toolkit, labelled and checked, with the same calls without it.
func benchToolkit(ctx context.Context) error {
	rounds, calls := 15, 2000
	if *quick {
		rounds, calls = 5, 500
	}
	plain, stop, err := listen(page)
	if err != nil {
		return err
	}
	defer stop()
	guarded, label, transport, stop, err := toolkit(nil)
	if err != nil {
		return err
	}
	defer stop()
	if err := benchAdded(ctx); err != nil {
		return err
	}
	wire, std := httpdpath.NewWire(httpdpath.NewBase()), httpdpath.NewBase()
	ways := []struct {
		name, url string
		way       interface {
			http.RoundTripper
			CloseIdleConnections()
		}
		label dpath.Label
		took  []time.Duration
	}{
		{name: "plain handler, http.Transport", url: plain, way: std},
		{name: "plain handler, Wire", url: plain, way: wire},
		{name: "Guard and Transport, common", url: guarded, way: transport},
		{name: "Guard and Transport, labelled", url: guarded, way: transport, label: label},
	}
	for range rounds {
		for i := range ways {
			w := &ways[i]
			d, err := sequence(dpath.WithLabel(ctx, w.label), w.way, "http://"+w.url+"/", calls)
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			w.took = append(w.took, d)
		}
	}
	fmt.Printf("\nOne call after the other on a kept connection, medians of %d rounds of %d calls in turn.\n\n", rounds, calls)
	fmt.Println("| call | time | over plain | over plain by Wire |")
	fmt.Println("|---|---:|---:|---:|")
	for i := range ways {
		ways[i].way.CloseIdleConnections()
		t := median(ways[i].took)
		us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
		fmt.Printf("| %s | %.1f µs | %+.1f µs | %+.1f µs |\n", ways[i].name, us(t), us(t-median(ways[0].took)), us(t-median(ways[1].took)))
	}
	return nil
}

// toolkit is an app with a public and a dedicated node behind guards, and the way to call it: in this process when
// base is given, else over loopback.
func toolkit(base here) (app string, label dpath.Label, t *httpdpath.Transport, stop func(), err error) {
	store, err := dpath.NewStore(dpath.StoreOptions{})
	if err != nil {
		return "", label, nil, nil, err
	}
	keys, err := dpath.NewKeyring("1", map[string][]byte{"1": []byte("a key for measuring")})
	if err != nil {
		return "", label, nil, nil, err
	}
	addrs := make([]string, 2)
	stops := make([]func(), 2)
	for i := range addrs {
		p := &httpdpath.Peer{Peer: carrier.Peer{Store: store, Keys: keys, App: "shop"}}
		guard := p.Guard(page, httpdpath.GuardOptions{})
		if addrs[i], stops[i], err = listen(guard); err != nil {
			return "", label, nil, nil, err
		}
		p.Addr = addrs[i]
		if base != nil {
			base[p.Addr] = guard
		}
	}
	doc := &dpath.Document{Enable: true, Version: 1, EnvRules: []dpath.EnvRule{{EnvName: "vip", FailoverPolicy: dpath.PolicyStrict, EnvAppRules: []dpath.EnvAppRule{{AppName: "shop", IPs: addrs[1:]}}}}}
	if err := store.Set(doc, &dpath.Registry{Apps: map[string][]dpath.Endpoint{"shop": {{ID: "public", Addr: addrs[0]}, {ID: "vip", Addr: addrs[1]}}}}); err != nil {
		return "", label, nil, nil, err
	}
	label, err = dpath.Sign(keys, "vip", dpath.NewTrace(), time.Now(), time.Hour)
	caller := &httpdpath.Peer{Peer: carrier.Peer{Store: store, Keys: keys}}
	o := httpdpath.TransportOptions{Closed: true}
	if base != nil {
		o.Base = base
	}
	return "shop", label, caller.Transport(o), func() { stops[0](); stops[1]() }, err
}

// sequence gives the mean time of so many calls.
func sequence(ctx context.Context, way http.RoundTripper, url string, calls int) (time.Duration, error) {
	began := time.Now()
	for range calls {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return 0, err
		}
		resp, err := way.RoundTrip(req)
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("%s: %w", resp.Status, err)
		}
	}
	return time.Since(began) / time.Duration(calls), nil
}
