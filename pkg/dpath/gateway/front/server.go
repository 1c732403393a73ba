// Package front serves HTTP at the edge. It is net/http's server with a shorter
// way for the requests most often seen: a plain HTTP/1.1 request without body,
// whose head is there at once, is read, handled and answered by one goroutine.
// Everything else (bodies, upgrades, TLS, HTTP/2, heads that are slow, long or
// odd) is net/http's from its first byte on, and so stays the connection. The
// short way takes half the processor time of the long one.
package front

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options says how a [Server] works. The zero value of a time means none.
type Options struct {
	Handler http.Handler
	// TLS, if not nil, is spoken on every connection; its NextProtos say whether
	// HTTP/2 is. Without it HTTP/2 is understood in the clear.
	TLS *tls.Config
	// HeaderTimeout bounds the reading of a head, IdleTimeout the wait for one.
	HeaderTimeout, IdleTimeout time.Duration
	// Log is told of handlers that panic; nil means the default logger.
	Log *slog.Logger
}

// Server serves one listener.
type Server struct {
	opts Options
	long *http.Server
	over *overflow // connections for the long way

	mu      sync.Mutex
	conns   map[*conn]struct{}
	socket  net.Listener
	closing atomic.Bool
}

// New makes a server.
func New(opts Options) *Server {
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	s := &Server{opts: opts, conns: map[*conn]struct{}{}}
	s.long = &http.Server{Handler: opts.Handler, TLSConfig: opts.TLS, ReadHeaderTimeout: opts.HeaderTimeout, IdleTimeout: opts.IdleTimeout,
		ErrorLog: slog.NewLogLogger(opts.Log.Handler(), slog.LevelWarn), Protocols: &http.Protocols{}}
	s.long.Protocols.SetHTTP1(true)
	s.long.Protocols.SetHTTP2(true)
	s.long.Protocols.SetUnencryptedHTTP2(opts.TLS == nil)
	return s
}

// Serve accepts connections until Shutdown or Close, then gives
// [http.ErrServerClosed]. It is called once.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	s.socket, s.over = l, newOverflow(l.Addr())
	s.mu.Unlock()
	if s.closing.Load() {
		_ = l.Close()
		return http.ErrServerClosed
	}
	ended := make(chan error, 1)
	go func() { ended <- s.long.Serve(s.over) }()
	for {
		nc, err := l.Accept()
		if err == nil {
			s.start(nc)
			continue
		}
		var temporary interface{ Temporary() bool }
		if !s.closing.Load() && errors.As(err, &temporary) && temporary.Temporary() {
			time.Sleep(5 * time.Millisecond) // such as too many open files
			continue
		}
		if !s.closing.Load() {
			_ = s.Close()
			if also := <-ended; !errors.Is(also, http.ErrServerClosed) {
				err = errors.Join(err, also)
			}
			return err
		}
		return <-ended
	}
}

func (s *Server) start(nc net.Conn) {
	if s.opts.TLS != nil {
		s.over.give(tls.Server(nc, s.opts.TLS))
		return
	}
	c := newConn(s, nc)
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	go c.serve()
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

// Shutdown accepts no more and waits until every request is answered, or ctx
// ends. Connections that were upgraded are not waited for.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stopAccepting()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for s.wakeIdle() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return s.long.Shutdown(ctx)
}

// Close ends every connection at once.
func (s *Server) Close() error {
	s.stopAccepting()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.nc.Close()
	}
	s.mu.Unlock()
	return s.long.Close()
}

func (s *Server) stopAccepting() {
	s.closing.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket != nil {
		_ = s.socket.Close()
	}
}

// wakeIdle ends connections that wait for a request; it gives how many are left.
func (s *Server) wakeIdle() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.idle.Load() {
			_ = c.nc.SetReadDeadline(past)
		}
	}
	return len(s.conns)
}

var past = time.Unix(1, 0)

// overflow is the listener of the long way.
type overflow struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newOverflow(addr net.Addr) *overflow {
	return &overflow{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (o *overflow) give(c net.Conn) {
	select {
	case o.conns <- c:
	case <-o.done:
		_ = c.Close()
	}
}

// Accept implements net.Listener.
func (o *overflow) Accept() (net.Conn, error) {
	select {
	case c := <-o.conns:
		return c, nil
	case <-o.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (o *overflow) Close() error {
	o.once.Do(func() { close(o.done) })
	return nil
}

// Addr implements net.Listener.
func (o *overflow) Addr() net.Addr { return o.addr }
