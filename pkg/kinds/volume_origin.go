package kinds

import (
	"context"
	"strings"

	"github.com/plazacloud/plaza/pkg/pool"
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

// validateOrigin refuses a tier that keeps no volumes, and a snapshot that the volume can not begin with.
func validateOrigin(ctx context.Context, a *resource.Admission, old, o *Volume) error {
	tier, err := volumeTier(ctx, a, o.Spec.Tier)
	if err != nil {
		return err
	}
	if old == nil && o.Spec.Tier != "" && a.Pool != nil { // what no place may keep is refused at once
		places, err := Places(ctx, a, a.Pool)
		if err != nil {
			return err
		}
		if _, _, err := pool.Place(places, volumeOrder(o, o.Spec.Host, tier)); err != nil {
			return err
		}
	}
	switch {
	case old != nil && old.Spec.Tier != o.Spec.Tier:
		p := resource.Invalid("volume", "spec.tier", o.Spec.Tier, "can not be changed")
		p.Hint = "take a snapshot, and make a volume of the other tier from it"
		return p
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

// volumeOrder is what placement is asked for: room, and where the tier may be kept.
func volumeOrder(o *Volume, host string, tier StorageTierSpec) pool.Order {
	return pool.Order{VolumeGiB: int64(o.Spec.SizeGiB), Host: host, Labels: tier.Labels, Backend: tier.Pool}
}

// volumeTier reads the tier of a volume; without one, any place and no bound will do. A storage cluster keeps no volumes of
// its own for tenants: those of a region may lie on it.
func volumeTier(ctx context.Context, r resource.Reader, name string) (StorageTierSpec, error) {
	tier, err := tierOf(ctx, r, storageOrder{kind: "volume", tier: name})
	if err == nil && len(tier.Clusters) > 0 {
		p := resource.Invalid("volume", "spec.tier", name, "is of the storage clusters %s alone, and volumes are kept in regions and on hosts", strings.Join(tier.Clusters, ", "))
		p.Hint = "name a tier without clusters; traits and a pool say where it is"
		return tier, p
	}
	return tier, err
}
