package region

import (
	"context"
	"io"

	"github.com/plazacloud/plaza/pkg/provider"
)

var _ provider.Driver = (*Fleet)(nil)

func (f *Fleet) EnsureServer(ctx context.Context, place string, want provider.Server) (provider.ServerState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.ServerState{}, err
	}
	return d.EnsureServer(ctx, place, want)
}

func (f *Fleet) GetServer(ctx context.Context, place, id string) (provider.ServerState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.ServerState{}, err
	}
	return d.GetServer(ctx, place, id)
}

func (f *Fleet) ActOnServer(ctx context.Context, place, id string, verb provider.PowerVerb) (provider.ServerState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.ServerState{}, err
	}
	return d.ActOnServer(ctx, place, id, verb)
}

func (f *Fleet) MigrateServer(ctx context.Context, place, id string, m provider.Migration) (provider.ServerState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.ServerState{}, err
	}
	return d.MigrateServer(ctx, place, id, m)
}

func (f *Fleet) SetServerPassword(ctx context.Context, place, id, user, password string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.SetServerPassword(ctx, place, id, user, password)
}

func (f *Fleet) DeleteServer(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteServer(ctx, place, id)
}

func (f *Fleet) ListServers(ctx context.Context, place string) ([]provider.ServerState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	return d.ListServers(ctx, place)
}

func (f *Fleet) ConsoleLog(ctx context.Context, place, id string, limit int) ([]byte, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	return d.ConsoleLog(ctx, place, id, limit)
}

func (f *Fleet) OpenConsole(ctx context.Context, place, id string, console provider.ConsoleType) (io.ReadWriteCloser, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	return d.OpenConsole(ctx, place, id, console)
}

func (f *Fleet) SnapshotServer(ctx context.Context, place, id, snapshot string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.SnapshotServer(ctx, place, id, snapshot)
}

func (f *Fleet) DeleteServerSnapshot(ctx context.Context, place, id, snapshot string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteServerSnapshot(ctx, place, id, snapshot)
}

func (f *Fleet) RevertServer(ctx context.Context, place, id, snapshot string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.RevertServer(ctx, place, id, snapshot)
}

func (f *Fleet) AttachVolume(ctx context.Context, place, id string, disk provider.Disk) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.AttachVolume(ctx, place, id, disk)
}

func (f *Fleet) DetachVolume(ctx context.Context, place, id, volume string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DetachVolume(ctx, place, id, volume)
}

func (f *Fleet) AttachInterface(ctx context.Context, place, id string, nic provider.Interface) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.AttachInterface(ctx, place, id, nic)
}

func (f *Fleet) DetachInterface(ctx context.Context, place, id, mac string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DetachInterface(ctx, place, id, mac)
}

func (f *Fleet) ServerStats(ctx context.Context, place, id string) (provider.ServerStats, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.ServerStats{}, err
	}
	return d.ServerStats(ctx, place, id)
}

func (f *Fleet) EnsureVolume(ctx context.Context, place string, want provider.Volume) (provider.VolumeState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.VolumeState{}, err
	}
	return d.EnsureVolume(ctx, place, want)
}

func (f *Fleet) GetVolume(ctx context.Context, place, id string) (provider.VolumeState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.VolumeState{}, err
	}
	return d.GetVolume(ctx, place, id)
}

func (f *Fleet) DeleteVolume(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteVolume(ctx, place, id)
}

func (f *Fleet) ListVolumes(ctx context.Context, place string) ([]provider.VolumeState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	return d.ListVolumes(ctx, place)
}

func (f *Fleet) EnsureSnapshot(ctx context.Context, place string, want provider.Snapshot) (provider.SnapshotState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.SnapshotState{}, err
	}
	return d.EnsureSnapshot(ctx, place, want)
}

func (f *Fleet) GetSnapshot(ctx context.Context, place, id string) (provider.SnapshotState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.SnapshotState{}, err
	}
	return d.GetSnapshot(ctx, place, id)
}

func (f *Fleet) DeleteSnapshot(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteSnapshot(ctx, place, id)
}

func (f *Fleet) ListSnapshots(ctx context.Context, place string) ([]provider.SnapshotState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	return d.ListSnapshots(ctx, place)
}

func (f *Fleet) EnsureImage(ctx context.Context, place string, want provider.Image) (provider.ImageState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.ImageState{}, err
	}
	return d.EnsureImage(ctx, place, want)
}

func (f *Fleet) DeleteImage(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteImage(ctx, place, id)
}

func (f *Fleet) ListImages(ctx context.Context, place string) ([]provider.ImageState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	return d.ListImages(ctx, place)
}

func (f *Fleet) EnsureNetwork(ctx context.Context, place string, want provider.Net) (provider.NetState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.NetState{}, err
	}
	return d.EnsureNetwork(ctx, place, want)
}

func (f *Fleet) GetNetwork(ctx context.Context, place, id string) (provider.NetState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.NetState{}, err
	}
	return d.GetNetwork(ctx, place, id)
}

func (f *Fleet) DeleteNetwork(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteNetwork(ctx, place, id)
}

func (f *Fleet) ListNetworks(ctx context.Context, place string) ([]provider.NetState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	return d.ListNetworks(ctx, place)
}

func (f *Fleet) GetHost(ctx context.Context, place string) (provider.HostState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.HostState{}, err
	}
	return d.GetHost(ctx, place)
}
