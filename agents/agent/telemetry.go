package agent

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/agents/machine"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
)

const (
	stateLimit     = 10 * time.Second
	inventoryLimit = time.Minute
	resendEvery    = 200 * time.Millisecond
	deliveryLimit  = 5 * time.Second
)

// beat never asks the driver: a libvirt that hangs must not look like an agent that is gone.
func (r *runner) beat(ctx context.Context) {
	tick := time.NewTicker(r.cfg.HeartbeatEvery)
	defer tick.Stop()
	for seq := uint64(1); ; seq++ {
		h := kvm.Heartbeat{Host: r.cfg.Identity.HostID, Session: r.session, Seq: seq, Time: time.Now().UTC(),
			State: r.state.Load(), Calls: r.active(), Dropped: r.dropped.Load()}
		if err := r.tell(kvm.TopicHeartbeat, h); err != nil {
			r.log.Debug("heartbeat not sent", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (r *runner) watchState(ctx context.Context) {
	tick := time.NewTicker(r.cfg.StateEvery)
	defer tick.Stop()
	for {
		r.readState(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.refresh:
		}
	}
}

// hostState is what the role says that knows most of the host, or what any machine tells of itself.
func (r *runner) hostState(ctx context.Context) (provider.HostState, error) {
	for _, role := range r.roles {
		if role.State != nil {
			return role.State(ctx)
		}
	}
	state := machine.State()
	state.Name, state.AgentVersion = r.cfg.Identity.HostID, r.cfg.Version
	return state, nil
}

func (r *runner) readState(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, stateLimit)
	defer cancel()
	state, err := r.hostState(limited)
	if err == nil {
		r.state.Store(&state)
		return
	}
	if ctx.Err() != nil {
		return
	}
	r.log.Warn("the host's state cannot be read", "error", err)
	if last := r.state.Load(); last != nil {
		failed := *last
		failed.LibvirtUp, failed.LibvirtError = false, err.Error()
		r.state.Store(&failed)
	}
}

func (r *runner) takeStock(ctx context.Context) {
	tick := time.NewTicker(r.cfg.InventoryEvery)
	defer tick.Stop()
	for {
		cause := kvm.CausePeriodic
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case cause = <-r.survey:
		}
		if !r.nc.IsConnected() {
			continue // the next connect asks for a new one
		}
		for _, role := range r.roles {
			r.report(ctx, role, cause)
		}
	}
}

// report tells what a role sees; what can not be read is told in it.
func (r *runner) report(ctx context.Context, role Role, cause string) {
	if role.Report == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, inventoryLimit)
	defer cancel()
	if err := r.tell(role.Topic, role.Report(ctx, r.session, cause)); err != nil {
		r.log.Warn("what the host has was not told", "role", role.Name, "error", err)
	}
}

// forward sends events at once and in order. While the bus is away it keeps the youngest; an inventory makes up for the
// others after the reconnect.
func (r *runner) forward(ctx context.Context, events <-chan provider.Event) {
	var waiting []provider.Event
	tick := time.NewTicker(resendEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			r.heed(e)
			if waiting = append(waiting, e); len(waiting) > r.cfg.EventBuffer {
				waiting = waiting[1:]
				r.dropped.Add(1)
			}
		case <-r.resume:
		case <-tick.C:
		}
		waiting = waiting[r.deliver(waiting):]
	}
}

// deliver sends events and tells how many of them the bus has. What is written into a connection that was cut and not
// yet noticed to be is lost, so they are sent again unless the bus says that it has them.
func (r *runner) deliver(events []provider.Event) int {
	sent := 0
	for sent < len(events) && r.tell(kvm.TopicEvent, events[sent]) == nil {
		sent++
	}
	if sent > 0 && r.nc.FlushTimeout(deliveryLimit) != nil {
		return 0
	}
	return sent
}

// heed acts on what the driver says of the host itself: libvirt went or came, or events were lost.
func (r *runner) heed(e provider.Event) {
	if e.Kind != "host" {
		return
	}
	poke(r.refresh)
	if e.Change == "overflow" {
		r.dropped.Add(1)
		r.want(kvm.CauseOverflow)
	} else {
		r.want(kvm.CausePeriodic)
	}
}
