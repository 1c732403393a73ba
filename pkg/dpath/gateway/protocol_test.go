package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/gateway"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
)

// By every protocol a labelled call is served in its lane and a common one is not.
func TestTLSAndHTTP2(t *testing.T) {
	r := rig.New(t, []string{lane}, func(d *dpath.Document) {
		d.Identify = append(d.Identify, dpath.IdentifyRule{EnvName: lane, Conditions: []dpath.Condition{{Type: "tlsClient", Op: "equal", Value: []string{"CN=terminal"}}}})
	})
	a, id := newAuthority(t), &gateway.Identity{}
	a.identity(id, "first", true)
	e := newEdge(t, r, id, gateway.Route{Prefix: "/", App: "app1"})
	for _, h2 := range []bool{false, true} {
		c := a.client(h2, "")
		resp, body := e.get(c, "/", rig.HeaderEnv, lane)
		require.Equal(t, h2, resp.ProtoMajor == 2)
		require.Equal(t, "first", resp.TLS.PeerCertificates[0].Subject.CommonName)
		require.Equal(t, len(rig.Apps), strings.Count(body, lane), body)
		_, body = e.get(c, "/")
		require.NotContains(t, body, lane)
		_, body = e.get(a.client(h2, "terminal"), "/")
		require.Equal(t, len(rig.Apps), strings.Count(body, lane), "the certificate is a fact")
		_, body = e.get(a.client(h2, "somebody"), "/")
		require.NotContains(t, body, lane)
	}
	clear2 := &http.Transport{Protocols: &http.Protocols{}}
	defer clear2.CloseIdleConnections()
	clear2.Protocols.SetUnencryptedHTTP2(true)
	req, err := http.NewRequest(http.MethodGet, "http://"+e.clear+"/", nil)
	require.NoError(t, err)
	req.Header.Set(rig.HeaderEnv, lane)
	resp, body := e.do(&http.Client{Transport: clear2}, req)
	require.Equal(t, 2, resp.ProtoMajor)
	require.Equal(t, len(rig.Apps), strings.Count(body, lane))

	// A new certificate serves new connections; one that lives goes on.
	kept := a.client(true, "")
	e.get(kept, "/")
	a.identity(id, "second", false)
	resp, _ = e.get(kept, "/")
	require.Equal(t, "first", resp.TLS.PeerCertificates[0].Subject.CommonName)
	resp, _ = e.get(a.client(true, ""), "/")
	require.Equal(t, "second", resp.TLS.PeerCertificates[0].Subject.CommonName)

	_, err = (&gateway.TLS{Listen: ":1"}).Load()
	require.ErrorContains(t, err, "cert and key are needed")
	cert, key := a.issue("third")
	_, err = (&gateway.TLS{Listen: ":1", Cert: cert, Key: key, RequireClient: true}).Load()
	require.ErrorContains(t, err, "needs clientCA")
	_, err = (&gateway.TLS{Listen: ":1", Cert: cert, Key: key, ClientCA: key}).Load()
	require.ErrorContains(t, err, "holds no certificate")
}

// An upgraded connection stays in its lane, and in flight until it ends.
func TestWebSocket(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	r.Handle = func(n *rig.Node, _ *http.Client, w http.ResponseWriter, req *http.Request) bool {
		c, err := websocket.Accept(w, req, nil)
		if err != nil {
			return true
		}
		defer c.CloseNow()
		for {
			kind, text, err := c.Read(req.Context())
			if err != nil {
				return true
			}
			if err := c.Write(req.Context(), kind, append([]byte(n.ID+" "), text...)); err != nil {
				return true
			}
		}
	}
	e := newEdge(t, r, nil, gateway.Route{Prefix: "/", App: "app1", Timeout: 300 * time.Millisecond})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	inFlight := func() (n int) {
		cfg := r.Store.Current()
		for _, node := range cfg.All("app1") {
			n += e.gateway.Health().View(cfg).InFlight(node)
		}
		return n
	}
	for _, env := range []string{"", lane} {
		c, _, err := websocket.Dial(ctx, "ws://"+e.clear+"/", &websocket.DialOptions{HTTPClient: e.client, HTTPHeader: http.Header{rig.HeaderEnv: {env}}})
		require.NoError(t, err)
		time.Sleep(350 * time.Millisecond) // longer than a call may take
		for range 20 {
			require.NoError(t, c.Write(ctx, websocket.MessageText, []byte("hello")))
			_, text, err := c.Read(ctx)
			require.NoError(t, err)
			require.Equal(t, env == lane, strings.Contains(string(text), lane), string(text))
			require.Contains(t, string(text), " hello")
		}
		require.Equal(t, 1, inFlight())
		require.NoError(t, c.Close(websocket.StatusNormalClosure, ""))
		require.Eventually(t, func() bool { return inFlight() == 0 }, 20*time.Second, 5*time.Millisecond)
	}
}

// talker is a gRPC service that tells what it is, and what label it was called with.
type talker struct {
	testpb.UnimplementedTestServiceServer
	name  string
	calls atomic.Int64
}

func (s *talker) UnaryCall(ctx context.Context, in *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	s.calls.Add(1)
	if st := in.GetResponseStatus(); st != nil {
		return nil, status.Error(codes.Code(st.Code), st.Message) //nolint:gosec // a code of the test's own
	}
	md, _ := metadata.FromIncomingContext(ctx)
	_ = grpc.SetTrailer(ctx, metadata.Pairs("x-end", s.name))
	return &testpb.SimpleResponse{ServerId: s.name, Hostname: strings.Join(md.Get("x-dpath-env"), ",")}, nil
}

func (s *talker) FullDuplexCall(stream grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]) error {
	for {
		in, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(&testpb.StreamingOutputCallResponse{Payload: in.Payload}); err != nil {
			return err
		}
	}
}

// gRPC goes through with its streams and trailers, by TLS and in the clear.
func TestGRPC(t *testing.T) {
	r := rig.New(t, []string{lane}, nil)
	reg := dpath.Registry{Apps: map[string][]dpath.Endpoint{}, Groups: r.Registry.Groups}
	for app, nodes := range r.Registry.Apps {
		reg.Apps[app] = nodes
	}
	for _, name := range []string{"public", lane} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		s := grpc.NewServer()
		testpb.RegisterTestServiceServer(s, &talker{name: name})
		go func() { _ = s.Serve(l) }()
		t.Cleanup(s.Stop)
		reg.Apps["talk"] = append(reg.Apps["talk"], dpath.Endpoint{ID: name, Addr: l.Addr().String()})
		if name == lane {
			r.Doc.EnvRules[0].EnvAppRules = append(r.Doc.EnvRules[0].EnvAppRules, dpath.EnvAppRule{AppName: "talk", IPs: []string{l.Addr().String()}})
		}
	}
	r.Doc.Version++
	require.NoError(t, r.Store.Set(r.Doc, &reg))
	a, id := newAuthority(t), &gateway.Identity{}
	a.identity(id, "edge", false)
	e := newEdge(t, r, id, gateway.Route{Prefix: "/grpc.testing.TestService/", App: "talk", Upstream: gateway.H2C}, gateway.Route{Prefix: "/", App: "app1"})

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	probing, stop := context.WithCancel(ctx)
	probed := make(chan struct{})
	go func() { e.gateway.Probe(probing, ""); close(probed) }() // finds gRPC nodes well, too
	defer func() { stop(); <-probed }()
	for _, by := range []struct {
		addr string
		how  grpc.DialOption
	}{{e.clear, grpc.WithTransportCredentials(insecure.NewCredentials())}, {e.safe, grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(a.pool, ""))}} {
		conn, err := grpc.NewClient(by.addr, by.how)
		require.NoError(t, err)
		defer conn.Close()
		c := testpb.NewTestServiceClient(conn)
		for _, env := range []string{"", lane} {
			want := "public"
			ctx := ctx
			if env != "" {
				want, ctx = lane, metadata.AppendToOutgoingContext(ctx, rig.HeaderEnv, env)
			}
			var trailer metadata.MD
			resp, err := c.UnaryCall(metadata.AppendToOutgoingContext(ctx, "x-dpath-env", "forged"), &testpb.SimpleRequest{}, grpc.Trailer(&trailer))
			require.NoError(t, err)
			require.Equal(t, want, resp.ServerId)
			require.Equal(t, env, resp.Hostname, "the label is the gateway's")
			require.Equal(t, []string{want}, trailer.Get("x-end"))
			_, err = c.UnaryCall(ctx, &testpb.SimpleRequest{ResponseStatus: &testpb.EchoStatus{Code: int32(codes.NotFound), Message: "no such thing"}})
			require.Equal(t, codes.NotFound, status.Code(err))
			require.ErrorContains(t, err, "no such thing")

			stream, err := c.FullDuplexCall(ctx)
			require.NoError(t, err)
			for range 20 { // each message is answered before the next is sent
				require.NoError(t, stream.Send(&testpb.StreamingOutputCallRequest{Payload: &testpb.Payload{Body: []byte("ping")}}))
				got, err := stream.Recv()
				require.NoError(t, err)
				require.Equal(t, "ping", string(got.Payload.Body))
			}
			require.NoError(t, stream.CloseSend())
			_, err = stream.Recv()
			require.ErrorIs(t, err, io.EOF)
		}
	}
	_, body := e.call(http.MethodGet, "/", nil)
	require.Contains(t, body, "app1-public", "other routes speak HTTP/1.1 as before")
}
