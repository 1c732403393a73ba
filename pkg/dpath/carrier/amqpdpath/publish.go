// Package amqpdpath carries dedicated-path labels over RabbitMQ. A message of
// subject orders.created goes to a topic exchange with routing key
// orders.created.<lane>, where lane is the environment or _ for common
// messages, with its label at rest in the headers (see [carrier.Peer.Park]):
//
//	c := &amqpdpath.Carrier{Peer: peer, Dial: dial, Exchange: "t"}
//	err := c.Publish(ctx, &carrier.Message{ID: "o-1", Subject: "orders.created", Data: body})
//	err = c.Consume(ctx, amqpdpath.Subscription{Queue: "stock", Subject: "orders.created"}, handle)
//
// Every lane of a subscription has durable queues of its own: <queue>.<lane>,
// and beside it .retry, in which failed messages pause, and .dead. Which lanes a
// process consumes is said by [carrier.Lanes].
//
// The broker itself knows which dedicated consumers live: each consumes from
// <queue>.alive.<node>, in which nothing is ever put, and public processes ask
// whether that queue has a consumer. The lanes that were ever declared are kept
// in the stream <queue>.lanes, so that a process that starts after an
// environment was deleted still finds its messages.
//
// Delivery is at least once; receivers drop repeats by Message.ID.
package amqpdpath

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// ErrUnrouted says that no queue is bound for the message's lane.
var ErrUnrouted = errors.New("no queue takes this routing key: start a consumer of the subject, then publish again")

// Carrier publishes and consumes for one process on the path. All it publishes
// goes over one connection, made when needed; close it in the end.
type Carrier struct {
	Peer     *carrier.Peer
	Dial     func() (*amqp.Connection, error)
	Exchange string // topic exchange, made if absent

	mu   sync.Mutex
	link *link
}

// link is a connection with a channel on which the broker confirms.
type link struct {
	conn     *amqp.Connection
	ch       *amqp.Channel
	slots    chan struct{} // bounds what is in flight, so that returned never blocks
	returned chan amqp.Return

	mu       sync.Mutex
	sent     uint64
	unrouted map[string]bool // by correlation id
}

const inFlight = 256

// Close ends the connection that publishes.
func (c *Carrier) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link != nil {
		_ = c.link.conn.Close()
	}
	c.link = nil
}

// Publish sends a message into the lane of ctx's label and waits until the
// broker has it. The error is [ErrUnrouted] if nobody has made a queue for that
// lane yet. A message with a due time waits in the broker until then; whoever
// consumes it must have run once before, else there is no queue to hand it on to.
func (c *Carrier) Publish(ctx context.Context, m *carrier.Message) error {
	h := maps.Clone(m.Header)
	if h == nil {
		h = map[string][]string{}
	}
	lane, err := c.Peer.Park(ctx, h)
	if err != nil {
		return err
	}
	msg := amqp.Publishing{MessageId: m.ID, Type: m.Subject, Body: m.Data, DeliveryMode: amqp.Persistent, Headers: table(h)}
	key := m.Subject + "." + lane
	if wait := m.Due.Sub(c.Peer.Time()); wait > 0 {
		return c.delay(ctx, wait, key, msg)
	}
	return c.send(ctx, c.Exchange, key, msg)
}

func (c *Carrier) send(ctx context.Context, exchange, key string, msg amqp.Publishing) error {
	l, err := c.connect()
	if err == nil {
		err = l.send(ctx, exchange, key, msg)
	}
	if err != nil {
		return fmt.Errorf("publish to %s: %w", key, err)
	}
	return nil
}

// send publishes and waits for the broker's word.
func (l *link) send(ctx context.Context, exchange, key string, msg amqp.Publishing) error {
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.slots }()
	l.mu.Lock()
	l.sent++
	msg.CorrelationId = strconv.FormatUint(l.sent, 10)
	confirm, err := l.ch.PublishWithDeferredConfirmWithContext(ctx, exchange, key, true, false, msg)
	l.mu.Unlock()
	if err != nil {
		return err
	}
	acked, err := confirm.WaitContext(ctx)
	switch {
	case err != nil:
		return err
	case l.cameBack(msg.CorrelationId):
		return ErrUnrouted
	case !acked:
		return errors.New("the broker could not store the message")
	}
	return nil
}

// cameBack tells whether a confirmed message was returned; the broker returns
// before it confirms.
func (l *link) cameBack(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		select {
		case r, open := <-l.returned:
			if open {
				l.unrouted[r.CorrelationId] = true
				continue
			}
		default:
		}
		back := l.unrouted[id]
		delete(l.unrouted, id)
		return back
	}
}

func (c *Carrier) connect() (*link, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link != nil && !c.link.ch.IsClosed() {
		return c.link, nil
	}
	if c.link != nil {
		_ = c.link.conn.Close()
		c.link = nil
	}
	conn, err := c.Dial()
	if err != nil {
		return nil, fmt.Errorf("connect to the broker: %w", err)
	}
	l := &link{conn: conn, slots: make(chan struct{}, inFlight), unrouted: map[string]bool{}}
	if l.ch, err = conn.Channel(); err == nil {
		l.returned = l.ch.NotifyReturn(make(chan amqp.Return, inFlight))
		err = errors.Join(l.ch.Confirm(false), declareExchange(l.ch, c.Exchange))
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	c.link = l
	return l, nil
}

func declareExchange(ch *amqp.Channel, name string) error {
	return ch.ExchangeDeclare(name, amqp.ExchangeTopic, true, false, false, false, nil)
}

// delay sends a message that the broker hands on later, under the same routing
// key. Each delay has a queue of its own, as one with mixed delays lets the
// longest hold up the rest; delays are rounded up to keep these few.
func (c *Carrier) delay(ctx context.Context, wait time.Duration, key string, msg amqp.Publishing) error {
	ms := roundUp(wait.Milliseconds() + 1)
	name := fmt.Sprintf("%s.delay.%d", c.Exchange, ms)
	l, err := c.connect()
	if err == nil {
		err = declareDelay(l.ch, name, c.Exchange, ms)
	}
	if err != nil {
		return fmt.Errorf("delay by %d ms: %w", ms, err)
	}
	return c.send(ctx, name, key, msg)
}

func declareDelay(ch *amqp.Channel, name, target string, ms int64) error {
	if err := ch.ExchangeDeclare(name, amqp.ExchangeFanout, true, true, false, false, nil); err != nil {
		return err
	}
	_, err := ch.QueueDeclare(name, true, false, false, false, amqp.Table{
		"x-message-ttl":          ms,
		"x-dead-letter-exchange": target,
		"x-expires":              2*ms + time.Hour.Milliseconds(), // gone when long unused, never with messages in it
	})
	if err != nil {
		return err
	}
	return ch.QueueBind(name, "", name, false, nil)
}

// roundUp keeps the first four binary digits: at most an eighth too long.
func roundUp(ms int64) int64 {
	step := int64(1)
	for ms/step >= 16 {
		step *= 2
	}
	return (ms + step - 1) / step * step
}

// table gives headers as RabbitMQ carries them: one value each.
func table(h map[string][]string) amqp.Table {
	t := amqp.Table{}
	for k, v := range h {
		if len(v) > 0 {
			t[k] = v[0]
		}
	}
	return t
}

// headers gives the text headers of a delivery.
func headers(t amqp.Table) map[string][]string {
	h := map[string][]string{}
	for k, v := range t {
		if s, ok := v.(string); ok {
			h[k] = []string{s}
		}
	}
	return h
}
