package kvm

import (
	"context"
	"time"

	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/pkg/provider"
)

const eventBacklog = 256

// rawEvent is what a callback takes down: it runs on libvirt's event loop and must not call libvirt.
type rawEvent struct {
	id     string
	event  libvirt.DomainEventType
	detail int
	at     time.Time
}

// Events are changes of servers that carry a Plaza id, whoever made them, and host events: connected, disconnected,
// overflow (events were lost: list again). The channel is never closed. Read it while Run runs.
func (d *Driver) Events() <-chan provider.Event { return d.events }

func (d *Driver) lifecycle(_ *libvirt.Connect, dom *libvirt.Domain, e *libvirt.DomainEventLifecycle) {
	id, err := dom.GetUUIDString()
	if err != nil {
		return
	}
	select {
	case d.raw <- rawEvent{id, e.Event, e.Detail, time.Now().UTC()}:
	default:
		d.emit(provider.Event{Kind: "host", ID: d.cfg.Host, Change: "overflow"})
	}
}

func (d *Driver) translate(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-d.raw:
			if change, reason := changeOf(r.event, r.detail); change != "" && d.ours(r) {
				d.emit(provider.Event{Kind: "server", ID: r.id, Change: change, Reason: reason, At: r.at})
			}
		}
	}
}

// ours tells whether the domain carries a Plaza id. Of a domain that is gone only memory knows.
func (d *Driver) ours(r rawEvent) bool {
	if _, ok := d.known.Load(r.id); ok {
		if r.event == libvirt.DOMAIN_EVENT_UNDEFINED {
			d.known.Delete(r.id)
		}
		return true
	}
	c, err := d.connect()
	if err != nil {
		return false
	}
	defer closeConn(c)
	dom, err := c.LookupDomainByUUIDString(r.id)
	if err != nil {
		return false
	}
	defer freeDomain(dom)
	_, _, err = d.describe(dom)
	return err == nil
}

// emit never blocks: when nobody reads, the oldest event gives way and the last one says that some were lost.
func (d *Driver) emit(e provider.Event) {
	e.Host = d.cfg.Host
	if e.At.IsZero() {
		e.At = time.Now().UTC()
	}
	for {
		select {
		case d.events <- e:
			return
		default:
		}
		select {
		case <-d.events:
			e = provider.Event{Host: d.cfg.Host, Kind: "host", ID: d.cfg.Host, Change: "overflow", At: e.At}
		default:
		}
	}
}

// changeOf names an event; "" for those nobody acts on.
func changeOf(e libvirt.DomainEventType, detail int) (change, reason string) {
	switch e {
	case libvirt.DOMAIN_EVENT_DEFINED:
		return "defined", ""
	case libvirt.DOMAIN_EVENT_UNDEFINED:
		return "undefined", ""
	case libvirt.DOMAIN_EVENT_STARTED:
		return "started", pick(detail, "booted", "migrated", "restored", "from snapshot", "wakeup")
	case libvirt.DOMAIN_EVENT_SUSPENDED:
		return "suspended", pick(detail, "paused", "migrated", "I/O error", "watchdog", "restored", "from snapshot", "API error")
	case libvirt.DOMAIN_EVENT_RESUMED:
		return "resumed", pick(detail, "unpaused", "migrated", "from snapshot")
	case libvirt.DOMAIN_EVENT_CRASHED:
		return "crashed", pick(detail, "panicked", "crashloaded")
	case libvirt.DOMAIN_EVENT_STOPPED:
		reason = pick(detail, "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot")
		if detail == int(libvirt.DOMAIN_EVENT_STOPPED_CRASHED) || detail == int(libvirt.DOMAIN_EVENT_STOPPED_FAILED) {
			return "crashed", reason
		}
		return "stopped", reason
	}
	return "", ""
}

func pick(n int, names ...string) string {
	if n >= 0 && n < len(names) {
		return names[n]
	}
	return ""
}
