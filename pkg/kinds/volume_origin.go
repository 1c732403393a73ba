package kinds

import (
	"context"

	"github.com/plazacloud/plaza/pkg/resource"
)

// defaultVolume turns the snapshot's name into its id, as the name may be given to another one later. A volume that is
// made keeps the id of a snapshot that is gone.
func defaultVolume(ctx context.Context, a *resource.Admission, o *Volume) error {
	if o.Spec.Snapshot == "" {
		return nil
	}
	x, err := find[SnapshotSpec, SnapshotStatus](ctx, a, "snapshot", o.Project, o.Spec.Snapshot, "spec.snapshot", "volume")
	if resource.ReasonOf(err) == resource.ReasonInvalid && o.Status.SizeGiB > 0 {
		return nil
	}
	o.Spec.Snapshot = x.ID
	return err
}

// validateOrigin refuses a snapshot that the volume can not begin with.
func validateOrigin(ctx context.Context, a *resource.Admission, old, o *Volume) error {
	switch {
	case old != nil && old.Spec.Snapshot != o.Spec.Snapshot:
		return resource.Invalid("volume", "spec.snapshot", o.Spec.Snapshot, "can not be changed; make a new volume")
	case old != nil || o.Spec.Snapshot == "":
		return nil
	case o.Spec.Image != "":
		return resource.Invalid("volume", "spec.snapshot", o.Spec.Snapshot, "a volume begins with an image or with a snapshot, not with both")
	}
	x, err := find[SnapshotSpec, SnapshotStatus](ctx, a, "snapshot", o.Project, o.Spec.Snapshot, "spec.snapshot", "volume")
	if err != nil {
		return err
	}
	if o.Spec.SizeGiB < x.Status.SizeGiB {
		return resource.Invalid("volume", "spec.sizeGiB", o.Spec.SizeGiB, "snapshot %s keeps %d GiB", x.Name, x.Status.SizeGiB)
	}
	if o.Spec.Host == "" || x.Status.Host == "" {
		return nil
	}
	for _, kind := range []string{"region", "host"} {
		place, err := a.Get(ctx, kind, "", x.Status.Host)
		if err == nil && o.Spec.Host != place.ID && o.Spec.Host != place.Name {
			return resource.Invalid("volume", "spec.host", o.Spec.Host, "snapshot %s is kept in %s, and a volume begins with it there", x.Name, place.Name)
		}
		if err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
			return err
		}
	}
	return nil
}
