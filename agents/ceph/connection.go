//go:build ceph

package ceph

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/ceph/go-ceph/rados"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	mountTimeout = 10 * time.Second
	// redialAfter keeps callers from waiting out mountTimeout one after the other while the monitors are away.
	redialAfter = 3 * time.Second
)

// connection is the one librados connection; librados itself finds its way back to monitors and OSDs that were away.
type connection struct {
	sync.RWMutex // read by each operation, so that closing waits for them
	conn         *rados.Conn
	closed       bool
	failed       error
	failedAt     time.Time
}

func (l *connection) close() {
	l.Lock()
	defer l.Unlock()
	if l.conn != nil {
		l.conn.Shutdown()
	}
	l.conn, l.closed = nil, true
}

// ask runs f with the connection. C calls can not be interrupted: when ctx ends first, f goes on until the cluster's own
// timeouts end it, and the caller learns that the outcome is unknown. So f shares nothing with its caller but its answer.
func ask[T any](ctx context.Context, d *Driver, what string, f func(*rados.Conn) (T, error)) (out T, err error) {
	if ctx.Err() != nil {
		return out, provider.Errorf(provider.ReasonTimeout, "", "%s: %w", what, ctx.Err())
	}
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		c, release, err := d.connect()
		if err != nil {
			done <- answer{err: err}
			return
		}
		defer release()
		value, err := f(c)
		done <- answer{value, mapped(what, err)}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		return out, provider.Errorf(provider.ReasonTimeout, "the call is safe to repeat", "%s took too long; the outcome is unknown: %w", what, ctx.Err())
	}
}

// do is ask for what has no answer but that it was done.
func (d *Driver) do(ctx context.Context, what string, f func(*rados.Conn) error) error {
	_, err := ask(ctx, d, what, func(c *rados.Conn) (struct{}, error) { return struct{}{}, f(c) })
	return err
}

func (d *Driver) connect() (c *rados.Conn, release func(), err error) {
	l := &d.link
	for {
		l.RLock()
		if l.conn != nil {
			return l.conn, l.RUnlock, nil
		}
		l.RUnlock()
		if err := d.dial(); err != nil {
			return nil, nil, err
		}
	}
}

func (d *Driver) dial() error {
	l := &d.link
	l.Lock()
	defer l.Unlock()
	switch {
	case l.closed:
		return provider.Errorf(provider.ReasonUnavailable, "", "the Ceph driver is closed")
	case l.conn != nil:
		return nil
	case time.Since(l.failedAt) < redialAfter:
		return l.failed
	}
	conn, err := d.open()
	if err != nil {
		l.failedAt = time.Now()
		l.failed = provider.Errorf(provider.ReasonUnavailable, "check that the monitors have quorum, and "+d.cfg.ConfFile+" and the key of client."+d.cfg.User,
			"the Ceph cluster is not reached: %w", err)
		d.log.Warn("the cluster is not reached", "error", err)
		return l.failed
	}
	l.conn = conn
	return nil
}

func (d *Driver) open() (*rados.Conn, error) {
	conn, err := rados.NewConnWithUser(d.cfg.User)
	if err != nil {
		return nil, err
	}
	if err := conn.ReadConfigFile(d.cfg.ConfFile); err != nil {
		return nil, err
	}
	limit := strconv.Itoa(int(d.cfg.Timeout.Seconds()))
	for option, value := range map[string]string{
		// Without them a call waits for ever for a cluster that does not answer.
		"client_mount_timeout": strconv.Itoa(int(mountTimeout.Seconds())), "rados_mon_op_timeout": limit, "rados_osd_op_timeout": limit,
	} {
		if err := conn.SetConfigOption(option, value); err != nil {
			return nil, err
		}
	}
	if err := conn.Connect(); err != nil {
		return nil, err
	}
	return conn, nil
}
