package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// SnapshotSpec is a volume as it was at a moment.
type SnapshotSpec struct {
	Volume string       `json:"volume" minLength:"1" maxLength:"63" doc:"Volume it is taken of, attached to a running server or not"`
	Key    provider.Key `json:"key,omitempty" readOnly:"true" maxLength:"64" doc:"What it is encrypted with on a host; chosen by Plaza, and never returned"`
}

// SnapshotStatus is what the snapshot keeps, and where.
type SnapshotStatus struct {
	Host      string     `json:"host,omitempty" doc:"Id of the host or region that keeps it: that of its volume"`
	SizeGiB   int        `json:"sizeGiB,omitempty" doc:"Of the volume at that moment"`
	CreatedAt *time.Time `json:"createdAt,omitempty" doc:"The moment it keeps"`
	Encrypted bool       `json:"encrypted,omitempty" doc:"It is encrypted where it is kept, as its volume is"`
}

// Snapshot is a volume as it was at a moment.
type Snapshot = resource.Object[SnapshotSpec, SnapshotStatus]

func snapshotKind(b Backends) resource.Kind[SnapshotSpec, SnapshotStatus] {
	return resource.Kind[SnapshotSpec, SnapshotStatus]{
		Name: "snapshot", Plural: "snapshots", Doc: "A volume as it was at a moment; new volumes begin with it.",
		Columns: []resource.Column{{Header: "VOLUME", Path: "spec.volume"}, {Header: "GIB", Path: "status.sizeGiB"}, {Header: "TAKEN", Path: "status.createdAt"},
			{Header: "HOST", Path: "status.host"}},
		Indexed: []string{"spec.volume", "status.host"},
		Secrets: []string{"key"},
		Default: func(ctx context.Context, a *resource.Admission, o *Snapshot) error {
			v, err := find[VolumeSpec, VolumeStatus](ctx, a, "volume", o.Project, o.Spec.Volume, "spec.volume", "snapshot")
			if err != nil {
				return err
			}
			if o.Spec.Volume = v.ID; o.Status.CreatedAt == nil {
				a.Rely(v.Meta)
				o.Status.SizeGiB = v.Spec.SizeGiB
				o.Status.Encrypted, err = willEncrypt(ctx, a, v)
			}
			return err
		},
		Charge: func(o *Snapshot) resource.Charges {
			return resource.Charges{"snapshots": 1, "snapshot_gib": int64(o.Status.SizeGiB)}
		},
		Meter: func(o *Snapshot) resource.Measures {
			if o.Status.CreatedAt == nil {
				return resource.Measures{}
			}
			return resource.Measures{"snapshot_gib": int64(o.Status.SizeGiB)}
		},
		Validate: func(_ context.Context, _ *resource.Admission, old, o *Snapshot) error {
			if o.Spec.Key = newKey(o.Status.Encrypted); old != nil {
				o.Spec.Key = old.Spec.Key
			}
			if old != nil && old.Spec.Volume != o.Spec.Volume {
				return resource.Invalid("snapshot", "spec.volume", o.Spec.Volume, "can not be changed; take another snapshot")
			}
			return nil
		},
		ValidateDelete: refuseLeaning,
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Snapshot) (resource.Result, error) {
			return reconcileSnapshot(ctx, b, r, o)
		},
		Delete: func(ctx context.Context, _ *resource.Reconciliation, o *Snapshot) (resource.Result, error) {
			if o.Status.Host == "" {
				return resource.Result{Done: true}, nil
			}
			if err := b.Driver.DeleteSnapshot(ctx, o.Status.Host, o.ID); err != nil && !provider.IsNotFound(err) {
				return resource.Result{}, Explain("snapshot", err)
			}
			return resource.Result{Done: true}, nil
		},
	}
}

// refuseLeaning refuses the deletion of a snapshot that volumes lean on. On a host they are copies; the storage of a
// region shares what is the same.
func refuseLeaning(ctx context.Context, a *resource.Admission, o *Snapshot) error {
	if o.Status.Host == "" {
		return nil
	}
	if _, err := a.Get(ctx, "region", "", o.Status.Host); resource.ReasonOf(err) == resource.ReasonNotFound {
		return nil
	} else if err != nil {
		return err
	}
	return refuseInUse(ctx, a, o.Meta, "volume", "spec.snapshot")
}

func reconcileSnapshot(ctx context.Context, b Backends, r *resource.Reconciliation, o *Snapshot) (resource.Result, error) {
	if b.Driver == nil {
		return resource.Result{}, errDriverless
	}
	if o.Status.CreatedAt == nil {
		return takeSnapshot(ctx, b, r, o)
	}
	// What is kept is the moment: a snapshot that is gone can not be taken again.
	state, err := b.Driver.GetSnapshot(ctx, o.Status.Host, o.ID)
	if provider.IsNotFound(err) {
		const gone = "the snapshot is gone, and what it kept; delete it and take another"
		o.SetCondition(resource.Condition{Type: "Drift", Status: resource.True, Reason: Held, Message: gone})
		return resource.Result{Again: heldEvery, Degraded: true, Message: gone}, nil
	}
	if err != nil {
		return resource.Result{}, Explain("snapshot", err)
	}
	o.Status.SizeGiB = state.SizeGiB
	unhold(&o.Meta)
	return resource.Result{Done: true}, nil
}

// takeSnapshot goes where the volume is, takes room there, and keeps it as it is now.
func takeSnapshot(ctx context.Context, b Backends, r *resource.Reconciliation, o *Snapshot) (resource.Result, error) {
	v, err := find[VolumeSpec, VolumeStatus](ctx, r, "volume", o.Project, o.Spec.Volume, "spec.volume", "snapshot")
	if err != nil {
		return resource.Result{}, err
	}
	if v.Status.Host == "" || v.Status.SizeGiB == 0 {
		return resource.Result{Again: 200 * time.Millisecond, Progress: 5, Message: "waiting for volume " + v.Name + " to be made"}, nil
	}
	if o.Status.Host == "" {
		if err := claimVolume(ctx, r, v.Status.Host, int64(v.Status.SizeGiB)); err != nil {
			return resource.Result{}, err
		}
		o.Status.Host, o.Status.SizeGiB = v.Status.Host, v.Status.SizeGiB // kept before anything is made there
		return resource.Result{Again: soon, Progress: 10, Message: "it will be kept where its volume is"}, nil
	}
	state, err := b.Driver.EnsureSnapshot(ctx, o.Status.Host, provider.Snapshot{ID: o.ID, Name: o.Name, Project: o.Project, Volume: v.ID, Key: o.Spec.Key, VolumeKey: v.Spec.Key})
	if err != nil {
		return resource.Result{}, Explain("snapshot", err)
	}
	at := state.CreatedAt.UTC()
	o.Status.SizeGiB, o.Status.CreatedAt = state.SizeGiB, &at
	return resource.Result{Done: true}, nil
}
