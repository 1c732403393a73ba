package natskv

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/centre"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// broker is a NATS server, to be stopped and started again at the same address with the same files.
type broker struct {
	t    *testing.T
	dir  string
	port int
	s    *server.Server
}

func newBroker(t *testing.T) *broker {
	b := &broker{t: t, dir: t.TempDir(), port: server.RANDOM_PORT}
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *broker) start() {
	var err error
	b.s, err = server.NewServer(&server.Options{Host: "127.0.0.1", Port: b.port, NoSigs: true, NoLog: true, JetStream: true, StoreDir: b.dir})
	require.NoError(b.t, err)
	b.s.Start()
	require.True(b.t, b.s.ReadyForConnections(30*time.Second))
	b.port = b.s.Addr().(*net.TCPAddr).Port
}

func (b *broker) stop() {
	b.s.Shutdown()
	b.s.WaitForShutdown()
}

// place is the document's, over a connection of its own.
func (b *broker) place() Place {
	nc, err := nats.Connect(fmt.Sprintf("nats://127.0.0.1:%d", b.port), nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true), nats.ReconnectBufSize(-1), nats.ReconnectWait(50*time.Millisecond))
	require.NoError(b.t, err)
	b.t.Cleanup(nc.Close)
	return Place{Conn: nc, Bucket: "plaza", Key: "shop.lanes"}
}

func version(n int64, text string) centre.Version {
	sum := sha256.Sum256([]byte(text))
	return centre.Version{Number: n, Hash: hex.EncodeToString(sum[:]), Format: "text", Document: text}
}

// put writes a version as a relay does.
func (b *broker) put(n int64, text string) {
	b.t.Helper()
	value, err := version(n, text).Text()
	require.NoError(b.t, err)
	b.write("shop.lanes", value)
}

func (b *broker) write(key string, value []byte) {
	b.t.Helper()
	at := b.place()
	eventually(b.t, at.Conn.IsConnected)
	bucket, err := at.provide(context.Background())
	require.NoError(b.t, err)
	_, err = bucket.kv.Put(context.Background(), key, value)
	require.NoError(b.t, err)
	at.Conn.Close()
}

// told reads a follower's last word, none if its key is gone.
func (b *broker) told(name string) (w word) {
	b.t.Helper()
	at := b.place()
	defer at.Conn.Close()
	eventually(b.t, at.Conn.IsConnected)
	bucket, err := at.open(context.Background())
	require.NoError(b.t, err)
	e, err := bucket.kv.Get(context.Background(), at.ackKey(name))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return w
	}
	require.NoError(b.t, err)
	require.NoError(b.t, json.Unmarshal(e.Value(), &w))
	return w
}

func (b *broker) tells(name string, n int64, state, why string) func() bool {
	return func() bool {
		w := b.told(name)
		return w.Subscriber == name && w.Version == n && w.State == state && strings.Contains(w.Reason, why)
	}
}

func eventually(t *testing.T, is func() bool) {
	t.Helper()
	require.Eventually(t, is, time.Minute, 20*time.Millisecond)
}

// process is one that follows the document.
type process struct {
	*centre.Subscription
	stop context.CancelFunc
	mu   sync.Mutex
	seen []int64
}

func (b *broker) follow(name, snapshot string, apply func(centre.Version) error) *process {
	b.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &process{}
	var err error
	at := b.place()
	p.Subscription, err = Follow(ctx, at, centre.Options{Name: name, Snapshot: snapshot, Beat: 200 * time.Millisecond, Report: func() any { return map[string]string{"of": name} },
		Apply: func(v centre.Version) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			if apply != nil {
				if err := apply(v); err != nil {
					return err
				}
			}
			p.seen = append(p.seen, v.Number)
			return nil
		}})
	require.NoError(b.t, err)
	p.stop = sync.OnceFunc(func() {
		stop()
		<-p.Done()
		at.Conn.Close()
	})
	b.t.Cleanup(p.stop)
	return p
}

func (p *process) applied() []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.seen)
}

func (p *process) at(n int64) func() bool { return func() bool { return p.Current().Number == n } }

// Fifty changes in a row: few are applied, in order, and the last is in force and acknowledged with a report.
func TestNewestAlone(t *testing.T) {
	b := newBroker(t)
	b.put(1, "one")
	p := b.follow("till/1", "", func(centre.Version) error { time.Sleep(100 * time.Millisecond); return nil })
	eventually(t, p.at(1))
	const last = 51
	for n := int64(2); n <= last; n++ {
		b.put(n, fmt.Sprint(n))
	}
	eventually(t, b.tells("till/1", last, "applied", ""))
	require.Equal(t, "51", p.Current().Document)
	require.JSONEq(t, `{"of":"till/1"}`, string(b.told("till/1").Report))
	seen := p.applied()
	require.Less(t, len(seen), 40, "%v", seen)
	require.IsIncreasing(t, seen)
	p.stop()
	require.Empty(t, b.told("till/1").Subscriber, "who ends does not count any more")
}

func TestNeverGoesBack(t *testing.T) {
	b := newBroker(t)
	b.put(5, "five")
	p := b.follow("till", "", nil)
	eventually(t, b.tells("till", 5, "applied", ""))
	b.put(3, "three")
	eventually(t, b.tells("till", 3, "refused", "version 5 is in force"))
	require.EqualValues(t, 5, p.Current().Number)
	b.put(6, "six")
	eventually(t, b.tells("till", 6, "applied", ""))
	require.Equal(t, []int64{5, 6}, p.applied())
}

func TestRefusedStaysAtTheLastGoodOne(t *testing.T) {
	b := newBroker(t)
	b.put(1, "good")
	p := b.follow("till", "", func(v centre.Version) error {
		if v.Document == "bad" {
			return errors.New("no such node")
		}
		return nil
	})
	eventually(t, b.tells("till", 1, "applied", ""))
	b.put(2, "bad")
	eventually(t, b.tells("till", 2, "refused", "no such node"))
	require.EqualValues(t, 1, p.Current().Number)
	b.put(3, "better")
	eventually(t, b.tells("till", 3, "applied", ""))
}

// NATS goes and comes back: what is in force stays, a start needs no NATS, and nothing is lost.
func TestNATSAwayAndBack(t *testing.T) {
	b := newBroker(t)
	file := filepath.Join(t.TempDir(), "snapshot")
	p := b.follow("till-1", file, nil) // before there is a bucket
	b.put(1, "one")
	eventually(t, b.tells("till-1", 1, "applied", ""))
	b.stop()
	time.Sleep(500 * time.Millisecond)
	require.Equal(t, "one", p.Current().Document, "the last good one stays")

	copied := filepath.Join(t.TempDir(), "snapshot")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(copied, text, 0o600))
	q := b.follow("till-2", copied, nil)
	require.Equal(t, []int64{1}, q.applied(), "in force before Follow returns")

	b.start()
	eventually(t, b.tells("till-2", 1, "applied", ""))
	require.Equal(t, "applied", b.told("till-1").State, "it was kept on disk")
	b.put(2, "two")
	eventually(t, b.tells("till-1", 2, "applied", ""))
	eventually(t, b.tells("till-2", 2, "applied", ""))
	require.Equal(t, []int64{1, 2}, p.applied())
	require.Equal(t, []int64{1, 2}, q.applied())
}

// What did not arrive whole is not taken, be it in the snapshot or in NATS.
func TestWhatIsNotWhole(t *testing.T) {
	b := newBroker(t)
	b.put(1, "one")
	file := filepath.Join(t.TempDir(), "snapshot")
	p := b.follow("till", file, nil)
	eventually(t, p.at(1))
	p.stop()
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	b.stop()
	for name, text := range map[string]string{"half": string(whole[:len(whole)/2]), "changed": strings.Replace(string(whole), "one", "two", 1),
		"of another": strings.Replace(string(whole), "shop.lanes", "shop.other", 1)} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		p := b.follow("till", file, nil)
		require.Zero(t, p.Current().Number, name)
		p.stop()
	}
	require.NoError(t, os.WriteFile(file, whole[:len(whole)/2], 0o600))
	p = b.follow("till", file, nil)
	b.start()
	eventually(t, p.at(1))

	value, err := version(2, "two").Text()
	require.NoError(t, err)
	b.write("shop.lanes", value[:len(value)/2])
	b.write("shop.lanes", []byte(strings.Replace(string(value), `"two"`, `"2"`, 1)))
	b.write("shop.lanes", nil)
	b.put(3, "three")
	eventually(t, p.at(3))
	require.Equal(t, []int64{1, 3}, p.applied())
}

// A pull finds what no watch told, sends nothing when there is none, and ends the watch of a bucket that is gone.
func TestPullMakesUpForTheWatch(t *testing.T) {
	b := newBroker(t)
	b.put(1, "one")
	s := &source{Place: b.place(), name: "till", anew: make(chan struct{}, 1)}
	ctx := t.Context()
	var got []int64
	offer := func(v centre.Version) { got = append(got, v.Number) }
	require.NoError(t, s.Pull(ctx, offer))
	require.NoError(t, s.Pull(ctx, offer))
	require.Equal(t, []int64{1}, got, "once")
	b.put(2, "two")
	b.write("shop.other", []byte("x"))
	require.NoError(t, s.Pull(ctx, offer))
	require.NoError(t, s.Pull(ctx, offer))
	require.Equal(t, []int64{1, 2}, got)

	js, err := jetstream.New(s.Conn)
	require.NoError(t, err)
	watched := make(chan error, 1)
	first := make(chan struct{}, 10)
	go func() {
		_, err := s.Watch(ctx, 0, func(centre.Version) { first <- struct{}{} })
		watched <- err
	}()
	<-first
	require.NoError(t, js.DeleteKeyValue(ctx, "plaza"))
	require.ErrorIs(t, s.Pull(ctx, offer), jetstream.ErrStreamNotFound)
	b.put(3, "three")
	require.NoError(t, s.Pull(ctx, offer))
	require.Equal(t, []int64{1, 2, 3}, got)
	require.ErrorIs(t, <-watched, errAnew)
}

// newRelay is a relay without a Plaza: what is wanted is told by the test.
func (b *broker) newRelay() *relay {
	return &relay{Place: b.place(), o: RelayOptions{Options: centre.Options{Log: slog.New(slog.DiscardHandler)}, Lasts: time.Minute},
		wake: make(chan struct{}, 1), done: make(chan struct{}), changed: make(chan struct{}), book: followers{}}
}

// A NATS that lost everything is given the newest version anew, and those who follow go on.
func TestNATSLosesEverything(t *testing.T) {
	b := newBroker(t)
	r := b.newRelay()
	ctx, stop := context.WithCancel(context.Background())
	go r.run(ctx)
	defer func() { stop(); <-r.done }()
	p := b.follow("till", "", nil)
	require.NoError(t, r.want(version(1, "one")))
	require.NoError(t, r.want(version(2, "two")))
	eventually(t, p.at(2))
	eventually(t, func() bool { r.mu.Lock(); defer r.mu.Unlock(); why, open := r.verdict(); return why == "" && !open })
	b.stop()
	require.NoError(t, os.RemoveAll(b.dir))
	b.start()
	q := b.follow("till-2", "", nil)
	eventually(t, q.at(2))
	require.NoError(t, r.want(version(3, "three")))
	eventually(t, b.tells("till", 3, "applied", ""))
	eventually(t, b.tells("till-2", 3, "applied", ""))
}

// A relay looks itself for what a watch does not tell.
func TestRelayLooks(t *testing.T) {
	b := newBroker(t)
	r := b.newRelay()
	ctx := t.Context()
	bucket, err := r.provide(ctx)
	require.NoError(t, err)
	s := &session{relay: r, b: bucket, live: true}
	require.NoError(t, r.want(version(1, "one")))
	s.write(ctx)
	require.True(t, r.held.is(version(1, "one")))
	require.NoError(t, s.look(ctx))
	require.True(t, r.held.is(version(1, "one")))

	require.NoError(t, bucket.stream.Purge(ctx))
	require.NoError(t, s.look(ctx))
	s.write(ctx)
	e, err := bucket.kv.Get(ctx, r.Key)
	require.NoError(t, err, "it is written again")
	require.Contains(t, string(e.Value()), "one")

	js, err := jetstream.New(r.Conn)
	require.NoError(t, err)
	require.NoError(t, js.DeleteKeyValue(ctx, "plaza"))
	require.ErrorIs(t, s.look(ctx), jetstream.ErrStreamNotFound)
	_, err = r.provide(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, s.look(ctx), errAnew)
}

// More can watch a bucket of a relay's than the thousand that NATS allows unless it is told.
func TestMoreThanAThousand(t *testing.T) {
	b := newBroker(t)
	bucket, err := b.place().provide(t.Context())
	require.NoError(t, err)
	for range 1001 {
		w, err := bucket.watch(t.Context(), "shop.lanes")
		require.NoError(t, err)
		t.Cleanup(w.stop)
	}
}

// Keys of all names can be told apart, and can be.
func TestKeysOfNames(t *testing.T) {
	at := Place{Key: "lanes"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-z0-9]([A-Za-z0-9._:/@-]{0,20}[A-Za-z0-9])?`)
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		key := at.ackKey(a)
		if !keyName.MatchString(key) || !strings.HasPrefix(key, "lanes.ack.") || strings.Count(key, ".") != 2 {
			t.Fatalf("%q is no key for %q", key, a)
		}
		if (key == at.ackKey(b)) != (a == b) {
			t.Fatalf("%q and %q have one key", a, b)
		}
	})
}

func TestVerdict(t *testing.T) {
	const lasts = time.Minute
	says := func(name string, n int64, reason string, ago time.Duration) follower {
		a := centre.Ack{Version: n, State: "applied"}
		if reason != "" {
			a = a.Refuse(reason)
		}
		return follower{word: word{Subscriber: name, Ack: a}, heard: time.Now().Add(-ago)}
	}
	for name, c := range map[string]struct {
		of   []follower
		why  string
		open bool
	}{
		"nobody":              {},
		"all":                 {of: []follower{says("a", 7, "", 0), says("b", 8, "", 0)}},
		"one is late":         {of: []follower{says("a", 7, "", 0), says("b", 6, "", 0)}, why: "1 who follow have not answered yet: b", open: true},
		"one refuses":         {of: []follower{says("a", 7, "", 0), says("b", 7, "no group", 0)}, why: "b: no group"},
		"refused an old one":  {of: []follower{says("b", 6, "no group", 0)}, why: "1 who follow have not answered yet: b", open: true},
		"two refuse, one not": {of: []follower{says("c", 7, "x", 0), says("b", 7, "no group", 0), says("a", 6, "", 0)}, why: "refused by 2 who follow; b: no group", open: true},
		"the late one died":   {of: []follower{says("a", 7, "", 0), says("b", 6, "", lasts+time.Second)}},
	} {
		t.Run(name, func(t *testing.T) {
			fs := followers{}
			for _, f := range c.of {
				fs.hear(f.Subscriber, f)
			}
			why, open := fs.verdict(7, lasts)
			require.Equal(t, c.why, why)
			require.Equal(t, c.open, open)
		})
	}
	fs := followers{}
	fs.hear("a", says("a", 7, "", 2*lasts))
	fs.revive()
	fs.hear("a", says("a", 7, "", 2*lasts)) // what NATS kept is told again after an outage
	require.Len(t, fs.living(lasts), 1)
}

func TestPlacesThatCanNotBe(t *testing.T) {
	nc := &nats.Conn{}
	o := centre.Options{Name: "n", Apply: func(centre.Version) error { return nil }}
	for want, p := range map[string]Place{
		"Conn is missing":    {Bucket: "b", Key: "k"},
		`bucket "a.b" can`:   {Conn: nc, Bucket: "a.b", Key: "k"},
		`key "a..b" can not`: {Conn: nc, Bucket: "b", Key: "a..b"},
		`key "*" can not`:    {Conn: nc, Bucket: "b", Key: "*"},
	} {
		_, err := Follow(t.Context(), p, o)
		require.ErrorContains(t, err, want)
		_, err = Relay(t.Context(), p, RelayOptions{Options: o})
		require.ErrorContains(t, err, want)
	}
	good := Place{Conn: nc, Bucket: "b", Key: "k"}
	_, err := Follow(t.Context(), good, centre.Options{Apply: o.Apply})
	require.ErrorContains(t, err, "Name is missing")
	_, err = Relay(t.Context(), good, RelayOptions{Options: centre.Options{URL: "plaza", Name: "n"}})
	require.ErrorContains(t, err, "is not a URL")
}
