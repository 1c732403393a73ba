package kvm

import (
	"context"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

func (d *Driver) EnsureBackup(ctx context.Context, host string, want provider.Backup) (provider.BackupState, error) {
	return ask[provider.BackupState](ctx, d, host, "EnsureBackup", copyLimit, want)
}

func (d *Driver) GetBackup(ctx context.Context, host, id string) (provider.BackupState, error) {
	return ask[provider.BackupState](ctx, d, host, "GetBackup", wire.ReadLimit, wire.ID{ID: id})
}

func (d *Driver) DeleteBackup(ctx context.Context, host, id string) error {
	return do(ctx, d, host, "DeleteBackup", wire.ID{ID: id})
}

func (d *Driver) ListBackups(ctx context.Context, host string) ([]provider.BackupState, error) {
	return ask[[]provider.BackupState](ctx, d, host, "ListBackups", wire.ReadLimit, wire.None{})
}

func (d *Driver) BackupServer(ctx context.Context, host string, want provider.ServerBackup) (provider.BackupState, error) {
	return ask[provider.BackupState](ctx, d, host, "BackupServer", copyLimit, want)
}

func backupMethods(host string, d provider.VolumeBackups) map[string]bus.Method {
	return map[string]bus.Method{
		"EnsureBackup": wire.Write(copyLimit, func(ctx context.Context, a provider.Backup) (any, error) { return d.EnsureBackup(ctx, host, a) }),
		"GetBackup":    wire.Read(func(ctx context.Context, a wire.ID) (any, error) { return d.GetBackup(ctx, host, a.ID) }),
		"DeleteBackup": wire.Write(wire.WriteLimit, func(ctx context.Context, a wire.ID) (any, error) { return nil, d.DeleteBackup(ctx, host, a.ID) }),
		"BackupServer": wire.Write(copyLimit, func(ctx context.Context, a provider.ServerBackup) (any, error) { return d.BackupServer(ctx, host, a) }),
		"ListBackups":  wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return d.ListBackups(ctx, host) }),
	}
}
