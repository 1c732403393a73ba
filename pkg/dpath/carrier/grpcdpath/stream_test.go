package grpcdpath_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
)

func TestStreamsKeepTheirLane(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	var wg sync.WaitGroup
	for i := range 24 {
		env := []string{"", lane}[i%2]
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patient)
			defer cancel()
			if env != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, keyLane, env)
			}
			checkStreams(ctx, t, r.outside, func(text string) bool { return pools(strings.Fields(text)) == all(env) })
		})
	}
	wg.Wait()
	for _, n := range r.nodes {
		if n.env == "" {
			require.Equal(t, n.served.Load(), n.common.Load(), n.id)
		} else {
			require.Zero(t, n.common.Load(), n.id)
		}
		require.NotZero(t, n.served.Load(), n.id)
	}
}

// checkStreams makes one stream of each kind, and tells of every answer that is
// not as wanted.
func checkStreams(ctx context.Context, t *testing.T, c pb.TestServiceClient, want func(string) bool) {
	if err := errors.Join(checkBoth(ctx, c, want), checkDown(ctx, c, want), checkUp(ctx, c)); err != nil {
		t.Error(err)
	}
}

func checkBoth(ctx context.Context, c pb.TestServiceClient, want func(string) bool) error {
	s, err := c.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	for range 10 {
		text, err := exchange(s, &pb.StreamingOutputCallRequest{})
		if err != nil || !want(text) {
			return fmt.Errorf("both ways: %q: %w", text, err)
		}
	}
	return finish(s)
}

func checkDown(ctx context.Context, c pb.TestServiceClient, want func(string) bool) error {
	s, err := c.StreamingOutputCall(ctx, &pb.StreamingOutputCallRequest{ResponseParameters: make([]*pb.ResponseParameters, 5)})
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		resp, err := s.Recv()
		if i == 5 && errors.Is(err, io.EOF) {
			return nil
		}
		if text := string(resp.GetPayload().GetBody()); err != nil || !want(text) {
			return fmt.Errorf("answer %d of 5: %q: %w", i, text, err)
		}
	}
}

func checkUp(ctx context.Context, c pb.TestServiceClient) error {
	s, err := c.StreamingInputCall(ctx)
	if err != nil {
		return err
	}
	for range 10 {
		if err := s.Send(&pb.StreamingInputCallRequest{Payload: payload("four")}); err != nil {
			return err
		}
	}
	resp, err := s.CloseAndRecv()
	if err == nil && resp.GetAggregatedPayloadSize() != 40 {
		err = fmt.Errorf("of 40 bytes %d arrived", resp.GetAggregatedPayloadSize())
	}
	return err
}

// moved gives a rig in which one of app4's two public nodes has become
// dedicated and callers do not know yet.
func moved(t *testing.T) (*rig, *node) {
	r := newRig(t, []string{lane}, 1, nil)
	n := r.nodes["app4-public-0"]
	r.next(func(d *dpath.Document) { d.EnvRules[0].EnvAppRules[3].IPs = []string{n.addr} })
	r.take(n)
	return r, n
}

// A stream moves on from a node that refused it, with all it has sent.
func TestRefusedStreamsMoveOn(t *testing.T) {
	r, n := moved(t)
	app4 := r.entry.to("app4")
	for range 20 {
		checkStreams(r.labelled(""), t, app4, func(text string) bool { return text == "app4-public-1" })
		s, err := app4.FullDuplexCall(r.labelled(""))
		require.NoError(t, err)
		require.NoError(t, s.Send(&pb.StreamingOutputCallRequest{}))
		_, err = s.Header()
		require.NoError(t, err)
		resp, err := s.Recv()
		require.NoError(t, err)
		require.Equal(t, "app4-public-1", string(resp.GetPayload().GetBody()))
		require.NoError(t, finish(s))
	}
	require.Zero(t, n.served.Load())
	require.Greater(t, r.count("dpath_guard_reject_total", nil), 5.0)
	cfg := r.entry.store.Current()
	view := r.entry.client.Health().View(cfg)
	for _, node := range cfg.All("app4") {
		require.True(t, view.Usable(node), "a refusal is no failure")
		require.Zero(t, view.InFlight(node))
	}
}

// A refusal is no success either: it does not make a failing node look well.
func TestRefusalIsNotReported(t *testing.T) {
	r, n := moved(t)
	cfg := r.entry.store.Current()
	view := r.entry.client.Health().View(cfg)
	i := slices.IndexFunc(cfg.All("app4"), func(o *dpath.Node) bool { return o.ID == n.id })
	for range dpath.EjectAfter - 1 {
		view.Report(cfg.All("app4")[i], false)
	}
	for r.count("dpath_guard_reject_total", nil) == 0 {
		_, err := unary(r.labelled(""), r.entry.to("app4"), "")
		require.NoError(t, err)
	}
	view.Report(cfg.All("app4")[i], false)
	require.False(t, view.Usable(cfg.All("app4")[i]))
}

// Sending and receiving may go on at the same time while a stream moves.
func TestRefusedStreamMovesWhileSending(t *testing.T) {
	r, _ := moved(t)
	for range 20 {
		s, err := r.entry.to("app4").FullDuplexCall(r.labelled(""))
		require.NoError(t, err)
		var wg sync.WaitGroup
		wg.Go(func() {
			for range 30 {
				if err := s.Send(&pb.StreamingOutputCallRequest{}); err != nil {
					t.Errorf("send: %v", err)
				}
			}
			_ = s.CloseSend()
		})
		answers := 0
		for ; ; answers++ {
			if _, err = s.Recv(); err != nil {
				break
			}
		}
		wg.Wait()
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, 30, answers, "each message is answered once")
	}
}

// A stream that has sent more than is kept says that it was refused.
func TestLongRefusedStreamFails(t *testing.T) {
	r, n := moved(t)
	refused := 0
	for range 40 {
		s, err := r.entry.to("app4").StreamingInputCall(r.labelled(""))
		require.NoError(t, err)
		for range 100 {
			if err = s.Send(&pb.StreamingInputCallRequest{Payload: payload("x")}); err != nil {
				require.ErrorIs(t, err, io.EOF)
				break
			}
		}
		resp, err := s.CloseAndRecv()
		if err == nil {
			require.EqualValues(t, 100, resp.GetAggregatedPayloadSize())
			continue
		}
		refused++
		require.Equal(t, carrier.ReasonMisdirected, grpcdpath.Reason(err))
	}
	require.NotZero(t, refused)
	require.Zero(t, n.served.Load())
}

// A stream that no other node can take fails with the reason.
func TestRefusedStreamWithoutAnotherNode(t *testing.T) {
	r, _ := moved(t)
	r.kill(func(n *node) bool { return n.id == "app4-public-1" })
	for _, header := range []bool{false, true} {
		s, err := r.entry.to("app4").StreamingOutputCall(r.labelled(""), &pb.StreamingOutputCallRequest{})
		if err == nil {
			if header {
				md, err := s.Header()
				require.NoError(t, err)
				require.Nil(t, md)
			}
			_, err = s.Recv()
		}
		require.Equal(t, codes.Unavailable, status.Code(err))
		require.Equal(t, dpath.ErrNoPublicNode.Reason, grpcdpath.Reason(err))
	}
}
