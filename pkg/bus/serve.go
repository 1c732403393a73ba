package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/propagation"
)

const (
	defaultParallel = 16
	maxQueued       = 1024 // taken but not answered calls; more are refused as busy
	remembered      = 4096 // request ids kept against a second delivery
	redelivery      = 100 * time.Millisecond
)

// Method is one thing an agent can be asked for. A *Fault it returns travels as it is, any other error as Internal.
type Method struct {
	Handle func(ctx context.Context, body json.RawMessage) (any, error)
	// Timeout bounds the handler whatever the caller allows; 0 leaves it to the caller.
	Timeout time.Duration
	// Quick methods only read and have a lane of their own: long work does not delay them.
	Quick bool
	// Open makes it a method for Caller.Open, in the place of Handle.
	Open Opener
}

// ServeConfig says for which host and role calls are served.
type ServeConfig struct {
	Host, Role string
	Methods    map[string]Method
	Parallel   int // handlers at a time in each of the two lanes; 0: 16
	Logger     *slog.Logger
}

// Responder serves calls until Close.
type Responder struct {
	nc     *nats.Conn
	cfg    ServeConfig
	subs   []*nats.Subscription
	ctx    context.Context //nolint:containedctx // ends with the responder; messages bring none
	stop   context.CancelFunc
	quick  chan struct{}
	slow   chan struct{}
	active sync.WaitGroup

	streams chan struct{} // a place for each that is open
	overrun overrun

	mu      sync.Mutex
	closed  bool
	cancels map[string]context.CancelFunc
	seen    map[string]bool
	ring    []string
	next    int
}

// Serve answers calls arriving over nc. Two processes serving one host share its calls: each call reaches one of them.
func Serve(nc *nats.Conn, cfg ServeConfig) (*Responder, error) {
	if err := errors.Join(checkToken("host", cfg.Host), checkToken("role", cfg.Role)); err != nil {
		return nil, err
	}
	if cfg.Parallel <= 0 {
		cfg.Parallel = defaultParallel
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &Responder{nc: nc, cfg: cfg, ctx: ctx, stop: stop, quick: make(chan struct{}, cfg.Parallel),
		slow: make(chan struct{}, cfg.Parallel), cancels: map[string]context.CancelFunc{},
		seen: map[string]bool{}, ring: make([]string, remembered), streams: make(chan struct{}, maxStreams),
		overrun: overrun{after: overrunAfter}}
	subject := rpcSubject(cfg.Host, cfg.Role)
	calls, err := nc.QueueSubscribe(subject, "agent", r.take)
	if err != nil {
		stop()
		return nil, fmt.Errorf("subscribing to calls: %w", err)
	}
	cancels, err := nc.Subscribe(subject+".cancel", func(m *nats.Msg) { r.cancel(string(m.Data)) })
	if err != nil {
		stop()
		return nil, errors.Join(fmt.Errorf("subscribing to cancellations: %w", err), calls.Unsubscribe())
	}
	r.subs = []*nats.Subscription{calls, cancels}
	return r, nil
}

// Close takes no more calls, cancels those under way and waits for their handlers until ctx ends.
func (r *Responder) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	for _, sub := range r.subs {
		_ = sub.Unsubscribe() // fails only when the connection is closed already
	}
	r.stop()
	done := make(chan struct{})
	go func() { r.active.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%d calls are still under way: %w", r.Active(), ctx.Err())
	}
}

// Active is the number of calls taken and not yet answered.
func (r *Responder) Active() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.cancels)
}

// take runs on the subscription's goroutine, so it only admits the call and starts its work.
func (r *Responder) take(msg *nats.Msg) {
	var req Request
	if err := json.Unmarshal(msg.Data, &req); err != nil || req.ID == "" {
		r.answer(r.ctx, msg, nil, &Fault{Reason: ReasonInvalid, Detail: fmt.Sprintf("the request is unreadable: %v", err)})
		return
	}
	ctx, cancel, fault := r.admit(req)
	if fault != nil {
		r.answer(r.ctx, msg, nil, fault)
		return
	}
	if ctx == nil {
		return
	}
	go func() {
		defer r.active.Done()
		defer r.leave(req.ID, cancel)
		r.work(ctx, msg, req)
	}()
}

// admit books the call; no context and no fault means that it was seen before.
func (r *Responder) admit(req Request) (context.Context, context.CancelFunc, *Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, nil, &Fault{Reason: ReasonUnavailable, Detail: "the agent of host " + r.cfg.Host + " is stopping", Hint: "try again"}
	case r.seen[req.ID]:
		return nil, nil, nil
	case len(r.cancels) >= maxQueued:
		return nil, nil, &Fault{Reason: ReasonUnavailable, Hint: "try again later",
			Detail: fmt.Sprintf("the agent of host %s is busy with %d calls", r.cfg.Host, len(r.cancels))}
	}
	delete(r.seen, r.ring[r.next])
	r.ring[r.next], r.seen[req.ID] = req.ID, true
	r.next = (r.next + 1) % len(r.ring)
	ctx, cancel := context.WithTimeout(r.ctx, r.limit(req))
	r.cancels[req.ID] = cancel
	r.active.Add(1)
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier(req.Trace)), cancel, nil
}

func (r *Responder) limit(req Request) time.Duration {
	limit := time.Duration(max(req.TimeoutMS, 1)) * time.Millisecond
	if t := r.cfg.Methods[req.Method].Timeout; t > 0 {
		limit = min(limit, t)
	}
	return limit
}

func (r *Responder) leave(id string, cancel context.CancelFunc) {
	cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.cancels, id)
}

func (r *Responder) cancel(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if cancel := r.cancels[id]; cancel != nil {
		cancel()
	}
}

func (r *Responder) work(ctx context.Context, msg *nats.Msg, req Request) {
	method, ok := r.cfg.Methods[req.Method]
	if !ok {
		r.answer(ctx, msg, nil, &Fault{Reason: ReasonInvalid, Detail: fmt.Sprintf("the agent knows no method %q", req.Method),
			Hint: "agent and control plane may be of different versions"})
		return
	}
	alive := r.signs(msg)
	defer alive()
	lane := r.slow
	if method.Quick {
		lane = r.quick
	}
	select {
	case lane <- struct{}{}:
		defer func() { <-lane }()
	case <-ctx.Done():
		r.answer(ctx, msg, nil, &Fault{Reason: ReasonUnavailable, Hint: "try again later",
			Detail: fmt.Sprintf("%s waited for its turn on host %s and was not begun in time", req.Method, r.cfg.Host)})
		return
	}
	watched := r.watch(ctx, req)
	body, fault := r.handle(ctx, method, req)
	watched()
	r.answer(ctx, msg, body, fault)
}

// signs tells the caller now and then that the call lives, until the returned function is called.
func (r *Responder) signs(msg *nats.Msg) (stop func()) {
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Add(1)
	go func() {
		defer ended.Done()
		tick := time.NewTicker(aliveEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				_ = r.nc.PublishMsg(&nats.Msg{Subject: msg.Reply, Header: nats.Header{headerPending: {"1"}}}) // the next one may get through
			}
		}
	}()
	return func() { close(done); ended.Wait() }
}

func (r *Responder) handle(ctx context.Context, method Method, req Request) (body json.RawMessage, fault *Fault) {
	defer func() {
		if p := recover(); p != nil {
			r.cfg.Logger.Error("handler panicked", "method", req.Method, "panic", p, "stack", string(debug.Stack()))
			body, fault = nil, &Fault{Reason: ReasonInternal, Detail: fmt.Sprintf("%s failed inside the agent: %v", req.Method, p),
				Hint: "this is a defect; the agent's log has the stack"}
		}
	}()
	out, err := r.do(ctx, method, req)
	if err == nil {
		if body, err = json.Marshal(out); err == nil {
			return body, nil
		}
	}
	if errors.As(err, &fault) {
		return nil, fault
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return nil, &Fault{Reason: ReasonTimeout, Detail: fmt.Sprintf("%s did not end in time: %v", req.Method, err)}
	}
	return nil, &Fault{Reason: ReasonInternal, Detail: err.Error()}
}

func (r *Responder) do(ctx context.Context, method Method, req Request) (any, error) {
	if method.Open != nil {
		return r.open(ctx, method, req)
	}
	return method.Handle(ctx, req.Body)
}

// answer sends the outcome. While the bus is away it tries again until the caller's deadline or the agent's end.
func (r *Responder) answer(ctx context.Context, msg *nats.Msg, body json.RawMessage, fault *Fault) {
	data, err := json.Marshal(Response{Body: body, Error: fault})
	if err != nil || len(data) > MaxPayload {
		data, _ = json.Marshal(Response{Error: &Fault{Reason: ReasonInvalid, Hint: "ask for less at a time",
			Detail: fmt.Sprintf("the answer of host %s is %d bytes; the bus carries at most %d", r.cfg.Host, len(data), MaxPayload)}})
	}
	for {
		err := r.nc.Publish(msg.Reply, data)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			r.cfg.Logger.Warn("an answer was lost", "subject", msg.Reply, "error", err)
			return
		case <-time.After(redelivery):
		}
	}
}
