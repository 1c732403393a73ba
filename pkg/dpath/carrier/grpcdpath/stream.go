package grpcdpath

import (
	"context"
	"errors"
	"io"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// maxReplay bounds the messages a stream keeps to be sent again.
const maxReplay = 64

// stream is a grpc.ClientStream that moves to another node as long as none has
// begun to serve it. Only receiving moves it, since only there does a refusal
// show.
type stream struct {
	call *call
	open func(last error) error // sets at and attempt

	mu      sync.Mutex
	at      grpc.ClientStream // of the node it is on
	attempt *attempt
	settled bool  // it stays where it is
	lost    error // why it could not move
	sent    []any
	closed  bool
}

func (s *stream) current() grpc.ClientStream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// Context implements grpc.ClientStream.
func (s *stream) Context() context.Context { return s.current().Context() }

// SendMsg implements grpc.ClientStream.
func (s *stream) SendMsg(m any) error {
	s.mu.Lock()
	if len(s.sent) == maxReplay {
		s.settle()
	}
	if !s.settled {
		s.sent = append(s.sent, m)
	}
	cs := s.at
	s.mu.Unlock()
	err := cs.SendMsg(m)
	if !errors.Is(err, io.EOF) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.settled || cs != s.at {
		return nil // kept, and sent by whoever moves the stream
	}
	return err
}

// CloseSend implements grpc.ClientStream.
func (s *stream) CloseSend() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.at.CloseSend()
}

// RecvMsg implements grpc.ClientStream.
func (s *stream) RecvMsg(m any) error {
	for {
		moved, err := s.received(s.current().RecvMsg(m))
		if !moved {
			return err
		}
	}
}

// Header implements grpc.ClientStream.
func (s *stream) Header() (metadata.MD, error) {
	for {
		cs := s.current()
		md, err := cs.Header()
		ended := err
		if md == nil && err == nil {
			ended = cs.RecvMsg(nil) // it ended without a header; only RecvMsg tells how
		}
		if moved, _ := s.received(ended); !moved {
			return md, err // a failure shows when receiving
		}
	}
}

// Trailer implements grpc.ClientStream.
func (s *stream) Trailer() metadata.MD {
	md := s.current().Trailer()
	clearTrailer(md)
	return md
}

// received settles the stream by an answer or a final failure, or moves it on
// from a node that did not serve it.
func (s *stream) received(err error) (moved bool, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	failure := err != nil && !errors.Is(err, io.EOF)
	if failure && !s.settled && s.call.again(s.attempt, err) {
		if s.lost = s.move(err); s.lost == nil {
			return true, nil
		}
	}
	s.settle()
	if failure {
		note(s.call.ctx, err)
	}
	if s.lost != nil {
		return false, s.lost
	}
	return false, err
}

// move opens the stream on another node and sends it what was sent before. A
// node that fails meanwhile shows so when receiving.
func (s *stream) move(last error) error {
	if err := s.open(last); err != nil {
		return err
	}
	for _, m := range s.sent {
		if err := s.at.SendMsg(m); err != nil {
			break
		}
	}
	if s.closed {
		return s.at.CloseSend()
	}
	return nil
}

func (s *stream) settle() { s.settled, s.sent = true, nil }
