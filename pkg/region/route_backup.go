package region

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (f *Fleet) EnsureBackup(ctx context.Context, place string, want provider.Backup) (provider.BackupState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.BackupState{}, err
	}
	return d.EnsureBackup(ctx, place, want)
}

func (f *Fleet) GetBackup(ctx context.Context, place, id string) (provider.BackupState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.BackupState{}, err
	}
	return d.GetBackup(ctx, place, id)
}

func (f *Fleet) DeleteBackup(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteBackup(ctx, place, id)
}

func (f *Fleet) ListBackups(ctx context.Context, place string) ([]provider.BackupState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	return d.ListBackups(ctx, place)
}

func (f *Fleet) BackupServer(ctx context.Context, place string, want provider.ServerBackup) (provider.BackupState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.BackupState{}, err
	}
	return d.BackupServer(ctx, place, want)
}
