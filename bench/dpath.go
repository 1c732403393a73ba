package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func init() {
	benches["dpath"] = bench{"the gateway beside HAProxy and Go's reverse proxy, the choice of a node, what the toolkit adds to a call (targets: ≥ 0.8 × HAProxy, ≥ 1.5 × ReverseProxy, Pick ≤ 300 ns and 0 allocations, ≤ 2 µs a call)", benchDpath}
}

func benchDpath(ctx context.Context) error {
	if spec := os.Getenv(reverseTo); spec != "" {
		return serveReverse(spec)
	}
	if err := benchPick(); err != nil {
		return err
	}
	if err := benchToolkit(ctx); err != nil {
		return err
	}
	if err := benchProxies(ctx); err != nil {
		return err
	}
	return benchPush(ctx)
}

// listen serves a handler on loopback until stop is called.
func listen(h http.Handler) (addr string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }()
	return l.Addr().String(), func() { _ = s.Close() }, nil
}

// page is an answer of 1 KiB.
var page = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, pageText)
})

var pageText = strings.Repeat("x", 1024)

const proxyConns = 32

// traffic is what a proxy did with one sort of calls, a value a round.
type traffic struct {
	rate, cpu []float64 // calls a second, µs of the proxy's processor time a call
	p50, p99  []time.Duration
}

// benchProxies compares the gateway with its rivals in interleaved rounds.
func benchProxies(ctx context.Context) error {
	rounds, each := 7, 3*time.Second
	if *quick {
		rounds, each = 3, time.Second
	}
	dir, nodes, end, err := startNodes()
	defer end()
	if err != nil {
		return err
	}
	all, err := startRivals(ctx, dir, nodes[0], nodes[1])
	defer func() { stopRivals(all) }()
	if err != nil {
		return err
	}
	fmt.Printf("\n%d kept connections, GET of 1 KiB, medians of %d rounds of %s in turn. Caller, nodes and proxy share the processors; the processor time is the proxy's alone.\n\n", proxyConns, rounds, each)
	fmt.Println("| proxy | calls | calls/s | ÷ HAProxy | ÷ ReverseProxy | p50 | p99 | CPU a call |")
	fmt.Println("|---|---|---:|---:|---:|---:|---:|---:|")
	for _, lane := range []bool{false, true} {
		if err := compare(ctx, all, lane, rounds, each); err != nil {
			return err
		}
	}
	return nil
}

func compare(ctx context.Context, all []*rival, lane bool, rounds int, each time.Duration) error {
	name, header := "common", ""
	if lane {
		name, header = "labelled", laneHeader+": 1\r\n"
	}
	seen := map[string]*traffic{}
	for range rounds {
		for _, r := range all {
			if lane && !r.lanes {
				continue
			}
			if seen[r.name] == nil {
				seen[r.name] = &traffic{}
			}
			if err := seen[r.name].round(ctx, r, header, each); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
	}
	over := func(t *traffic, rival string) string {
		if seen[rival] == nil {
			return ""
		}
		return fmt.Sprintf("%.2f", median(t.rate)/median(seen[rival].rate))
	}
	for _, r := range all {
		if t := seen[r.name]; t != nil {
			fmt.Printf("| %s | %s | %.0f | %s | %s | %s | %s | %.1f µs |\n", r.name, name, median(t.rate), over(t, "HAProxy"), over(t, "httputil.ReverseProxy"), milliseconds(median(t.p50)), milliseconds(median(t.p99)), median(t.cpu))
		}
	}
	return nil
}

func (t *traffic) round(ctx context.Context, r *rival, header string, each time.Duration) error {
	before := r.used()
	times, err := drive(ctx, r.addr, header, proxyConns, each)
	if err != nil {
		return err
	}
	t.rate = append(t.rate, float64(len(times))/each.Seconds())
	t.cpu = append(t.cpu, float64((r.used()-before).Microseconds())/float64(len(times)))
	t.p50 = append(t.p50, quantile(times, 0.5))
	t.p99 = append(t.p99, quantile(times, 0.99))
	return nil
}
