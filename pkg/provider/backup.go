package provider

import (
	"context"
	"time"
)

// VolumeBackups keep copies of volumes that need nothing of them: a volume with backups can be deleted, and they stay. Every
// call is keyed by the Plaza id of the backup.
type VolumeBackups interface {
	// EnsureBackup copies the volume as it is now, attached to a running server or not; what a guest has not written to its
	// disk yet is not part of it. One that is there stays as it is, whatever became of its volume. NotFound when there is
	// neither; Invalid where the place keeps no backups; Conflict when the backup is of another volume; NoSpace leaves
	// nothing behind. A copy may take longer than ctx: the next call goes on where this one stopped (Timeout).
	EnsureBackup(ctx context.Context, host string, want Backup) (BackupState, error)
	// GetBackup reports a finished one; NotFound for one that is being taken.
	GetBackup(ctx context.Context, host, id string) (BackupState, error)
	// DeleteBackup ends the copy if one runs. Volumes that were made from the backup stay.
	DeleteBackup(ctx context.Context, host, id string) error
	// ListBackups reports the finished ones.
	ListBackups(ctx context.Context, host string) ([]BackupState, error)
}

// Backup is a wanted backup of a volume.
type Backup struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Project string `json:"project"`
	Volume  string `json:"volume"` // id
	// Key encrypts it on a host, and VolumeKey is that of its volume; both are empty where that is not encrypted.
	Key       Key `json:"key,omitempty"`
	VolumeKey Key `json:"volumeKey,omitempty"`
}

// BackupState is an observed backup of a volume.
type BackupState struct {
	ID        string    `json:"id"`
	Host      string    `json:"host"`
	Volume    string    `json:"volume"` // id; it may be gone
	SizeGiB   int       `json:"sizeGiB"`
	CreatedAt time.Time `json:"createdAt"`           // the moment it keeps
	Encrypted bool      `json:"encrypted,omitempty"` // where it is kept
}
