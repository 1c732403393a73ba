package amqpdpath

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// Subscription says what a process consumes. Processes that share the work
// name the same Queue.
type Subscription struct {
	Queue   string
	Subject string // without the lane
	// Batch is how many messages a lane has in hand at most; 0 means 100.
	Batch int
	// Attempts is how often a message is handled before it becomes a dead
	// letter; 0 means 5.
	Attempts int
	// Backoff is the pause after a failed attempt; 0 means a second. It is
	// fixed with the queues: all processes must agree.
	Backoff time.Duration
	// Silence is how long a lane may be without dedicated consumers before
	// public ones take it; 0 means [carrier.DefaultSilence].
	Silence time.Duration
	Log     *slog.Logger // nil means the default logger
}

func (s Subscription) withDefaults() Subscription {
	if s.Batch <= 0 {
		s.Batch = 100
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

func (s Subscription) queue(lane string) string { return s.Queue + "." + lane }

// Consume hands the messages of every lane this process may take to handle,
// until ctx ends; each lane's one after another, lanes side by side. When the
// connection breaks it is made again.
func (c *Carrier) Consume(ctx context.Context, s Subscription, handle carrier.Handler) error {
	s = s.withDefaults()
	lanes := carrier.NewLanes(c.Peer, s.Silence, s.Log)
	for ctx.Err() == nil {
		r := &consumption{Carrier: c, Subscription: s, lanes: lanes, handle: handle, declared: map[string]bool{}}
		if err := r.run(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "consumer lost the broker", "queue", s.Queue, "error", err.Error())
		}
		select {
		case <-ctx.Done():
		case <-time.After(lanes.Tick()):
		}
	}
	return nil
}

// consumption is a Consume on one connection.
type consumption struct {
	*Carrier
	Subscription
	lanes    *carrier.Lanes
	handle   carrier.Handler
	conn     *amqp.Connection
	control  *amqp.Channel
	declared map[string]bool
	beating  bool
}

func (r *consumption) run(ctx context.Context) (err error) {
	if r.conn, err = r.Dial(); err != nil {
		return err
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer func() { _ = r.conn.Close() }()
	if r.control, err = r.conn.Channel(); err != nil {
		return err
	}
	known, err := r.readLanes()
	if err != nil {
		return err
	}
	wg.Go(func() {
		for d := range known {
			r.lanes.Know(string(d.Body))
			_ = d.Ack(false)
		}
	})
	return r.lanes.Run(ctx, func(context.Context) error { return r.beat() }, r.take)
}

func (r *consumption) ledger() string { return r.Queue + ".lanes" }

// readLanes starts to read which lanes were ever declared, by anyone.
func (r *consumption) readLanes() (<-chan amqp.Delivery, error) {
	_, err := r.control.QueueDeclare(r.ledger(), true, false, false, false, amqp.Table{"x-queue-type": "stream", "x-max-age": "90D"})
	if err != nil {
		return nil, err
	}
	ch, err := r.conn.Channel()
	if err == nil {
		err = ch.Qos(100, 0, false)
	}
	if err != nil {
		return nil, err
	}
	return ch.Consume(r.ledger(), "", false, false, false, false, amqp.Table{"x-stream-offset": "first"})
}

// beat declares the queues of new lanes, and speaks or listens for who lives.
func (r *consumption) beat() error {
	for _, lane := range r.lanes.Known() {
		if err := r.declare(lane); err != nil {
			return err
		}
	}
	if beats := r.lanes.Beats(); beats != r.beating {
		r.beating = beats
		return r.speak(beats)
	}
	if r.beating {
		return nil
	}
	for _, n := range r.lanes.Awaited() {
		consumers, err := r.alive(n.ID)
		if err != nil {
			return err
		}
		if consumers > 0 {
			r.lanes.Heard(n.ID)
		}
	}
	return nil
}

// alive makes the queue that tells whether a node's dedicated consumer lives,
// and gives the number of its consumers.
func (r *consumption) alive(node string) (consumers int, err error) {
	q, err := r.control.QueueDeclare(r.Queue+".alive."+node, false, false, false, false, amqp.Table{"x-expires": time.Minute.Milliseconds()})
	return q.Consumers, err
}

func (r *consumption) speak(on bool) error {
	if !on {
		return r.control.Cancel("alive", false)
	}
	node := r.Peer.Node
	if _, err := r.alive(node); err != nil {
		return err
	}
	_, err := r.control.Consume(r.Queue+".alive."+node, "alive", true, false, false, false, nil)
	return err
}

// declare makes the queues of a lane and, the first time, tells all others.
func (r *consumption) declare(lane string) error {
	if r.declared[lane] {
		return nil
	}
	q := r.queue(lane)
	err := errors.Join(declareExchange(r.control, r.Exchange),
		r.make(q, amqp.Table{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": q + ".retry"}),
		r.make(q+".retry", amqp.Table{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": q, "x-message-ttl": r.Backoff.Milliseconds()}),
		r.make(q+".dead", nil),
		r.control.QueueBind(q, r.Subject+"."+lane, r.Exchange, false, nil),
		r.control.Publish("", r.ledger(), false, false, amqp.Publishing{Body: []byte(lane)}))
	r.declared[lane] = err == nil
	return err
}

func (r *consumption) make(queue string, args amqp.Table) error {
	_, err := r.control.QueueDeclare(queue, true, false, false, false, args)
	return err
}

// take consumes one lane until stop is closed.
func (r *consumption) take(ctx context.Context, lane string, stop <-chan struct{}) {
	deliveries, ch, err := r.open(lane)
	if err != nil {
		r.Log.WarnContext(ctx, "cannot consume", "queue", r.queue(lane), "error", err.Error())
		return
	}
	defer func() { _ = ch.Close() }() // what is in hand goes back into the queue
	for {
		select {
		case <-ctx.Done():
			return
		case <-stop:
			_ = ch.Cancel("take", false) // then deliveries ends after those in hand
			stop = nil
		case d, more := <-deliveries:
			if !more {
				return
			}
			if err := r.deliver(ctx, lane, d); err != nil {
				r.Log.WarnContext(ctx, "message stays in its lane", "queue", r.queue(lane), "error", err.Error())
			}
		}
	}
}

func (r *consumption) open(lane string) (<-chan amqp.Delivery, *amqp.Channel, error) {
	ch, err := r.conn.Channel()
	if err != nil {
		return nil, nil, err
	}
	if err = ch.Qos(r.Batch, 0, false); err != nil {
		return nil, nil, err
	}
	deliveries, err := ch.Consume(r.queue(lane), "take", false, false, false, false, nil)
	return deliveries, ch, err
}

func (r *consumption) deliver(ctx context.Context, lane string, d amqp.Delivery) error {
	h := headers(d.Headers)
	under, belongs, ok := r.lanes.Open(ctx, lane, h)
	if a, found := r.lanes.Answer(h, belongs, ok); found {
		return r.answer(ctx, d, a)
	}
	attempt := failures(d.Headers, r.queue(lane)) + 1
	switch {
	case !ok && belongs == lane:
		return d.Nack(false, true)
	case !ok && belongs != "":
		return r.forward(ctx, d, h, r.queue(belongs))
	case !ok, attempt > r.Attempts:
		return r.forward(ctx, d, h, r.queue(lane)+".dead")
	}
	err := r.handle(under, &carrier.Message{ID: d.MessageId, Subject: r.Subject, Data: d.Body, Header: h, Attempt: attempt})
	if err != nil {
		r.Log.WarnContext(under, "message failed", "queue", r.queue(lane), "id", d.MessageId, "attempt", attempt, "error", err.Error())
		return d.Nack(false, false) // to the retry queue
	}
	return d.Ack(false)
}

// forward puts a message into another queue of this subscription. Its header
// x-death stays behind, so that attempts are counted anew.
func (r *consumption) forward(ctx context.Context, d amqp.Delivery, h map[string][]string, queue string) error {
	err := r.send(ctx, "", queue, amqp.Publishing{MessageId: d.MessageId, Type: d.Type, Body: d.Body, DeliveryMode: amqp.Persistent, Headers: table(h)})
	if err != nil {
		return errors.Join(err, d.Nack(false, false))
	}
	return d.Ack(false)
}

// failures is how often a message was refused after delivery from a queue.
func failures(h amqp.Table, queue string) int {
	deaths, _ := h["x-death"].([]any)
	for _, one := range deaths {
		t, ok := one.(amqp.Table)
		if n, counted := t["count"].(int64); ok && counted && t["queue"] == queue && t["reason"] == "rejected" {
			return int(n)
		}
	}
	return 0
}

// Replay puts up to limit dead letters of a lane back to work, each in the lane
// of its label: the common one if the environment is gone or the label no
// longer valid. It tells how many there were.
func (c *Carrier) Replay(ctx context.Context, s Subscription, lane string, limit int) (n int, err error) {
	conn, err := c.Dial()
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		return 0, err
	}
	r := &consumption{Carrier: c, Subscription: s}
	for ; n < limit; n++ {
		d, ok, err := ch.Get(s.queue(lane)+".dead", false)
		if err != nil || !ok {
			return n, err
		}
		h := headers(d.Headers)
		target, err := c.Peer.LaneAgain(h)
		if err != nil {
			return n, fmt.Errorf("replay of %s: %w", d.MessageId, err)
		}
		if err := r.forward(ctx, d, h, s.queue(target)); err != nil {
			return n, fmt.Errorf("replay of %s: %w", d.MessageId, err)
		}
	}
	return n, nil
}
