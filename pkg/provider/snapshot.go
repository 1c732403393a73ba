package provider

import (
	"context"
	"time"
)

// VolumeSnapshots keep volumes as they were at a moment. Every call is keyed by the Plaza id of the snapshot. A volume
// with snapshots can not be deleted (Conflict).
type VolumeSnapshots interface {
	// EnsureSnapshot keeps the volume as it is now, attached to a running server or not; what a guest has not written to its
	// disk yet is not part of it. One that is there stays as it is. NotFound when the volume is absent. A copy may take longer
	// than ctx: the next call goes on where this one stopped (Timeout).
	EnsureSnapshot(ctx context.Context, host string, want Snapshot) (SnapshotState, error)
	GetSnapshot(ctx context.Context, host, id string) (SnapshotState, error)
	// DeleteSnapshot is a Conflict while volumes that were made from it lean on it; whether they do is for the storage to say.
	DeleteSnapshot(ctx context.Context, host, id string) error
	ListSnapshots(ctx context.Context, host string) ([]SnapshotState, error)
}

// Snapshot is a wanted snapshot of a volume.
type Snapshot struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Project string `json:"project"`
	Volume  string `json:"volume"` // id
	// Key encrypts it on a host, and VolumeKey is that of its volume; both are empty where that is not encrypted.
	Key       Key `json:"key,omitempty"`
	VolumeKey Key `json:"volumeKey,omitempty"`
}

// SnapshotState is an observed snapshot of a volume.
type SnapshotState struct {
	ID        string    `json:"id"`
	Host      string    `json:"host"`
	Volume    string    `json:"volume"` // id
	SizeGiB   int       `json:"sizeGiB"`
	CreatedAt time.Time `json:"createdAt"`           // the moment it keeps
	Encrypted bool      `json:"encrypted,omitempty"` // where it is kept
}
