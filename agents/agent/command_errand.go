package agent

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nuid"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/runbook/errand"
)

// ErrRestart is what Run ends with when the control plane asked for a restart of the agent.
var ErrRestart = errors.New("a restart of the agent was asked for")

// errOtherKey ends a connection, to try the host's other key.
var errOtherKey = errors.New("the host's other key is tried")

const (
	// keyPause is how long the bus is left alone between two keys.
	keyPause = 500 * time.Millisecond
	// keyPatience is how long a key that is not let in is tried before the other one.
	keyPatience = 5 * time.Second
)

// errands is what an agent does whatever its host is for. It outlives connections.
type errands struct {
	boot     string
	started  time.Time
	version  string
	keys     *keyring
	commands *commands
	log      *slog.Logger
}

func newErrands(cfg Config) (*errands, error) {
	keys, err := openKeys(cfg.Dir, cfg.Identity)
	if err != nil {
		return nil, err
	}
	return &errands{boot: nuid.Next(), started: time.Now().UTC(), version: cfg.Version, keys: keys, commands: newCommands(cfg.Dir, cfg.Commands), log: cfg.Logger}, nil
}

// role answers errands over one connection, which end ends.
func (e *errands) role(end context.CancelCauseFunc) Role {
	return Role{Name: errand.Role, Methods: map[string]bus.Method{
		errand.Self: method(func(context.Context, errand.None) (errand.Agent, error) { return e.self(), nil }),
		errand.Restart: method(func(_ context.Context, in errand.Boot) (errand.Agent, error) {
			if in.Boot == e.boot {
				e.log.Info("a restart is asked for")
				end(ErrRestart)
			}
			return e.self(), nil
		}),
		errand.NextKey: method(func(_ context.Context, in errand.Rotation) (errand.Keys, error) { return e.keys.prepare(in) }),
		errand.UseKey: method(func(_ context.Context, in errand.Rotation) (errand.Keys, error) {
			keys, err := e.keys.prepare(in)
			if err == nil && keys.Next != "" {
				e.log.Info("another key is used from now on")
				end(errOtherKey)
			}
			return keys, err
		}),
		errand.Command:     method(e.commands.order),
		errand.StopCommand: method(e.commands.halt),
	}}
}

func (e *errands) self() errand.Agent {
	return errand.Agent{Boot: e.boot, StartedAt: e.started, Version: e.version, PublicKey: e.keys.public(),
		Commands: slices.Sorted(maps.Keys(e.commands.allowed))}
}

// method is a quick one with types.
func method[In, Out any](f func(context.Context, In) (Out, error)) bus.Method {
	return bus.Method{Quick: true, Timeout: errand.Limit, Handle: func(ctx context.Context, body json.RawMessage) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, &bus.Fault{Reason: bus.ReasonInvalid, Detail: "the errand is unreadable: " + err.Error()}
		}
		return f(ctx, in)
	}}
}

// doubtKey tries the host's other key when this one is not let in, as after a rotation of which the agent missed the end.
// Whether the bus is away or refuses need not be known: one of the two is taken when it is back.
func (r *runner) doubtKey(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if r.errands.keys.pending() && r.link.downFor() > keyPatience {
			r.leave(errOtherKey)
		}
	}
}
