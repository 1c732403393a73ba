package httpdpath_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
)

// A caller that has not heard yet that most nodes are dedicated finds the one that is not: being sent back is no attempt.
func TestManyNodesSendACallBack(t *testing.T) {
	keys, err := dpath.NewKeyring("k1", map[string][]byte{"k1": []byte("label key of sixteen or more")})
	require.NoError(t, err)
	stores := [2]*dpath.Store{}
	for i := range stores {
		stores[i], err = dpath.NewStore(dpath.StoreOptions{})
		require.NoError(t, err)
	}
	fresh, stale := stores[0], stores[1]
	reg := &dpath.Registry{Apps: map[string][]dpath.Endpoint{}}
	var addrs []string
	served := map[string]int{}
	for i := range 6 {
		p := &httpdpath.Peer{Peer: carrier.Peer{Store: fresh, Keys: keys, App: "shop"}}
		s := httptest.NewServer(p.Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served[p.Addr]++ }), httpdpath.GuardOptions{}))
		t.Cleanup(s.Close)
		p.Addr = s.Listener.Addr().String()
		addrs = append(addrs, p.Addr)
		reg.Apps["shop"] = append(reg.Apps["shop"], dpath.Endpoint{ID: fmt.Sprint(i), Addr: p.Addr})
	}
	require.NoError(t, stale.Set(&dpath.Document{Enable: true, Version: 1}, reg))
	require.NoError(t, fresh.Set(&dpath.Document{Enable: true, Version: 2, EnvRules: []dpath.EnvRule{{EnvName: lane, EnvAppRules: []dpath.EnvAppRule{{AppName: "shop", IPs: addrs[1:]}}}}}, reg))
	caller := &httpdpath.Peer{Peer: carrier.Peer{Store: stale, Keys: keys}}
	transport := caller.Transport(httpdpath.TransportOptions{})
	defer transport.CloseIdleConnections()
	for range 50 {
		_, err := rig.Get(context.Background(), &http.Client{Transport: transport}, "http://shop/", nil)
		require.NoError(t, err)
	}
	require.Equal(t, map[string]int{addrs[0]: 50}, served)
}

// rebooted is a node that knows nothing of the connections it had before its power went: each that is used again is reset.
type rebooted struct {
	net.Listener
	mu      sync.Mutex
	boot    int
	arrived chan struct{}
	open    chan struct{}
}

func (n *rebooted) serve(t *testing.T) {
	var calls sync.WaitGroup
	defer calls.Wait()
	for {
		c, err := n.Accept()
		if err != nil {
			return
		}
		n.mu.Lock()
		boot := n.boot
		n.mu.Unlock()
		calls.Go(func() { n.answer(t, c.(*net.TCPConn), boot) })
	}
}

func (n *rebooted) answer(t *testing.T, c *net.TCPConn, boot int) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		n.mu.Lock()
		gone := boot != n.boot
		n.mu.Unlock()
		if gone {
			assert.NoError(t, c.SetLinger(0))
			return
		}
		n.arrived <- struct{}{}
		<-n.open
		_, _ = io.WriteString(c, fine)
	}
}

// A machine that crashed and is up again is asked anew: the connections kept from before fail no call that may be sent twice,
// and set nobody aside.
func TestNodeThatCameUpAnewServesAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	const kept = 20
	n := &rebooted{Listener: l, arrived: make(chan struct{}, 1000), open: make(chan struct{})}
	done := make(chan struct{})
	go func() { defer close(done); n.serve(t) }()
	t.Cleanup(func() { _ = l.Close(); <-done })
	store, err := dpath.NewStore(dpath.StoreOptions{})
	require.NoError(t, err)
	require.NoError(t, store.Set(&dpath.Document{Version: 1}, &dpath.Registry{Apps: map[string][]dpath.Endpoint{"shop": {{ID: "a", Addr: l.Addr().String()}}}}))
	keys, err := dpath.NewKeyring("k1", map[string][]byte{"k1": []byte("label key of sixteen or more")})
	require.NoError(t, err)
	transport := (&httpdpath.Peer{Peer: carrier.Peer{Store: store, Keys: keys}}).Transport(httpdpath.TransportOptions{})
	defer transport.CloseIdleConnections()

	var together sync.WaitGroup
	for range kept {
		together.Go(func() { _, _, err := send(transport, http.MethodGet, "http://shop/", ""); assert.NoError(t, err) })
	}
	for range kept {
		<-n.arrived // all are under way at once, each on a connection of its own
	}
	close(n.open)
	together.Wait()

	n.mu.Lock()
	n.boot++
	n.mu.Unlock()
	_, _, err = send(transport, http.MethodPost, "http://shop/", "order")
	require.Error(t, err, "it may have been carried out")
	for range kept {
		_, text, err := send(transport, http.MethodPost, "http://shop/", "order")
		require.NoError(t, err)
		require.Equal(t, "fine", text)
	}
	n.mu.Lock()
	n.boot++
	n.mu.Unlock()
	for range kept {
		for _, method := range []string{http.MethodGet, http.MethodPut} {
			_, _, err = send(transport, method, "http://shop/", strings.Repeat("x", map[string]int{http.MethodPut: 5}[method]))
			require.NoError(t, err)
		}
	}
}
