package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nuid"
)

// maxStreams bounds the streams that one role of an agent has open.
const maxStreams = 256

// Opener opens what a stream is to carry: the call is answered once it has, and the stream lives until either end closes
// or the responder does. ctx bounds the opening alone.
type Opener func(ctx context.Context, body json.RawMessage) (io.ReadWriteCloser, error)

func streamIn(host, id string) string { return HostSubject(host, "stream."+id) }

func streamOut(host, role, id string) string { return rpcSubject(host, role) + ".stream." + id }

// Open asks the agent of host for a method that opens a stream, as Call does. The caller closes the stream.
func (c *Caller) Open(ctx context.Context, host, role, method string, limit time.Duration, in any) (*Stream, error) {
	id := nuid.Next()
	if err := checkCall(host, role); err != nil {
		return nil, err
	}
	// Listening comes first: bytes may overtake the answer.
	s, err := openStream(c.nc, streamIn(host, id), streamOut(host, role, id), streamSilent)
	if err != nil {
		return nil, &Fault{Reason: ReasonUnavailable, Detail: err.Error(), Hint: "try again", Err: err}
	}
	if err := c.call(ctx, id, host, role, method, limit, in, nil); err != nil {
		_ = s.CloseWith(err)
		return nil, err
	}
	return s, nil
}

// open answers a call for a stream: it is named by the call's id, and carries what the method opened.
func (r *Responder) open(ctx context.Context, method Method, req Request) (any, error) {
	if err := checkToken("stream", req.ID); err != nil {
		return nil, &Fault{Reason: ReasonInvalid, Detail: err.Error()}
	}
	select {
	case r.streams <- struct{}{}:
	default:
		return nil, &Fault{Reason: ReasonUnavailable, Hint: "close some", Detail: fmt.Sprintf("the agent of host %s has %d streams open", r.cfg.Host, maxStreams)}
	}
	kept := false
	defer func() {
		if !kept {
			<-r.streams
		}
	}()
	carried, err := method.Open(ctx, req.Body)
	if err != nil {
		return nil, err
	}
	s, err := openStream(r.nc, streamOut(r.cfg.Host, r.cfg.Role, req.ID), streamIn(r.cfg.Host, req.ID), streamSilent)
	if err != nil {
		_ = carried.Close()
		return nil, err
	}
	kept = true
	r.active.Go(func() {
		defer func() { <-r.streams }()
		r.carry(s, carried)
	})
	return nil, nil
}

// carry copies both ways until one end has ended, and ends the other.
func (r *Responder) carry(s *Stream, carried io.ReadWriteCloser) {
	stop := context.AfterFunc(r.ctx, func() {
		_ = s.CloseWith(&Fault{Reason: ReasonUnavailable, Detail: "the agent of host " + r.cfg.Host + " is stopping", Hint: "open it again"})
		_ = carried.Close()
	})
	defer stop()
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(carried, s) // why it ended is the other end's to tell
		_ = carried.Close()
	}()
	_, err := io.Copy(s, carried)
	select {
	case <-s.Done():
		err = nil // carried was closed because the stream had ended
	default:
	}
	_ = s.CloseWith(err)
	_ = carried.Close()
	<-back
}
