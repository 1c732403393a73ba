package grpcdpath_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// signed is the metadata of a call with a label made ttl before it expires.
func (r *rig) signed(env string, ttl time.Duration) metadata.MD {
	l, err := dpath.Sign(r.keys, env, dpath.NewTrace(), time.Now().Add(-time.Hour), time.Hour+ttl)
	require.NoError(r.t, err)
	h := map[string][]string{}
	l.Inject(h)
	md := metadata.MD{}
	for k, v := range h {
		md.Append(k, v...)
	}
	return md
}

// T11. HTTP/2 itself refuses keys that are not in lower case.
func TestT11SpoofedLabelsAtTheEntry(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	many := make([]string, 64)
	for i := range many {
		many[i] = fmt.Sprintf("k%d=1", i)
	}
	for name, md := range map[string]metadata.MD{
		"mirror":         {"x-dpath-env": {lane}},
		"mirror twice":   {"x-dpath-env": {lane, lane}},
		"underscores":    {"x_dpath_env": {lane}},
		"mse tag":        {"x-mse-tag": {lane}},
		"baggage":        {"baggage": {"a=1,dpath_env=" + lane}},
		"encoded":        {"baggage": {"dpath%5fenv=" + lane}},
		"twice":          {"baggage": {"a=1", "DPATH_ENV=" + lane}},
		"binary":         {"baggage-bin": {"dpath_env=" + lane}},
		"binary mirror":  {"x-dpath-env-bin": {lane}},
		"9 KB":           {"baggage": {"a=" + strings.Repeat("x", 9<<10) + ",dpath_env=" + lane}},
		"65th member":    {"baggage": {strings.Join(many, ",") + ",dpath_env=" + lane}},
		"cookie":         {"cookie": {"dpath_env=" + lane}},
		"genuine":        r.signed(lane, time.Minute),
		"forged probe":   {"x-dpath-probe": {"v1.x.newRetail.99999999999.gf.p1.AAAA"}},
		"decision":       {"x-dpath-decision": {"dedicated"}},
		"another's case": {"baggage": {"Dpath_Env=" + lane}},
	} {
		before := r.count("dpath_label_invalid_total", nil)
		text, err := unary(metadata.NewOutgoingContext(t.Context(), md), r.outside, "")
		require.NoError(t, err, name)
		require.Equal(t, all("public"), pools(strings.Fields(text)), name)
		require.Greater(t, r.count("dpath_label_invalid_total", nil), before, name)
	}
	require.Zero(t, r.count("dpath_guard_reject_total", nil))
}

// T12, T14: calls straight to a dedicated node.
func TestT14DirectCallToDedicated(t *testing.T) {
	r := newRig(t, []string{lane, "other"}, 2, nil)
	n := r.nodes["app4-"+lane+"-0"]
	conn := r.dial(n.addr)
	direct := pb.NewTestServiceClient(conn)
	replayed, forged, oldKey := r.signed(lane, time.Minute), r.signed("other", time.Minute), r.signed(lane, time.Minute)
	replayed.Set("traceparent", "00-"+dpath.NewTrace()+"-00f067aa0ba902b7-01")
	forged.Set("baggage", strings.Replace(forged["baggage"][0], "other", lane, 1))
	oldKey.Set("baggage", strings.Replace(oldKey["baggage"][0], "kid=k1", "kid=k0", 1))
	bad := map[string]metadata.MD{
		"common":  nil,
		"spoofed": {"x-dpath-env": {lane}},
		"foreign": r.signed("other", time.Minute),
		"expired": r.signed(lane, -time.Minute),
		"replay":  replayed,
		"forged":  forged,
		"old kid": oldKey,
		"twice":   metadata.Join(r.signed(lane, time.Minute), r.signed(lane, time.Minute)),
	}
	for name, md := range bad {
		ctx := metadata.NewOutgoingContext(t.Context(), md)
		_, err := unary(ctx, direct, "")
		require.Equal(t, codes.FailedPrecondition, status.Code(err), name)
		require.Equal(t, carrier.ReasonMisdirected, grpcdpath.Reason(err), name)
		s, err := direct.FullDuplexCall(ctx)
		require.NoError(t, err)
		_, err = exchange(s, &pb.StreamingOutputCallRequest{})
		require.Equal(t, carrier.ReasonMisdirected, grpcdpath.Reason(err), name)
	}
	require.Zero(t, n.served.Load(), "no side effect")
	require.Equal(t, 2.0*float64(len(bad)), r.count("dpath_guard_reject_total", map[string]string{"env": lane}))
	for _, reason := range []string{"unsigned", "expired", "bad_signature", "unknown_key", "duplicate"} {
		require.NotZero(t, r.count("dpath_label_invalid_total", map[string]string{"reason": reason}), reason)
	}
	_, err := unary(metadata.NewOutgoingContext(t.Context(), r.signed(lane, time.Minute)), direct, "")
	require.NoError(t, err)
	_, err = healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{})
	require.NoError(t, err, "exempt")
}

// T13: an inner app that sets another environment by hand is refused.
func TestT13InnerAppCannotChangeTheLabel(t *testing.T) {
	r := newRig(t, []string{lane, "other"}, 2, nil)
	direct := pb.NewTestServiceClient(r.dial(r.nodes["app3-other-0"].addr))
	forged := []string{"baggage", "dpath_env=other;kid=k1;exp=99999999999;s=AAAAAAAAAAA", "x-dpath-env", "other"}
	r.handle = func(ctx context.Context, n *node, _ string) (string, bool, error) {
		if n.app != "app2" {
			return "", false, nil
		}
		ctx = metadata.AppendToOutgoingContext(ctx, forged...)
		if _, err := unary(ctx, direct, ""); grpcdpath.Reason(err) != carrier.ReasonMisdirected {
			return "", true, fmt.Errorf("a forged label was accepted: %w", err)
		}
		inner, err := unary(ctx, n.to("app3"), "")
		return n.id + " " + inner, true, err
	}
	for range 10 {
		for _, env := range []string{lane, ""} {
			nodes, err := r.call(env)
			require.NoError(t, err)
			require.Equal(t, all(env), pools(nodes))
		}
	}
	for _, n := range r.nodes {
		if n.env == "other" {
			require.Zero(t, n.served.Load())
		}
	}
	require.Equal(t, 20.0, r.count("dpath_label_invalid_total", nil), "only what bypassed the client reached a node")
}

func TestWithoutConfiguration(t *testing.T) {
	r := newRig(t, nil, 0, nil)
	fresh := r.add("app4", "", "fresh")
	direct := pb.NewTestServiceClient(r.dial(fresh.addr))
	_, err := unary(t.Context(), direct, "")
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.Equal(t, carrier.ReasonNoConfig, grpcdpath.Reason(err))
	_, err = unary(t.Context(), fresh.to("app1"), "")
	require.ErrorIs(t, err, carrier.ErrNoConfig)
	gate := r.add("", "", "gate")
	_, err = unary(t.Context(), pb.NewTestServiceClient(r.dial(gate.addr)), "")
	require.Equal(t, carrier.ReasonNoConfig, grpcdpath.Reason(err))

	// Callers that know the node go on to another.
	r.take(r.entry)
	for range 30 {
		_, err := unary(t.Context(), r.entry.to("app4"), "")
		require.NoError(t, err)
	}
	require.Zero(t, fresh.served.Load())

	_, err = unary(t.Context(), r.entry.to("app9"), "")
	var call *carrier.CallError
	require.ErrorAs(t, err, &call)
	require.ErrorIs(t, err, dpath.ErrUnknownApp)
	require.Equal(t, codes.Unavailable, status.Code(err))
	require.Equal(t, dpath.ErrUnknownApp.Reason, grpcdpath.Reason(fmt.Errorf("wrapped: %w", err)))
	require.Empty(t, grpcdpath.Reason(status.Error(codes.Unavailable, "other")))
	require.Empty(t, grpcdpath.Reason(context.Canceled))
}

func TestProbesLeaveTrails(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	probe := func(env string, stream bool, disable ...string) trail.Trail {
		p := trail.Probe{Env: env}
		require.NoError(t, p.Disable(disable...))
		p = trail.Mint(r.probes, p, time.Now(), time.Minute)
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-dpath-probe", p.Token())
		var trailer metadata.MD
		if stream {
			s, err := r.outside.FullDuplexCall(ctx)
			require.NoError(t, err)
			_, err = exchange(s, &pb.StreamingOutputCallRequest{})
			require.NoError(t, err)
			require.NoError(t, finish(s))
			trailer = s.Trailer()
		} else if _, err := unary(ctx, r.outside, "", grpc.Trailer(&trailer)); err != nil {
			require.Equal(t, []string{"filter"}, disable, "only a guard that stands alone may refuse: %v", err)
		}
		require.Len(t, trailer["x-dpath-trail"], 1)
		got, err := trail.Open(r.probes, p.ID, trailer["x-dpath-trail"][0])
		require.NoError(t, err)
		require.Zero(t, got.Broken)
		return got
	}
	for _, env := range []string{"", lane} {
		for _, stream := range []bool{false, true} {
			hops := probe(env, stream).Hops
			require.Len(t, hops, len(apps))
			for i, h := range hops {
				require.Equal(t, trail.Hop{App: apps[i], Node: h.Node, Lane: env, Env: env, Version: 1, Decision: map[string]string{"": dpath.Common, lane: dpath.Dedicated}[env]}, h)
			}
		}
	}
	// The negative control: the guard alone still refuses, and with both
	// protections off violations are seen.
	refused, violated := 0, 0
	for range 40 {
		for _, h := range probe("", false, "filter").Hops {
			if h.Decision == trail.Refused {
				refused++
			} else {
				require.Empty(t, h.Lane)
			}
		}
		for _, h := range probe("", false, "filter", "guard").Hops {
			if h.Lane != "" {
				violated++
			}
		}
	}
	require.NotZero(t, refused)
	require.NotZero(t, violated)
}

// Nothing of the carrier shows to callers outside, nor to business code.
func TestTrailersStayBetweenCarriers(t *testing.T) {
	r := newRig(t, []string{lane}, 2, func(d *dpath.Document) { d.EnvRules[0].FailoverPolicy = dpath.PolicyStrict })
	r.kill(func(n *node) bool { return n.app == "app3" && n.env == lane })
	var inner, outer metadata.MD
	_, err := unary(metadata.AppendToOutgoingContext(t.Context(), keyLane, lane), r.outside, "", grpc.Trailer(&outer))
	require.Equal(t, codes.Unavailable, status.Code(err))
	ctx := r.labelled(lane)
	_, err = unary(ctx, r.entry.to("app1"), "", grpc.Trailer(&inner))
	require.Equal(t, codes.Unavailable, status.Code(err))
	s, err := r.entry.to("app1").FullDuplexCall(ctx)
	require.NoError(t, err)
	_, err = exchange(s, &pb.StreamingOutputCallRequest{})
	require.Equal(t, dpath.ErrLaneUnavailable.Reason, grpcdpath.Reason(err))
	for _, md := range []metadata.MD{inner, outer, s.Trailer()} {
		for k := range md {
			require.NotContains(t, k, "dpath")
		}
	}
	// On the wire app1 says that it only passes the failure on.
	var wire metadata.MD
	direct := pb.NewTestServiceClient(r.dial(r.nodes["app1-"+lane+"-0"].addr))
	_, err = unary(metadata.NewOutgoingContext(t.Context(), r.signed(lane, time.Minute)), direct, "", grpc.Trailer(&wire))
	require.Error(t, err)
	require.NotEmpty(t, wire["x-dpath-downstream"])
}

// Facts come from metadata, method, peer, verified certificate, and the
// entry's own claims.
func TestEntryIdentifiesByFacts(t *testing.T) {
	condition := func(kind, op string, value ...string) dpath.Condition {
		c := dpath.Condition{Type: kind, Op: op, Value: value}
		if kind == "header" || kind == "cookie" {
			c.Key = keyLane
		}
		return c
	}
	ca := certificate(t, nil, "ca")
	server := certificate(t, &ca, "entry")
	client := certificate(t, &ca, "till-7")
	roots := x509.NewCertPool()
	roots.AddCert(ca.Leaf)
	for name, c := range map[string]dpath.Condition{
		"metadata":    condition("header", "equal", lane),
		"cookie":      condition("cookie", "equal", lane),
		"method":      condition("path", "equal", pb.TestService_UnaryCall_FullMethodName),
		"peer":        condition("sourceCIDR", "in", "127.0.0.0/8"),
		"certificate": condition("tlsClient", "equal", "CN=till-7"),
		"claim":       condition("memberId", "equal", "m1"),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, []string{lane}, 1, func(d *dpath.Document) { d.Identify[0].Conditions = []dpath.Condition{c} })
			options := r.peer(r.entry).Entry(grpcdpath.EntryOptions{Facts: func(ctx context.Context, method string, f *dpath.Facts) {
				if md, _ := metadata.FromIncomingContext(ctx); len(md["verified"]) > 0 && method == f.Path {
					f.MemberID = md["verified"][0]
				}
			}})
			r.entry.opts = append(options, grpc.Creds(credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS13,
				Certificates: []tls.Certificate{server}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: roots})))
			r.entry.restart()
			call := func(certs []tls.Certificate, c func(pb.TestServiceClient, context.Context) (string, error), md ...string) string {
				conn := r.dial(r.entry.addr, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS13, Certificates: certs, RootCAs: roots, ServerName: "entry"})))
				text, err := c(pb.NewTestServiceClient(conn), metadata.AppendToOutgoingContext(t.Context(), md...))
				require.NoError(t, err)
				return pools(strings.Fields(text))
			}
			plain := func(c pb.TestServiceClient, ctx context.Context) (string, error) { return unary(ctx, c, "") }
			other := func(c pb.TestServiceClient, ctx context.Context) (string, error) {
				resp, err := c.CacheableUnaryCall(ctx, &pb.SimpleRequest{})
				return string(resp.GetPayload().GetBody()), err
			}
			require.Equal(t, all(lane), call([]tls.Certificate{client}, plain, keyLane, lane, "cookie", keyLane+"="+lane, "verified", "m1"))
			want := ""
			if name == "peer" {
				want = lane
			}
			require.Equal(t, all(want), call(nil, other, keyLane, "x", "cookie", "a=b", "verified", "m2"))
		})
	}
}

// certificate makes one for a name, signed by ca or by itself.
func certificate(t *testing.T, ca *tls.Certificate, name string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: ca == nil, BasicConstraintsValid: true}
	parent, signer := c, any(key)
	if ca != nil {
		parent, signer = ca.Leaf, ca.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
