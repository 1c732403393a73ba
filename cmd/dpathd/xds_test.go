package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	grpcxds "google.golang.org/grpc/xds"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
)

// told is a gRPC app with a public and a dedicated node, and dpathd that tells clients of them.
type told struct {
	*door
	keys    *dpath.Keyring
	store   *dpath.Store // of the nodes
	pools   map[string]string
	entries []dpath.Endpoint
}

func newTold(t *testing.T) *told {
	d := &told{door: &door{chain: &chain{t: t, dir: t.TempDir(), addrs: map[string]string{}}}, pools: map[string]string{}}
	key := []byte("label key of sixteen")
	var err error
	d.keys, err = dpath.NewKeyring("1", map[string][]byte{"1": key})
	require.NoError(t, err)
	d.store, err = dpath.NewStore(dpath.StoreOptions{})
	require.NoError(t, err)
	for _, pool := range []string{"public", "vip"} {
		d.node(pool)
	}
	d.doc = dpath.Document{Enable: true, Version: 1, EntryApps: []string{"shop"}, EnvRules: []dpath.EnvRule{{EnvName: "vip",
		EnvAppRules: []dpath.EnvAppRule{{AppName: "shop", IPs: []string{d.entries[1].Addr}}}}}}
	require.NoError(t, d.store.Set(&d.doc, &dpath.Registry{Apps: map[string][]dpath.Endpoint{"shop": d.entries}}))
	d.putJSON("keys.yaml", map[string]any{"current": "1", "keys": map[string]string{"1": base64.StdEncoding.EncodeToString(key)}})
	d.putJSON("rules.json", d.doc)
	d.certify("first")
	d.config = map[string]any{"rules": "rules.json", "keys": "keys.yaml", "registry": map[string]any{"apps": map[string]any{"shop": d.entries}},
		"tls": map[string]string{"listen": "127.0.0.1:0", "cert": "edge.pem", "key": "edge.pem"}}
	d.putJSON("xds.yaml", d.config)
	return d
}

// node starts a guarded node.
func (d *told) node(pool string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(d.t, err)
	p := &grpcdpath.Peer{Peer: carrier.Peer{Store: d.store, Keys: d.keys, App: "shop", Node: pool, Addr: l.Addr().String()}}
	server := grpc.NewServer(p.Guard(grpcdpath.GuardOptions{})...)
	healthpb.RegisterHealthServer(server, health.NewServer())
	go func() { _ = server.Serve(l) }()
	d.t.Cleanup(server.Stop)
	d.pools[l.Addr().String()] = pool
	d.entries = append(d.entries, dpath.Endpoint{ID: pool, Addr: l.Addr().String()})
}

// client is gRPC's own, told by dpathd at addr.
func (d *told) client(addr string) healthpb.HealthClient {
	resolver, err := grpcxds.NewXDSResolverWithConfigForTesting(fmt.Appendf(nil,
		`{"xds_servers": [{"server_uri": %q, "channel_creds": [{"type": "insecure"}], "server_features": ["xds_v3"]}], "node": {"id": "x"}}`, addr))
	require.NoError(d.t, err)
	return healthpb.NewHealthClient(d.dial("xds:///shop", grpc.WithResolvers(resolver), grpc.WithTransportCredentials(insecure.NewCredentials())))
}

func (d *told) dial(target string, opts ...grpc.DialOption) *grpc.ClientConn {
	conn, err := grpc.NewClient(target, opts...)
	require.NoError(d.t, err)
	d.t.Cleanup(func() { require.NoError(d.t, conn.Close()) })
	return conn
}

// by tells which pool answers a call in an environment.
func (d *told) by(c healthpb.HealthClient, env string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if env != "" {
		l, err := dpath.Sign(d.keys, env, dpath.NewTrace(), time.Now(), time.Minute)
		require.NoError(d.t, err)
		h := http.Header{}
		l.Inject(h)
		for k, v := range h {
			ctx = metadata.AppendToOutgoingContext(ctx, k, v[0])
		}
	}
	var at peer.Peer
	_, err := c.Check(ctx, &healthpb.HealthCheckRequest{}, grpc.Peer(&at))
	require.NoError(d.t, err)
	return d.pools[at.Addr.String()]
}

func TestTellsClientsByXDS(t *testing.T) {
	d := newTold(t)
	var ctx context.Context
	ctx, d.stop = context.WithCancel(context.Background())
	t.Cleanup(d.close)
	d.run(func(ready func(map[string]string)) error {
		return runXDS(ctx, xdsOptions{config: filepath.Join(d.dir, "xds.yaml"), listen: "127.0.0.1:0", ready: ready}, slog.New(slog.DiscardHandler))
	})
	c := d.client(d.addrs["xds"])
	for range 20 {
		require.Equal(t, "public", d.by(c, ""))
		require.Equal(t, "vip", d.by(c, "vip"))
	}
	certificate, err := credentials.NewClientTLSFromFile(filepath.Join(d.dir, "edge.pem"), "")
	require.NoError(t, err)
	streams := map[string]discovery.AggregatedDiscoveryService_StreamAggregatedResourcesClient{}
	for name, creds := range map[string]credentials.TransportCredentials{"xds": insecure.NewCredentials(), "tls": certificate} {
		conn := d.dial(d.addrs[name], grpc.WithTransportCredentials(creds))
		state, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
		require.NoError(t, err)
		require.Equal(t, healthpb.HealthCheckResponse_SERVING, state.GetStatus())
		stream, err := discovery.NewAggregatedDiscoveryServiceClient(conn).StreamAggregatedResources(context.Background())
		require.NoError(t, err)
		require.NoError(t, stream.Send(&discovery.DiscoveryRequest{TypeUrl: resource.ListenerType, ResourceNames: []string{"shop"}}))
		answer, err := stream.Recv()
		require.NoError(t, err)
		require.Len(t, answer.GetResources(), 1)
		require.Regexp(t, "^1-", answer.GetVersionInfo())
		streams[name] = stream
	}

	d.doc.Enable, d.doc.Version = false, 2
	require.NoError(t, d.store.Apply(&d.doc))
	d.putJSON("rules.json", d.doc)
	require.Eventually(t, func() bool { return d.by(c, "") == "vip" }, time.Minute, 10*time.Millisecond, "changed rules are told")

	d.stop()
	for _, stream := range streams {
		for err == nil {
			_, err = stream.Recv()
		}
		require.ErrorIs(t, err, io.EOF, "it ends in order")
		err = nil
	}

	log := slog.New(slog.DiscardHandler)
	delete(d.config["tls"].(map[string]string), "key")
	d.putJSON("bad.yaml", d.config)
	require.ErrorContains(t, runXDS(context.Background(), xdsOptions{config: filepath.Join(d.dir, "bad.yaml"), listen: "127.0.0.1:0"}, log), "listen, cert and key are needed")
	root := newRoot()
	root.SetArgs([]string{"xds"})
	require.ErrorContains(t, root.Execute(), "config")
}
