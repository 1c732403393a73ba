package daemon_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/retail/daemon"
	"github.com/plazacloud/plaza/pkg/retail/retailtest"
)

const lanes = `{"document": {"enable": true, "version": %d, "envRules": [{"envName": "newRetail", "failoverPolicy": 0,
 "envAppRules": [{"appName": "trade", "ips": [], "machineGroups": ["trade_newRetail_host"]}]}]},
 "registry": {"apps": {"trade": [{"id": "a", "addr": "127.0.0.1:1"}, {"id": "b", "addr": "127.0.0.2:1"}]},
 "groups": {"trade_newRetail_host": ["127.0.0.2"]}}}`

func options(file, node, env string) daemon.LaneOptions {
	return daemon.LaneOptions{File: file, Node: node, Env: env, Secret: "a secret for tests only", Metrics: daemon.NewMetrics(), Log: retailtest.Quiet()}
}

func TestLaneFileIsFailStatic(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lanes.json")
	write := func(s string) { require.NoError(t, os.WriteFile(file, []byte(s), 0o600)) }
	write(fmt.Sprintf(lanes, 5))
	l, err := daemon.NewLanes(options(file, "b", "newRetail"))
	require.NoError(t, err)
	peer, err := l.Peer("trade")
	require.NoError(t, err)
	require.Equal(t, "127.0.0.2:1", peer.Addr, "found by the node's id")
	for _, bad := range []string{"{", `{"document": {}, "other": 1}`, fmt.Sprintf(lanes, 4)} {
		write(bad)
		require.Error(t, l.Reload())
		env, err := l.Standing(peer)
		require.NoError(t, err)
		require.Equal(t, "newRetail", env, "the last good rules stay")
	}
	write(fmt.Sprintf(lanes, 6))
	require.NoError(t, l.Reload())
}

func TestNodeMustStandWhereItWasMeantTo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lanes.json")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, lanes, 1), 0o600))
	l, err := daemon.NewLanes(options(file, "a", "newRetail"))
	require.NoError(t, err)
	peer, err := l.Peer("trade")
	require.NoError(t, err)
	_, err = l.Standing(peer)
	require.ErrorContains(t, err, `the rules say ""`)
	l, err = daemon.NewLanes(options(file, "stranger", ""))
	require.NoError(t, err)
	_, err = l.Peer("trade")
	require.ErrorContains(t, err, "--advertise", "a node that cannot know its lane does not start")
}

func TestNodeOfFailedCallsIsNotUsable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lanes.json")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, lanes, 1), 0o600))
	l, err := daemon.NewLanes(options(file, "b", ""))
	require.NoError(t, err)
	peer, err := l.Peer(daemon.Gateway)
	require.NoError(t, err)
	public := l.Nodes("trade")[0]
	require.Equal(t, "a", public.ID)
	require.True(t, l.Usable(public))
	calls := l.Transport(peer)
	for range dpath.EjectAfter {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://trade/v1/orders", nil)
		require.NoError(t, err)
		reply, err := calls.RoundTrip(req)
		if err == nil {
			require.NoError(t, reply.Body.Close())
		}
	}
	require.False(t, l.Usable(public), "nothing listens there, so calls to it failed")
	require.False(t, l.Usable(daemon.Node{App: "trade", ID: "stranger"}))
}
