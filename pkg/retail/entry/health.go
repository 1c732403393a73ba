package entry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/daemon"
)

// NodeHealth is what one node of one app answered. MS is milliseconds.
type NodeHealth struct {
	daemon.Node
	OK    bool   `json:"ok"`
	MS    int64  `json:"ms"`
	Error string `json:"error,omitempty"`
}

// Check is the last result of an end-to-end check.
type Check struct {
	Name  string    `json:"name"`
	OK    bool      `json:"ok"`
	MS    int64     `json:"ms"`
	Error string    `json:"error,omitempty"`
	At    time.Time `json:"at"`
}

// Health is the workload's own word on itself. Status is ok if every node and check is, down if an
// app has no public node that serves, degraded in between.
type Health struct {
	Status string       `json:"status"`
	Apps   []NodeHealth `json:"apps"`
	Checks []Check      `json:"checks"`
}

type healthCache struct {
	mu     sync.Mutex
	at     time.Time
	last   Health
	checks []Check
}

// serveHealth answers GET /v1/health and /readyz: 200 for ok and degraded, 503 for down. Probes
// are made at most once a second, whoever asks.
func (g *Gateway) serveHealth(w http.ResponseWriter, r *http.Request) {
	h := g.Health(r.Context())
	status := http.StatusOK
	if h.Status == "down" {
		status = http.StatusServiceUnavailable
	}
	centre.WriteJSON(w, centre.Reply{Status: status, Body: h})
}

// errSetAside is the error of a node that is well again, and to which no call goes yet.
var errSetAside = errors.New("the node answers, and is still set aside for the calls that failed before")

// Health probes every node of every app.
func (g *Gateway) Health(ctx context.Context) Health {
	g.health.mu.Lock()
	defer g.health.mu.Unlock()
	if time.Since(g.health.at) < time.Second {
		return g.health.last
	}
	h := Health{Apps: g.probeAll(context.WithoutCancel(ctx)), Checks: slices.Clone(g.health.checks)}
	h.Status = h.status()
	g.health.last, g.health.at = h, time.Now()
	return h
}

func (h Health) status() string {
	serving, status := map[string]bool{}, "ok"
	for _, n := range h.Apps {
		if !n.OK {
			status = "degraded"
		}
		if n.OK && n.Env == "" {
			serving[n.App] = true
		}
	}
	if slices.ContainsFunc(h.Checks, Check.failed) {
		status = "degraded"
	}
	for _, app := range daemon.Apps() {
		if !serving[app] {
			return "down"
		}
	}
	return status
}

func (g *Gateway) probeAll(ctx context.Context) []NodeHealth {
	out := []NodeHealth{}
	for _, app := range daemon.Apps() {
		for _, n := range g.cfg.Lanes.Nodes(app) {
			out = append(out, NodeHealth{Node: n})
		}
	}
	var wg sync.WaitGroup
	for i := range out {
		wg.Go(func() {
			start := time.Now()
			err := g.probeNode(ctx, out[i].Node)
			if err == nil && !g.cfg.Lanes.Usable(out[i].Node) {
				err = errSetAside
			}
			out[i].MS, out[i].OK = time.Since(start).Milliseconds(), err == nil
			if err != nil {
				out[i].Error = err.Error()
			}
		})
	}
	wg.Wait()
	return out
}

func (g *Gateway) probeNode(ctx context.Context, n daemon.Node) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.Addr+"/readyz?app="+n.App, nil)
	if err != nil {
		return err
	}
	resp, err := g.probe.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil || resp.StatusCode == http.StatusOK {
		return err
	}
	var answer struct{ Modules []daemon.Readiness }
	if json.Unmarshal(raw, &answer) == nil && len(answer.Modules) == 1 {
		return fmt.Errorf("%s", answer.Modules[0].Error)
	}
	return fmt.Errorf("the node answers %s: it does not run %s", resp.Status, n.App)
}

// unchecked is the word on the checks before the first of them: an entry that has sold nothing yet,
// because its catalogue is still being written, does not say that it is well.
func unchecked(every time.Duration) []Check {
	if every <= 0 {
		return []Check{}
	}
	return []Check{{Name: "first checks", Error: "they are still to be made"}}
}

// checksAgain is the pause after checks that did not pass: a shop that is well again says so soon.
const checksAgain = 2 * time.Second

// Watch repeats the end-to-end checks until ctx ends, sooner while one of them fails. self is the
// base URL of this entry.
func (g *Gateway) Watch(ctx context.Context, self string) error {
	if g.cfg.SmokeEvery <= 0 {
		<-ctx.Done()
		return nil
	}
	client := &http.Client{Timeout: 20 * time.Second}
	defer client.CloseIdleConnections()
	for {
		checks := Verify(ctx, client, self, VerifyOptions{})
		if ctx.Err() != nil {
			return nil
		}
		g.health.mu.Lock()
		g.health.checks, g.health.at = checks, time.Time{}
		g.health.mu.Unlock()
		pause := g.cfg.SmokeEvery
		if slices.ContainsFunc(checks, Check.failed) {
			pause = min(pause, checksAgain)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

func (c Check) failed() bool { return !c.OK }
