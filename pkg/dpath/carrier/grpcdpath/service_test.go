package grpcdpath_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/plazacloud/plaza/pkg/dpath"
)

func unary(ctx context.Context, c pb.TestServiceClient, text string, opts ...grpc.CallOption) (string, error) {
	resp, err := c.UnaryCall(ctx, &pb.SimpleRequest{Payload: payload(text)}, opts...)
	return string(resp.GetPayload().GetBody()), err
}

func payload(text string) *pb.Payload { return &pb.Payload{Body: []byte(text)} }

// inner is the next app of the chain; nil at its end.
func (n *node) inner() pb.TestServiceClient {
	if n.app == "" {
		return n.to(apps[0])
	}
	for i, a := range apps[:len(apps)-1] {
		if a == n.app {
			return n.to(apps[i+1])
		}
	}
	return nil
}

func (n *node) to(app string) pb.TestServiceClient { return pb.NewTestServiceClient(n.client.App(app)) }

// begin is where business code starts.
func (n *node) begin(ctx context.Context) error {
	n.served.Add(1)
	if dpath.Env(ctx) == "" {
		n.common.Add(1)
	}
	if c := n.code.Load(); c != 0 {
		return status.Error(codes.Code(c), "as told")
	}
	return nil
}

// answer puts the node before those further in; the entry adds nothing.
func (n *node) answer(inner string) string {
	if n.app == "" {
		return inner
	}
	return strings.TrimSpace(n.id + " " + inner)
}

// UnaryCall answers with the nodes that served the call, innermost last.
func (n *node) UnaryCall(ctx context.Context, req *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	if err := n.begin(ctx); err != nil {
		return nil, err
	}
	text := string(req.GetPayload().GetBody())
	if n.r.handle != nil && n.app != "" {
		if answer, done, err := n.r.handle(ctx, n, text); done {
			return &pb.SimpleResponse{Payload: payload(answer)}, err
		}
	}
	inner := ""
	if next := n.inner(); next != nil {
		var err error
		if inner, err = unary(ctx, next, text); err != nil {
			return nil, err
		}
	}
	return &pb.SimpleResponse{Payload: payload(n.answer(inner))}, nil
}

// CacheableUnaryCall is UnaryCall for a client that must not repeat it.
func (n *node) CacheableUnaryCall(ctx context.Context, req *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return n.UnaryCall(ctx, req)
}

// FullDuplexCall answers each message as UnaryCall does, by streams all along.
func (n *node) FullDuplexCall(s grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	if err := n.begin(s.Context()); err != nil {
		return err
	}
	var inner bidi
	if next := n.inner(); next != nil {
		ctx, cancel := context.WithCancel(s.Context())
		defer cancel()
		var err error
		if inner, err = next.FullDuplexCall(ctx); err != nil {
			return err
		}
	}
	for {
		req, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return finish(inner)
		}
		if err != nil {
			return err
		}
		text := ""
		if inner != nil {
			if text, err = exchange(inner, req); err != nil {
				return err
			}
		}
		if err := s.Send(&pb.StreamingOutputCallResponse{Payload: payload(n.answer(text))}); err != nil {
			return err
		}
	}
}

type bidi = grpc.BidiStreamingClient[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]

// exchange sends a message and gives the answer to it.
func exchange(s bidi, req *pb.StreamingOutputCallRequest) (string, error) {
	if err := s.Send(req); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	resp, err := s.Recv()
	return string(resp.GetPayload().GetBody()), err
}

// finish ends a stream in order; nil is none.
func finish(s bidi) error {
	if s == nil {
		return nil
	}
	if err := s.CloseSend(); err != nil {
		return err
	}
	_, err := s.Recv()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// StreamingOutputCall answers once per parameter asked for.
func (n *node) StreamingOutputCall(req *pb.StreamingOutputCallRequest, s grpc.ServerStreamingServer[pb.StreamingOutputCallResponse]) error {
	if err := n.begin(s.Context()); err != nil {
		return err
	}
	next := n.inner()
	if next == nil {
		for range req.GetResponseParameters() {
			if err := s.Send(&pb.StreamingOutputCallResponse{Payload: payload(n.id)}); err != nil {
				return err
			}
		}
		return nil
	}
	inner, err := next.StreamingOutputCall(s.Context(), req)
	if err != nil {
		return err
	}
	for {
		resp, err := inner.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.Send(&pb.StreamingOutputCallResponse{Payload: payload(n.answer(string(resp.GetPayload().GetBody())))}); err != nil {
			return err
		}
	}
}

// StreamingInputCall answers with the bytes that reached the last app.
func (n *node) StreamingInputCall(s grpc.ClientStreamingServer[pb.StreamingInputCallRequest, pb.StreamingInputCallResponse]) error {
	if err := n.begin(s.Context()); err != nil {
		return err
	}
	var inner grpc.ClientStreamingClient[pb.StreamingInputCallRequest, pb.StreamingInputCallResponse]
	if next := n.inner(); next != nil {
		var err error
		if inner, err = next.StreamingInputCall(s.Context()); err != nil {
			return err
		}
	}
	var size int32
	for {
		req, err := s.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		size += int32(len(req.GetPayload().GetBody()))
		if inner != nil {
			if err := inner.Send(req); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
		}
	}
	if inner == nil {
		return s.SendAndClose(&pb.StreamingInputCallResponse{AggregatedPayloadSize: size})
	}
	resp, err := inner.CloseAndRecv()
	if err != nil {
		return err
	}
	return s.SendAndClose(resp)
}

// connCounter counts a server's open connections.
type connCounter struct{ n *atomic.Int64 }

func (c connCounter) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (c connCounter) HandleRPC(context.Context, stats.RPCStats)                         {}
func (c connCounter) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (c connCounter) HandleConn(_ context.Context, s stats.ConnStats) {
	switch s.(type) {
	case *stats.ConnBegin:
		c.n.Add(1)
	case *stats.ConnEnd:
		c.n.Add(-1)
	}
}
