package tenantnet

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	maxProxied  = 256 // connections of one published port; the next ones wait in the kernel's backlog
	dialTimeout = 15 * time.Second
)

// proxy carries one published port: it listens in the root namespace and dials from inside the network's.
type proxy struct {
	listener  net.Listener
	namespace string
	target    string
	log       *slog.Logger

	ctx    context.Context //nolint:containedctx // ends with the proxy, not with the call that made it
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func startProxy(namespace string, p provider.Publish, log *slog.Logger) (*proxy, error) {
	l, err := net.Listen(family(p.Listen), p.Listen)
	if errors.Is(err, unix.EADDRINUSE) {
		return nil, provider.Errorf(provider.ReasonConflict, "choose another listen port", "publish %s: %w", p.Listen, err)
	}
	if err != nil {
		return nil, provider.Errorf(provider.ReasonInvalid, "listen is host:port of this host", "publish %s: %w", p.Listen, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	x := &proxy{
		listener: l, namespace: namespace, target: net.JoinHostPort(p.Address, strconv.Itoa(p.Port)),
		log: log, ctx: ctx, cancel: cancel,
	}
	x.done.Go(x.accept)
	return x, nil
}

// family keeps a wish for all addresses of IPv4 from also being one for those of IPv6, which "tcp" makes of it.
func family(listen string) string {
	if a, err := netip.ParseAddrPort(listen); err == nil && a.Addr().Is4() {
		return "tcp4"
	}
	return "tcp"
}

// at is the address in the words of the wish, with the port that was got: a wish that is met must be told to be.
func at(wanted string, got net.Addr) string {
	host, _, err := net.SplitHostPort(wanted)
	if tcp, ok := got.(*net.TCPAddr); ok && err == nil {
		return net.JoinHostPort(host, strconv.Itoa(tcp.Port))
	}
	return got.String()
}

func (x *proxy) close() {
	x.cancel()
	_ = x.listener.Close()
	x.done.Wait()
}

func (x *proxy) accept() {
	slots := make(chan struct{}, maxProxied)
	for {
		select {
		case slots <- struct{}{}:
		case <-x.ctx.Done():
			return
		}
		conn, err := x.listener.Accept()
		if err != nil {
			if x.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			<-slots
			time.Sleep(50 * time.Millisecond) // out of descriptors: do not spin
			continue
		}
		x.done.Go(func() {
			defer func() { <-slots }()
			x.carry(conn)
		})
	}
}

func (x *proxy) carry(client net.Conn) {
	defer client.Close()
	guest, err := x.dial()
	if err != nil {
		x.log.Debug("published port: guest does not answer", "target", x.target, "error", err)
		return
	}
	defer guest.Close()
	stop := context.AfterFunc(x.ctx, func() { _ = client.Close(); _ = guest.Close() })
	defer stop()
	var both sync.WaitGroup
	both.Go(func() { pipe(guest, client) })
	both.Go(func() { pipe(client, guest) })
	both.Wait()
}

func (x *proxy) dial() (net.Conn, error) {
	var conn net.Conn
	err := Within(x.namespace, func() error {
		d := net.Dialer{Timeout: dialTimeout}
		var err error
		conn, err = d.DialContext(x.ctx, "tcp4", x.target)
		return err
	})
	return conn, err
}

// pipe copies one direction, then passes the end of stream on without closing the other direction.
func pipe(to, from net.Conn) {
	_, err := io.Copy(to, from)
	if err != nil {
		_ = to.Close()
		_ = from.Close()
		return
	}
	if half, ok := to.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
}

type publishKey struct {
	listen, address string
	port            int
}

// publish makes the proxies exactly the wanted ones, and returns them with the ports that were chosen.
func (m *Manager) publish(rec record) ([]provider.Publish, error) {
	id := rec.Net.ID
	m.proxyMu.Lock()
	defer m.proxyMu.Unlock()
	have := m.proxies[id]
	if have == nil {
		have = map[publishKey]*proxy{}
		m.proxies[id] = have
	}
	var chosen []provider.Publish
	wanted := map[publishKey]bool{}
	for i, p := range rec.Net.Publish {
		actual := keptPort(rec, i, p)
		key := publishKey{actual.Listen, p.Address, p.Port}
		if have[key] == nil {
			x, err := startProxy(NamespaceName(id), actual, m.log)
			if err != nil {
				return nil, err
			}
			actual.Listen = at(actual.Listen, x.listener.Addr())
			key.listen = actual.Listen
			have[key] = x
		}
		wanted[key] = true
		chosen = append(chosen, actual)
	}
	for key, x := range have {
		if !wanted[key] {
			x.close()
			delete(have, key)
		}
	}
	return chosen, nil
}

// keptPort finds the port an earlier call chose for the same wish, so that it stays over restarts.
func keptPort(rec record, index int, p provider.Publish) provider.Publish {
	if p.Listen == "" {
		p.Listen = "127.0.0.1:0"
	}
	host, port, err := net.SplitHostPort(p.Listen)
	if err != nil || port != "0" {
		return p
	}
	nth := 0 // the same wish may be made twice: the n-th of it keeps the n-th port
	for _, q := range rec.Net.Publish[:index] {
		if q.Address == p.Address && q.Port == p.Port {
			nth++
		}
	}
	for _, c := range rec.Ports {
		h, _, err := net.SplitHostPort(c.Listen)
		if err != nil || h != host || c.Address != p.Address || c.Port != p.Port {
			continue
		}
		if nth == 0 {
			return c
		}
		nth--
	}
	return p
}

func (m *Manager) unpublish(id string) {
	m.proxyMu.Lock()
	defer m.proxyMu.Unlock()
	for _, x := range m.proxies[id] {
		x.close()
	}
	delete(m.proxies, id)
}
