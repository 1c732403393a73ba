package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// BackupSpec is a copy of a volume that outlives it, or, as part of the backup of a server, of that one's own disk.
type BackupSpec struct {
	Volume string       `json:"volume,omitempty" maxLength:"63" doc:"Volume it is taken of, attached to a running server or not; that may be deleted later"`
	Server string       `json:"server,omitempty" readOnly:"true" maxLength:"63" doc:"Server whose own disk it is of, as part of a backup of the whole server"`
	Key    provider.Key `json:"key,omitempty" readOnly:"true" maxLength:"64" doc:"What it is encrypted with on a host; chosen by Plaza, and never returned"`
}

// BackupStatus is what the backup keeps, and where.
type BackupStatus struct {
	Host       string     `json:"host,omitempty" doc:"Id of the host or region that keeps it: that of its volume"`
	SizeGiB    int        `json:"sizeGiB,omitempty" doc:"Of the volume at that moment"`
	VolumeName string     `json:"volumeName,omitempty" doc:"Name of the volume at that moment"`
	CreatedAt  *time.Time `json:"createdAt,omitempty" doc:"The moment it keeps"`
	Encrypted  bool       `json:"encrypted,omitempty" doc:"It is encrypted where it is kept, as its volume is"`
}

// Backup is a copy of a volume that outlives it.
type Backup = resource.Object[BackupSpec, BackupStatus]

func backupKind(b Backends) resource.Kind[BackupSpec, BackupStatus] {
	return resource.Kind[BackupSpec, BackupStatus]{
		Name: "backup", Plural: "backups", Doc: "A copy of a volume that outlives it; new volumes begin with it.",
		Columns: []resource.Column{{Header: "VOLUME", Path: "status.volumeName"}, {Header: "GIB", Path: "status.sizeGiB"}, {Header: "TAKEN", Path: "status.createdAt"},
			{Header: "HOST", Path: "status.host"}},
		Indexed: []string{"spec.volume", "spec.server", "status.host"},
		Secrets: []string{"key"},
		Default: defaultBackup,
		Charge: func(o *Backup) resource.Charges {
			return resource.Charges{"backups": 1, "backup_gib": int64(o.Status.SizeGiB)}
		},
		Meter: func(o *Backup) resource.Measures {
			if o.Status.CreatedAt == nil {
				return resource.Measures{}
			}
			return resource.Measures{"backup_gib": int64(o.Status.SizeGiB)}
		},
		Validate: func(_ context.Context, _ *resource.Admission, old, o *Backup) error {
			if o.Spec.Key = newKey(o.Status.Encrypted); old != nil {
				o.Spec.Key = old.Spec.Key
			}
			if old != nil && old.Spec.Volume != o.Spec.Volume {
				return resource.Invalid("backup", "spec.volume", o.Spec.Volume, "can not be changed; take another backup")
			}
			return nil
		},
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *Backup) error {
			if whole := partOf(o.Meta); whole != "" && !a.Actor.System {
				return resource.Problemf(resource.ReasonInUse, "backup", "delete that with: plaza serverbackup delete "+whole, "backup %s is a part of server backup %s", o.Name, whole)
			}
			if err := refuseUnderWay(ctx, a, o.Meta, "server", "spec.backup", "status.power"); err != nil {
				return err
			}
			return refuseUnderWay(ctx, a, o.Meta, "volume", "spec.backup", "status.sizeGiB")
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Backup) (resource.Result, error) {
			return reconcileBackup(ctx, b, r, o)
		},
		Delete: func(ctx context.Context, _ *resource.Reconciliation, o *Backup) (resource.Result, error) {
			if o.Status.Host == "" {
				return resource.Result{Done: true}, nil
			}
			if err := b.Driver.DeleteBackup(ctx, o.Status.Host, o.ID); err != nil && !provider.IsNotFound(err) {
				return resource.Result{}, Explain("backup", err)
			}
			return resource.Result{Done: true}, nil
		},
	}
}

// defaultBackup turns the volume's name into its id. A backup that was taken keeps the id of a volume that is gone, also
// when it is applied again as it was written.
func defaultBackup(ctx context.Context, a *resource.Admission, o *Backup) error {
	if was, err := a.Get(ctx, "backup", "", o.ID); err == nil { // whose own disk it is of stays as it was made
		o.Spec.Server = ""
		for _, server := range resource.Lookup(was, "spec.server") {
			o.Spec.Server = server
		}
	} else if partOf(o.Meta) == "" {
		o.Spec.Server = ""
	}
	if o.Spec.Server != "" {
		return defaultOwnDisk(ctx, a, o)
	}
	if o.Spec.Volume == "" {
		return resource.Invalid("backup", "spec.volume", nil, "name the volume that it is taken of")
	}
	v, err := find[VolumeSpec, VolumeStatus](ctx, a, "volume", o.Project, o.Spec.Volume, "spec.volume", "backup")
	if resource.ReasonOf(err) == resource.ReasonInvalid && o.Status.CreatedAt != nil {
		if o.Spec.Volume != o.Status.VolumeName {
			return nil
		}
		was, err := find[BackupSpec, BackupStatus](ctx, a, "backup", "", o.ID, "id", "backup")
		o.Spec.Volume = was.Spec.Volume
		return err
	}
	if err != nil {
		return err
	}
	if o.Spec.Volume = v.ID; o.Status.CreatedAt == nil {
		a.Rely(v.Meta)
		o.Status.SizeGiB = v.Spec.SizeGiB
		o.Status.Encrypted, err = willEncrypt(ctx, a, v)
	}
	return err
}

// refuseUnderWay refuses the deletion of what objects of a kind still need until they are made: those that name it by path
// and have nothing at made yet.
func refuseUnderWay(ctx context.Context, a resource.Reader, m resource.Meta, kind, path, made string) error {
	list, err := users(ctx, a, kind, path, m.ID)
	if err != nil {
		return err
	}
	for _, u := range list {
		if u.Phase == resource.PhaseFailed || u.DeletingAt != nil || len(resource.Lookup(u, made)) > 0 {
			continue
		}
		p := resource.Problemf(resource.ReasonInUse, m.Kind, "wait until that is made, or delete it first", "%s %s is being made from %s %s", kind, u.Name, m.Kind, m.Name)
		p.Candidates = []resource.Candidate{{Name: u.Name, Reason: "InUse", Detail: kind + " " + u.Name + " refers to it by " + path}}
		return p
	}
	return nil
}

func reconcileBackup(ctx context.Context, b Backends, r *resource.Reconciliation, o *Backup) (resource.Result, error) {
	if b.Driver == nil {
		return resource.Result{}, errDriverless
	}
	if o.Status.CreatedAt == nil && partOf(o.Meta) != "" {
		return awaitWhole(ctx, b, r, o)
	}
	if o.Status.CreatedAt == nil {
		return takeBackup(ctx, b, r, o)
	}
	// What is kept is the moment: a backup that is gone can not be taken again.
	state, err := b.Driver.GetBackup(ctx, o.Status.Host, o.ID)
	if provider.IsNotFound(err) {
		const gone = "the backup is gone, and what it kept; delete it and take another"
		o.SetCondition(resource.Condition{Type: "Drift", Status: resource.True, Reason: Held, Message: gone})
		return resource.Result{Again: heldEvery, Degraded: true, Message: gone}, nil
	}
	if err != nil {
		return resource.Result{}, Explain("backup", err)
	}
	o.Status.SizeGiB = state.SizeGiB
	unhold(&o.Meta)
	return resource.Result{Done: true}, nil
}

// takeBackup goes where the volume is, takes room there, and copies it as it is now.
func takeBackup(ctx context.Context, b Backends, r *resource.Reconciliation, o *Backup) (resource.Result, error) {
	v, err := find[VolumeSpec, VolumeStatus](ctx, r, "volume", o.Project, o.Spec.Volume, "spec.volume", "backup")
	if err != nil {
		return resource.Result{}, err
	}
	if v.Status.Host == "" || v.Status.SizeGiB == 0 {
		return resource.Result{Again: 200 * time.Millisecond, Progress: 5, Message: "waiting for volume " + v.Name + " to be made"}, nil
	}
	if o.Status.Host == "" {
		if err := claimBackup(ctx, r, v.Status.Host, int64(v.Status.SizeGiB)); err != nil {
			return resource.Result{}, err
		}
		// Kept before anything is made there.
		o.Status.Host, o.Status.SizeGiB, o.Status.VolumeName = v.Status.Host, v.Status.SizeGiB, v.Name
		return resource.Result{Again: soon, Progress: 10, Message: "it is copied where its volume is"}, nil
	}
	state, err := b.Driver.EnsureBackup(ctx, o.Status.Host, provider.Backup{ID: o.ID, Name: o.Name, Project: o.Project, Volume: v.ID, Key: o.Spec.Key, VolumeKey: v.Spec.Key})
	if err != nil {
		return resource.Result{}, Explain("backup", err)
	}
	at := state.CreatedAt.UTC()
	o.Status.SizeGiB, o.Status.CreatedAt = state.SizeGiB, &at
	return resource.Result{Done: true}, nil
}

// claimBackup takes room on a host's disk. The backup service of a region has a store of its own, whose room no region tells.
func claimBackup(ctx context.Context, r *resource.Reconciliation, place string, gib int64) error {
	if _, err := r.Get(ctx, "region", "", place); resource.ReasonOf(err) != resource.ReasonNotFound {
		return err
	}
	return r.Claim(ctx, hostPool(place), pool.Host{}.Claim(pool.Order{VolumeGiB: gib}))
}
