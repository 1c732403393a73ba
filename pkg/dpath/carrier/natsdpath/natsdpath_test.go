package natsdpath_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/internal/fleet"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/natsdpath"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const subject = "t.orders.created"

// broker is a NATS server of the test's own, and the app that uses it.
type broker struct {
	*fleet.Fleet
	t       *testing.T
	url     string
	js      jetstream.JetStream
	silence time.Duration
}

func start(t *testing.T, policy dpath.Policy) *broker {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
	require.NoError(t, err)
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	require.True(t, s.ReadyForConnections(30*time.Second))
	b := &broker{Fleet: fleet.New(t, policy), t: t, url: s.ClientURL(), silence: fleet.Never}
	b.js = b.connect()
	_, err = b.js.CreateStream(context.Background(), jetstream.StreamConfig{Name: "T", Subjects: []string{"t.>"}, Retention: jetstream.WorkQueuePolicy, AllowMsgSchedules: true})
	require.NoError(t, err)
	_, err = b.js.CreateStream(context.Background(), jetstream.StreamConfig{Name: "DEAD", Subjects: []string{"dead.>"}})
	require.NoError(t, err)
	return b
}

func (b *broker) connect() jetstream.JetStream {
	nc, err := nats.Connect(b.url)
	require.NoError(b.t, err)
	b.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(5000))
	require.NoError(b.t, err)
	return js
}

func (b *broker) carrier(node string) *natsdpath.Carrier {
	return &natsdpath.Carrier{Peer: b.Peer(node), JS: b.js}
}

func (b *broker) subscription() natsdpath.Subscription {
	return natsdpath.Subscription{Stream: "T", Durable: "stock", Subject: subject, AckWait: 4 * time.Second,
		Backoff: 10 * time.Millisecond, Silence: b.silence, Log: fleet.Quiet}
}

// consume runs a consumer on a connection of its own, as a process would.
func (b *broker) consume(node string, h carrier.Handler) (stop func()) {
	c := &natsdpath.Carrier{Peer: b.Peer(node), JS: b.connect()}
	return fleet.Run(b.t, func(ctx context.Context) error { return c.Consume(ctx, b.subscription(), h) })
}

func (b *broker) publish(env, id string) {
	b.t.Helper()
	require.NoError(b.t, b.carrier("").Publish(b.Context(env), &carrier.Message{ID: id, Subject: subject}))
}

func (b *broker) waiting(stream string) uint64 {
	s, err := b.js.Stream(context.Background(), stream)
	require.NoError(b.t, err)
	info, err := s.Info(context.Background())
	require.NoError(b.t, err)
	return info.State.Msgs
}

// special tells from its id of which environment a message is: every third.
func special(i int) string {
	if i%3 == 0 {
		return fleet.Lane
	}
	return ""
}

func TestT25MixedMessages(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	b := start(t, dpath.PolicyFailover)
	c := b.carrier("")
	for i := range n {
		m, err := c.Prepare(b.Context(special(i)), &carrier.Message{ID: strconv.Itoa(i), Subject: subject})
		require.NoError(t, err)
		_, err = b.js.PublishMsgAsync(m, jetstream.WithStallWait(time.Minute))
		require.NoError(t, err)
	}
	<-b.js.PublishAsyncComplete()
	require.EqualValues(t, n, b.waiting("T"))
	book := &fleet.Book{}
	for _, node := range []string{"p0", "p1", "d0", "d1"} {
		b.consume(node, book.Handler(node))
	}
	fleet.Wait(t, "every message has its effect", func() bool { return book.Len() == n && b.waiting("T") == 0 })
	book.Each(func(id string, e fleet.Entry) {
		i, err := strconv.Atoi(id)
		require.NoError(t, err)
		require.Equal(t, special(i), e.Env)
		require.Equal(t, special(i) != "", strings.HasPrefix(e.Node, "d"), "message %s at %s", id, e.Node)
	})
	require.Zero(t, b.Count("dpath_guard_reject_total"))
}

// A message published twice is stored once, and keeps its trace.
func TestPublishOnceWithTrace(t *testing.T) {
	t.Parallel()
	b := start(t, dpath.PolicyFailover)
	ctx := b.Context(fleet.Lane)
	for range 2 {
		require.NoError(t, b.carrier("").Publish(ctx, &carrier.Message{ID: "a", Subject: subject, Header: map[string][]string{"Content-Type": {"x"}}}))
	}
	require.EqualValues(t, 1, b.waiting("T"))
	seen := make(chan *carrier.Message, 1)
	b.consume("d0", func(under context.Context, m *carrier.Message) error {
		l := dpath.FromContext(under)
		if l.Trace() != dpath.FromContext(ctx).Trace() || time.Until(l.Expiry()) > dpath.DefaultTTL {
			t.Error("the handler's label is not a live one of the same trace")
		}
		seen <- m
		return nil
	})
	m := <-seen
	require.Equal(t, []string{"x"}, m.Header["Content-Type"])
	require.Equal(t, 1, m.Attempt)
}

func TestT26DedicatedConsumersDieAndReturn(t *testing.T) {
	for _, policy := range []dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict} {
		t.Run(policy.String(), func(t *testing.T) {
			t.Parallel()
			b := start(t, policy)
			b.silence = fleet.Silence
			book := &fleet.Book{}
			b.consume("p0", book.Handler("p0"))
			die := b.dyingConsumers(book, 90)
			for i := range 600 {
				b.publish(special(i), strconv.Itoa(i))
			}
			die()
			const lane = 200
			if policy == dpath.PolicyStrict {
				fleet.Wait(t, "common messages", func() bool { return b.count(book, "p0") == 600-lane })
				time.Sleep(3 * fleet.Silence)
				require.Less(t, book.Len(), 600, "strict messages wait")
			} else {
				fleet.Wait(t, "public consumers take the rest", func() bool { return book.Len() == 600 })
				require.Greater(t, b.count(book, "p0"), 600-lane)
			}
			b.consume("d0", book.Handler("d0"))
			b.consume("d1", book.Handler("d1"))
			fleet.Wait(t, "nothing is lost", func() bool { return book.Len() == 600 && b.waiting("T") == 0 })
			require.Positive(t, book.Repeats(), "what was in hand unacknowledged came again")
			// Once the dedicated consumers are heard again, the lane is theirs alone.
			fleet.Wait(t, "the lane is handed back", func() bool { return b.probe(book) })
			require.Zero(t, b.Count("dpath_guard_reject_total"))
		})
	}
}

var probes atomic.Int64

// probe sends messages into the lane and tells whether a dedicated node did all.
func (b *broker) probe(book *fleet.Book) bool {
	back := true
	for range 20 {
		id := fmt.Sprintf("probe-%d", probes.Add(1))
		b.publish(fleet.Lane, id)
		fleet.Wait(b.t, id, func() bool { return book.Entry(id) != fleet.Entry{} })
		back = back && strings.HasPrefix(book.Entry(id).Node, "d")
	}
	return back
}

func (b *broker) count(book *fleet.Book, node string) (n int) {
	book.Each(func(_ string, e fleet.Entry) {
		if e.Node == node {
			n++
		}
	})
	return n
}

// dyingConsumers consumes on d0 and d1 until they did n messages; then both
// connections break before anything of the rest is acknowledged.
func (b *broker) dyingConsumers(book *fleet.Book, n int64) (die func()) {
	var did atomic.Int64
	dead := make(chan struct{})
	var stops []func()
	for _, node := range []string{"d0", "d1"} {
		c := &natsdpath.Carrier{Peer: b.Peer(node), JS: b.connect()}
		write := book.Handler(node)
		stops = append(stops, fleet.Run(b.t, func(ctx context.Context) error {
			return c.Consume(ctx, b.subscription(), func(ctx context.Context, m *carrier.Message) error {
				err := write(ctx, m) // the effect is there, its acknowledgement will be lost
				if did.Add(1) >= n {
					c.JS.Conn().Close()
					select {
					case <-dead:
					default:
						close(dead)
					}
				}
				return err
			})
		}))
	}
	return func() {
		<-dead
		for _, stop := range stops {
			stop()
		}
	}
}

func TestT27DelayedMessageAfterEnvDeleted(t *testing.T) {
	t.Parallel()
	b := start(t, dpath.PolicyFailover)
	due := time.Now().Add(2 * time.Second)
	require.NoError(t, b.carrier("").Publish(b.Context(fleet.Lane), &carrier.Message{ID: "kept", Subject: subject, Due: due}))
	book := &fleet.Book{}
	stop := b.consume("d0", book.Handler("d0"))
	b.consume("p0", book.Handler("p0"))
	fleet.Wait(t, "delivered in its lane", func() bool { return book.Len() == 1 })
	require.False(t, time.Now().Before(due.Truncate(time.Second)))
	require.Equal(t, "d0", book.Entry("kept").Node)
	stop()

	require.NoError(t, b.carrier("").Publish(b.Context(fleet.Lane), &carrier.Message{ID: "orphan", Subject: subject, Due: time.Now().Add(2 * time.Second)}))
	b.Delete()
	fleet.Wait(t, "the common rule takes it", func() bool { return book.Len() == 2 })
	require.Equal(t, fleet.Entry{Node: "p0"}, book.Entry("orphan"))
}

func TestT27DeadLetterAndReplayAfterEnvDeleted(t *testing.T) {
	t.Parallel()
	b := start(t, dpath.PolicyFailover)
	fail := errors.New("cannot")
	var tries atomic.Int64
	stop := b.consume("d0", func(context.Context, *carrier.Message) error { tries.Add(1); return fail })
	b.publish(fleet.Lane, "bad")
	b.publish(fleet.Lane, "worse")
	fleet.Wait(t, "dead letters", func() bool { return b.waiting("DEAD") == 2 })
	require.EqualValues(t, 10, tries.Load(), "five attempts each")
	stop()
	dead, err := b.js.CreateConsumer(context.Background(), "DEAD", jetstream.ConsumerConfig{FilterSubject: b.subscription().DeadSubject(fleet.Lane), AckPolicy: jetstream.AckExplicitPolicy})
	require.NoError(t, err, "the dead letters are those of the lane")
	book := &fleet.Book{}
	b.consume("p0", book.Handler("p0"))

	replay := func() {
		m, err := dead.Next()
		require.NoError(t, err)
		require.NoError(t, b.carrier("").Replay(context.Background(), m))
	}
	stop = b.consume("d1", book.Handler("d1"))
	replay()
	fleet.Wait(t, "replayed in its lane", func() bool { return book.Len() == 1 })
	require.Equal(t, fleet.Entry{Node: "d1", Env: fleet.Lane, Trace: book.Entry("bad").Trace}, book.Entry("bad"))
	stop()
	b.Delete()
	replay()
	fleet.Wait(t, "replayed as common", func() bool { return book.Len() == 2 })
	require.Equal(t, fleet.Entry{Node: "p0"}, book.Entry("worse"))
}

// Who can write to the broker still cannot choose a lane.
func TestSpoofedMessagesAreCommon(t *testing.T) {
	t.Parallel()
	b := start(t, dpath.PolicyFailover)
	real, err := b.carrier("").Prepare(b.Context(fleet.Lane), &carrier.Message{ID: "real", Subject: subject})
	require.NoError(t, err)
	other := "00-" + dpath.NewTrace() + "-00f067aa0ba902b7-01"
	spoofs := map[string]nats.Header{
		"none":      nil,
		"mirror":    {"X-Dpath-Env": {fleet.Lane}},
		"unsigned":  {"baggage": {"dpath_env=" + fleet.Lane}, "traceparent": {other}},
		"forged":    {"baggage": {strings.Replace(real.Header["baggage"][0], "s=", "s=A", 1)}, "traceparent": real.Header["traceparent"]},
		"replayed":  {"baggage": real.Header["baggage"], "traceparent": {other}},
		"duplicate": {"baggage": real.Header["baggage"], "Baggage": real.Header["baggage"], "traceparent": real.Header["traceparent"]},
	}
	ctx := context.Background()
	for id, h := range spoofs {
		if h == nil {
			h = nats.Header{}
		}
		h.Set(natsdpath.HeaderMessageID, id)
		_, err := b.js.PublishMsg(ctx, &nats.Msg{Subject: subject + "." + fleet.Lane, Header: h})
		require.NoError(t, err)
	}
	// A header given to Publish has no effect either, nor has the label of a trace on another subject.
	require.NoError(t, b.carrier("").Publish(ctx, &carrier.Message{ID: "own", Subject: subject, Header: real.Header}))
	real.Subject = subject + "._"
	_, err = b.js.PublishMsg(ctx, real)
	require.NoError(t, err)
	_, err = b.js.Publish(ctx, subject+"."+fleet.Lane, nil) // without any header
	require.NoError(t, err)

	book := &fleet.Book{}
	b.consume("d0", book.Handler("d0"))
	b.consume("p0", book.Handler("p0"))
	fleet.Wait(t, "all done", func() bool { return book.Len() == len(spoofs)+3 && b.waiting("T") == 0 })
	book.Each(func(id string, e fleet.Entry) {
		if id == "real" {
			require.Equal(t, "d0", e.Node)
			require.Equal(t, fleet.Lane, e.Env)
			return
		}
		require.Equal(t, fleet.Entry{Node: "p0"}, e, id)
	})
	require.EqualValues(t, len(spoofs)+2, b.Count("dpath_guard_reject_total"), "each once, where it came in")
}

// A node that changes sides under load loses nothing and breaks no guarantee.
func TestNodesMoveUnderLoad(t *testing.T) {
	t.Parallel()
	b := start(t, dpath.PolicyFailover)
	b.silence = fleet.Silence
	book := &fleet.Book{}
	for _, node := range []string{"p0", "p1", "d0", "d1"} {
		b.consume(node, book.Handler(node))
	}
	const n = 1200
	for i := range n {
		b.publish(special(i), strconv.Itoa(i))
		switch i {
		case n / 4:
			b.Dedicate("d0", "d1", "p1")
		case n / 2:
			b.Dedicate("p1")
		case n * 3 / 4:
			b.Dedicate("d0", "d1")
		}
	}
	fleet.Wait(t, "nothing is lost", func() bool { return book.Len() == n && b.waiting("T") == 0 })
	fleet.Wait(t, "the lane is that of d0 and d1 again", func() bool { return b.probe(book) })
}

// What waits in a batch longer than AckWait is not delivered to another meanwhile.
func TestSlowBatchIsKept(t *testing.T) {
	t.Parallel()
	b := start(t, dpath.PolicyFailover)
	const n = 40
	for i := range n {
		b.publish("", strconv.Itoa(i))
	}
	book := &fleet.Book{}
	write := book.Handler("p0")
	b.consume("p0", func(ctx context.Context, m *carrier.Message) error {
		time.Sleep(200 * time.Millisecond) // twice the AckWait for all
		return write(ctx, m)
	})
	fleet.Wait(t, "all done", func() bool { return book.Len() == n && b.waiting("T") == 0 })
	require.Less(t, book.Repeats(), n/4, "half of them came again if not kept")
}
