package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/centre"
	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// plaza is a real control plane, to be killed and raised again at the same address with the same database.
type plaza struct {
	t      *testing.T
	db     string
	addr   string
	kill   func()
	member string // secret of somebody who changes configurations
	token  string // secret of a subscriber
}

func newPlaza(t *testing.T, d store.Dialect) *plaza {
	p := &plaza{t: t, db: storetest.URL(t, d), addr: "127.0.0.1:0"}
	p.raise()
	t.Cleanup(func() { p.kill() })
	return p
}

func (p *plaza) raise() {
	t := p.t
	db, err := store.Open(context.Background(), p.db)
	require.NoError(t, err)
	require.NoError(t, db.Migrate(context.Background()))
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{})
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	people := tenancy.New(db, nil)
	if p.token == "" {
		p.populate(people)
	}
	quiet := slog.New(slog.DiscardHandler)
	objects := resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Authorizer: people, Tree: people, Log: quiet})
	engine, err := operation.New(context.Background(), operation.Config{DB: db, Objects: objects, Node: "n1", Log: quiet})
	require.NoError(t, err)
	objects.UseJobs(engine)
	require.NoError(t, engine.Start(context.Background()))
	server, err := api.New(api.Config{Store: objects, Tenancy: people, Version: "test", Log: quiet})
	require.NoError(t, err)
	l, err := net.Listen("tcp", p.addr)
	require.NoError(t, err)
	p.addr = l.Addr().String()
	web := httptest.NewUnstartedServer(nil)
	_ = web.Listener.Close()
	web.Config, web.Listener = server.HTTP(), l
	web.Start()
	p.kill = func() {
		web.CloseClientConnections()
		web.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, engine.Stop(ctx))
		objects.Close()
		require.NoError(t, db.Close())
		p.kill = func() {}
	}
}

// populate makes a project, somebody who works there, and a token that only follows configurations.
func (p *plaza) populate(people *tenancy.Service) {
	ctx, word := context.Background(), "correct horse battery"
	_, err := people.Bootstrap(ctx)
	require.NoError(p.t, err)
	_, err = people.Seed(ctx, map[string]string{"dailymart-member": word})
	require.NoError(p.t, err)
	_, p.member, err = people.Login(ctx, tenancy.Credentials{Name: "dailymart-member", Password: word})
	require.NoError(p.t, err)
	who, err := people.Authenticate(ctx, p.member, "")
	require.NoError(p.t, err)
	_, p.token, err = people.CreateToken(ctx, who.Actor, tenancy.NewToken{Name: "lanes", Role: tenancy.Subscriber, Node: shop})
	require.NoError(p.t, err)
}

// call sends a request in the name of the member and reads the answer.
func (p *plaza) call(method, path string, body any) (int, string) {
	p.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(p.t, err)
	req, err := http.NewRequest(method, "http://"+p.addr+path, bytes.NewReader(text))
	require.NoError(p.t, err)
	req.Header.Set("Authorization", "Bearer "+p.member)
	req.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(p.t, err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return resp.StatusCode, string(answer)
}

// publish replaces the rules.
func (p *plaza) publish(rules string) {
	p.t.Helper()
	status, answer := p.call(http.MethodPatch, "/v1/configs/lanes?project="+url.QueryEscape(shop), map[string]any{"spec": map[string]any{"document": rules}})
	require.Equal(p.t, 200, status, answer)
}

// state is the config's status, and what each subscriber acknowledged.
func (p *plaza) state() (kinds.ConfigStatus, map[string]string) {
	p.t.Helper()
	var o struct{ Status kinds.ConfigStatus }
	_, answer := p.call(http.MethodGet, "/v1/configs/lanes?project="+url.QueryEscape(shop), nil)
	require.NoError(p.t, json.Unmarshal([]byte(answer), &o), answer)
	o.Status.Hash = ""
	var list struct{ Items []resource.Subscriber }
	_, answer = p.call(http.MethodGet, "/v1/configs/lanes/subscribers?project="+url.QueryEscape(shop), nil)
	require.NoError(p.t, json.Unmarshal([]byte(answer), &list), answer)
	acks := map[string]string{}
	for _, s := range list.Items {
		acks[s.Name] = strings.TrimSpace(fmt.Sprintf("%s %d %s", s.State, s.Version, s.Reason))
	}
	return o.Status, acks
}

// edge is a dpathd gateway that follows the centre.
type edge struct {
	t      *testing.T
	config string
	addrs  map[string]string
	stop   context.CancelFunc
	ended  chan error
}

func (e *edge) start() {
	e.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	up := make(chan map[string]string, 1)
	e.ended = make(chan error, 1)
	go func() {
		e.ended <- runGateway(ctx, gatewayOptions{config: e.config, listen: "127.0.0.1:0", ready: func(a map[string]string) { up <- a }}, slog.New(slog.DiscardHandler))
	}()
	select {
	case e.addrs = <-up:
	case err := <-e.ended:
		require.NoError(e.t, err)
	}
	e.stop = sync.OnceFunc(func() {
		stop()
		if err := <-e.ended; err != nil {
			e.t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	e.t.Cleanup(e.stop)
}

// serves tells which service answers a call with a header, or the status of a refusal.
func (e *edge) serves(header string) string {
	req, err := http.NewRequest(http.MethodGet, "http://"+e.addrs["gateway"]+"/shop/x", nil)
	require.NoError(e.t, err)
	req.Header.Set(header, "1")
	return e.answer(req)
}

func (e *edge) admin(path string) string {
	req, err := http.NewRequest(http.MethodGet, "http://"+e.addrs["admin"]+path, nil)
	require.NoError(e.t, err)
	return e.answer(req)
}

func (e *edge) answer(req *http.Request) string {
	resp, err := http.DefaultClient.Do(req)
	require.NoError(e.t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(e.t, err)
	if resp.StatusCode != http.StatusOK {
		return resp.Status
	}
	return string(text)
}

// rules send calls with a header to the nodes of a group.
func rules(header, group string) string {
	text, _ := json.Marshal(dpath.Document{Enable: true, EntryApps: []string{"shop"},
		EnvRules: []dpath.EnvRule{{EnvName: "vip", EnvAppRules: []dpath.EnvAppRule{{AppName: "shop", MachineGroups: []string{group}}}}},
		Identify: []dpath.IdentifyRule{{EnvName: "vip", Conditions: []dpath.Condition{{Type: "header", Key: header, Op: "present"}}}}})
	return string(text)
}

// newEdges makes two gateways before a public and a dedicated node. Only the first knows the group extra.
func newEdges(t *testing.T, p *plaza) (a, b *edge) {
	apps, addrs := map[string][]map[string]string{}, map[string]string{}
	for _, name := range []string{"public", "vip"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, name) }))
		t.Cleanup(s.Close)
		addrs[name] = strings.TrimPrefix(s.URL, "http://")
		apps["shop"] = append(apps["shop"], map[string]string{"id": name, "addr": addrs[name]})
	}
	dir := t.TempDir()
	write := func(name string, v any) string {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
		return filepath.Join(dir, name)
	}
	write("keys.yaml", map[string]any{"current": "1", "keys": map[string]string{"1": base64.StdEncoding.EncodeToString([]byte("label key of sixteen"))}})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "token"), []byte(p.token+"\n"), 0o600))
	make := func(name string, groups map[string][]string) *edge {
		return &edge{t: t, config: write(name+".yaml", map[string]any{"keys": "keys.yaml", "admin": "127.0.0.1:0", "snapshot": name + ".snapshot",
			"registry": map[string]any{"apps": apps, "groups": groups}, "routes": []map[string]string{{"prefix": "/shop", "app": "shop"}},
			"centre": map[string]string{"url": "http://" + p.addr + "/v1/configs/lanes?project=" + url.QueryEscape(shop), "tokenFile": "token", "name": name}})}
	}
	vip := []string{addrs["vip"]}
	return make("edge-a", map[string][]string{"vip": vip, "extra": vip}), make("edge-b", map[string][]string{"vip": vip})
}

const shop = "freshfoods/north/dailymart/shop"

// Rules are pushed to two gateways, acknowledged, refused by one, rolled back, and survive the centre.
func TestRulesFromTheCentre(t *testing.T) {
	eachPlaza(t, rulesFromTheCentre)
}

// eachPlaza runs f once with each database.
func eachPlaza(t *testing.T, f func(t *testing.T, p *plaza)) {
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(d), func(t *testing.T) { f(t, newPlaza(t, d)) })
	}
}

func rulesFromTheCentre(t *testing.T, p *plaza) {
	a, b := newEdges(t, p)
	a.start()
	b.start()
	require.Contains(t, a.admin("/healthz"), "503", "there are no rules yet")
	soon := func(why string, is func() bool) {
		t.Helper()
		require.Eventually(t, is, time.Minute, 50*time.Millisecond, why)
	}
	lanes := func(dedicated, common string, edges ...*edge) func() bool {
		return func() bool {
			for _, e := range edges {
				if e.serves(dedicated) != "vip" || e.serves(common) != "public" {
					return false
				}
			}
			return true
		}
	}
	told := func(status kinds.ConfigStatus, acks map[string]string) func() bool {
		return func() bool {
			s, have := p.state()
			for name, want := range acks {
				if !strings.HasPrefix(have[name], want) {
					return false
				}
			}
			return s == status
		}
	}

	status, answer := p.call(http.MethodPost, "/v1/configs", map[string]any{"project": shop, "name": "lanes", "spec": map[string]any{"format": "dpath", "document": rules("X-Vip", "vip"), "comment": "begin"}})
	require.Equal(t, 201, status, answer)
	soon("the first rules", lanes("X-Vip", "X-Gold", a, b))
	soon("both acknowledge", told(kinds.ConfigStatus{Version: 1, Subscribers: 2, Applied: 2}, map[string]string{"edge-a": "applied 1", "edge-b": "applied 1"}))

	p.publish(rules("X-Gold", "vip"))
	soon("other rules, without a restart", lanes("X-Gold", "X-Vip", a, b))
	soon("both acknowledge", told(kinds.ConfigStatus{Version: 2, Subscribers: 2, Applied: 2}, map[string]string{"edge-a": "applied 2", "edge-b": "applied 2"}))

	status, answer = p.call(http.MethodPatch, "/v1/configs/lanes?project="+url.QueryEscape(shop), map[string]any{"spec": map[string]any{"document": `{"enable":true,"envRules":[],"colour":1}`}})
	require.Equal(t, api.StatusOf(resource.ReasonInvalid), status, answer)
	require.Contains(t, answer, "$.colour")
	require.True(t, told(kinds.ConfigStatus{Version: 2, Subscribers: 2, Applied: 2}, nil)(), "what is not valid never gets there")

	p.publish(rules("X-Vip", "extra"))
	soon("the one that knows the group", lanes("X-Vip", "X-Gold", a))
	soon("the other one refuses", told(kinds.ConfigStatus{Version: 3, Subscribers: 2, Applied: 1, Refused: 1}, map[string]string{"edge-a": "applied 3", "edge-b": "refused 3 "}))
	_, acks := p.state()
	require.Contains(t, acks["edge-b"], "extra")
	require.True(t, lanes("X-Gold", "X-Vip", b)(), "and keeps its last good rules")

	status, answer = p.call(http.MethodPost, "/v1/configs/lanes/rollback?project="+url.QueryEscape(shop), map[string]any{"version": 1})
	require.Equal(t, 200, status, answer)
	soon("the rules of version 1 again", lanes("X-Vip", "X-Gold", a, b))
	soon("as version 4", told(kinds.ConfigStatus{Version: 4, Subscribers: 2, Applied: 2}, map[string]string{"edge-a": "applied 4", "edge-b": "applied 4"}))
	require.Contains(t, a.admin("/metrics"), "dpath_config_version 4")
	require.Regexp(t, `dpath_config_lag_seconds \d`, a.admin("/metrics"))

	p.kill()
	require.True(t, lanes("X-Vip", "X-Gold", a, b)(), "without the centre all stays as it was")
	b.stop()
	b.start()
	require.True(t, lanes("X-Vip", "X-Gold", b)(), "a restart begins with the snapshot")
	require.Contains(t, b.admin("/healthz"), "204")

	p.raise()
	p.publish(rules("X-Gold", "vip"))
	soon("news after the outage", lanes("X-Gold", "X-Vip", a, b))
	soon("both acknowledge", told(kinds.ConfigStatus{Version: 5, Subscribers: 2, Applied: 2}, map[string]string{"edge-a": "applied 5", "edge-b": "applied 5"}))
}

func TestRefusesHalfACentre(t *testing.T) {
	c := &chain{t: t, dir: t.TempDir()}
	c.write("keys.yaml", map[string]any{"current": "1", "keys": map[string]string{"1": base64.StdEncoding.EncodeToString(make([]byte, 16))}})
	whole := map[string]string{"url": "http://127.0.0.1:1/v1/configs/x", "tokenFile": "token", "name": "edge"}
	for want, config := range map[string]map[string]any{
		"both given":                       {"keys": "keys.yaml", "rules": "rules.json", "snapshot": "s", "centre": whole},
		"snapshot is missing":              {"keys": "keys.yaml", "centre": whole},
		"url, tokenFile and name are need": {"keys": "keys.yaml", "snapshot": "s", "centre": map[string]string{"url": "x"}},
		"is not a URL":                     {"keys": "keys.yaml", "snapshot": "s", "routes": []map[string]string{{"prefix": "/", "app": "a"}}, "centre": map[string]string{"url": "x", "tokenFile": "token", "name": "edge"}},
	} {
		err := runGateway(context.Background(), gatewayOptions{config: c.write("c.yaml", config), listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
		require.ErrorContains(t, err, want)
	}
}

// What is published reaches two hundred subscribers soon, and each says so. The bounds are those of a busy machine.
func TestTwoHundredFollow(t *testing.T) {
	eachPlaza(t, twoHundredFollow)
}

func twoHundredFollow(t *testing.T, p *plaza) {
	status, answer := p.call(http.MethodPost, "/v1/configs", map[string]any{"project": shop, "name": "lanes", "spec": map[string]any{"format": "text", "document": "0"}})
	require.Equal(t, 201, status, answer)
	const many, rounds = 200, 5
	ctx, stop := context.WithCancel(context.Background())
	took := make(chan time.Duration, many*(rounds+1))
	var published, calls atomic.Int64
	var flapping atomic.Bool
	var all []*centre.Subscription
	for i := range many {
		s, err := centre.Subscribe(ctx, centre.Options{URL: "http://" + p.addr + "/v1/configs/lanes?project=" + url.QueryEscape(shop), Token: p.token, Name: fmt.Sprintf("s%d", i),
			Apply: func() func(v centre.Version) error {
				last := int64(0)
				return func(v centre.Version) error {
					if v.Number <= last {
						t.Errorf("version %d after %d", v.Number, last)
					}
					last = v.Number
					calls.Add(1)
					if !flapping.Load() {
						took <- time.Since(time.UnixMicro(published.Load()))
					}
					return nil
				}
			}()})
		require.NoError(t, err)
		all = append(all, s)
	}
	defer func() {
		stop()
		for _, s := range all {
			<-s.Done()
		}
	}()
	for range many {
		<-took // they are connected
	}
	for round := range rounds {
		require.Eventually(t, func() bool {
			s, _ := p.state()
			return s == kinds.ConfigStatus{Version: int64(round + 1), Subscribers: many, Applied: many}
		}, time.Minute, 20*time.Millisecond)
		published.Store(time.Now().UnixMicro())
		p.publish(fmt.Sprint(round + 1))
		var times []time.Duration
		for range many {
			select {
			case d := <-took:
				times = append(times, d)
			case <-time.After(time.Minute):
				require.Fail(t, "not all were told within a minute")
			}
		}
		slices.Sort(times)
		t.Logf("of %d subscribers half were told within %s, 99 %% within %s, all within %s", many, times[many/2], times[many*99/100-1], times[many-1])
	}

	// Ten changes a second are taken together.
	flapping.Store(true)
	calls.Store(0)
	before := runtime.NumGoroutine()
	const flaps = 50
	begun := time.Now()
	for i := range flaps {
		p.publish(fmt.Sprint("flap ", i))
		time.Sleep(100 * time.Millisecond)
	}
	require.Eventually(t, func() bool {
		s, _ := p.state()
		return s == kinds.ConfigStatus{Version: rounds + 1 + flaps, Subscribers: many, Applied: many}
	}, time.Minute, 50*time.Millisecond)
	t.Logf("of %d changes each subscriber applied %d, with %d goroutines before and %d after", flaps, calls.Load()/many, before, runtime.NumGoroutine())
	require.LessOrEqual(t, calls.Load()/many, 3+int64(time.Since(begun)/(400*time.Millisecond)), "at most two a second")
	require.Eventually(t, func() bool { return runtime.NumGoroutine() < before+2*many }, 2*time.Minute, 100*time.Millisecond, "connections that came by are closed again")
}
