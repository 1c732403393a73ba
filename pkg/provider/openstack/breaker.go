package openstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	failuresToOpen = 5                      // in a row
	openFor        = 10 * time.Second       // then one request tries again
	sends          = 3                      // of one request that may be repeated
	firstPause     = 200 * time.Millisecond // before the second one; it doubles
	longestPause   = 10 * time.Second       // that a service may ask for
	atOnce         = 16                     // requests to one service; more would only wait there, and run out of their time
	slowAnswer     = 10 * time.Second       // a request whose caller's time ends sooner tells nothing of the service
)

// circuits sends requests, repeats those that may be repeated, and leaves a service alone that keeps failing.
type circuits struct {
	next   *http.Transport
	deeds  deeds
	turned chan struct{} // a circuit has opened or closed

	mu     sync.RWMutex
	routes []*circuit // longest prefix first
}

// circuit guards one service; requests are told by the beginning of their URL.
type circuit struct {
	service service
	prefix  string
	slots   chan struct{} // one for each request that is under way
	breaker *gobreaker.CircuitBreaker[*http.Response]

	mu       sync.Mutex
	up       bool
	since    time.Time
	until    time.Time // while open
	err      string
	requests uint64
	failures uint64
}

// notAsked is the error of a request that an open circuit kept back.
type notAsked struct {
	service service
	until   time.Time
	cause   string
}

func (e *notAsked) Error() string {
	return fmt.Sprintf("%s is not asked until %s: %s", e.service, e.until.Format(time.TimeOnly), e.cause)
}

// unreachable is the error of a service that gave no answer.
type unreachable struct {
	service service
	err     error
}

func (e *unreachable) Error() string { return fmt.Sprintf("%s does not answer: %v", e.service, e.err) }

func (e *unreachable) Unwrap() error { return e.err }

// cutShort is the error of a request whose caller had no time for its answer.
type cutShort struct{ err error }

func (e *cutShort) Error() string { return e.err.Error() }

func (e *cutShort) Unwrap() error { return e.err }

// badAnswer counts an answer as a failure of the service; it never leaves this file.
type badAnswer int

func (e badAnswer) Error() string { return fmt.Sprintf("HTTP %d %s", int(e), http.StatusText(int(e))) }

func newCircuits(next *http.Transport) *circuits {
	return &circuits{next: next, turned: make(chan struct{}, 1)}
}

// add makes the circuit of a service, unless it is there.
func (c *circuits) add(s service, endpoint string) {
	prefix := base(endpoint)
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(c.routes, func(k *circuit) bool { return k.prefix == prefix }) {
		return
	}
	k := &circuit{service: s, prefix: prefix, slots: make(chan struct{}, atOnce), up: true, since: time.Now()}
	k.breaker = gobreaker.NewCircuitBreaker[*http.Response](gobreaker.Settings{ //nolint:bodyclose // it makes no request
		Name: string(s), MaxRequests: 1, Timeout: openFor,
		ReadyToTrip:   func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= failuresToOpen },
		OnStateChange: func(_ string, _, to gobreaker.State) { c.turn(k, to) },
		IsExcluded:    func(err error) bool { return errors.Is(err, context.Canceled) || errors.As(err, new(*cutShort)) },
	})
	c.routes = append(c.routes, k)
	slices.SortStableFunc(c.routes, func(a, b *circuit) int { return len(b.prefix) - len(a.prefix) })
}

func (c *circuits) closeIdle() { c.next.CloseIdleConnections() }

func (c *circuits) of(url string) *circuit {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, k := range c.routes {
		if strings.HasPrefix(url, k.prefix) || url+"/" == k.prefix {
			return k
		}
	}
	return nil
}

// RoundTrip sends a request, again when that is harmless and may help.
func (c *circuits) RoundTrip(req *http.Request) (*http.Response, error) {
	k := c.of(req.URL.String())
	if k == nil {
		return c.next.RoundTrip(req)
	}
	for n := 1; ; n++ {
		resp, err := k.send(c.next, req)
		c.deeds.note(req, resp)
		pause := pauseBefore(req, resp, err, n)
		if pause == 0 {
			return resp, err
		}
		if resp != nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
			_ = resp.Body.Close()
		}
		if err := rest(req.Context(), pause); err != nil {
			return nil, err
		}
		req = req.Clone(req.Context())
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// send asks once, unless the circuit is open.
func (k *circuit) send(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	select {
	case k.slots <- struct{}{}:
		defer func() { <-k.slots }()
	case <-req.Context().Done():
		return nil, &unreachable{k.service, &cutShort{req.Context().Err()}}
	}
	resp, err := k.breaker.Execute(func() (*http.Response, error) {
		began := time.Now()
		resp, err := next.RoundTrip(req)
		if errors.Is(err, context.DeadlineExceeded) && time.Since(began) < slowAnswer {
			err = &cutShort{err}
		}
		if err == nil && resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented {
			err = badAnswer(resp.StatusCode)
		}
		k.count(err)
		return resp, err
	})
	bad := badAnswer(0)
	switch {
	case err == nil, errors.As(err, &bad):
		return resp, nil
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return nil, k.refusal()
	}
	return nil, &unreachable{k.service, err}
}

// count keeps what Inventory tells.
func (k *circuit) count(err error) {
	if errors.Is(err, context.Canceled) || errors.As(err, new(*cutShort)) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.requests++
	if err != nil {
		k.failures++
		k.err = err.Error()
	} else {
		k.err = ""
	}
	if up := err == nil; up != k.up {
		k.up, k.since = up, time.Now()
	}
}

// turn notes that a circuit has changed, and tells so when its service has begun to fail or answers again.
func (c *circuits) turn(k *circuit, to gobreaker.State) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if to == gobreaker.StateHalfOpen {
		return
	}
	if to == gobreaker.StateOpen {
		k.until = time.Now().Add(openFor)
	}
	select {
	case c.turned <- struct{}{}:
	default:
	}
}

func (k *circuit) refusal() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return &notAsked{k.service, k.until, k.err}
}

// health tells how each service that was asked feels, by type.
func (c *circuits) health() []provider.Service {
	c.mu.RLock()
	routes := slices.Clone(c.routes)
	c.mu.RUnlock()
	var all []provider.Service
	for _, k := range routes {
		state := k.breaker.State()
		k.mu.Lock()
		all = append(all, provider.Service{
			Type: string(k.service), Up: k.up, Circuit: state.String(), Error: k.err, Since: k.since.UTC(), Requests: k.requests, Failures: k.failures,
		})
		k.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b provider.Service) int { return strings.Compare(a.Type, b.Type) })
	return all
}

// pauseBefore is the pause before a request is sent again, 0 for not again.
func pauseBefore(req *http.Request, resp *http.Response, err error, n int) time.Duration {
	if n >= sends || req.Context().Err() != nil || (req.Body != nil && req.Body != http.NoBody && req.GetBody == nil) {
		return 0
	}
	pause := firstPause << (n - 1)
	pause += time.Duration(rand.Int64N(int64(pause))) //nolint:gosec // spreads load, hides nothing
	reads := req.Method == http.MethodGet || req.Method == http.MethodHead
	if err != nil {
		kept, slow, dial := (*notAsked)(nil), net.Error(nil), (*net.OpError)(nil)
		switch {
		case errors.As(err, &kept), errors.As(err, &slow) && slow.Timeout():
			return 0
		case reads, errors.As(err, &dial) && dial.Op == "dial": // what was never sent may be sent
			return pause
		}
		return 0
	}
	told, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	asked := min(time.Duration(told)*time.Second, longestPause)
	switch {
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusServiceUnavailable && told > 0:
		return max(pause, asked)
	case resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented && reads:
		return pause
	}
	return 0
}

// rest waits, or returns the context's error when that ends first.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
