package kvm

import (
	"context"
	"maps"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

// Methods are what Driver asks for, answered by driver for the one host it runs on.
func Methods(host string, driver provider.Driver) map[string]bus.Method {
	m := computeMethods(host, driver)
	for name, method := range poolMethods(host, driver) {
		m[name] = method
	}
	maps.Copy(m, routerMethods(host, driver))
	maps.Copy(m, floatingMethods(host, driver))
	maps.Copy(m, backupMethods(host, driver))
	maps.Copy(m, consoleMethods(host, driver))
	maps.Copy(m, imageMethods(host, driver))
	return m
}

func computeMethods(host string, d provider.Compute) map[string]bus.Method {
	return map[string]bus.Method{
		"EnsureServer": wire.Write(wire.WriteLimit, func(ctx context.Context, a provider.Server) (any, error) { return d.EnsureServer(ctx, host, a) }),
		"GetServer":    wire.Read(func(ctx context.Context, a wire.ID) (any, error) { return d.GetServer(ctx, host, a.ID) }),
		"ActOnServer":  wire.Write(wire.WriteLimit, func(ctx context.Context, a verbArgs) (any, error) { return d.ActOnServer(ctx, host, a.ID, a.Verb) }),
		"DeleteServer": wire.Write(wire.WriteLimit, func(ctx context.Context, a wire.ID) (any, error) { return nil, d.DeleteServer(ctx, host, a.ID) }),
		"ListServers":  wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return d.ListServers(ctx, host) }),
		"ConsoleLog": wire.Read(func(ctx context.Context, a consoleArgs) (any, error) {
			return d.ConsoleLog(ctx, host, a.ID, min(a.Max, MaxConsoleBytes))
		}),
		"ServerStats": wire.Read(func(ctx context.Context, a wire.ID) (any, error) { return d.ServerStats(ctx, host, a.ID) }),
		"SnapshotServer": wire.Write(wire.WriteLimit, func(ctx context.Context, a snapshotArgs) (any, error) {
			return nil, d.SnapshotServer(ctx, host, a.ID, a.Snapshot)
		}),
		"DeleteServerSnapshot": wire.Write(wire.WriteLimit, func(ctx context.Context, a snapshotArgs) (any, error) {
			return nil, d.DeleteServerSnapshot(ctx, host, a.ID, a.Snapshot)
		}),
		"MigrateServer": wire.Write(wire.WriteLimit, func(ctx context.Context, a migrateArgs) (any, error) {
			return d.MigrateServer(ctx, host, a.ID, a.Migration)
		}),
		"SetServerPassword": wire.Write(wire.WriteLimit, func(ctx context.Context, a passwordArgs) (any, error) {
			return nil, d.SetServerPassword(ctx, host, a.ID, a.User, a.Password)
		}),
		"RevertServer": wire.Write(wire.WriteLimit, func(ctx context.Context, a snapshotArgs) (any, error) {
			return nil, d.RevertServer(ctx, host, a.ID, a.Snapshot)
		}),
		"AttachVolume": wire.Write(wire.WriteLimit, func(ctx context.Context, a attachVolumeArgs) (any, error) {
			return nil, d.AttachVolume(ctx, host, a.ID, a.Disk)
		}),
		"DetachVolume": wire.Write(wire.WriteLimit, func(ctx context.Context, a detachVolumeArgs) (any, error) {
			return nil, d.DetachVolume(ctx, host, a.ID, a.Volume)
		}),
		"AttachInterface": wire.Write(wire.WriteLimit, func(ctx context.Context, a attachInterfaceArgs) (any, error) {
			return nil, d.AttachInterface(ctx, host, a.ID, a.Interface)
		}),
		"DetachInterface": wire.Write(wire.WriteLimit, func(ctx context.Context, a detachInterfaceArgs) (any, error) {
			return nil, d.DetachInterface(ctx, host, a.ID, a.MAC)
		}),
	}
}

func poolMethods(host string, d provider.Driver) map[string]bus.Method {
	return map[string]bus.Method{
		"EnsureVolume": wire.Write(copyLimit, func(ctx context.Context, a provider.Volume) (any, error) { return d.EnsureVolume(ctx, host, a) }),
		"GetVolume":    wire.Read(func(ctx context.Context, a wire.ID) (any, error) { return d.GetVolume(ctx, host, a.ID) }),
		"DeleteVolume": wire.Write(wire.WriteLimit, func(ctx context.Context, a wire.ID) (any, error) { return nil, d.DeleteVolume(ctx, host, a.ID) }),
		"ListVolumes":  wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return d.ListVolumes(ctx, host) }),
		"TransferableVolume": wire.Read(func(ctx context.Context, a wire.ID) (any, error) {
			return nil, d.TransferableVolume(ctx, host, a.ID)
		}),
		"TransferVolume": wire.Write(wire.WriteLimit, func(ctx context.Context, a transferArgs) (any, error) {
			return nil, d.TransferVolume(ctx, host, a.ID, a.Project)
		}),
		"EnsureSnapshot": wire.Write(copyLimit, func(ctx context.Context, a provider.Snapshot) (any, error) { return d.EnsureSnapshot(ctx, host, a) }),
		"GetSnapshot":    wire.Read(func(ctx context.Context, a wire.ID) (any, error) { return d.GetSnapshot(ctx, host, a.ID) }),
		"DeleteSnapshot": wire.Write(wire.WriteLimit, func(ctx context.Context, a wire.ID) (any, error) { return nil, d.DeleteSnapshot(ctx, host, a.ID) }),
		"ListSnapshots":  wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return d.ListSnapshots(ctx, host) }),
		"EnsureImage":    wire.Write(imageLimit, func(ctx context.Context, a provider.Image) (any, error) { return d.EnsureImage(ctx, host, a) }),
		"DeleteImage":    wire.Write(wire.WriteLimit, func(ctx context.Context, a wire.ID) (any, error) { return nil, d.DeleteImage(ctx, host, a.ID) }),
		"ListImages":     wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return d.ListImages(ctx, host) }),
		"EnsureNetwork":  wire.Write(wire.WriteLimit, func(ctx context.Context, a provider.Net) (any, error) { return d.EnsureNetwork(ctx, host, a) }),
		"GetNetwork":     wire.Read(func(ctx context.Context, a wire.ID) (any, error) { return d.GetNetwork(ctx, host, a.ID) }),
		"DeleteNetwork":  wire.Write(wire.WriteLimit, func(ctx context.Context, a wire.ID) (any, error) { return nil, d.DeleteNetwork(ctx, host, a.ID) }),
		"ListNetworks":   wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return d.ListNetworks(ctx, host) }),
		"GetHost":        wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return d.GetHost(ctx, host) }),
	}
}
