package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
	"go.opentelemetry.io/otel/propagation"
)

// Caller calls agents. One Caller serves any number of calls at a time.
type Caller struct {
	nc      *nats.Conn
	id      string
	sub     *nats.Subscription
	silent  time.Duration
	mu      sync.Mutex
	waiting map[string]*waiter
}

type waiter struct {
	host   string
	answer chan *nats.Msg
	alive  chan struct{}
}

// NewCaller calls over nc, which needs the permissions of the control plane.
func NewCaller(nc *nats.Conn) (*Caller, error) {
	c := &Caller{nc: nc, id: nuid.Next(), silent: silentAfter, waiting: map[string]*waiter{}}
	sub, err := nc.Subscribe(HostSubject("*", "reply."+c.id+".*"), c.deliver)
	if err != nil {
		return nil, fmt.Errorf("subscribing to answers: %w", err)
	}
	c.sub = sub
	// Answers carry whole lists: bound them by bytes alone.
	if err := sub.SetPendingLimits(-1, 256<<20); err != nil {
		return nil, fmt.Errorf("subscribing to answers: %w", err)
	}
	return c, nil
}

// Close stops taking answers; calls under way end with their own deadline.
func (c *Caller) Close() error { return c.sub.Unsubscribe() }

// Call asks the agent of host for method of role with in, and decodes the answer into out unless out is nil. It takes
// no longer than limit and ctx allow. The error is a *Fault: the agent's own, or Unavailable when no agent answers for
// host, Timeout when the outcome is unknown, Invalid when a message is too large for the bus.
func (c *Caller) Call(ctx context.Context, host, role, method string, limit time.Duration, in, out any) error {
	if err := checkCall(host, role); err != nil {
		return err
	}
	return c.call(ctx, nuid.Next(), host, role, method, limit, in, out)
}

func checkCall(host, role string) error {
	if err := errors.Join(checkToken("host", host), checkToken("role", role)); err != nil {
		return &Fault{Reason: ReasonInvalid, Detail: err.Error(), Err: err}
	}
	return nil
}

// call is Call by the id of the request.
func (c *Caller) call(ctx context.Context, id, host, role, method string, limit time.Duration, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	msg, err := c.request(ctx, id, host, role, method, in)
	if err != nil {
		return err
	}
	w := &waiter{host: host, answer: make(chan *nats.Msg, 1), alive: make(chan struct{}, 1)}
	c.expect(id, w)
	defer c.forget(id)
	if err := c.nc.PublishMsg(msg); err != nil {
		return unsent(host, method, len(msg.Data), err)
	}
	answer, err := c.await(ctx, w, host, role, method, id)
	if err != nil {
		return err
	}
	return decode(answer, host, out)
}

func (c *Caller) request(ctx context.Context, id, host, role, method string, in any) (*nats.Msg, error) {
	deadline, _ := ctx.Deadline()
	left := time.Until(deadline)
	if ctx.Err() != nil || left <= 0 {
		return nil, overdue(ctx, host, method)
	}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, &Fault{Reason: ReasonInvalid, Detail: "encoding the request: " + err.Error(), Err: err}
	}
	trace := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, trace)
	data, err := json.Marshal(Request{ID: id, Method: method, TimeoutMS: max(workTime(left).Milliseconds(), 1), Trace: trace, Body: body})
	if err != nil {
		return nil, &Fault{Reason: ReasonInvalid, Detail: "encoding the request: " + err.Error(), Err: err}
	}
	return &nats.Msg{Subject: rpcSubject(host, role), Reply: HostSubject(host, "reply."+c.id+"."+id), Data: data}, nil
}

// workTime is what the agent has of the time of a call. The rest is for its answer, which tells why it was late.
func workTime(left time.Duration) time.Duration { return left - min(left/10, time.Second) }

func (c *Caller) await(ctx context.Context, w *waiter, host, role, method, id string) (*nats.Msg, error) {
	silence := time.NewTimer(c.silent)
	defer silence.Stop()
	for {
		select {
		case msg := <-w.answer:
			return msg, nil
		case <-w.alive:
			silence.Reset(c.silent)
		case <-silence.C:
			return nil, &Fault{Reason: ReasonTimeout,
				Detail: fmt.Sprintf("the agent of host %s went silent during %s; the outcome is unknown", host, method),
				Hint:   "look at the host and its agent; the call is safe to repeat"}
		case <-ctx.Done():
			// The agent learns that nobody waits; if this is lost, the carried deadline ends the work.
			_ = c.nc.Publish(rpcSubject(host, role)+".cancel", []byte(id))
			return nil, overdue(ctx, host, method)
		}
	}
}

func (c *Caller) expect(id string, w *waiter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[id] = w
}

func (c *Caller) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
}

// deliver hands a message to its waiter; one from another host than was asked is dropped.
func (c *Caller) deliver(msg *nats.Msg) {
	id := msg.Subject[strings.LastIndexByte(msg.Subject, '.')+1:]
	c.mu.Lock()
	w := c.waiting[id]
	c.mu.Unlock()
	if w == nil || w.host != HostOf(msg.Subject) {
		return
	}
	if msg.Header.Get(headerPending) != "" {
		select {
		case w.alive <- struct{}{}:
		default:
		}
		return
	}
	select {
	case w.answer <- msg:
	default:
	}
}

func decode(msg *nats.Msg, host string, out any) error {
	if msg.Header.Get("Status") == "503" {
		return &Fault{Reason: ReasonUnavailable, Detail: "the agent of host " + host + " does not answer",
			Hint: "check that plaza-agent runs on the host and reaches the bus: plaza-agent status", Err: nats.ErrNoResponders}
	}
	var answer Response
	if err := json.Unmarshal(msg.Data, &answer); err != nil {
		return &Fault{Reason: ReasonInternal, Detail: "the agent of host " + host + " gave an unreadable answer: " + err.Error(), Err: err}
	}
	if answer.Error != nil {
		return answer.Error
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return &Fault{Reason: ReasonInternal, Detail: "the agent of host " + host + " gave an unexpected answer: " + err.Error(),
			Hint: "agent and control plane may be of different versions", Err: err}
	}
	return nil
}

func unsent(host, method string, size int, err error) *Fault {
	if errors.Is(err, nats.ErrMaxPayload) {
		return &Fault{Reason: ReasonInvalid, Err: err, Hint: "ask for less at a time",
			Detail: fmt.Sprintf("%s for host %s is %d bytes; the bus carries at most %d", method, host, size, MaxPayload)}
	}
	return &Fault{Reason: ReasonUnavailable, Detail: "the bus does not take the call: " + err.Error(),
		Hint: "the control plane is reconnecting to the bus; try again", Err: err}
}

func overdue(ctx context.Context, host, method string) *Fault {
	detail := fmt.Sprintf("host %s gave no answer to %s in time; the outcome is unknown", host, method)
	if errors.Is(ctx.Err(), context.Canceled) {
		detail = fmt.Sprintf("%s on host %s was given up by its caller; the outcome is unknown", method, host)
	}
	return &Fault{Reason: ReasonTimeout, Detail: detail, Hint: "the call is safe to repeat", Err: ctx.Err()}
}
