package provider

import "context"

// VolumeTransfers let volumes become those of another project.
type VolumeTransfers interface {
	// TransferableVolume refuses (Unsupported, or Conflict while a server has it or it has snapshots) a volume that can not be given
	// to another project as it is; NotFound.
	TransferableVolume(ctx context.Context, host, id string) error
	// TransferVolume makes the volume another project's, with what is on it. One that is so already stays as it is.
	TransferVolume(ctx context.Context, host, id, project string) error
}
