package agent

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
)

// Role is one thing a host is for: what it is asked, and what it tells unasked. Only Name is needed.
type Role struct {
	Name    string
	Methods map[string]bus.Method
	// State reads the host for the heartbeat; the first role that has it is asked.
	State func(ctx context.Context) (provider.HostState, error)
	// Report reads what is told on Topic now and then, and after each connect.
	Topic  string
	Report func(ctx context.Context, session, cause string) any
	Events <-chan provider.Event
}

// KVM runs servers on the host with driver.
func KVM(host string, driver provider.Driver, events <-chan provider.Event) Role {
	return Role{Name: kvm.Role, Methods: kvm.Methods(host, driver), Topic: kvm.TopicInventory, Events: events,
		State: func(ctx context.Context) (provider.HostState, error) { return driver.GetHost(ctx, host) },
		Report: func(ctx context.Context, session, cause string) any {
			return inventory(ctx, host, session, cause, driver)
		}}
}

func inventory(ctx context.Context, host, session, cause string, driver provider.Driver) kvm.Inventory {
	inv := kvm.Inventory{Host: host, Session: session, Cause: cause, StartedAt: time.Now().UTC(), Errors: map[string]string{}}
	list(ctx, &inv, "host", &inv.State, host, driver.GetHost)
	list(ctx, &inv, "servers", &inv.Servers, host, driver.ListServers)
	list(ctx, &inv, "volumes", &inv.Volumes, host, driver.ListVolumes)
	list(ctx, &inv, "snapshots", &inv.Snapshots, host, driver.ListSnapshots)
	list(ctx, &inv, "backups", &inv.Backups, host, driver.ListBackups)
	list(ctx, &inv, "networks", &inv.Networks, host, driver.ListNetworks)
	list(ctx, &inv, "routers", &inv.Routers, host, driver.ListRouters)
	list(ctx, &inv, "images", &inv.Images, host, driver.ListImages)
	if x, ok := driver.(kvm.Foreigner); ok {
		list(ctx, &inv, "foreign", &inv.Foreign, host, x.ListForeign)
	}
	return inv
}

// list notes a pool that cannot be read, so that the control plane does not take it for empty.
func list[T any](ctx context.Context, inv *kvm.Inventory, pool string, into *T, host string, read func(context.Context, string) (T, error)) {
	got, err := read(ctx, host)
	if err != nil {
		inv.Errors[pool] = err.Error()
		return
	}
	*into = got
}
