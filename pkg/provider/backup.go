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
	// BackupServer copies the server's own disk and volumes that are attached to it, all of one moment where the place can do
	// that, and reports the backup of its own disk. The parts are there together or not at all, however the call ends; those
	// that are there stay as they are. NotFound without the server, Conflict when a volume is not attached to it. As with
	// EnsureBackup, the next call goes on where this one stopped (Timeout).
	BackupServer(ctx context.Context, host string, want ServerBackup) (BackupState, error)
}

// ServerBackup is a wanted backup of a whole server: its parts are backups, the first one of its own disk.
type ServerBackup struct {
	Server string   `json:"server"` // id
	Parts  []Backup `json:"parts"`
}

// Check refuses what is no backup of a server.
func (b ServerBackup) Check() error {
	seen := map[string]bool{}
	for i, p := range b.Parts {
		if (i == 0) != (p.Server == b.Server && p.Volume == "") || i > 0 && p.Volume == "" || seen[p.ID] || seen[p.Volume] {
			return Errorf(ReasonInvalid, "", "part %d of the backup of server %s is neither its own disk nor one of its volumes", i, b.Server)
		}
		seen[p.ID], seen[p.Volume] = true, true
	}
	if len(b.Parts) == 0 {
		return Errorf(ReasonInvalid, "", "the backup of server %s has no parts", b.Server)
	}
	return nil
}

// Consistency is how the disks of a server's backup belong together.
type Consistency string

const (
	AtRest   Consistency = "stopped"  // the server was off
	Quiesced Consistency = "quiesced" // of one moment, at which the guest had brought everything to its disks
	AtOnce   Consistency = "crash"    // of one moment, as after a power cut
	Apart    Consistency = "apart"    // each as after a power cut, with seconds between them
)

// Backup is a wanted backup of a volume.
type Backup struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Project string `json:"project"`
	Volume  string `json:"volume"`           // id
	Server  string `json:"server,omitempty"` // id, instead of a volume: it is of that server's own disk
	// Key encrypts it on a host, and VolumeKey is that of its volume; both are empty where that is not encrypted.
	Key       Key `json:"key,omitempty"`
	VolumeKey Key `json:"volumeKey,omitempty"`
}

// BackupState is an observed backup of a volume.
type BackupState struct {
	ID        string    `json:"id"`
	Host      string    `json:"host"`
	Volume    string    `json:"volume"`           // id; it may be gone
	Server    string    `json:"server,omitempty"` // id, of one of a server's own disk
	SizeGiB   int       `json:"sizeGiB"`
	CreatedAt time.Time `json:"createdAt"`           // the moment it keeps
	Encrypted bool      `json:"encrypted,omitempty"` // where it is kept

	Consistency Consistency `json:"consistency,omitempty"` // of one of a server's own disk, with the parts taken with it
}
