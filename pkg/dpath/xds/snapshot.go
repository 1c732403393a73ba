package xds

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	router "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	percent "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// Snapshots makes a snapshot of one configuration after the other. The zero
// value is ready for the first. It is not safe for concurrent use.
//
// The cluster of a lane that is over stays, with the nodes that serve its calls
// now: a client may hear of clusters before routes, and would fail the calls of
// one that is gone while its routes still name it.
type Snapshots struct {
	lanes map[string][]string // by app: environments that have or had nodes of their own
}

// Next makes the snapshot of cfg. Its version is that of cfg and a hash of what
// is in the snapshot, so that it also tells changes of nodes and windows.
func (s *Snapshots) Next(cfg *dpath.Config) (*cache.Snapshot, error) {
	r, lanes := resources{}, map[string][]string{}
	for _, app := range cfg.Apps() {
		now := lanesOf(cfg, app)
		known := append(slices.Clone(s.lanes[app]), now...)
		slices.Sort(known)
		lanes[app] = slices.Compact(known)
		if err := r.app(cfg, app, now, lanes[app]); err != nil {
			return nil, err
		}
	}
	hash, err := r.hash()
	if err != nil {
		return nil, err
	}
	snapshot, err := cache.NewSnapshot(fmt.Sprintf("%d-%s", cfg.Version(), hash), r)
	if err != nil {
		return nil, err
	}
	if err := snapshot.Consistent(); err != nil {
		return nil, err
	}
	s.lanes = lanes
	return snapshot, nil
}

// decision is what Pick would decide for a call if no dedicated node were
// usable: the rules are read in one place only.
func decision(cfg *dpath.Config, app, env string) string {
	d, _ := dpath.Pick(cfg, env, app, onlyPublic{}, nil, carrier.Source{}) // that there is no node is no news
	return d.Label
}

type onlyPublic struct{}

// Usable implements dpath.Health.
func (onlyPublic) Usable(n *dpath.Node) bool { return n.Env == "" }

// InFlight implements dpath.Health.
func (onlyPublic) InFlight(*dpath.Node) int { return 0 }

// lanesOf gives the environments in force that have nodes of their own of the
// app, also where these are unreachable.
func lanesOf(cfg *dpath.Config, app string) []string {
	return slices.DeleteFunc(cfg.Envs(), func(env string) bool { return decision(cfg, app, env) == dpath.Shared })
}

// nodesOf gives the nodes that serve the calls of an environment, "" being
// common: those of the lane, and those that follow when none of them can be
// reached.
func nodesOf(cfg *dpath.Config, app, env string) (lane, rest []*dpath.Node) {
	d := decision(cfg, app, env)
	switch d {
	case dpath.Off:
		return nil, cfg.All(app)
	case dpath.StrictFail, dpath.Failover:
		lane = cfg.Dedicated(env, app)
		if len(lane) == 0 {
			break
		}
		if _, serving := cfg.Lane(app, lane[0].Addr); !serving {
			lane = nil
		}
	}
	if d == dpath.StrictFail {
		return lane, nil
	}
	return lane, cfg.Public(app)
}

// ads says that what a resource refers to comes by the same stream.
var ads = &core.ConfigSource{ResourceApiVersion: core.ApiVersion_V3, ConfigSourceSpecifier: &core.ConfigSource_Ads{Ads: &core.AggregatedConfigSource{}}}

// resources are what a snapshot holds, by type.
type resources map[resource.Type][]types.Resource

func (r resources) add(kind resource.Type, m types.Resource) { r[kind] = append(r[kind], m) }

// app adds what is told of an app: a listener with routes to the lanes there are
// now, and the clusters of all that are known. Cluster names hold a colon between app and
// environment, which neither has in its own.
func (r resources) app(cfg *dpath.Config, app string, now, known []string) error {
	host := &route.VirtualHost{Name: app, Domains: []string{"*"}}
	for _, env := range now {
		host.Routes = append(host.Routes, to(app+":"+env, &route.HeaderMatcher{Name: strings.ToLower(dpath.HeaderMirror),
			HeaderMatchSpecifier: &route.HeaderMatcher_StringMatch{StringMatch: &matcher.StringMatcher{MatchPattern: &matcher.StringMatcher_Exact{Exact: env}}}}))
	}
	host.Routes = append(host.Routes, to(app))
	api, err := apiListener(app, host)
	if err != nil {
		return err
	}
	r.add(resource.ListenerType, api)
	if err := r.cluster(cfg, app, app, ""); err != nil {
		return err
	}
	for _, env := range known {
		if err := r.cluster(cfg, app+":"+env, app, env); err != nil {
			return err
		}
	}
	return nil
}

// apiListener is what a client that dials xds:///app asks for first. The routes
// are in it, so that they cost no further question.
func apiListener(app string, host *route.VirtualHost) (*listener.Listener, error) {
	last, err := anypb.New(&router.Router{})
	if err != nil {
		return nil, err
	}
	m, err := anypb.New(&manager.HttpConnectionManager{
		StatPrefix:     app,
		RouteSpecifier: &manager.HttpConnectionManager_RouteConfig{RouteConfig: &route.RouteConfiguration{Name: app, VirtualHosts: []*route.VirtualHost{host}}},
		HttpFilters:    []*manager.HttpFilter{{Name: "router", ConfigType: &manager.HttpFilter_TypedConfig{TypedConfig: last}}},
	})
	return &listener.Listener{Name: app, ApiListener: &listener.ApiListener{ApiListener: m}}, err
}

// to sends every call with these headers to a cluster.
func to(name string, headers ...*route.HeaderMatcher) *route.Route {
	return &route.Route{
		Match:  &route.RouteMatch{PathSpecifier: &route.RouteMatch_Prefix{Prefix: "/"}, Headers: headers},
		Action: &route.Route_Route{Route: &route.RouteAction{ClusterSpecifier: &route.RouteAction_Cluster{Cluster: name}}},
	}
}

// cluster adds the nodes that serve the calls of app in env. The policy of
// failing over is the order of priorities.
func (r resources) cluster(cfg *dpath.Config, name, app, env string) error {
	r.add(resource.ClusterType, &cluster.Cluster{
		Name:                 name,
		ClusterDiscoveryType: &cluster.Cluster_Type{Type: cluster.Cluster_EDS},
		EdsClusterConfig:     &cluster.Cluster_EdsClusterConfig{EdsConfig: ads},
		// By default Envoy sends calls to all nodes once half of them are ill.
		CommonLbConfig: &cluster.Cluster_CommonLbConfig{HealthyPanicThreshold: &percent.Percent{Value: 0}},
	})
	lane, rest := nodesOf(cfg, app, env)
	assigned := &endpoint.ClusterLoadAssignment{ClusterName: name}
	// Clients know a set of nodes by its locality, and keep its connections when its priority changes.
	for _, set := range []struct {
		locality string
		nodes    []*dpath.Node
	}{{"dedicated", lane}, {"public", rest}} {
		if len(set.nodes) == 0 {
			continue // priorities must have no gap
		}
		l := &endpoint.LocalityLbEndpoints{Locality: &core.Locality{Zone: set.locality},
			Priority: uint32(len(assigned.Endpoints)), LoadBalancingWeight: wrapperspb.UInt32(1)} // #nosec G115 -- 0 or 1
		for _, n := range set.nodes {
			e, err := endpointOf(n)
			if err != nil {
				return err
			}
			l.LbEndpoints = append(l.LbEndpoints, e)
		}
		assigned.Endpoints = append(assigned.Endpoints, l)
	}
	r.add(resource.EndpointType, assigned)
	return nil
}

func endpointOf(n *dpath.Node) (*endpoint.LbEndpoint, error) {
	at, err := netip.ParseAddrPort(n.Addr)
	if err != nil {
		return nil, fmt.Errorf("node %s of app %s: %w", n.ID, n.App, err)
	}
	return &endpoint.LbEndpoint{HostIdentifier: &endpoint.LbEndpoint_Endpoint{Endpoint: &endpoint.Endpoint{Address: &core.Address{
		Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{Address: at.Addr().Unmap().String(),
			PortSpecifier: &core.SocketAddress_PortValue{PortValue: uint32(at.Port())}}}}}}}, nil
}

// hash is of all that is told, in its order.
func (r resources) hash() (string, error) {
	sum := sha256.New()
	for _, kind := range []resource.Type{resource.ListenerType, resource.ClusterType, resource.EndpointType} {
		for _, m := range r[kind] {
			text, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(sum, "%d:%s", len(text), text)
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), nil
}
