package xds_test

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"testing"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/xds"
)

var t0 = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

// world is a random release, told as rules and as what they mean.
type world struct {
	release *dpath.Release
	owners  map[string]map[string]int // by address: environments that claim it
	lanes   map[string]lane           // by app:environment, where it has lists and its window is open
}

type lane struct {
	strict bool
	nodes  []string // claimed and serving
}

func draw(t *rapid.T, version uint64) *world {
	pick := func(n int, what string) int { return rapid.IntRange(0, n-1).Draw(t, what) }
	reg := &dpath.Registry{Apps: map[string][]dpath.Endpoint{}, Groups: map[string][]string{}}
	doc := &dpath.Document{Enable: pick(5, "enable") > 0, Version: version}
	w := &world{release: &dpath.Release{Document: doc, Registry: reg}, owners: map[string]map[string]int{}, lanes: map[string]lane{}}
	for a, app := range []string{"x", "y"}[:1+pick(2, "apps")] {
		reg.Apps[app] = []dpath.Endpoint{}
		for i := range pick(7, "nodes") {
			ip := fmt.Sprintf("10.0.%d.%d", a, i+1)
			if i%2 == 1 {
				ip = fmt.Sprintf("2001:db8::%d:%d", a+1, i+1)
			}
			reg.Apps[app] = append(reg.Apps[app], dpath.Endpoint{ID: fmt.Sprint(i), Addr: net.JoinHostPort(ip, "80")})
		}
	}
	for _, env := range []string{"a", "b", "c"} {
		if pick(4, "env") > 0 {
			w.env(pick, env)
		}
	}
	for key, l := range w.lanes {
		l.nodes = slices.DeleteFunc(l.nodes, func(addr string) bool { return len(w.owners[addr]) > 1 })
		w.lanes[key] = l
	}
	return w
}

// env adds an environment. It may claim what another one has, as groups do that change.
func (w *world) env(pick func(int, string) int, name string) {
	before, after := t0.Add(-time.Hour), t0.Add(time.Hour)
	e := dpath.EnvRule{EnvName: name, FailoverPolicy: dpath.Policy(pick(3, "policy")), SpillAt: 1, MinHealthy: dpath.Quorum{N: 1 + pick(5, "min")}}
	open, over := true, false
	switch pick(6, "window") {
	case 0:
		e.NotBefore, open = &after, false
	case 1:
		e.NotAfter, open, over = &before, false, true
	case 2:
		e.NotBefore, e.NotAfter = &before, &after
	}
	reg := w.release.Registry
	for _, app := range slices.Sorted(maps.Keys(reg.Apps)) {
		if pick(4, "rule") == 0 {
			continue
		}
		state := []dpath.State{"", dpath.StateActive, dpath.StateActive, dpath.StatePreparing, dpath.StateDraining}[pick(5, "state")]
		a, l := dpath.EnvAppRule{AppName: app, State: state}, lane{strict: e.FailoverPolicy == dpath.PolicyStrict}
		group := app + "-" + name
		for _, n := range reg.Apps[app] {
			ip, _, _ := net.SplitHostPort(n.Addr)
			switch pick(8, "claim") {
			case 0:
				a.IPs = append(a.IPs, ip)
			case 1:
				a.IPs = append(a.IPs, n.Addr)
			case 2:
				reg.Groups[group] = append(reg.Groups[group], n.Addr)
			default:
				continue
			}
			if !over {
				if w.owners[n.Addr] == nil {
					w.owners[n.Addr] = map[string]int{}
				}
				w.owners[n.Addr][name] = 1
			}
			if state == "" || state == dpath.StateActive {
				l.nodes = append(l.nodes, n.Addr)
			}
		}
		if len(reg.Groups[group]) > 0 || pick(4, "empty") == 0 {
			reg.Groups[group] = append(reg.Groups[group], "10.9.9.9") // not registered
			a.MachineGroups = []string{group}
		}
		if open && len(a.IPs)+len(a.MachineGroups) > 0 {
			w.lanes[app+":"+name] = l
		}
		e.EnvAppRules = append(e.EnvAppRules, a)
	}
	w.release.Document.EnvRules = append(w.release.Document.EnvRules, e)
}

// addrs gives an app's nodes, of all or those that nobody claims.
func (w *world) addrs(app string, all bool) (out []string) {
	for _, n := range w.release.Registry.Apps[app] {
		if all || len(w.owners[n.Addr]) == 0 {
			out = append(out, n.Addr)
		}
	}
	return out
}

// want gives the sets of a cluster, by priority.
func (w *world) want(app, name string) [][]string {
	sets := [][]string{w.addrs(app, !w.release.Document.Enable)}
	if l, ok := w.lanes[name]; ok && w.release.Document.Enable {
		if sets = append([][]string{l.nodes}, sets...); l.strict {
			sets = sets[:1]
		}
	}
	return slices.DeleteFunc(sets, func(s []string) bool { return len(s) == 0 })
}

// told gives the sets of a cluster as a client reads them.
func told(t require.TestingT, s *cache.Snapshot, name string) [][]string {
	c, ok := s.GetResources(resource.ClusterType)[name].(*cluster.Cluster)
	require.True(t, ok, "cluster %s", name)
	require.NotNil(t, c.GetCommonLbConfig().GetHealthyPanicThreshold())
	require.Zero(t, c.GetCommonLbConfig().GetHealthyPanicThreshold().GetValue())
	a, ok := s.GetResources(resource.EndpointType)[name].(*endpoint.ClusterLoadAssignment)
	require.True(t, ok, "endpoints of %s", name)
	sets := [][]string{}
	for i, l := range a.GetEndpoints() {
		require.EqualValues(t, i, l.GetPriority())
		var set []string
		for _, e := range l.GetLbEndpoints() {
			at := e.GetEndpoint().GetAddress().GetSocketAddress()
			set = append(set, net.JoinHostPort(at.GetAddress(), strconv.Itoa(int(at.GetPortValue()))))
		}
		sets = append(sets, set)
	}
	return sets
}

// routes gives the cluster of each environment's calls, "" being all others.
func routes(t require.TestingT, s *cache.Snapshot, app string) map[string]string {
	l, ok := s.GetResources(resource.ListenerType)[app].(*listener.Listener)
	require.True(t, ok, "listener of %s", app)
	var m manager.HttpConnectionManager
	require.NoError(t, l.GetApiListener().GetApiListener().UnmarshalTo(&m))
	out := map[string]string{}
	list := m.GetRouteConfig().GetVirtualHosts()[0].GetRoutes()
	for i, r := range list {
		env := ""
		if i < len(list)-1 {
			require.Len(t, r.GetMatch().GetHeaders(), 1)
			require.Equal(t, "x-dpath-env", r.GetMatch().GetHeaders()[0].GetName())
			env = r.GetMatch().GetHeaders()[0].GetStringMatch().GetExact()
			require.NotEmpty(t, env)
		} else {
			require.Empty(t, r.GetMatch().GetHeaders(), "every call has a route")
		}
		out[env] = r.GetRoute().GetCluster()
	}
	return out
}

// In no snapshot is a dedicated node in a cluster of common calls or of another
// environment, every set is as the rules say, and what the routes of the
// snapshot before name is still there.
func TestNoSnapshotMixesLanes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var snapshots xds.Snapshots
		before := map[string]map[string]string{}
		for version := range uint64(3) {
			w := draw(t, version)
			cfg, err := dpath.Join(w.release, t0)
			require.NoError(t, err)
			s, err := snapshots.Next(cfg)
			require.NoError(t, err)
			require.NoError(t, s.Consistent())
			now := map[string]map[string]string{}
			for app := range w.release.Registry.Apps {
				want := map[string]string{"": app}
				for _, env := range []string{"a", "b", "c"} {
					if _, ok := w.lanes[app+":"+env]; ok && cfg.Enabled() {
						want[env] = app + ":" + env
					}
				}
				now[app] = routes(t, s, app)
				require.Equal(t, want, now[app])
				for _, routes := range []map[string]string{now[app], before[app]} {
					for _, name := range routes {
						require.Equal(t, w.want(app, name), told(t, s, name), name)
					}
				}
			}
			before = now
		}
	})
}

func TestVersionTellsEveryChange(t *testing.T) {
	now := t0
	store, err := dpath.NewStore(dpath.StoreOptions{Now: func() time.Time { return now }})
	require.NoError(t, err)
	begin := t0.Add(time.Hour)
	doc := &dpath.Document{Enable: true, Version: 7, EnvRules: []dpath.EnvRule{{EnvName: "a", NotBefore: &begin,
		EnvAppRules: []dpath.EnvAppRule{{AppName: "x", IPs: []string{"10.0.0.1"}}}}}}
	reg := &dpath.Registry{Apps: map[string][]dpath.Endpoint{"x": {{ID: "1", Addr: "10.0.0.1:80"}, {ID: "2", Addr: "[::ffff:10.0.0.2]:80"}}}}
	require.NoError(t, store.Set(doc, reg))
	var snapshots xds.Snapshots
	seen := map[string]bool{}
	next := func() *cache.Snapshot {
		s, err := snapshots.Next(store.Current())
		require.NoError(t, err)
		seen[s.GetVersion(resource.EndpointType)] = true
		return s
	}
	first := next()
	require.Equal(t, [][]string{{"10.0.0.2:80"}}, told(t, first, "x"), "a node waits for its window")
	require.Equal(t, first.GetVersion(resource.ClusterType), next().GetVersion(resource.ClusterType))
	require.Regexp(t, "^7-[0-9a-f]{16}$", first.GetVersion(resource.ListenerType))
	require.Len(t, seen, 1)

	reg.Apps["x"] = append(reg.Apps["x"], dpath.Endpoint{ID: "3", Addr: "10.0.0.3:80"})
	require.NoError(t, store.SetRegistry(reg))
	next()
	require.Len(t, seen, 2, "the nodes have changed, the document has not")

	now = begin
	require.Equal(t, map[string]string{"": "x", "a": "x:a"}, routes(t, next(), "x"), "the window has opened")
	require.Len(t, seen, 3)

	delete(reg.Apps, "x")
	doc.Version, doc.EnvRules = 8, nil
	require.NoError(t, store.Set(doc, reg))
	s := next()
	for _, kind := range []string{resource.ListenerType, resource.ClusterType, resource.EndpointType} {
		require.Empty(t, s.GetResources(kind), "nothing is told of an app that is gone")
	}
}
