// Package wire carries provider calls between the control plane and agents: errors keep their reason, detail and hint on
// the way, and what an agent tells unasked is known by who may speak on its subject.
package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
)

// Limits of one call where the caller sets no shorter deadline.
const (
	ReadLimit  = 30 * time.Second
	WriteLimit = 5 * time.Minute

	flushLimit = 5 * time.Second
)

// ID is the argument of calls about one object.
type ID struct {
	ID string `json:"id"`
}

// None is the argument of calls that take none.
type None struct{}

// Read is a method that changes nothing; it has a lane of its own.
func Read[In any](f func(context.Context, In) (any, error)) bus.Method {
	m := Write(ReadLimit, f)
	m.Quick = true
	return m
}

// Write is a method that changes something within limit.
func Write[In any](limit time.Duration, f func(context.Context, In) (any, error)) bus.Method {
	return bus.Method{Timeout: limit, Handle: func(ctx context.Context, body json.RawMessage) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, &bus.Fault{Reason: bus.ReasonInvalid, Detail: fmt.Sprintf("the arguments are unreadable: %v", err), Err: err}
		}
		out, err := f(ctx, in)
		if err != nil {
			return nil, Fault(err)
		}
		return out, nil
	}}
}

// Fault makes what a driver returned fit to travel.
func Fault(err error) error {
	if e := (*provider.Error)(nil); errors.As(err, &e) {
		return &bus.Fault{Reason: string(e.Reason), Detail: e.Detail, Hint: e.Hint, Err: err}
	}
	return err
}

// Error is what a driver returned on the host, or the bus' own, as a *provider.Error; nil stays nil.
func Error(err error) error {
	if err == nil {
		return nil
	}
	if f := (*bus.Fault)(nil); errors.As(err, &f) {
		return &provider.Error{Reason: provider.Reason(f.Reason), Detail: f.Detail, Hint: f.Hint, Err: f.Err}
	}
	return &provider.Error{Reason: provider.ReasonInternal, Detail: err.Error(), Err: err}
}

// Listen calls f, one message at a time, for what any host tells on topic until ctx ends. It trusts the subject alone for
// who speaks: the bus lets a host publish under its own id only.
func Listen[T any](ctx context.Context, nc *nats.Conn, topic string, f func(host string, v T)) error {
	sub, err := nc.Subscribe(bus.HostSubject("*", topic), func(m *nats.Msg) {
		var v T
		host := bus.HostOf(m.Subject)
		if err := json.Unmarshal(m.Data, &v); err != nil {
			slog.Warn("a host sent something unreadable", "host", host, "topic", topic, "error", err)
			return
		}
		f(host, v)
	})
	if err != nil {
		return fmt.Errorf("subscribing to %s: %w", topic, err)
	}
	context.AfterFunc(ctx, func() { _ = sub.Unsubscribe() }) // fails only when the connection is closed already
	if !nc.IsConnected() {
		return nil // it is in force with the next connect
	}
	if err := nc.FlushTimeout(flushLimit); err != nil { // what is sent after the return must not be missed
		return fmt.Errorf("subscribing to %s: %w", topic, err)
	}
	return nil
}
