package httpdpath_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

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

// A service behind a side-car that drops the label of a rehearsal causes nothing real.
func TestASidecarNoticesALostRehearsal(t *testing.T) {
	r := rig.New(t, nil, func(d *dpath.Document) {
		d.Rehearsal = &dpath.Rehearsal{Enable: true, Conditions: []dpath.Condition{{Type: "path", Op: "prefix", Value: []string{"/r/"}}}}
	})
	p := &httpdpath.Peer{Peer: carrier.Peer{Store: r.Store, Keys: r.Keys, App: "app1", Rehearses: true}, Sidecar: true}
	var out []bool // of each call that went on, whether it is a rehearsal's
	outbound := p.Outbound(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { out = append(out, dpath.Shadow(req.Context())) }))
	forget := false
	service := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		next := httptest.NewRequest(http.MethodGet, "http://app2/", nil)
		next.Header.Set(dpath.HeaderTraceparent, req.Header.Get(dpath.HeaderTraceparent))
		if !forget {
			next.Header.Set(dpath.HeaderBaggage, req.Header.Get(dpath.HeaderBaggage))
		}
		outbound.ServeHTTP(w, next)
	})
	call := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		p.Entry(p.Guard(service, httpdpath.GuardOptions{}), httpdpath.EntryOptions{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	require.Equal(t, http.StatusOK, call("/").Code)
	require.Equal(t, http.StatusOK, call("/r/1").Code)
	forget = true
	w := call("/r/2")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), dpath.ErrShadowLost.Reason)
	require.Equal(t, http.StatusOK, call("/").Code)
	require.Equal(t, []bool{false, true, false}, out)
}
