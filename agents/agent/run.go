package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
)

// Config says as whom and how often. Zero values take the defaults named.
type Config struct {
	Identity       Identity
	Dir            string             // keeps status.json; empty: none is kept
	HeartbeatEvery time.Duration      // 1 s
	StateEvery     time.Duration      // 2 s, how often the host's state is read for the heartbeat
	InventoryEvery time.Duration      // 10 s
	Parallel       int                // calls at a time, of each role: 16 that change things and 16 that read
	EventBuffer    int                // 1024 events are kept while the bus is away
	StopGrace      time.Duration      // 10 s for calls under way to end
	Version        string             // of the agent, for hosts whose roles tell none
	Commands       map[string]Command // by name, what runbooks may run; they need Dir
	Logger         *slog.Logger
}

func (c Config) withDefaults() Config {
	orDefault(&c.HeartbeatEvery, time.Second)
	orDefault(&c.StateEvery, 2*time.Second)
	orDefault(&c.InventoryEvery, 10*time.Second)
	orDefault(&c.EventBuffer, 1024)
	orDefault(&c.StopGrace, 10*time.Second)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func orDefault[T ~int | ~int64](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// runner is one run of the agent.
type runner struct {
	cfg     Config
	roles   []Role
	session string
	errands *errands
	leave   context.CancelCauseFunc // ends this connection for a reason
	nc      *nats.Conn
	calls   []*bus.Responder
	log     *slog.Logger

	state   atomic.Pointer[provider.HostState]
	dropped atomic.Uint64
	link    link

	resume  chan struct{} // the bus is back: send what waits
	survey  chan string   // an inventory is wanted, with its cause
	refresh chan struct{} // the host's state is wanted now
}

// Run serves the host in its roles until ctx ends: it answers their calls, tells events, heartbeats and what they report,
// and reconnects for as long as it takes. It returns when the calls under way have ended or StopGrace has passed; with
// ErrRestart when the control plane wants the agent to be started anew.
func Run(ctx context.Context, cfg Config, roles ...Role) error {
	cfg = cfg.withDefaults()
	errands, err := newErrands(cfg)
	if err != nil {
		return err
	}
	defer errands.commands.close()
	for {
		if err := connect(ctx, cfg, errands, roles); !errors.Is(err, errOtherKey) {
			return err
		}
		errands.keys.other()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(keyPause):
		}
	}
}

// connect serves the host over one connection, which lasts until ctx ends or an errand ends it.
func connect(ctx context.Context, cfg Config, errands *errands, roles []Role) error {
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	r := &runner{cfg: cfg, roles: roles, errands: errands, leave: leave, session: nuid.Next(), log: cfg.Logger.With("host", cfg.Identity.HostID),
		resume: make(chan struct{}, 1), survey: make(chan string, 1), refresh: make(chan struct{}, 1)}
	r.link.begin()
	nc, err := bus.Connect(bus.ClientConfig{URL: cfg.Identity.BusURL, CA: errands.keys.trusts(), Seed: errands.keys.seed(),
		Name: "plaza-agent " + cfg.Identity.HostID, OnConnect: r.connected, OnDisconnect: r.disconnected, Logger: r.log})
	if err != nil {
		return err
	}
	defer nc.Close()
	r.nc = nc
	for _, role := range append(slices.Clone(roles), errands.role(leave)) {
		calls, err := bus.Serve(nc, bus.ServeConfig{Host: cfg.Identity.HostID, Role: role.Name, Methods: role.Methods, Parallel: cfg.Parallel, Logger: r.log})
		if err != nil {
			return errors.Join(err, r.end())
		}
		r.calls = append(r.calls, calls)
	}
	r.work(ctx)
	err = r.end()
	if cause := context.Cause(ctx); errors.Is(cause, errOtherKey) || errors.Is(cause, ErrRestart) {
		return cause // what could not be said at the end is said anew
	}
	return err
}

func (r *runner) work(ctx context.Context) {
	var parts sync.WaitGroup
	parts.Go(func() { r.beat(ctx) })
	parts.Go(func() { r.watchState(ctx) })
	parts.Go(func() { r.takeStock(ctx) })
	parts.Go(func() { r.doubtKey(ctx) })
	for _, role := range r.roles {
		if role.Events != nil {
			parts.Go(func() { r.forward(ctx, role.Events) })
		}
	}
	if r.cfg.Dir != "" {
		parts.Go(func() { r.keepStatus(ctx) })
	}
	parts.Wait()
}

func (r *runner) end() error {
	ctx, cancel := context.WithTimeout(context.Background(), r.cfg.StopGrace)
	defer cancel()
	var err error
	for _, calls := range r.calls {
		err = errors.Join(err, calls.Close(ctx))
	}
	bye := provider.Event{Kind: "host", ID: r.cfg.Identity.HostID, Change: "agent-stopped", At: time.Now().UTC()}
	if r.tell(kvm.TopicEvent, bye) == nil {
		err = errors.Join(err, r.nc.FlushTimeout(time.Second))
	}
	if err != nil {
		return fmt.Errorf("stopping the agent: %w", err)
	}
	return nil
}

// active counts the calls under way.
func (r *runner) active() (n int) {
	for _, calls := range r.calls {
		n += calls.Active()
	}
	return n
}

// tell publishes v; an error means that it was not sent, no error not that it arrived.
func (r *runner) tell(topic string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", topic, err)
	}
	return r.nc.Publish(bus.HostSubject(r.cfg.Identity.HostID, topic), data)
}

func (r *runner) connected() {
	if err := r.errands.keys.taken(); err != nil {
		r.log.Error("the host's new key can not be kept; it is tried again with the next connection", "error", err)
	}
	r.link.up()
	poke(r.resume)
	r.want(kvm.CauseConnected)
}

func (r *runner) disconnected(err error) { r.link.down(err) }

// want asks for an inventory; one that is asked for already serves both.
func (r *runner) want(cause string) {
	select {
	case r.survey <- cause:
	default:
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
