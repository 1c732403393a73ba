package front

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

const (
	headBytes = 4 << 10
	// A client that leaves is noticed when its answer takes longer than this.
	watchAfter = 200 * time.Millisecond
)

// conn is one connection on the short way.
type conn struct {
	server *Server
	nc     net.Conn
	remote string
	in     *bufio.Reader
	out    *bufio.Writer
	ctx    context.Context //nolint:containedctx // it lives as long as the connection does
	cancel context.CancelFunc
	idle   atomic.Bool // waits for a request
	until  time.Time   // read deadline in force
	watch  watch
	reply  response // of one request after the other
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{server: s, nc: nc, remote: nc.RemoteAddr().String(), in: bufio.NewReaderSize(nc, headBytes), out: bufio.NewWriterSize(nc, headBytes)}
	ctx := context.WithValue(context.Background(), http.ServerContextKey, s.long)
	c.ctx, c.cancel = context.WithCancel(context.WithValue(ctx, http.LocalAddrContextKey, nc.LocalAddr()))
	c.watch.conn, c.reply.header = c, make(http.Header, 8)
	c.idle.Store(true)
	return c
}

// serve answers plain requests until the connection ends or is handed over.
func (c *conn) serve() {
	defer c.server.forget(c)
	defer c.cancel()
	for {
		if !c.await() {
			_ = c.nc.Close()
			return
		}
		head, _ := c.in.Peek(c.in.Buffered())
		if plainHead(head) == 0 {
			c.handOver(head)
			return
		}
		if !c.answer() {
			_ = c.nc.Close()
			return
		}
	}
}

// await waits for the first bytes of a request.
func (c *conn) await() bool {
	if c.in.Buffered() > 0 {
		return true
	}
	c.idle.Store(true)
	if idle := c.server.opts.IdleTimeout; idle > 0 {
		// A deadline costs; one that is nearly the same is kept.
		if want := time.Now().Add(idle); want.Sub(c.until) > idle/8 {
			c.until = want
			_ = c.nc.SetReadDeadline(want)
		}
	}
	if c.server.closing.Load() {
		return false
	}
	_, err := c.in.Peek(1)
	c.idle.Store(false)
	return err == nil
}

// handOver gives the connection, and what was read of it, to net/http.
func (c *conn) handOver(head []byte) {
	_ = c.nc.SetReadDeadline(time.Time{})
	c.server.over.give(&replayed{Conn: c.nc, head: append([]byte(nil), head...)})
}

// replayed is a connection whose first bytes have been read before.
type replayed struct {
	net.Conn
	head []byte
}

// Read implements io.Reader.
func (r *replayed) Read(p []byte) (int, error) {
	if len(r.head) == 0 {
		return r.Conn.Read(p)
	}
	n := copy(p, r.head)
	r.head = r.head[n:]
	return n, nil
}

// CloseWrite lets net/http end an answer before the request has been read whole.
func (r *replayed) CloseWrite() error {
	if c, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// answer handles one request; false ends the connection.
func (c *conn) answer() bool {
	req, err := http.ReadRequest(c.in)
	if err != nil {
		_, _ = io.WriteString(c.nc, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		return false
	}
	req.RemoteAddr = c.remote
	w := &c.reply
	clear(w.header)
	*w = response{conn: c, head: req.Method == http.MethodHead, header: w.header, length: -1}
	c.watch.begin()
	defer c.watch.end()
	if !c.handle(w, req.WithContext(c.ctx)) {
		return false
	}
	return w.finish() && c.ctx.Err() == nil
}

// handle runs the handler; false when it panicked, and the answer is not whole.
func (c *conn) handle(w http.ResponseWriter, r *http.Request) (ok bool) {
	defer func() {
		if ok {
			return
		}
		if e := recover(); e != http.ErrAbortHandler { //nolint:errorlint // it is passed as it is
			c.server.opts.Log.Error("a handler panicked", "client", c.remote, "error", e, "stack", string(debug.Stack()))
		}
	}()
	c.server.opts.Handler.ServeHTTP(w, r)
	return true
}

// watch notices a client that leaves while its answer takes long. To read
// beside the handler costs, so it begins late.
type watch struct {
	conn *conn

	mu     sync.Mutex
	timer  *time.Timer
	active bool
	done   chan struct{} // closed when the reading has ended; nil when there was none
}

func (w *watch) begin() {
	w.mu.Lock()
	w.active = true
	w.mu.Unlock()
	if w.timer == nil {
		w.timer = time.AfterFunc(watchAfter, w.run)
		return
	}
	w.timer.Reset(watchAfter)
}

func (w *watch) run() {
	w.mu.Lock()
	if !w.active || w.done != nil {
		w.mu.Unlock()
		return
	}
	done := make(chan struct{})
	w.done = done
	_ = w.conn.nc.SetReadDeadline(time.Time{})
	w.mu.Unlock()
	defer close(done)
	var late net.Error
	if _, err := w.conn.in.Peek(1); err != nil && (!errors.As(err, &late) || !late.Timeout()) {
		w.conn.cancel()
	}
}

// end stops the reading, so that the next request can be read.
func (w *watch) end() {
	w.timer.Stop()
	w.mu.Lock()
	w.active = false
	done := w.done
	w.done = nil
	w.mu.Unlock()
	if done == nil {
		return
	}
	_ = w.conn.nc.SetReadDeadline(past)
	<-done
	w.conn.until = time.Time{}
	_ = w.conn.nc.SetReadDeadline(time.Time{})
}
