package kvm

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
)

// Methods are what Driver asks for, answered by driver for the one host it runs on.
func Methods(host string, driver provider.Driver) map[string]bus.Method {
	m := computeMethods(host, driver)
	for name, method := range poolMethods(host, driver) {
		m[name] = method
	}
	return m
}

func computeMethods(host string, d provider.Compute) map[string]bus.Method {
	return map[string]bus.Method{
		"EnsureServer": write(writeLimit, func(ctx context.Context, a provider.Server) (any, error) { return d.EnsureServer(ctx, host, a) }),
		"GetServer":    read(func(ctx context.Context, a idArgs) (any, error) { return d.GetServer(ctx, host, a.ID) }),
		"ActOnServer":  write(writeLimit, func(ctx context.Context, a verbArgs) (any, error) { return d.ActOnServer(ctx, host, a.ID, a.Verb) }),
		"DeleteServer": write(writeLimit, func(ctx context.Context, a idArgs) (any, error) { return nil, d.DeleteServer(ctx, host, a.ID) }),
		"ListServers":  read(func(ctx context.Context, _ none) (any, error) { return d.ListServers(ctx, host) }),
		"ConsoleLog": read(func(ctx context.Context, a consoleArgs) (any, error) {
			return d.ConsoleLog(ctx, host, a.ID, min(a.Max, MaxConsoleBytes))
		}),
		"ServerStats": read(func(ctx context.Context, a idArgs) (any, error) { return d.ServerStats(ctx, host, a.ID) }),
		"SnapshotServer": write(writeLimit, func(ctx context.Context, a snapshotArgs) (any, error) {
			return nil, d.SnapshotServer(ctx, host, a.ID, a.Snapshot)
		}),
		"DeleteServerSnapshot": write(writeLimit, func(ctx context.Context, a snapshotArgs) (any, error) {
			return nil, d.DeleteServerSnapshot(ctx, host, a.ID, a.Snapshot)
		}),
		"RevertServer": write(writeLimit, func(ctx context.Context, a snapshotArgs) (any, error) {
			return nil, d.RevertServer(ctx, host, a.ID, a.Snapshot)
		}),
		"AttachVolume": write(writeLimit, func(ctx context.Context, a attachVolumeArgs) (any, error) {
			return nil, d.AttachVolume(ctx, host, a.ID, a.Disk)
		}),
		"DetachVolume": write(writeLimit, func(ctx context.Context, a detachVolumeArgs) (any, error) {
			return nil, d.DetachVolume(ctx, host, a.ID, a.Volume)
		}),
		"AttachInterface": write(writeLimit, func(ctx context.Context, a attachInterfaceArgs) (any, error) {
			return nil, d.AttachInterface(ctx, host, a.ID, a.Interface)
		}),
		"DetachInterface": write(writeLimit, func(ctx context.Context, a detachInterfaceArgs) (any, error) {
			return nil, d.DetachInterface(ctx, host, a.ID, a.MAC)
		}),
	}
}

func poolMethods(host string, d provider.Driver) map[string]bus.Method {
	return map[string]bus.Method{
		"EnsureVolume":  write(writeLimit, func(ctx context.Context, a provider.Volume) (any, error) { return d.EnsureVolume(ctx, host, a) }),
		"GetVolume":     read(func(ctx context.Context, a idArgs) (any, error) { return d.GetVolume(ctx, host, a.ID) }),
		"DeleteVolume":  write(writeLimit, func(ctx context.Context, a idArgs) (any, error) { return nil, d.DeleteVolume(ctx, host, a.ID) }),
		"ListVolumes":   read(func(ctx context.Context, _ none) (any, error) { return d.ListVolumes(ctx, host) }),
		"EnsureImage":   write(imageLimit, func(ctx context.Context, a provider.Image) (any, error) { return d.EnsureImage(ctx, host, a) }),
		"DeleteImage":   write(writeLimit, func(ctx context.Context, a idArgs) (any, error) { return nil, d.DeleteImage(ctx, host, a.ID) }),
		"ListImages":    read(func(ctx context.Context, _ none) (any, error) { return d.ListImages(ctx, host) }),
		"EnsureNetwork": write(writeLimit, func(ctx context.Context, a provider.Net) (any, error) { return d.EnsureNetwork(ctx, host, a) }),
		"GetNetwork":    read(func(ctx context.Context, a idArgs) (any, error) { return d.GetNetwork(ctx, host, a.ID) }),
		"DeleteNetwork": write(writeLimit, func(ctx context.Context, a idArgs) (any, error) { return nil, d.DeleteNetwork(ctx, host, a.ID) }),
		"ListNetworks":  read(func(ctx context.Context, _ none) (any, error) { return d.ListNetworks(ctx, host) }),
		"GetHost":       read(func(ctx context.Context, _ none) (any, error) { return d.GetHost(ctx, host) }),
	}
}

func read[In any](f func(context.Context, In) (any, error)) bus.Method {
	m := write(readLimit, f)
	m.Quick = true
	return m
}

func write[In any](limit time.Duration, f func(context.Context, In) (any, error)) bus.Method {
	return bus.Method{Timeout: limit, Handle: func(ctx context.Context, body json.RawMessage) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, &bus.Fault{Reason: bus.ReasonInvalid, Detail: fmt.Sprintf("the arguments are unreadable: %v", err), Err: err}
		}
		out, err := f(ctx, in)
		if err != nil {
			return nil, toFault(err)
		}
		return out, nil
	}}
}
