package amqpdpath_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/amqpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/internal/fleet"
)

// rig is an app on an exchange of the test's own.
type rig struct {
	*fleet.Fleet
	t       *testing.T
	name    string
	pub     *amqpdpath.Carrier
	silence time.Duration
}

const subject = "orders.created"

func newRig(t *testing.T, policy dpath.Policy) *rig {
	t.Parallel()
	r := &rig{Fleet: fleet.New(t, policy), t: t, name: strings.ReplaceAll(t.Name(), "/", "."), silence: fleet.Never}
	r.pub = r.carrier("", dial)
	return r
}

func dial() (*amqp.Connection, error) { return amqp.Dial(url) }

func (r *rig) carrier(node string, dial func() (*amqp.Connection, error)) *amqpdpath.Carrier {
	p := &amqpdpath.Carrier{Peer: r.Peer(node), Dial: dial, Exchange: r.name}
	r.t.Cleanup(p.Close)
	return p
}

func (r *rig) subscription() amqpdpath.Subscription {
	return amqpdpath.Subscription{Queue: r.name, Subject: subject, Backoff: 20 * time.Millisecond, Silence: r.silence, Log: fleet.Quiet}
}

func (r *rig) consume(node string, h carrier.Handler) (stop func()) {
	return r.consumeBy(r.carrier(node, dial), h)
}

func (r *rig) consumeBy(p *amqpdpath.Carrier, h carrier.Handler) (stop func()) {
	return fleet.Run(r.t, func(ctx context.Context) error { return p.Consume(ctx, r.subscription(), h) })
}

// prepare makes the queues of all lanes, without taking anything from them.
func (r *rig) prepare() {
	stop := r.consume("", func(context.Context, *carrier.Message) error { return errors.New("not here") })
	defer stop()
	for _, env := range []string{"", fleet.Lane} {
		fleet.Wait(r.t, "queues", func() bool { return r.depth(token(env)) >= 0 })
	}
}

func token(env string) string {
	if env == "" {
		return carrier.CommonLane
	}
	return env
}

// depth is the number of messages ready in a lane's queue, -1 if there is none.
func (r *rig) depth(lane string) int {
	conn, err := dial()
	require.NoError(r.t, err)
	defer conn.Close()
	ch, err := conn.Channel()
	require.NoError(r.t, err)
	q, err := ch.QueueDeclarePassive(r.name+"."+lane, true, false, false, false, nil)
	if err != nil {
		return -1
	}
	return q.Messages
}

func (r *rig) publish(env, id string) {
	r.t.Helper()
	require.NoError(r.t, r.pub.Publish(r.Context(env), &carrier.Message{ID: id, Subject: subject}))
}

// many publishes n messages, every third of the environment, side by side.
func (r *rig) many(n int) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := r.pub.Publish(r.Context(special(i)), &carrier.Message{ID: strconv.Itoa(i), Subject: subject}); err != nil {
					r.t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func special(i int) string {
	if i%3 == 0 {
		return fleet.Lane
	}
	return ""
}

func TestT25MixedMessages(t *testing.T) {
	const n = 10_000
	r := newRig(t, dpath.PolicyFailover)
	r.prepare()
	r.many(n)
	book := &fleet.Book{}
	for _, node := range []string{"p0", "p1", "d0", "d1"} {
		r.consume(node, book.Handler(node))
	}
	fleet.Wait(t, "every message has its effect", func() bool { return book.Len() == n })
	book.Each(func(id string, e fleet.Entry) {
		i, err := strconv.Atoi(id)
		require.NoError(t, err)
		require.Equal(t, special(i), e.Env)
		require.Equal(t, special(i) != "", strings.HasPrefix(e.Node, "d"), "message %s at %s", id, e.Node)
	})
	require.Zero(t, book.Repeats())
	require.Zero(t, r.Count("dpath_guard_reject_total"))
}

func TestT26DedicatedConsumersDieAndReturn(t *testing.T) {
	for _, policy := range []dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict} {
		t.Run(policy.String(), func(t *testing.T) {
			r := newRig(t, policy)
			r.silence = fleet.Silence
			r.prepare()
			r.many(600)
			book := &fleet.Book{}
			r.consume("p0", book.Handler("p0"))
			r.die(book, 90)
			const lane = 200
			if policy == dpath.PolicyStrict {
				fleet.Wait(t, "common messages", func() bool { return r.count(book, "p0") == 600-lane })
				time.Sleep(3 * fleet.Silence)
				require.Less(t, book.Len(), 600, "strict messages wait")
			} else {
				fleet.Wait(t, "public consumers take the rest", func() bool { return book.Len() == 600 })
				require.Greater(t, r.count(book, "p0"), 600-lane)
			}
			r.consume("d0", book.Handler("d0"))
			fleet.Wait(t, "nothing is lost", func() bool { return book.Len() == 600 })
			require.Positive(t, book.Repeats(), "what was in hand unacknowledged came again")
			fleet.Wait(t, "the lane is handed back", func() bool { return r.probe(book) })
			require.Zero(t, r.Count("dpath_guard_reject_total"))
		})
	}
}

// die consumes on d0 and d1 until they did n messages; then their connections
// break before the last ones are acknowledged.
func (r *rig) die(book *fleet.Book, n int64) {
	var did atomic.Int64
	dead := make(chan struct{})
	var once sync.Once
	for _, node := range []string{"d0", "d1"} {
		var conns []*amqp.Connection
		var mu sync.Mutex
		p := r.carrier(node, func() (*amqp.Connection, error) {
			mu.Lock()
			defer mu.Unlock()
			if did.Load() >= n {
				return nil, errors.New("dead")
			}
			conn, err := dial()
			conns = append(conns, conn)
			return conn, err
		})
		write := book.Handler(node)
		stop := r.consumeBy(p, func(ctx context.Context, m *carrier.Message) error {
			err := write(ctx, m)
			if did.Add(1) >= n {
				mu.Lock()
				defer mu.Unlock()
				for _, c := range conns {
					_ = c.Close()
				}
				once.Do(func() { close(dead) })
			}
			return err
		})
		defer stop()
	}
	<-dead
}

var probes atomic.Int64

// probe sends messages into the lane and tells whether dedicated nodes did all.
func (r *rig) probe(book *fleet.Book) bool {
	back := true
	for range 20 {
		id := fmt.Sprintf("probe-%d", probes.Add(1))
		r.publish(fleet.Lane, id)
		fleet.Wait(r.t, id, func() bool { return book.Entry(id) != fleet.Entry{} })
		back = back && strings.HasPrefix(book.Entry(id).Node, "d")
	}
	return back
}

func (r *rig) count(book *fleet.Book, node string) (n int) {
	book.Each(func(_ string, e fleet.Entry) {
		if e.Node == node {
			n++
		}
	})
	return n
}

func TestT27DelayedMessageAfterEnvDeleted(t *testing.T) {
	r := newRig(t, dpath.PolicyFailover)
	r.prepare()
	late := func(id string) time.Time {
		due := time.Now().Add(time.Second)
		require.NoError(t, r.pub.Publish(r.Context(fleet.Lane), &carrier.Message{ID: id, Subject: subject, Due: due}))
		return due
	}
	book := &fleet.Book{}
	stop := r.consume("d0", book.Handler("d0"))
	due := late("kept")
	fleet.Wait(t, "delivered in its lane", func() bool { return book.Len() == 1 })
	require.False(t, time.Now().Before(due))
	require.Equal(t, "d0", book.Entry("kept").Node)
	stop()

	late("orphan")
	r.Delete()
	// It starts after the environment is gone and never heard of it.
	r.consume("p0", book.Handler("p0"))
	fleet.Wait(t, "the common rule takes it", func() bool { return book.Len() == 2 })
	require.Equal(t, fleet.Entry{Node: "p0"}, book.Entry("orphan"))
}

func TestT27DeadLetterAndReplayAfterEnvDeleted(t *testing.T) {
	r := newRig(t, dpath.PolicyFailover)
	r.prepare()
	var tries atomic.Int64
	stop := r.consume("d0", func(context.Context, *carrier.Message) error { tries.Add(1); return errors.New("cannot") })
	r.publish(fleet.Lane, "bad")
	r.publish(fleet.Lane, "worse")
	fleet.Wait(t, "dead letters of the lane", func() bool { return r.depth(fleet.Lane+".dead") == 2 })
	require.EqualValues(t, 10, tries.Load(), "five attempts each")
	stop()

	replay := func() {
		n, err := r.pub.Replay(context.Background(), r.subscription(), fleet.Lane, 1)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
	book := &fleet.Book{}
	stop = r.consume("d1", book.Handler("d1"))
	replay()
	fleet.Wait(t, "replayed in its lane", func() bool { return book.Len() == 1 })
	book.Each(func(_ string, e fleet.Entry) {
		require.Equal(t, fleet.Entry{Node: "d1", Env: fleet.Lane, Trace: e.Trace}, e)
	})
	stop()
	r.Delete()
	r.consume("p0", book.Handler("p0"))
	replay()
	fleet.Wait(t, "replayed as common", func() bool { return book.Len() == 2 })
	require.Equal(t, 1, r.count(book, "p0"))
	n, err := r.pub.Replay(context.Background(), r.subscription(), fleet.Lane, 10)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestUnroutedIsToldAndNotLost(t *testing.T) {
	r := newRig(t, dpath.PolicyFailover)
	err := r.pub.Publish(r.Context(fleet.Lane), &carrier.Message{ID: "a", Subject: subject})
	require.ErrorIs(t, err, amqpdpath.ErrUnrouted)
	r.prepare()
	r.publish(fleet.Lane, "a")
	require.Equal(t, 1, r.depth(fleet.Lane))
}

// Who can write to the broker still cannot choose a lane.
func TestSpoofedMessagesAreCommon(t *testing.T) {
	r := newRig(t, dpath.PolicyFailover)
	r.prepare()
	genuine := atRest(t, r)
	other := "00-" + dpath.NewTrace() + "-00f067aa0ba902b7-01"
	spoofs := map[string]amqp.Table{
		"none":     nil,
		"mirror":   {"x-dpath-env": fleet.Lane},
		"unsigned": {"baggage": "dpath_env=" + fleet.Lane, "traceparent": other},
		"forged":   {"baggage": strings.Replace(genuine["baggage"][0], "s=", "s=A", 1), "traceparent": genuine["traceparent"][0]},
		"replayed": {"baggage": genuine["baggage"][0], "traceparent": other},
		"list":     {"baggage": []any{genuine["baggage"][0]}, "traceparent": genuine["traceparent"][0]},
	}
	conn, err := dial()
	require.NoError(t, err)
	defer conn.Close()
	ch, err := conn.Channel()
	require.NoError(t, err)
	for id, h := range spoofs {
		require.NoError(t, ch.Publish(r.name, subject+"."+fleet.Lane, false, false, amqp.Publishing{MessageId: id, Headers: h}))
	}
	// A genuine label in the wrong queue goes where it belongs.
	require.NoError(t, ch.Publish(r.name, subject+"._", false, false, amqp.Publishing{MessageId: "genuine",
		Headers: amqp.Table{"baggage": genuine["baggage"][0], "traceparent": genuine["traceparent"][0]}}))
	// A header given to Publish has no effect.
	require.NoError(t, r.pub.Publish(context.Background(), &carrier.Message{ID: "own", Subject: subject, Header: genuine}))

	book := &fleet.Book{}
	r.consume("d0", book.Handler("d0"))
	r.consume("p0", book.Handler("p0"))
	fleet.Wait(t, "all done", func() bool { return book.Len() == len(spoofs)+2 })
	book.Each(func(id string, e fleet.Entry) {
		if id == "genuine" {
			require.Equal(t, "d0", e.Node)
			require.Equal(t, fleet.Lane, e.Env)
			return
		}
		require.Equal(t, fleet.Entry{Node: "p0"}, e, id)
	})
	require.EqualValues(t, len(spoofs)+1, r.Count("dpath_guard_reject_total"), "each once, where it came in")
}

// atRest gives the headers of a labelled call at rest.
func atRest(t *testing.T, r *rig) map[string][]string {
	h := map[string][]string{}
	_, err := r.Peer("").Park(r.Context(fleet.Lane), h)
	require.NoError(t, err)
	return h
}

// A consumer outlives its connection.
func TestConsumerConnectsAgain(t *testing.T) {
	r := newRig(t, dpath.PolicyFailover)
	r.prepare()
	conns := make(chan *amqp.Connection, 10)
	book := &fleet.Book{}
	r.consumeBy(r.carrier("p0", func() (*amqp.Connection, error) {
		conn, err := dial()
		if err == nil {
			conns <- conn
		}
		return conn, err
	}), book.Handler("p0"))
	r.publish("", "1")
	fleet.Wait(t, "first", func() bool { return book.Len() == 1 })
	require.NoError(t, (<-conns).Close())
	r.publish("", "2")
	fleet.Wait(t, "second", func() bool { return book.Len() == 2 })
}
