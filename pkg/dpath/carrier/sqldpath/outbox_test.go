package sqldpath_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	broker "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/internal/fleet"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/natsdpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/sqldpath"
)

func special(i int) string {
	if i%3 == 0 {
		return fleet.Lane
	}
	return ""
}

func relayOptions() sqldpath.RelayOptions {
	return sqldpath.RelayOptions{Batch: 50, Pause: 20 * time.Millisecond, Lease: time.Second, Log: fleet.Quiet}
}

// emit writes n events of a few aggregates, each in a transaction of its own,
// and one that is rolled back after each.
func (r *rig) emit(n, aggregates int) {
	c := r.carrier("p0")
	for i := range n {
		for _, rolledBack := range []bool{false, true} {
			tx, err := r.db.Begin()
			require.NoError(r.t, err)
			id := fmt.Sprintf("%d/%d", i%aggregates, i)
			if rolledBack {
				id += "/never"
			}
			require.NoError(r.t, c.Emit(r.Context(special(i)), tx, fmt.Sprint(i%aggregates), &carrier.Message{ID: id, Subject: "t.orders.created"}))
			if rolledBack {
				require.NoError(r.t, tx.Rollback())
			} else {
				require.NoError(r.t, tx.Commit())
			}
		}
	}
}

func TestT28RelayKilledInTheMiddle(t *testing.T) {
	each(t, dpath.PolicyFailover, func(t *testing.T, r *rig) {
		const n, aggregates = 300, 7
		url := natsServer(t)
		js := jetStream(t, url)
		stream, err := js.CreateStream(context.Background(), jetstream.StreamConfig{Name: "T", Subjects: []string{"t.>"}})
		require.NoError(t, err)
		r.emit(n, aggregates)
		stored := func() int {
			info, err := stream.Info(context.Background())
			require.NoError(t, err)
			return int(info.State.Msgs)
		}
		relay := relayProcess(t, r, url)
		fleet.Wait(t, "the relay is at work", func() bool { return stored() >= n/6 })
		require.NoError(t, relay.Process.Kill())
		_ = relay.Wait()
		require.Less(t, stored(), n, "it was in the middle")

		out := &natsdpath.Carrier{Peer: r.Peer("p1"), JS: js}
		fleet.Run(t, func(ctx context.Context) error { return r.carrier("p1").Relay(ctx, relayOptions(), out.Publish) })
		fleet.Wait(t, "every event is published", func() bool { return r.count("dpath_outbox") == 0 })
		require.Equal(t, n, stored(), "each once")
		checkOrder(t, stream, n)

		book := &fleet.Book{}
		for _, node := range []string{"p0", "d0"} {
			in := &natsdpath.Carrier{Peer: r.Peer(node), JS: js}
			s := natsdpath.Subscription{Stream: "T", Durable: "stock", Subject: "t.orders.created", Silence: fleet.Never, Log: fleet.Quiet}
			fleet.Run(t, func(ctx context.Context) error { return in.Consume(ctx, s, book.Handler(node)) })
		}
		fleet.Wait(t, "every event has its effect", func() bool { return book.Len() == n })
		book.Each(func(id string, e fleet.Entry) {
			var a, i int
			_, err := fmt.Sscanf(id, "%d/%d", &a, &i)
			require.NoError(t, err)
			require.Equal(t, special(i), e.Env)
			require.Equal(t, special(i) != "", e.Node == "d0")
		})
	})
}

// checkOrder reads the stream: the events of an aggregate are in the order of their rows.
func checkOrder(t *testing.T, stream jetstream.Stream, n int) {
	consumer, err := stream.OrderedConsumer(context.Background(), jetstream.OrderedConsumerConfig{})
	require.NoError(t, err)
	batch, err := consumer.Fetch(n, jetstream.FetchMaxWait(time.Minute))
	require.NoError(t, err)
	last := map[int]int{}
	for m := range batch.Messages() {
		var a, i int
		_, err := fmt.Sscanf(m.Headers().Get(natsdpath.HeaderMessageID), "%d/%d", &a, &i)
		require.NoError(t, err)
		if before, ok := last[a]; ok {
			require.Less(t, before, i, "order of aggregate %d", a)
		}
		last[a] = i
	}
	require.Len(t, last, 7)
}

func natsServer(t *testing.T) (url string) {
	s, err := broker.NewServer(&broker.Options{Host: "127.0.0.1", Port: broker.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
	require.NoError(t, err)
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	require.True(t, s.ReadyForConnections(30*time.Second))
	return s.ClientURL()
}

func jetStream(t *testing.T, url string) jetstream.JetStream {
	nc, err := nats.Connect(url)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	return js
}

const relayEnv = "SQLDPATH_TEST_RELAY" // dialect, data source and NATS URL for a relay of its own process

// relayProcess starts this test program as a relay.
func relayProcess(t *testing.T, r *rig, url string) *exec.Cmd {
	c := exec.Command(os.Args[0], "-test.run=^TestRelayProcess$", "-test.timeout=5m")
	c.Env = append(os.Environ(), relayEnv+"="+strings.Join([]string{string(r.dialect), r.dsn, url}, "\n"))
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() })
	return c
}

func TestRelayProcess(t *testing.T) {
	args := strings.Split(os.Getenv(relayEnv), "\n")
	if len(args) != 3 {
		t.Skip("is run by TestT28RelayKilledInTheMiddle")
	}
	f := fleet.New(t, dpath.PolicyFailover)
	dialect := sqldpath.Dialect(args[0])
	c := &sqldpath.Carrier{Peer: f.Peer("p0"), DB: open(t, dialect, args[1]), Dialect: dialect}
	out := &natsdpath.Carrier{Peer: f.Peer("p0"), JS: jetStream(t, args[2])}
	require.NoError(t, c.Relay(t.Context(), relayOptions(), out.Publish))
}

// One event that cannot be published holds up its aggregate only, and a
// dedicated node relays nothing.
func TestRelayHoldsUpOneAggregateOnly(t *testing.T) {
	each(t, dpath.PolicyFailover, func(t *testing.T, r *rig) {
		r.emit(8, 2)
		var mu sync.Mutex
		var published []string
		broken := true
		publish := func(_ context.Context, m *carrier.Message) error {
			mu.Lock()
			defer mu.Unlock()
			if broken && m.ID == "0/2" {
				return errors.New("cannot")
			}
			published = append(published, m.ID)
			return nil
		}
		fleet.Run(t, func(ctx context.Context) error {
			return r.carrier("d0").Relay(ctx, relayOptions(), func(context.Context, *carrier.Message) error {
				t.Error("a dedicated node relays")
				return nil
			})
		})
		for _, node := range []string{"p0", "p1"} { // one at a time
			fleet.Run(t, func(ctx context.Context) error { return r.carrier(node).Relay(ctx, relayOptions(), publish) })
		}
		fleet.Wait(t, "the other aggregate", func() bool { return r.count("dpath_outbox") == 3 })
		mu.Lock()
		require.Equal(t, []string{"0/0", "1/1", "1/3", "1/5", "1/7"}, published)
		broken, published = false, nil
		mu.Unlock()
		fleet.Wait(t, "the rest", func() bool { return r.count("dpath_outbox") == 0 })
		require.Equal(t, []string{"0/2", "0/4", "0/6"}, published)
	})
}
