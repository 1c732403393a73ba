package kvm

import (
	"context"
	"sync"
	"time"

	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/pkg/provider"
)

var eventLoop sync.Once

// startEventLoop runs libvirt's event loop, one for the whole process, for ever: libvirt cannot take it back.
func startEventLoop() {
	eventLoop.Do(func() {
		if err := libvirt.EventRegisterDefaultImpl(); err != nil {
			panic(err) // only fails when registered twice
		}
		go runEventLoop()
	})
}

func runEventLoop() {
	for {
		if err := libvirt.EventRunDefaultImpl(); err != nil {
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// connect returns a counted reference to the connection, made anew when it was lost; closeConn gives it back.
func (d *Driver) connect() (*libvirt.Connect, error) {
	d.connMu.Lock()
	defer d.connMu.Unlock()
	if d.closed {
		return nil, provider.Errorf(provider.ReasonUnavailable, "", "the KVM driver is closed")
	}
	if d.conn != nil {
		if alive, err := d.conn.IsAlive(); err == nil && alive {
			return d.reference()
		}
		d.drop()
	}
	if err := d.dial(); err != nil {
		return nil, err
	}
	return d.reference()
}

func (d *Driver) reference() (*libvirt.Connect, error) {
	if err := d.conn.Ref(); err != nil {
		return nil, mapped("reference the connection", err)
	}
	return d.conn, nil
}

func closeConn(c *libvirt.Connect) { _, _ = c.Close() }

func (d *Driver) dial() error {
	startEventLoop()
	c, err := libvirt.NewConnect(d.cfg.LibvirtURI)
	if err != nil {
		return provider.Errorf(provider.ReasonUnavailable,
			"start it: systemctl start libvirtd, or plaza-agent libvirtd for a private one", "libvirtd does not answer at %s: %w", d.cfg.LibvirtURI, err)
	}
	lost := make(chan struct{})
	once := sync.OnceFunc(func() { close(lost) })
	err = c.RegisterCloseCallback(func(*libvirt.Connect, libvirt.ConnectCloseReason) { once() })
	if err == nil {
		err = c.SetKeepAlive(5, 3)
	}
	if err == nil {
		_, err = c.DomainEventLifecycleRegister(nil, d.lifecycle)
	}
	if err != nil {
		closeConn(c)
		return mapped("register for events", err)
	}
	d.conn, d.lost = c, lost
	d.emit(provider.Event{Kind: "host", ID: d.cfg.Host, Change: "connected"})
	return nil
}

// drop forgets a dead connection.
func (d *Driver) drop() {
	d.unregister(d.conn)
	closeConn(d.conn)
	d.conn = nil
	d.emit(provider.Event{Kind: "host", ID: d.cfg.Host, Change: "disconnected", Reason: "libvirtd went away"})
}

func (d *Driver) unregister(c *libvirt.Connect) { _ = c.UnregisterCloseCallback() }

const (
	firstRetry = 200 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// stayConnected reconnects with growing pauses, and at once when the connection breaks.
func (d *Driver) stayConnected(ctx context.Context) {
	pause := firstRetry
	for ctx.Err() == nil {
		c, err := d.connect()
		if err != nil {
			d.log.Warn("libvirt", "error", err, "retry", pause)
			if !sleep(ctx, pause) {
				return
			}
			pause = min(2*pause, lastRetry)
			continue
		}
		closeConn(c)
		pause = firstRetry
		d.connMu.Lock()
		lost := d.lost
		d.connMu.Unlock()
		select {
		case <-ctx.Done():
		case <-lost:
			sleep(ctx, firstRetry/4)
		}
	}
}

func sleep(ctx context.Context, t time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(t):
		return true
	}
}
