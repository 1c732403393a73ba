package kinds

import (
	"context"
	"strings"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// origin is the id or name of the snapshot, backup or volume that it begins with; "" for none.
func (s VolumeSpec) origin() string { return s.Snapshot + s.Backup + s.Volume }

// origin is the snapshot, backup or volume that a volume begins with.
type origin struct {
	kind, id, name string
	path           string // field that names it
	host           string
	sizeGiB        int
	taken          bool
	tier           string // of a volume
	encrypted      bool
	key            provider.Key // only where secrets are read
}

// originOf reads what the volume begins with; the zero origin when that is an image or nothing.
func originOf(ctx context.Context, r resource.Reader, o *Volume) (origin, error) {
	switch {
	case o.Spec.Snapshot != "":
		x, err := find[SnapshotSpec, SnapshotStatus](ctx, r, "snapshot", o.Project, o.Spec.Snapshot, "spec.snapshot", "volume")
		return origin{"snapshot", x.ID, x.Name, "spec.snapshot", x.Status.Host, x.Status.SizeGiB, x.Status.CreatedAt != nil, "", x.Status.Encrypted, x.Spec.Key}, err
	case o.Spec.Backup != "":
		x, err := find[BackupSpec, BackupStatus](ctx, r, "backup", o.Project, o.Spec.Backup, "spec.backup", "volume")
		return origin{"backup", x.ID, x.Name, "spec.backup", x.Status.Host, x.Status.SizeGiB, x.Status.CreatedAt != nil, "", x.Status.Encrypted, x.Spec.Key}, err
	case o.Spec.Volume != "":
		x, err := find[VolumeSpec, VolumeStatus](ctx, r, "volume", o.Project, o.Spec.Volume, "spec.volume", "volume")
		return origin{"volume", x.ID, x.Name, "spec.volume", x.Status.Host, x.Spec.SizeGiB, x.Status.SizeGiB > 0, x.Spec.Tier, x.Status.Encrypted, x.Spec.Key}, err
	}
	return origin{}, nil
}

// defaultVolume turns the name of what it begins with into its id, as the name may be given to another one later. A volume
// that is made keeps the id of one that is gone.
func defaultVolume(ctx context.Context, a *resource.Admission, o *Volume) error {
	x, err := originOf(ctx, a, o)
	if err == nil && x.kind == "volume" && o.Status.SizeGiB == 0 {
		a.Rely(resource.Meta{ID: x.id, Kind: x.kind, Name: x.name, Project: o.Project})
	}
	switch {
	case resource.ReasonOf(err) == resource.ReasonInvalid && o.Status.SizeGiB > 0:
		return nil
	case err != nil:
		return err
	case o.Spec.Snapshot != "":
		o.Spec.Snapshot = x.id
	case o.Spec.Backup != "":
		o.Spec.Backup = x.id
	case o.Spec.Volume != "":
		o.Spec.Volume = x.id
		if o.Spec.Tier == "" {
			o.Spec.Tier = x.tier
		}
	}
	return nil
}

// validateOrigin refuses a tier that keeps no volumes, and what the volume can not begin with.
func validateOrigin(ctx context.Context, a *resource.Admission, old, o *Volume) error {
	if old != nil && o.Spec.Volume != "" && o.Spec.Tier == "" {
		o.Spec.Tier = old.Spec.Tier // it was given that of its volume, which may be gone
	}
	tier, err := volumeTier(ctx, a, o.Spec.Tier)
	if err != nil {
		return err
	}
	if old == nil && o.Spec.Tier != "" && a.Pool != nil { // what no place may keep is refused at once
		order := volumeOrder(o, o.Spec.Host, tier)
		places, err := scene{a, a.Pool, a.Around}.survey(ctx, &order)
		if err != nil {
			return err
		}
		if _, _, err := pool.Place(places, order); err != nil {
			return err
		}
	}
	if o.Spec.Key = newKey(tier.Encrypted); old != nil {
		o.Spec.Key = old.Spec.Key
	}
	switch {
	case old != nil && old.Spec.Tier != o.Spec.Tier:
		p := resource.Invalid("volume", "spec.tier", o.Spec.Tier, "can not be changed")
		p.Hint = "take a snapshot, and make a volume of the other tier from it"
		return p
	case old != nil && old.Spec.Snapshot != o.Spec.Snapshot:
		return resource.Invalid("volume", "spec.snapshot", o.Spec.Snapshot, "can not be changed; make a new volume")
	case old != nil && old.Spec.Backup != o.Spec.Backup:
		return resource.Invalid("volume", "spec.backup", o.Spec.Backup, "can not be changed; make a new volume")
	case old != nil && old.Spec.Volume != o.Spec.Volume:
		return resource.Invalid("volume", "spec.volume", o.Spec.Volume, "can not be changed; make a new volume")
	case old != nil || o.Spec.origin() == "":
		return nil
	}
	return checkOrigin(ctx, a, o, tier)
}

// newKey is the key of what is encrypted: nobody else chooses one, and it stays.
func newKey(encrypted bool) provider.Key {
	if !encrypted {
		return ""
	}
	return provider.NewKey()
}

// checkOrigin looks at what a new volume is to begin with.
func checkOrigin(ctx context.Context, a *resource.Admission, o *Volume, tier StorageTierSpec) error {
	x, err := originOf(ctx, a, o)
	if err != nil {
		return err
	}
	if (provider.Volume{Image: o.Spec.Image, Snapshot: o.Spec.Snapshot, Backup: o.Spec.Backup, Source: o.Spec.Volume}).Origins() > 1 {
		return resource.Invalid("volume", x.path, x.name, "a volume begins with an image, a snapshot, a backup or a volume, not with several")
	}
	if o.Spec.SizeGiB < x.sizeGiB {
		return resource.Invalid("volume", "spec.sizeGiB", o.Spec.SizeGiB, "%s %s has %d GiB", x.kind, x.name, x.sizeGiB)
	}
	if x.kind == "volume" && o.Spec.Tier != x.tier {
		p := resource.Invalid("volume", "spec.tier", o.Spec.Tier, "a copy has the tier of its volume: %q", x.tier)
		p.Hint = "take a snapshot, and make a volume of the other tier from it"
		return p
	}
	if x.encrypted && !tier.Encrypted {
		p := resource.Invalid("volume", "spec.tier", o.Spec.Tier, "%s %s is encrypted, and what begins with it must be", x.kind, x.name)
		p.Hint = "name a tier that is encrypted"
		return p
	}
	if o.Spec.Host == "" || x.host == "" {
		return nil
	}
	for _, kind := range []string{"region", "host"} {
		place, err := a.Get(ctx, kind, "", x.host)
		if err == nil && o.Spec.Host != place.ID && o.Spec.Host != place.Name {
			return resource.Invalid("volume", "spec.host", o.Spec.Host, "%s %s is kept in %s, and a volume begins with it there", x.kind, x.name, place.Name)
		}
		if err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
			return err
		}
	}
	return nil
}

// volumeOrder is what placement is asked for: room, and where the tier may be kept.
func volumeOrder(o *Volume, host string, tier StorageTierSpec) pool.Order {
	return pool.Order{ID: o.ID, Project: o.Project, VolumeGiB: int64(o.Spec.SizeGiB), Host: host, Labels: tier.Labels, Backend: tier.Pool}
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

// willEncrypt tells whether a volume is encrypted, or will be once it is made.
func willEncrypt(ctx context.Context, r resource.Reader, v Volume) (bool, error) {
	if v.Status.SizeGiB > 0 {
		return v.Status.Encrypted, nil
	}
	tier, err := volumeTier(ctx, r, v.Spec.Tier)
	return tier.Encrypted, err
}
