package natsdpath

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// Subscription says what a process consumes. Processes that share the work
// name the same Durable.
type Subscription struct {
	Stream, Durable string
	Subject         string // without the lane
	// Batch is how many messages are fetched at once; 0 means 100.
	Batch int
	// AckWait is after how long a message in the hands of a process that died
	// goes to another; 0 means a minute. Handling one message must take less
	// than two thirds of it.
	AckWait time.Duration
	// Attempts is how often a message is handled before it becomes a dead
	// letter; 0 means 5. Being put back by a node that changed sides does not
	// count; being in the hands of a process that ends does.
	Attempts int
	// Backoff is the pause after a failed attempt, times its number; 0 means a second.
	Backoff time.Duration
	// Silence is how long dedicated consumers may be unheard of before public
	// ones take their lane; 0 means [carrier.DefaultSilence].
	Silence time.Duration
	Log     *slog.Logger // nil means the default logger
}

// DeadSubject is where dead letters of a subscription go, by lane:
// dead.<durable>.<lane>. A stream must hold it, or they stay where they are and
// are tried on.
func (s Subscription) DeadSubject(lane string) string { return "dead." + s.Durable + "." + lane }

const (
	headerSubject  = "Dpath-Subject"  // of a dead letter: where it came from, without lane
	headerAttempts = "Dpath-Attempts" // of a message that was put back: how often it was handled before
)

func (s Subscription) withDefaults() Subscription {
	if s.Batch <= 0 {
		s.Batch = 100
	}
	if s.AckWait <= 0 {
		s.AckWait = time.Minute
	}
	if s.Attempts <= 0 {
		s.Attempts = 5
	}
	if s.Backoff <= 0 {
		s.Backoff = time.Second
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	return s
}

// consumption is one running Consume.
type consumption struct {
	*Carrier
	Subscription
	lanes  *carrier.Lanes
	handle carrier.Handler
}

// Consume hands the messages of every lane this process may take to handle,
// until ctx ends; each lane's one after another, lanes side by side. It returns
// early only when it cannot subscribe at all.
func (c *Carrier) Consume(ctx context.Context, s Subscription, handle carrier.Handler) error {
	s = s.withDefaults()
	r := &consumption{c, s, carrier.NewLanes(c.Peer, s.Silence, s.Log), handle}
	alive := "dpath.alive." + s.Durable
	nc := c.JS.Conn()
	sub, err := nc.SubscribeSync(alive)
	if err != nil {
		return fmt.Errorf("listen for dedicated consumers on %s: %w", alive, err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	return r.lanes.Run(ctx, func(ctx context.Context) error {
		if r.lanes.Beats() {
			_ = nc.Publish(alive, []byte(c.Peer.Node)) // sent again at the next tick
		}
		for m, err := sub.NextMsg(0); err == nil; m, err = sub.NextMsg(0) {
			r.lanes.Heard(string(m.Data))
		}
		r.discover(ctx)
		return nil
	}, r.take)
}

// discover finds lanes of environments that are not in the configuration.
func (r *consumption) discover(ctx context.Context) {
	stream, err := r.JS.Stream(ctx, r.Stream)
	if err != nil {
		r.warn(ctx, "cannot look for lanes", err)
		return
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(r.Subject+".*"))
	if err != nil {
		r.warn(ctx, "cannot look for lanes", err)
		return
	}
	for subject := range info.State.Subjects {
		r.lanes.Know(subject[strings.LastIndexByte(subject, '.')+1:])
	}
}

func (r *consumption) warn(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		r.Log.WarnContext(ctx, what, "stream", r.Stream, "durable", r.Durable, "error", err.Error())
	}
}

// take consumes one lane until stop is closed.
func (r *consumption) take(ctx context.Context, lane string, stop <-chan struct{}) {
	consumer, err := r.JS.CreateOrUpdateConsumer(ctx, r.Stream, jetstream.ConsumerConfig{
		Durable: r.Durable + "-" + lane, FilterSubject: r.Subject + "." + lane,
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: r.AckWait, MaxAckPending: max(1000, 20*r.Batch),
	})
	if err != nil {
		r.warn(ctx, "cannot consume lane "+lane, err)
		return
	}
	for !closed(stop) && ctx.Err() == nil {
		// A fetch is never broken off: the server would hold what it sent for AckWait.
		batch, err := consumer.Fetch(r.Batch, jetstream.FetchMaxWait(max(r.lanes.Tick(), 100*time.Millisecond)))
		if err != nil {
			r.warn(ctx, "cannot fetch from lane "+lane, err)
			return
		}
		if ours := r.work(ctx, lane, batch.Messages()); !ours {
			return // or it would fetch what it just put back; a lane still ours is taken again
		}
		if err := batch.Error(); err != nil && !errors.Is(err, jetstream.ErrNoHeartbeat) {
			r.warn(ctx, "fetch from lane "+lane+" broke", err)
		}
	}
}

// work delivers a batch one by one. Those that wait for their turn meanwhile are
// kept from being delivered to another: that would count as an attempt. It tells
// whether none had to be put back.
func (r *consumption) work(ctx context.Context, lane string, batch <-chan jetstream.Msg) (ours bool) {
	ours = true
	var hand []jetstream.Msg
	kept := time.Now()
	for {
		hand = receive(batch, hand)
		if len(hand) == 0 {
			return ours
		}
		if time.Since(kept) > r.AckWait/3 {
			kept = time.Now()
			for _, m := range hand {
				_ = m.InProgress() // else it comes again
			}
		}
		put, err := r.deliver(ctx, lane, hand[0])
		if err != nil {
			r.warn(ctx, "message stays in lane "+lane, err)
		}
		ours = ours && !put
		hand = hand[1:]
	}
}

// receive adds what has come of a batch to hand; with an empty hand it waits.
func receive(batch <-chan jetstream.Msg, hand []jetstream.Msg) []jetstream.Msg {
	if len(hand) == 0 {
		m, more := <-batch
		if !more {
			return nil
		}
		hand = []jetstream.Msg{m}
	}
	for {
		select {
		case m, more := <-batch:
			if !more {
				return hand
			}
			hand = append(hand, m)
		default:
			return hand
		}
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// deliver tells whether it had to put the message back.
func (r *consumption) deliver(ctx context.Context, lane string, m jetstream.Msg) (put bool, err error) {
	if ctx.Err() != nil {
		return true, m.Nak() // put back by a process that ends
	}
	md, err := m.Metadata()
	if err != nil {
		return false, err
	}
	h := m.Headers()
	if h == nil {
		h = nats.Header{}
	}
	attempt := attempts(h) + int(md.NumDelivered) //nolint:gosec // a few
	under, belongs, ok := r.lanes.Open(ctx, lane, h)
	if a, found := r.lanes.Answer(h, belongs, ok); found {
		return false, r.answer(m, a)
	}
	switch {
	case !ok && belongs == lane:
		return true, r.putBack(ctx, m, h, attempt-1)
	case !ok && belongs != "":
		h.Del(headerAttempts)
		return false, r.again(m, r.forward(ctx, m, h, r.Subject+"."+belongs))
	case !ok, attempt > r.Attempts:
		h.Del(headerAttempts)
		h.Set(headerSubject, r.Subject)
		return false, r.again(m, r.forward(ctx, m, h, r.DeadSubject(lane)))
	}
	id := messageID(h, md)
	h.Del(headerAttempts)
	err = r.handle(under, &carrier.Message{ID: id, Subject: r.Subject, Data: m.Data(), Header: h, Attempt: attempt})
	if err != nil {
		r.Log.WarnContext(under, "message failed", "durable", r.Durable, "lane", lane, "id", id, "attempt", attempt, "error", err.Error())
		return false, m.NakWithDelay(r.Backoff * time.Duration(attempt))
	}
	return false, m.Ack()
}

// attempts reads how often a message was handled before it was put back.
func attempts(h nats.Header) int {
	n, err := strconv.Atoi(h.Get(headerAttempts))
	if err != nil || n < 0 || n > 1000 { // a message may come from anyone
		return 0
	}
	return n
}

// putBack stores the message in its lane anew: the server counts deliveries, and
// this one is to count for nothing.
func (r *consumption) putBack(ctx context.Context, m jetstream.Msg, h nats.Header, handled int) error {
	h.Set(headerAttempts, strconv.Itoa(handled))
	return r.again(m, r.forward(ctx, m, h, m.Subject()))
}

// again puts a message back that could not be forwarded.
func (r *consumption) again(m jetstream.Msg, err error) error {
	if err != nil {
		return errors.Join(err, m.NakWithDelay(r.Backoff))
	}
	return nil
}
