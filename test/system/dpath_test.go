package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/tenantnet"
	"github.com/plazacloud/plaza/pkg/centre"
	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// caller sends calls along a chain from within the servers' network, by what the chain publishes.
type caller struct {
	store *dpath.Store
	keys  *dpath.Keyring
	http  *http.Client

	transport *httpdpath.Transport

	mu     sync.Mutex
	failed []string
	served map[string]map[string]int // special or common → name of the server → calls
}

// newCaller follows the chain shop of a project.
func newCaller(ctx context.Context, t *testing.T, p *rig.Plane, project, network string) *caller {
	t.Helper()
	c := &caller{served: map[string]map[string]int{}}
	var err error
	c.store, err = dpath.NewStore(dpath.StoreOptions{})
	require.NoError(t, err)
	c.keys, err = dpath.NewKeyring("k", map[string][]byte{"k": []byte("a key of sixteen or more")})
	require.NoError(t, err)
	base := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
		return dialWithin(ctx, tenantnet.NamespaceName(network), addr)
	}}
	c.transport = (&httpdpath.Peer{Peer: carrier.Peer{Store: c.store, Keys: c.keys}}).Transport(httpdpath.TransportOptions{Base: base})
	c.http = &http.Client{Transport: c.transport, Timeout: 10 * time.Second}
	token := rig.Call[struct{ Secret string }](t, p.Client, http.MethodPost, "/v1/tokens", m{"name": "caller", "role": "subscriber", "node": project}).Secret
	s, err := centre.Subscribe(ctx, centre.Options{URL: p.Base() + "/v1/configs/shop?project=" + project, Token: token, Name: "caller", Report: c.lanes(), Apply: func(v centre.Version) error {
		r, err := dpath.ParseRelease(strings.NewReader(v.Document))
		if err != nil {
			return err
		}
		r.Document.Version = uint64(v.Number)
		return c.store.Take(r)
	}})
	require.NoError(t, err)
	probing := make(chan struct{})
	go func() {
		defer close(probing)
		c.transport.Probe(ctx, httpdpath.ProbeOptions{Path: "/", Interval: time.Second})
	}()
	t.Cleanup(func() { <-s.Done(); <-probing })
	return c
}

// lanes tells the centre which nodes answer, as dpathd does.
func (c *caller) lanes() func() any {
	return func() any {
		cfg := c.store.Current()
		if cfg == nil {
			return nil
		}
		return dpath.Flow{Seconds: 1, Lanes: cfg.Lanes(c.transport.Health().View(cfg))}
	}
}

// Traffic of two kinds.
const (
	common  = "common"
	special = "special"
)

// dialWithin opens a connection from within a network namespace, where it stays.
func dialWithin(ctx context.Context, namespace, addr string) (conn net.Conn, err error) {
	err = tenantnet.Within(namespace, func() (err error) {
		conn, err = (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp4", addr)
		return err
	})
	return conn, err
}

// call makes one call of a kind, as an entry lets it in, and notes who served it.
func (c *caller) call(ctx context.Context, kind string) {
	cfg := c.store.Current()
	if cfg == nil {
		return
	}
	if env := cfg.Identify(&dpath.Facts{Header: http.Header{"X-Kind": {kind}}}); env != "" {
		label, err := dpath.Sign(c.keys, env, dpath.NewTrace(), time.Now(), 0)
		if err != nil {
			panic(err)
		}
		ctx = dpath.WithLabel(ctx, label)
	}
	text, err := func() (string, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://web/", nil)
		if err != nil {
			return "", err
		}
		res, err := c.http.Do(req)
		if err != nil {
			return "", err
		}
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		return strings.TrimPrefix(strings.TrimSpace(string(text)), "hello from "), err
	}()
	if ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.failed = append(c.failed, kind+": "+err.Error())
		return
	}
	if c.served[kind] == nil {
		c.served[kind] = map[string]int{}
	}
	c.served[kind][text]++
}

// since gives who served what since it was asked last, and the calls that failed.
func (c *caller) since() (served map[string]map[string]int, failed []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	served, failed = c.served, c.failed
	c.served, c.failed = map[string]map[string]int{}, nil
	return served, failed
}

// only waits until the calls of a kind are served by exactly these, for a while.
func (c *caller) only(t *testing.T, kind string, names ...string) {
	t.Helper()
	rig.Within(t, 60*time.Second, func() error {
		c.since()
		time.Sleep(time.Second)
		served, failed := c.since()
		for _, n := range names {
			if served[kind][n] == 0 || len(served[kind]) != len(names) || len(failed) > 0 {
				return fmt.Errorf("%s calls were served by %v, and failed: %v; known are %+v", kind, served[kind], failed, c.lanes()())
			}
		}
		return nil
	})
}

// TestT35T36ServersOfAnEnvironmentAreFollowed sends common and labelled calls all the time, while an environment's servers come,
// are replaced, become more and fewer, and go.
func TestT35T36ServersOfAnEnvironmentAreFollowed(t *testing.T) {
	t.Parallel()
	p, _, project := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	network := p.Create(t, "networks", project, "front", m{"cidr": "10.91.0.0/24"})
	p.Create(t, "securitygroups", project, "web", m{"rules": []m{{"protocol": "tcp", "fromPort": 80, "cidr": "10.91.0.0/24"}}})
	p.Create(t, "nodegroups", project, "web", m{"count": 1, "flavor": "tiny", "image": "busybox", "network": "front", "securityGroups": []string{"web"}, "antiAffinity": "none"})
	p.Create(t, "dpathchains", project, "shop", m{"apps": []m{{"name": "web", "port": 80, "nodegroups": []string{"web"}}}, "entry": []string{"web"}})

	ctx, cancel := context.WithCancel(context.Background())
	c := newCaller(ctx, t, p, project, network.ID)
	var calls sync.WaitGroup
	t.Cleanup(func() { cancel(); calls.Wait() }) // before what waits for the context's end
	rig.Within(t, 2*time.Minute, func() error {  // its guest boots beside whatever else does
		c.call(ctx, common)
		if served, failed := c.since(); len(served[common]) == 0 {
			return fmt.Errorf("nothing is served yet: %v", failed)
		}
		return nil
	})
	for _, kind := range []string{common, special} {
		calls.Go(func() {
			for ctx.Err() == nil {
				c.call(ctx, kind)
				time.Sleep(25 * time.Millisecond)
			}
		})
	}
	c.only(t, special, "web-0") // nobody knows of it

	begin := time.Now()
	lane := p.Create(t, "dpathenvs", project, "lane", m{"chain": "shop", "failoverPolicy": "strict", "drainSeconds": 2,
		"identify": []m{{"conditions": []m{{"type": "header", "key": "X-Kind", "op": "equal", "value": []string{special}}}}}, "apps": []m{{"app": "web", "count": 1}}})
	_, failed := c.since()
	require.Empty(t, failed, "calls while it was made")
	c.only(t, special, "lane-web-0")
	t.Logf("an environment with a server of its own takes its calls after %s", time.Since(begin).Round(time.Millisecond))
	c.only(t, common, "web-0")

	p.Patch(t, "dpathenvs", lane.ID, "60s", m{"apps": []m{{"app": "web", "count": 3}}})
	c.only(t, special, "lane-web-0", "lane-web-1", "lane-web-2")
	_, failed = c.since()
	require.Empty(t, failed, "servers join when they answer")
	c.since()
	p.Patch(t, "dpathenvs", lane.ID, "60s", m{"apps": []m{{"app": "web", "count": 2}}})
	rig.Within(t, 60*time.Second, func() error {
		if n := len(p.List(t, "servers", "project="+project)); n != 3 {
			return fmt.Errorf("there are %d servers", n)
		}
		return nil
	})
	served, failed := c.since()
	require.Empty(t, failed, "a server that goes gets nothing new before: %v", served)
	c.only(t, special, "lane-web-0", "lane-web-1")

	// A server that is lost is made anew, at whatever address, and takes its calls again.
	var first resource.Raw
	for _, s := range p.List(t, "servers", "project="+project, "name=lane-web-0") {
		first = s
	}
	p.Delete(t, "servers", first.ID)
	c.only(t, special, "lane-web-0", "lane-web-1")
	c.only(t, common, "web-0")

	c.since()
	p.Delete(t, "dpathenvs", lane.ID)
	served, failed = c.since()
	require.Empty(t, failed, "calls while it was taken back")
	require.Equal(t, []string{"web-0"}, slices.Sorted(maps.Keys(served[common])), "common calls never went to its servers")
	c.only(t, special, "web-0")
	rig.Within(t, 30*time.Second, func() error {
		if n := len(p.List(t, "servers", "project="+project)); n != 1 {
			return errors.New("its servers are there still")
		}
		return nil
	})
	rig.Within(t, time.Minute, func() error {
		chain, err := resource.As[kinds.DpathChainSpec, kinds.DpathChainStatus](p.List(t, "dpathchains", "project="+project)[0])
		if err == nil && len(chain.Status.Environments) > 0 {
			err = fmt.Errorf("the chain knows of %v still", chain.Status.Environments)
		}
		return err
	})
}
