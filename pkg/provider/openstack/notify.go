package openstack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/errgroup"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	prefetch     = 256    // notifications on the way at a time
	queueLength  = 20_000 // beyond it the broker drops the oldest: an unread queue must not fill it
	lookups      = 4      // questions about unknown objects at a time
	unknownQueue = 512    // unknown objects waiting for a question
	dialTime     = 10 * time.Second
	lookTime     = 15 * time.Second
	bindEvery    = 2 * time.Minute // how often exchanges that were missing are looked for
	slowestDial  = 15 * time.Second
)

// exchanges are those that the services publish to by default; openstack is Cinder's.
var exchanges = []string{"nova", "neutron", "cinder", "openstack", "glance", "ironic", "keystone"}

// topics are those of the two formats; their last word is the priority.
var topics = []string{"notifications.*", "versioned_notifications.*", "ironic_versioned_notifications.*"}

// watcher follows the message bus of a region through a queue of its own; it takes nothing from other consumers.
type watcher struct {
	place  string
	urls   []string // brokers of one cluster
	tls    *tls.Config
	log    *slog.Logger
	owners *owners
	news   *news
	deeds  *deeds
	// lookup asks a service for the Plaza id of its object; "" when it has none or is gone.
	lookup func(ctx context.Context, kind, backend string) (string, error)

	emit sync.Mutex // events are told one at a time
	tell func(provider.Event)
	gap  func(cause string)
}

// brokers splits what an operator gives: URLs with commas between them.
func brokers(urls string) []string {
	var out []string
	for _, u := range strings.Split(urls, ",") {
		if u = strings.TrimSpace(u); u != "" {
			out = append(out, u)
		}
	}
	return out
}

// run keeps a session until ctx ends, with pauses that grow while no broker answers.
func (w *watcher) run(ctx context.Context) error {
	if len(w.urls) == 0 { // a survey finds what no one tells
		w.log.Info("a region has no message bus to listen to", "region", w.place)
		<-ctx.Done()
		return nil
	}
	for failed := 0; ctx.Err() == nil; {
		began := time.Now()
		err := w.session(ctx, w.urls[failed%len(w.urls)])
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > time.Minute {
			failed = 0
		}
		failed++
		w.log.Warn("the message bus of a region is lost; trying again", "region", w.place, "error", err)
		pause := min(time.Duration(failed)*500*time.Millisecond, slowestDial)
		_ = rest(ctx, pause/2+rand.N(pause/2)) //nolint:gosec // many control planes do not come back in the same moment
	}
	return nil //nolint:nilerr // it was told to end
}

// session is one connection from its beginning to its end.
func (w *watcher) session(ctx context.Context, url string) error {
	conn, err := w.dial(ctx, url)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	s := &subscription{watcher: w, conn: conn, bound: map[string]bool{}, unknown: make(chan provider.Event, unknownQueue), late: make(chan lateEvent, lateQueue)}
	deliveries, err := s.open()
	if err != nil {
		return err
	}
	w.log.Info("listening to the message bus of a region", "region", w.place, "exchanges", len(s.bound))
	defer w.news.hear()()
	w.gap("connected")
	g, ctx := errgroup.WithContext(ctx)
	for range lookups {
		g.Go(func() error { return s.resolve(ctx) })
	}
	g.Go(func() error { return s.tellLate(ctx) })
	g.Go(func() error { return s.consume(ctx, deliveries) })
	return g.Wait()
}

func (w *watcher) dial(ctx context.Context, url string) (*amqp.Connection, error) {
	config := amqp.Config{Heartbeat: 10 * time.Second, Locale: "en_US", TLSClientConfig: w.tls, Properties: amqp.Table{"connection_name": "plaza " + w.place},
		Dial: func(network, addr string) (net.Conn, error) {
			d := net.Dialer{Timeout: dialTime}
			c, err := d.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return c, c.SetDeadline(time.Now().Add(dialTime)) // the library lifts it after the handshake
		}}
	return amqp.DialConfig(url, config)
}

// subscription is the state of one connection.
type subscription struct {
	*watcher
	conn    *amqp.Connection
	channel *amqp.Channel
	queue   string
	bound   map[string]bool
	unknown chan provider.Event
	late    chan lateEvent
}

// open makes the queue, which ends with the connection, and binds it to what is there.
func (s *subscription) open() (<-chan amqp.Delivery, error) {
	var err error
	if s.channel, err = s.conn.Channel(); err != nil {
		return nil, fmt.Errorf("channel: %w", err)
	}
	if err := s.channel.Qos(prefetch, 0, false); err != nil {
		return nil, fmt.Errorf("prefetch: %w", err)
	}
	q, err := s.channel.QueueDeclare("", false, true, true, false, amqp.Table{"x-max-length": int32(queueLength)})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	s.queue = q.Name
	if _, err := s.bind(); err != nil {
		return nil, err
	}
	deliveries, err := s.channel.Consume(q.Name, "", false, true, false, false, nil)
	if err != nil {
		return nil, fmt.Errorf("consume: %w", err)
	}
	return deliveries, nil
}

// bind binds to exchanges that are there and not bound yet. They are never made: a service that wants its own with
// another durability could not publish any more.
func (s *subscription) bind() (bool, error) {
	more := false
	for _, name := range exchanges {
		if s.bound[name] {
			continue
		}
		there, err := s.exists(name)
		if err != nil {
			return more, err
		}
		if !there {
			continue
		}
		for _, topic := range topics {
			if err := s.channel.QueueBind(s.queue, topic, name, false, nil); err != nil {
				return more, fmt.Errorf("bind to %s: %w", name, err)
			}
		}
		s.bound[name], more = true, true
	}
	return more, nil
}

// exists asks on a channel of its own, which a missing exchange closes.
func (s *subscription) exists(name string) (bool, error) {
	ch, err := s.conn.Channel()
	if err != nil {
		return false, fmt.Errorf("channel: %w", err)
	}
	err = ch.ExchangeDeclarePassive(name, amqp.ExchangeTopic, false, false, false, false, nil)
	if e := (*amqp.Error)(nil); errors.As(err, &e) && e.Code == amqp.NotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("exchange %s: %w", name, err)
	}
	return true, ch.Close()
}

func (s *subscription) consume(ctx context.Context, deliveries <-chan amqp.Delivery) error {
	closed := s.conn.NotifyClose(make(chan *amqp.Error, 1))
	tick := time.NewTicker(bindEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-closed:
			if err == nil {
				return errors.New("the connection was closed")
			}
			return err
		case d, open := <-deliveries:
			if !open {
				return errors.New("the broker ended the stream")
			}
			s.take(d)
		case <-tick.C:
			more, err := s.bind()
			if err != nil {
				return err
			}
			if more {
				s.gap("a service has begun to publish")
			}
		}
	}
}

// take handles one delivery. What can not be read is passed over: it will not become better by being sent again.
func (s *subscription) take(d amqp.Delivery) {
	e, request, wanted, err := decode(d.Body)
	if err != nil {
		s.log.Debug("a notification can not be read", "region", s.place, "exchange", d.Exchange, "error", err)
	}
	if wanted {
		s.sift(e, request)
	}
	if err := d.Ack(false); err != nil {
		s.log.Debug("a notification can not be acknowledged", "region", s.place, "error", err)
	}
}

// route tells the event, or has the object's Plaza id looked up first.
func (s *subscription) route(e provider.Event) {
	e.Host = s.place
	if e.Kind == "host" {
		s.say(e)
		return
	}
	if e.ID != "" {
		s.owners.learn(e.Kind, e.Backend, e.ID)
		s.say(e)
		return
	}
	if id, known := s.owners.plaza(e.Kind, e.Backend); known {
		e.ID = id
		s.say(e)
		return
	}
	select {
	case s.unknown <- e:
	default:
		s.gap("more unknown objects changed than can be looked up")
	}
}

// resolve looks up whose the objects of events are; events of one object may overtake each other here.
func (s *subscription) resolve(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-s.unknown:
			id, known := s.owners.plaza(e.Kind, e.Backend)
			if !known {
				look, cancel := context.WithTimeout(ctx, lookTime)
				found, err := s.lookup(look, e.Kind, e.Backend)
				cancel()
				if err != nil {
					s.log.Debug("whose an object is can not be told", "region", s.place, "kind", e.Kind, "backend", e.Backend, "error", err)
					s.gap("an unknown object changed and its service does not answer")
					continue
				}
				id = found
				s.owners.learn(e.Kind, e.Backend, id)
			}
			e.ID = id
			s.say(e)
		}
	}
}

func (s *subscription) say(e provider.Event) {
	s.emit.Lock()
	defer s.emit.Unlock()
	s.tell(e)
}

// Watch follows the region's message bus; Notifications of the settings says where it is.
func (d *Driver) Watch(ctx context.Context, f func(provider.Event), gap func(cause string)) error {
	w := &watcher{place: d.set.Place, urls: brokers(d.set.Notifications), log: d.log, owners: newOwners(&d.ids), news: &d.news, deeds: &d.cloud.circuits.deeds, lookup: d.ownerOf, tell: f, gap: gap}
	if t := d.cloud.circuits.next.TLSClientConfig; t != nil {
		w.tls = t.Clone()
	}
	return w.run(ctx)
}
