package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/centre"
	"github.com/plazacloud/plaza/pkg/centre/natskv"
	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/store"
)

// broker is a NATS of the tenant's own, to be stopped and started again with the same files.
type broker struct {
	t          *testing.T
	options    server.Options
	s          *server.Server
	login, url string // file of user and password
}

func newBroker(t *testing.T, maxPayload int32) *broker {
	b := &broker{t: t, login: filepath.Join(t.TempDir(), "login"), options: server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, Username: "tills", Password: "a password",
		NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(), MaxPayload: maxPayload}}
	require.NoError(t, os.WriteFile(b.login, []byte("tills:a password\n"), 0o600))
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *broker) start() {
	o := b.options // the server alters its own
	var err error
	b.s, err = server.NewServer(&o)
	require.NoError(b.t, err)
	b.s.Start()
	require.True(b.t, b.s.ReadyForConnections(30*time.Second))
	b.options.Port = b.s.Addr().(*net.TCPAddr).Port
	b.url = fmt.Sprintf("nats://127.0.0.1:%d", b.options.Port)
}

func (b *broker) stop() {
	b.s.Shutdown()
	b.s.WaitForShutdown()
}

// place is that of the key, over a connection of its own.
func (b *broker) place() natskv.Place {
	o := natsConfig{NATSServer: NATSServer{URL: b.url, Login: b.login}, Bucket: "plaza", Key: "lanes"}
	nc, err := o.connect("test", slog.New(slog.DiscardHandler))
	require.NoError(b.t, err)
	b.t.Cleanup(nc.Close)
	return o.place(nc)
}

// follower is a process behind the relay.
type follower struct {
	at   natskv.Place
	sub  *centre.Subscription
	stop func()
}

func (b *broker) follow(name string, beat time.Duration, apply func(centre.Version) error) *follower {
	b.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	f := &follower{at: b.place()}
	var err error
	f.sub, err = natskv.Follow(ctx, f.at, centre.Options{Name: name, Beat: beat, Apply: apply, Report: func() any { return dpath.Flow{Seconds: 10, Rejects: 1} }})
	require.NoError(b.t, err)
	f.stop = sync.OnceFunc(func() {
		stop()
		<-f.sub.Done()
		f.at.Conn.Close()
	})
	b.t.Cleanup(f.stop)
	return f
}

// relay runs a relay of the config lanes.
func (b *broker) relay(p *plaza, name string, patience, lasts time.Duration) (stop func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	at := b.place()
	s, err := natskv.Relay(ctx, at, natskv.RelayOptions{Options: centre.Options{URL: "http://" + p.addr + "/v1/configs/lanes?project=" + url.QueryEscape(shop), Token: p.token, Name: name},
		Merge: mergeFlows, Patience: patience, Lasts: lasts})
	require.NoError(b.t, err)
	stop = sync.OnceFunc(func() {
		cancel()
		<-s.Done()
		at.Conn.Close()
	})
	b.t.Cleanup(stop)
	return stop
}

// says tells whether Plaza has one subscriber, the relay, and that says so.
func (p *plaza) says(want string) func() bool {
	return func() bool {
		_, acks := p.state()
		return len(acks) == 1 && strings.Contains(acks["relay"], want)
	}
}

func (p *plaza) create(format, document string) {
	p.t.Helper()
	status, answer := p.call(http.MethodPost, "/v1/configs", map[string]any{"project": shop, "name": "lanes", "spec": map[string]any{"format": format, "document": document}})
	require.Equal(p.t, 201, status, answer)
}

func soon(t *testing.T, why string, is func() bool) {
	t.Helper()
	require.Eventually(t, is, 90*time.Second, 50*time.Millisecond, why)
}

// Two gateways follow by NATS what a relay takes from Plaza, for which they are one subscriber. Either end may go and come back.
func TestRulesByNATS(t *testing.T) {
	p, b := newPlaza(t, store.SQLite), newBroker(t, 0)
	one, two := newEdges(t, p)
	dir := filepath.Dir(one.config)
	at := map[string]string{"url": b.url, "login": b.login, "bucket": "plaza", "key": "shop.lanes"}
	for _, e := range []*edge{one, two} {
		text, err := os.ReadFile(e.config)
		require.NoError(t, err)
		var c map[string]any
		require.NoError(t, json.Unmarshal(text, &c))
		delete(c, "centre")
		c["nats"] = map[string]string{"url": at["url"], "login": at["login"], "bucket": at["bucket"], "key": at["key"], "name": strings.TrimSuffix(filepath.Base(e.config), ".yaml")}
		(&chain{t: t, dir: dir}).write(filepath.Base(e.config), c)
	}
	config := (&chain{t: t, dir: dir}).write("relay.yaml", map[string]any{"nats": at, "snapshot": "relay.snapshot",
		"centre": map[string]string{"url": "http://" + p.addr + "/v1/configs/lanes?project=" + url.QueryEscape(shop), "tokenFile": "token", "name": "relay"}})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- runRelay(ctx, config, slog.New(slog.DiscardHandler)) }()
	defer func() {
		stop()
		require.NoError(t, <-ended)
	}()
	lanes := func(dedicated, common string, edges ...*edge) func() bool {
		return func() bool {
			return !slices.ContainsFunc(edges, func(e *edge) bool { return e.serves(dedicated) != "vip" || e.serves(common) != "public" })
		}
	}
	one.start()
	two.start()
	p.create("dpath", rules("X-Vip", "vip"))
	soon(t, "the first rules", lanes("X-Vip", "X-Gold", one, two))
	soon(t, "the relay acknowledges", p.says("applied 1"))

	p.publish(rules("X-Vip", "extra"))
	soon(t, "the one that knows the group", lanes("X-Vip", "X-Gold", one))
	soon(t, "the other's refusal is told in its name", p.says("refused 2 edge-b: "))
	require.True(t, lanes("X-Vip", "X-Gold", two)(), "and it keeps its last good rules")
	p.publish(rules("X-Gold", "vip"))
	soon(t, "other rules", lanes("X-Gold", "X-Vip", one, two))
	soon(t, "the relay acknowledges", p.says("applied 3"))

	b.stop()
	p.publish(rules("X-Vip", "vip"))
	require.True(t, lanes("X-Gold", "X-Vip", one, two)(), "without NATS all stays as it was")
	two.stop()
	two.start()
	require.True(t, lanes("X-Gold", "X-Vip", two)(), "a restart begins with the snapshot")
	soon(t, "Plaza hears of it", p.says("refused 4 NATS is away"))
	b.start()
	soon(t, "nothing is lost", lanes("X-Vip", "X-Gold", one, two))
	soon(t, "the relay acknowledges", p.says("applied 4"))

	p.kill()
	two.stop()
	two.start()
	require.True(t, lanes("X-Vip", "X-Gold", one, two)(), "Plaza is needed for news alone")
	p.raise()
	p.publish(rules("X-Gold", "vip"))
	soon(t, "news after the outage", lanes("X-Gold", "X-Vip", one, two))
	soon(t, "the relay acknowledges", p.says("applied 5"))
}

// A follower that is killed holds the relay's word up for its patience, and does not count once it was silent for long enough.
func TestRelayOutlastsTheDead(t *testing.T) {
	p, b := newPlaza(t, store.SQLite), newBroker(t, 0)
	p.create("text", "1")
	stop := b.relay(p, "relay", 2*time.Second, 6*time.Second)
	const beat = 500 * time.Millisecond
	take := func(centre.Version) error { return nil }
	b.follow("lives", beat, take)
	dies, ends := b.follow("dies", beat, take), b.follow("ends", beat, take)
	soon(t, "all have it", func() bool { return b.told(dies.at, "dies") && b.told(ends.at, "ends") && p.says("applied 1")() })
	ends.stop()          // takes its word back
	dies.at.Conn.Close() // can not
	p.publish("2")
	soon(t, "the relay does not wait for ever", p.says("refused 2 1 who follow have not answered yet: dies"))
	soon(t, "and then not at all", p.says("applied 2"))
	p.publish("3")
	soon(t, "the dead are forgotten", p.says("applied 3"))
	soon(t, "so are their keys", func() bool { return !b.told(b.place(), "dies") })

	// A relay that starts anew finds what there is, and another one may run beside it.
	stop()
	b.relay(p, "relay", 2*time.Second, 6*time.Second)
	p.publish("4")
	soon(t, "a new relay goes on", p.says("applied 4"))
	b.relay(p, "second", 2*time.Second, 6*time.Second)
	p.publish("5")
	soon(t, "both tell", func() bool {
		_, acks := p.state()
		return acks["relay"] == "applied 5" && acks["second"] == "applied 5"
	})
}

// told tells whether a follower's key is there.
func (b *broker) told(at natskv.Place, name string) bool {
	js, err := at.Conn.JetStream()
	require.NoError(b.t, err)
	kv, err := js.KeyValue(at.Bucket)
	if err != nil {
		return false
	}
	_, err = kv.Get(at.Key + ".ack." + name)
	if !errors.Is(err, nats.ErrKeyNotFound) {
		require.NoError(b.t, err)
	}
	return err == nil
}

// What NATS can not take, and what would go back, is refused in words that say what to do; the last good one stays.
func TestRelayRefuses(t *testing.T) {
	p, b := newPlaza(t, store.SQLite), newBroker(t, 64<<10)
	p.create("text", "1")
	stop := b.relay(p, "relay", time.Second, 10*time.Second)
	f := b.follow("till", time.Second, func(centre.Version) error { return nil })
	soon(t, "the first one", p.says("applied 1"))
	p.publish(strings.Repeat("x", 100<<10))
	soon(t, "too long for NATS", p.says("refused 2 version 2 takes a message of 101 KiB, and NATS takes 64 KiB; raise its max_payload"))
	require.EqualValues(t, 1, f.sub.Current().Number)
	p.publish("3")
	soon(t, "the next one", p.says("applied 3"))
	stop()

	status, answer := p.call(http.MethodDelete, "/v1/configs/lanes?project="+url.QueryEscape(shop)+"&wait=30s", nil)
	require.Less(t, status, 300, answer)
	p.create("text", "of another life")
	b.relay(p, "relay", time.Second, 10*time.Second)
	soon(t, "a config made anew begins at 1", p.says("refused 1 NATS holds another document as version 3"))
	require.Equal(t, "3", f.sub.Current().Document)
}

// T37 in count: two hundred follow, all take each version, in order, and one acknowledgement says so.
func TestT37TwoHundredFollowByNATS(t *testing.T) {
	p, b := newPlaza(t, store.SQLite), newBroker(t, 0)
	p.create("text", "0")
	b.relay(p, "relay", 15*time.Second, time.Minute)
	const many, rounds = 200, 3
	var applied [rounds + 2]atomic.Int64 // by version
	for i := range many {
		last := int64(0)
		b.follow(fmt.Sprintf("s%d", i), 2*time.Second, func(v centre.Version) error {
			if v.Number <= last {
				t.Errorf("version %d after %d", v.Number, last)
			}
			last = v.Number
			applied[v.Number].Add(1)
			return nil
		})
	}
	for n := 1; n <= rounds+1; n++ {
		if n > 1 {
			p.publish(fmt.Sprint(n))
		}
		soon(t, "all take it", func() bool { return applied[n].Load() == many })
		soon(t, "one says so", p.says(fmt.Sprint("applied ", n)))
	}
	soon(t, "and all report", func() bool {
		var list struct {
			Items []struct{ Report dpath.Flow }
		}
		_, answer := p.call(http.MethodGet, "/v1/configs/lanes/subscribers?project="+url.QueryEscape(shop), nil)
		require.NoError(t, json.Unmarshal([]byte(answer), &list), answer)
		return len(list.Items) == 1 && list.Items[0].Report.Rejects == many
	})
	s, _ := p.state()
	require.Equal(t, kinds.ConfigStatus{Version: rounds + 1, Subscribers: 1, Applied: 1}, s)
}

// A merged flow has the rates and counts of all, of each lane the worst view, and is never too long.
func TestMergeFlows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"a", "b", "shop-with-a-long-name-" + strings.Repeat("x", 60)})
		lane := rapid.Custom(func(t *rapid.T) dpath.FlowLane {
			nodes := rapid.IntRange(0, 5).Draw(t, "nodes")
			return dpath.FlowLane{App: name.Draw(t, "app") + fmt.Sprint(rapid.IntRange(0, 30).Draw(t, "n")), Env: name.Draw(t, "env"), Nodes: nodes, Usable: rapid.IntRange(0, nodes).Draw(t, "usable")}
		})
		calls := rapid.Custom(func(t *rapid.T) dpath.FlowCalls {
			return dpath.FlowCalls{App: name.Draw(t, "app") + fmt.Sprint(rapid.IntRange(0, 30).Draw(t, "n")), Env: name.Draw(t, "env"), Pool: "public", Decision: "shared", Calls: rapid.Float64Range(1, 1000).Draw(t, "calls")}
		})
		flows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) dpath.Flow {
			return dpath.Flow{Seconds: rapid.Float64Range(1, 30).Draw(t, "seconds"), Violations: float64(rapid.IntRange(0, 3).Draw(t, "violations")),
				Calls: rapid.SliceOfNDistinct(calls, 0, 40, func(c dpath.FlowCalls) string { return c.App + c.Env }).Draw(t, "of"), Lanes: rapid.SliceOfN(lane, 0, 40).Draw(t, "lanes")}
		}), 1, 8).Draw(t, "flows")
		var texts []json.RawMessage
		rate, violations, usable := 0.0, 0.0, map[[2]string]int{}
		for _, f := range flows {
			text, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, text)
			violations += f.Violations
			for _, c := range f.Calls {
				rate += c.Calls / f.Seconds
			}
			for _, l := range f.Lanes {
				key := [2]string{l.App, l.Env}
				if least, ok := usable[key]; !ok || l.Usable < least {
					usable[key] = l.Usable
				}
			}
		}
		out := mergeFlows(append(texts, json.RawMessage(`"no flow"`))).(dpath.Flow)
		text, err := json.Marshal(out)
		if err != nil || len(text) > maxReport || out.Violations != violations {
			t.Fatalf("%d bytes, %v violations of %v, %v", len(text), out.Violations, violations, err)
		}
		sum := 0.0
		for _, c := range out.Calls {
			sum += c.Calls / out.Seconds
		}
		if whole := len(text) < maxReport*3/4 && len(out.Calls) < maxEntries; sum > rate*1.001 || whole && math.Abs(sum-rate) > rate*0.001 {
			t.Fatalf("%v calls a second of %v", sum, rate)
		}
		for _, l := range out.Lanes {
			if usable[[2]string{l.App, l.Env}] != l.Usable {
				t.Fatalf("%v has %d usable at worst", l, usable[[2]string{l.App, l.Env}])
			}
		}
	})
}

func TestRefusesHalfARelay(t *testing.T) {
	c := &chain{t: t, dir: t.TempDir()}
	quiet := slog.New(slog.DiscardHandler)
	plaza := map[string]string{"url": "http://127.0.0.1:1/v1/configs/x", "tokenFile": "token", "name": "relay"}
	at := func(more ...string) map[string]string {
		out := map[string]string{"url": "nats://127.0.0.1:1", "bucket": "plaza", "key": "lanes"}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	for want, config := range map[string]map[string]any{
		"centre and nats are needed":      {"centre": plaza},
		"url, bucket and key are needed":  {"centre": plaza, "nats": at("bucket", "")},
		"at most one of credentials":      {"centre": plaza, "nats": at("login", "a", "nkey", "b")},
		"nats.name is for those":          {"centre": plaza, "nats": at("name", "edge")},
		"the nkey can not be used":        {"centre": plaza, "nats": at("nkey", "nkey")},
		`bucket "a.b" can not be`:         {"centre": plaza, "nats": at("bucket", "a.b")},
		"url, tokenFile and name are nee": {"centre": map[string]string{"url": "x"}, "nats": at()},
	} {
		require.ErrorContains(t, runRelay(t.Context(), c.write("relay.yaml", config), quiet), want)
	}
	c.write("keys.yaml", map[string]any{"current": "1", "keys": map[string]string{"1": base64.StdEncoding.EncodeToString(make([]byte, 16))}})
	for want, config := range map[string]map[string]any{
		"name is needed":              {"keys": "keys.yaml", "snapshot": "s", "nats": at()},
		"snapshot is missing":         {"keys": "keys.yaml", "nats": at("name", "edge")},
		"centre and nats are both gi": {"keys": "keys.yaml", "snapshot": "s", "nats": at("name", "edge"), "centre": plaza},
	} {
		err := runGateway(t.Context(), gatewayOptions{config: c.write("c.yaml", config), listen: "127.0.0.1:0"}, quiet)
		require.ErrorContains(t, err, want)
	}
}
