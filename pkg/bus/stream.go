package bus

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	streamWindow = 256 << 10 // bytes under way in one direction that were not read yet
	streamFrame  = 32 << 10
	streamHead   = 9 // kind and position

	streamSilent = 20 * time.Second // without a sign of life the other end counts as dead
)

// What a frame is; a position of 8 bytes follows, counted from the stream's begin.
const (
	frameData = 'd' // position of its first byte, then bytes
	frameRead = 'r' // how much was read: the other end may send on; also the sign of life
	frameEnd  = 'e' // how much was sent in all, then why it ends as a JSON Fault; nothing when it ends well
)

// Stream carries bytes both ways between the control plane and an agent, as they were written or not at all: the bus may
// drop messages, and a stream that misses one is broken. Neither end sends more than the other has room for.
// Read returns io.EOF when the other end closed; a *Fault when it broke, went silent or failed.
type Stream struct {
	nc     *nats.Conn
	out    string
	silent time.Duration
	sub    *nats.Subscription
	done   chan struct{} // closed when it has ended
	beat   sync.WaitGroup

	writing sync.Mutex // one Write at a time

	mu       sync.Mutex
	turned   *sync.Cond
	buffer   []byte
	received uint64 // bytes that came
	taken    uint64 // of them, read
	told     uint64 // of these, told to the other end
	sent     uint64
	room     uint64 // position up to which the other end takes bytes
	heard    time.Time
	closing  bool
	ended    error // why nothing comes and goes any more
}

var _ io.ReadWriteCloser = (*Stream)(nil)

// openStream listens on in for what the other end sends, and sends to out; who says nothing for silent counts as dead.
func openStream(nc *nats.Conn, in, out string, silent time.Duration) (*Stream, error) {
	s := &Stream{nc: nc, out: out, silent: silent, done: make(chan struct{}), room: streamWindow, heard: time.Now()}
	s.turned = sync.NewCond(&s.mu)
	var err error
	if s.sub, err = nc.Subscribe(in, s.take); err != nil {
		return nil, fmt.Errorf("subscribing to a stream: %w", err)
	}
	s.beat.Go(s.live)
	return s, nil
}

// live tells the other end now and then that this one is there, and gives up on one that does not.
func (s *Stream) live() {
	tick := time.NewTicker(min(aliveEvery, s.silent/4))
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		s.mu.Lock()
		silence := time.Since(s.heard)
		s.told = s.taken
		position := s.taken
		s.mu.Unlock()
		if silence > s.silent {
			s.end(&Fault{Reason: ReasonTimeout, Detail: "the other end of the stream went silent", Hint: "open it again"})
			return
		}
		_ = s.send(frameRead, position, nil) // the next one may get through
	}
}

// Read waits for bytes; what came before an end is read before the end is told.
func (s *Stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	for len(s.buffer) == 0 && s.ended == nil {
		s.turned.Wait()
	}
	if len(s.buffer) == 0 || errors.Is(s.ended, net.ErrClosed) {
		defer s.mu.Unlock()
		return 0, s.ended
	}
	n := copy(p, s.buffer)
	s.buffer = s.buffer[n:]
	s.taken += uint64(n) //nolint:gosec // not negative
	position, tell := s.taken, s.taken-s.told >= streamWindow/4 && s.ended == nil
	if tell {
		s.told = position
	}
	s.mu.Unlock()
	if tell {
		_ = s.send(frameRead, position, nil) // told again with the next sign of life
	}
	return n, nil
}

// Write waits until the other end has room for p, and has handed it to the bus when it returns.
func (s *Stream) Write(p []byte) (n int, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	for n < len(p) {
		position, size, err := s.reserve(len(p) - n)
		if err != nil {
			return n, err
		}
		if err := s.send(frameData, position, p[n:n+size]); err != nil {
			s.end(err)
			return n, err
		}
		n += size
	}
	return n, nil
}

// reserve waits for room, and takes up to want bytes of it.
func (s *Stream) reserve(want int) (position uint64, size int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.sent >= s.room && s.ended == nil && !s.closing {
		s.turned.Wait()
	}
	switch {
	case errors.Is(s.ended, io.EOF):
		return 0, 0, io.ErrClosedPipe
	case s.ended != nil:
		return 0, 0, s.ended
	case s.closing:
		return 0, 0, net.ErrClosed
	}
	size = min(want, streamFrame, int(s.room-s.sent)) //nolint:gosec // at most a window
	position = s.sent
	s.sent += uint64(size) //nolint:gosec // not negative
	return position, size, nil
}

// Close ends the stream well; the other end reads what was written, then io.EOF.
func (s *Stream) Close() error { return s.CloseWith(nil) }

// CloseWith ends the stream, and tells the other end why when why is not nil.
func (s *Stream) CloseWith(why error) error {
	s.mu.Lock()
	s.closing = true // whoever waits for room gives up
	s.turned.Broadcast()
	s.mu.Unlock()
	s.writing.Lock() // what is under way goes first
	s.mu.Lock()
	position, open := s.sent, s.ended == nil
	s.mu.Unlock()
	if open {
		_ = s.send(frameEnd, position, reason(why)) // lost, the silence tells
	}
	s.writing.Unlock()
	s.end(net.ErrClosed)
	s.beat.Wait()
	return nil
}

// reason is an error as it travels.
func reason(why error) []byte {
	if why == nil {
		return nil
	}
	fault := &Fault{Reason: ReasonInternal, Detail: why.Error()}
	_ = errors.As(why, &fault)
	data, _ := json.Marshal(fault) // texts alone
	return data
}

// failure is why the other end closed.
func failure(data []byte) error {
	if len(data) == 0 {
		return io.EOF
	}
	fault := &Fault{}
	if err := json.Unmarshal(data, fault); err != nil || fault.Reason == "" {
		return &Fault{Reason: ReasonInternal, Detail: "the other end of the stream failed, and its reason is unreadable", Err: err}
	}
	return fault
}

// end notes why, once, and wakes whoever waits.
func (s *Stream) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		if errors.Is(why, net.ErrClosed) {
			s.ended, s.buffer = why, nil
		}
		return
	}
	s.ended = why
	close(s.done)
	_ = s.sub.Unsubscribe() // fails only when the connection is closed already
	s.turned.Broadcast()
}

// Done is closed when nothing can be sent any more.
func (s *Stream) Done() <-chan struct{} { return s.done }

func (s *Stream) send(kind byte, position uint64, data []byte) error {
	frame := make([]byte, streamHead, streamHead+len(data))
	frame[0] = kind
	binary.BigEndian.PutUint64(frame[1:], position)
	if err := s.nc.Publish(s.out, append(frame, data...)); err != nil {
		return &Fault{Reason: ReasonUnavailable, Detail: "the bus does not take the stream: " + err.Error(), Hint: "open it again", Err: err}
	}
	return nil
}

// take runs on the subscription's goroutine, one frame after the other.
func (s *Stream) take(msg *nats.Msg) {
	if len(msg.Data) < streamHead {
		return
	}
	kind, position, data := msg.Data[0], binary.BigEndian.Uint64(msg.Data[1:]), msg.Data[streamHead:]
	s.mu.Lock()
	s.heard = time.Now()
	var why error
	switch {
	case s.ended != nil:
	case kind == frameRead:
		s.room = max(s.room, min(position, s.sent)+streamWindow)
		s.turned.Broadcast()
	case position != s.received:
		why = &Fault{Reason: ReasonUnavailable, Detail: "the bus lost a part of the stream", Hint: "open it again"}
	case kind == frameData && s.received-s.taken+uint64(len(data)) > streamWindow:
		why = &Fault{Reason: ReasonInvalid, Detail: "the other end of the stream sends more than there is room for"}
	case kind == frameData:
		s.buffer = append(s.buffer, data...)
		s.received += uint64(len(data))
		s.turned.Broadcast()
	case kind == frameEnd:
		why = failure(data)
	}
	s.mu.Unlock()
	if why != nil {
		s.end(why)
	}
}
