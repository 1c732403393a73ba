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
