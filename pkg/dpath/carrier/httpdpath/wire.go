package httpdpath

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath/internal/h1"
)

const (
	wireIdle     = 90 * time.Second
	wireFresh    = time.Second // idle for less, a connection is not looked at before what can be sent again
	wireIdleMax  = 128         // kept connections of one node
	maxAnswer    = 1 << 20     // bytes of an answer's head
	wireBuffered = 4 << 10
)

// Wire is the way to nodes that speak HTTP/1.1 in the clear. A request whose
// body is at hand is written and its answer read by the caller's own goroutine,
// which costs half of what [http.Transport] takes with two more; all others
// (streams, upgrades, other schemes) take that one. It is safe for concurrent
// use.
type Wire struct {
	rest *http.Transport
	dial func(ctx context.Context, network, addr string) (net.Conn, error)

	mu    sync.Mutex
	idle  map[string][]*wireConn // by address, the least recently used first
	prune *time.Timer            // armed while there are idle connections
}

var _ http.RoundTripper = (*Wire)(nil)

// NewWire makes a Wire that dials as rest does, keeps connections if rest does,
// and leaves to it what it does not do itself. Close its idle connections when
// it is done with.
func NewWire(rest *http.Transport) *Wire {
	return &Wire{rest: rest, dial: rest.DialContext, idle: map[string][]*wireConn{}}
}

// wireConn is one connection to a node; one call at a time has it.
type wireConn struct {
	net.Conn
	in     *bufio.Reader
	out    *bufio.Writer
	room   int64 // bytes that may still be read of an answer's head
	addr   string
	kept   bool      // it has served a call before
	since  time.Time // idle since
	alive  func() bool
	expire func() // ends what is being read or written
}

// Read implements io.Reader within the room left for a head.
func (c *wireConn) Read(p []byte) (int, error) {
	if c.room <= 0 {
		return 0, errors.New("httpdpath: the head of the node's answer is too long")
	}
	n, err := c.Conn.Read(p)
	c.room -= int64(n)
	return n, err
}

// RoundTrip implements http.RoundTripper.
func (w *Wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if !atHand(req) {
		return w.rest.RoundTrip(req)
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	c, err := w.connect(req)
	if err != nil {
		return nil, err
	}
	resp, err := w.exchange(c, req)
	if err == nil {
		return resp, nil
	}
	_ = c.Close()
	if cause := context.Cause(req.Context()); cause != nil {
		return nil, cause
	}
	if isLost(err) { // the others that are kept to the node are no better
		w.forget(c.addr)
	}
	return nil, err // sent again by who counts attempts
}

// lostError is the end of a kept connection before any byte of the answer: the
// node closed it, or came up anew since. It says nothing about the node.
type lostError struct{ error }

// Unwrap gives the error of the connection.
func (e *lostError) Unwrap() error { return e.error }

func isLost(err error) bool {
	if err == nil {
		return false // without making anything
	}
	var lost *lostError
	return errors.As(err, &lost)
}

// forget closes the connections kept to a node.
func (w *Wire) forget(addr string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.idle[addr] {
		_ = c.Close()
	}
	delete(w.idle, addr)
}

// atHand tells whether a request can be written without waiting for anybody.
func atHand(r *http.Request) bool {
	whole := r.Body == nil || r.Body == http.NoBody || r.GetBody != nil && r.ContentLength > 0
	return whole && r.URL.Scheme == "http" && r.Header.Get("Upgrade") == "" && r.Header.Get("Expect") == "" && r.Method != http.MethodConnect && len(r.Trailer) == 0
}

// exchange sends the request and reads the head of the answer.
func (w *Wire) exchange(c *wireConn, req *http.Request) (resp *http.Response, err error) {
	stop := context.AfterFunc(req.Context(), c.expire)
	if err = h1.WriteRequest(c.out, req); err == nil {
		err = c.out.Flush()
	}
	if err == nil {
		c.room = maxAnswer
		_, err = c.in.Peek(1)
	}
	if err != nil {
		stop()
		err = fmt.Errorf("httpdpath: call to %s: %w", c.addr, err)
		if c.kept {
			err = &lostError{err}
		}
		return nil, err
	}
	for {
		resp, err = http.ReadResponse(c.in, req)
		if err != nil {
			stop()
			return nil, fmt.Errorf("httpdpath: answer of %s: %w", c.addr, err)
		}
		if resp.StatusCode >= 200 {
			break
		}
		if t := httptrace.ContextClientTrace(req.Context()); t != nil && t.Got1xxResponse != nil {
			if err := t.Got1xxResponse(resp.StatusCode, textproto.MIMEHeader(resp.Header)); err != nil {
				stop()
				return nil, err
			}
		}
	}
	c.room = 1<<63 - 1
	b := &wireBody{ReadCloser: resp.Body, wire: w, conn: c, stop: stop, keep: !resp.Close && !req.Close && !w.rest.DisableKeepAlives}
	if resp.Body == http.NoBody {
		b.end(true)
		return resp, nil
	}
	resp.Body = b
	return resp, nil
}

// connect takes a kept connection that still lives, or makes one.
func (w *Wire) connect(req *http.Request) (*wireConn, error) {
	addr := req.URL.Host
	if req.URL.Port() == "" { // as hosts outside often come
		addr = net.JoinHostPort(req.URL.Hostname(), "80")
	}
	for c := w.take(addr); c != nil; c = w.take(addr) {
		if time.Since(c.since) < wireFresh && idempotent(req) || c.alive() {
			c.kept = true
			return c, nil
		}
		_ = c.Close()
	}
	conn, err := w.dial(req.Context(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &wireConn{Conn: conn, addr: addr, alive: liveness(conn)}
	c.in, c.out = bufio.NewReaderSize(c, wireBuffered), bufio.NewWriterSize(conn, wireBuffered)
	c.expire = func() { _ = conn.SetDeadline(time.Unix(1, 0)) }
	return c, nil
}

func (w *Wire) take(addr string) *wireConn {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.idle[addr]
	if len(list) == 0 {
		return nil
	}
	c := list[len(list)-1]
	list[len(list)-1] = nil
	w.idle[addr] = list[:len(list)-1]
	return c
}

// keep puts a connection back, unless bytes nobody asked for lie in it.
func (w *Wire) keep(c *wireConn) {
	if c.in.Buffered() > 0 {
		_ = c.Close()
		return
	}
	c.since = time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.idle[c.addr]
	if len(list) >= wireIdleMax {
		_ = c.Close()
		return
	}
	w.idle[c.addr] = append(list, c)
	if w.prune == nil {
		w.prune = time.AfterFunc(wireIdle, w.pruneIdle)
	}
}

// pruneIdle closes what was idle for too long, and comes again while there is more.
func (w *Wire) pruneIdle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.prune = nil
	limit := time.Now().Add(-wireIdle)
	for addr, list := range w.idle {
		old := 0
		for old < len(list) && list[old].since.Before(limit) {
			_ = list[old].Close()
			old++
		}
		if w.idle[addr] = append(list[:0:0], list[old:]...); len(w.idle[addr]) == 0 {
			delete(w.idle, addr)
		}
	}
	if len(w.idle) > 0 {
		w.prune = time.AfterFunc(wireIdle/3, w.pruneIdle)
	}
}

// CloseIdleConnections closes connections not in use.
func (w *Wire) CloseIdleConnections() {
	w.rest.CloseIdleConnections()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, list := range w.idle {
		for _, c := range list {
			_ = c.Close()
		}
	}
	clear(w.idle)
	if w.prune != nil {
		w.prune.Stop()
		w.prune = nil
	}
}

// wireBody gives the connection back at its end. Like the bodies of
// [http.Transport] it is read by one goroutine, and may be closed by another.
type wireBody struct {
	io.ReadCloser
	wire *Wire
	conn *wireConn
	stop func() bool
	keep bool
	once sync.Once
}

// Read implements io.Reader.
func (b *wireBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end(errors.Is(err, io.EOF))
	}
	return n, err
}

// Close implements io.Closer. What is left of the answer is not waited for.
func (b *wireBody) Close() error {
	b.end(false)
	return nil
}

func (b *wireBody) end(whole bool) {
	b.once.Do(func() {
		// A context that ended meanwhile has spoilt the connection's deadline.
		if b.stop() && whole && b.keep {
			b.wire.keep(b.conn)
			return
		}
		_ = b.conn.Close()
	})
}
