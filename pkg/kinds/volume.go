package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// VolumeSpec is a disk that outlives servers.
type VolumeSpec struct {
	SizeGiB  int    `json:"sizeGiB" minimum:"1" maximum:"65536" doc:"Its size; it only grows"`
	Image    string `json:"image,omitempty" doc:"Image whose content it begins with"`
	Snapshot string `json:"snapshot,omitempty" maxLength:"63" doc:"Snapshot whose content it begins with, instead of an image's; it is kept where that is"`
	Backup   string `json:"backup,omitempty" maxLength:"63" doc:"Backup whose content it begins with, instead of an image's or a snapshot's; it is kept where that is"`
	Volume   string `json:"volume,omitempty" maxLength:"63" doc:"Volume that it begins as a copy of, in use or not, instead of all these; it has the tier of that and is kept where that is"`
	Tier     string `json:"tier,omitempty" maxLength:"63" doc:"Storage tier: where it may be kept, and how fast it may be. It can not be changed"`
	Host     string `json:"host,omitempty" doc:"Host or region to keep it in; chosen when empty"`

	WithServer bool `json:"withServer,omitempty" doc:"It is placed and made where the first server that names it goes, rather than at once where there is room"`

	Key provider.Key `json:"key,omitempty" readOnly:"true" maxLength:"64" doc:"What a volume of an encrypted tier is encrypted with on a host; chosen by Plaza, and never returned"`

	Keep bool `json:"keep,omitempty" doc:"Of an adopted one: deletion leaves it at its cloud"`

	Adopted *Adopted `json:"adopted,omitempty" readOnly:"true" doc:"Set when others made it and Plaza took it over"`
}

// VolumeStatus is where the volume is and who uses it.
type VolumeStatus struct {
	Host       string `json:"host,omitempty" doc:"Id of the host or region that keeps it"`
	SizeGiB    int    `json:"sizeGiB,omitempty"`
	AttachedTo string `json:"attachedTo,omitempty" doc:"Server id"`
	Encrypted  bool   `json:"encrypted,omitempty" doc:"It is encrypted where it is kept"`
	KeptFor    string `json:"keptFor,omitempty" doc:"Id of the project that its place keeps it for: another one than its own while it is handed over"`
}

// Volume is a disk that outlives servers.
type Volume = resource.Object[VolumeSpec, VolumeStatus]

func volumeKind(b Backends) resource.Kind[VolumeSpec, VolumeStatus] {
	return resource.Kind[VolumeSpec, VolumeStatus]{
		Name: "volume", Plural: "volumes", Doc: "A disk that outlives servers.",
		Columns: []resource.Column{{Header: "GIB", Path: "spec.sizeGiB"}, {Header: "HOST", Path: "status.host"}, {Header: "ATTACHED TO", Path: "status.attachedTo"}},
		Indexed: []string{"spec.tier", "spec.snapshot", "spec.backup", "spec.volume", "spec.adopted.backend", "status.host", "status.attachedTo"},
		Secrets: []string{"key"},
		Default: defaultVolume,
		Charge: func(o *Volume) resource.Charges {
			return ofTier(resource.Charges{"volumes": 1, "volume_gib": int64(o.Spec.SizeGiB)}, "volume_gib", o.Spec.Tier)
		},
		Meter: func(o *Volume) resource.Measures { return resource.Measures{"volume_gib": int64(o.Status.SizeGiB)} },
		Validate: func(ctx context.Context, a *resource.Admission, old, o *Volume) error {
			if err := guardAdoption(a, old, o, func(s *VolumeSpec) (**Adopted, bool) { return &s.Adopted, s.Keep }); err != nil {
				return err
			}
			if o.Spec.SizeGiB < 1 || o.Spec.SizeGiB > 65536 {
				return resource.Invalid("volume", "spec.sizeGiB", o.Spec.SizeGiB, "is between 1 and 65536")
			}
			if old != nil && o.Spec.SizeGiB < old.Spec.SizeGiB {
				return resource.Invalid("volume", "spec.sizeGiB", o.Spec.SizeGiB, "a volume only grows: it has %d GiB", old.Spec.SizeGiB)
			}
			if o.Spec.Image != "" {
				var err error
				if _, o.Spec.Image, err = useImage(ctx, a, o.Meta, o.Spec.Image, "spec.image"); err != nil {
					return err
				}
			}
			return validateOrigin(ctx, a, old, o)
		},
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *Volume) error {
			if err := refuseInUse(ctx, a, o.Meta, "snapshot", "spec.volume"); err != nil {
				return err
			}
			if err := refuseUnderWay(ctx, a, o.Meta, "backup", "spec.volume", "status.createdAt"); err != nil {
				return err
			}
			if err := refuseUnderWay(ctx, a, o.Meta, "volume", "spec.volume", "status.sizeGiB"); err != nil {
				return err
			}
			if err := refuseInUse(ctx, a, o.Meta, "volumeoffer", "spec.volume"); err != nil {
				return err
			}
			return refuseInUse(ctx, a, o.Meta, "server", "spec.volumes")
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Volume) (resource.Result, error) {
			return reconcileVolume(ctx, b, r, o)
		},
		Delete: func(ctx context.Context, r *resource.Reconciliation, o *Volume) (resource.Result, error) {
			if o.Spec.Keep && o.Spec.Adopted != nil {
				return resource.Result{Done: true}, b.release(ctx, "volume", o.Meta, *o.Spec.Adopted)
			}
			if o.Status.Host == "" {
				return resource.Result{Done: true}, nil
			}
			return removed(removeFrom(ctx, r, &o.Meta, o.Status.Host, o.Status.SizeGiB > 0, b.Driver.GetVolume, b.Driver.DeleteVolume))
		},
	}
}

func reconcileVolume(ctx context.Context, b Backends, r *resource.Reconciliation, o *Volume) (resource.Result, error) {
	if b.Driver == nil {
		return resource.Result{}, errDriverless
	}
	if o.Spec.Adopted != nil {
		return adoptedVolume(ctx, b, r, o)
	}
	tier, err := volumeTier(ctx, r, o.Spec.Tier)
	if err != nil {
		return resource.Result{}, err
	}
	if o.Status.Host == "" {
		host, err := volumePlace(ctx, r, o)
		if err != nil {
			return resource.Result{}, err
		}
		switch {
		case host != "":
		case o.Spec.origin() != "":
			return resource.Result{Again: 200 * time.Millisecond, Progress: 5, Message: "waiting for what it begins with to be made"}, nil
		case o.Spec.WithServer:
			if host, err = serverPlace(ctx, r, o); err != nil || host == "" {
				return resource.Result{Done: true}, err // its server wakes it
			}
		}
		h, err := placeAndClaim(ctx, r, volumeOrder(o, host, tier))
		if err != nil {
			return resource.Result{}, err
		}
		o.Status.Host = h.ID // kept before anything is made there, so that a crash finds it again
		return resource.Result{Again: soon, Message: "placed on " + h.Name}, nil
	}
	if err := claimVolume(ctx, r, o.Status.Host, int64(o.Spec.SizeGiB)); err != nil {
		return resource.Result{}, err
	}
	gone, err := lost(r, o.Meta, o.Status.SizeGiB > 0, func() error {
		_, err := b.Driver.GetVolume(ctx, o.Status.Host, o.ID)
		return err
	})
	if err != nil || gone {
		return holdLost(&o.Meta, err)
	}
	want := provider.Volume{ID: o.ID, Encrypted: tier.Encrypted, Key: o.Spec.Key, Name: o.Name, Project: o.Project, SizeGiB: o.Spec.SizeGiB, Snapshot: o.Spec.Snapshot, Backup: o.Spec.Backup, Source: o.Spec.Volume,
		Tier: o.Spec.Tier, Pool: tier.Pool, QoS: tier.QoS()}
	if o.Spec.origin() != "" && o.Status.SizeGiB == 0 {
		x, err := originOf(ctx, r, o)
		if err != nil {
			return resource.Result{}, err
		}
		want.OriginKey = x.key
	}
	if o.Spec.Image != "" {
		img, err := find[ImageSpec, ImageStatus](ctx, r, "image", "", o.Spec.Image, "spec.image", "volume")
		if err != nil {
			return resource.Result{}, err
		}
		if err := ensureImage(ctx, b, o.Status.Host, img); err != nil {
			return resource.Result{}, err
		}
		want.Image = img.ID
	}
	state, err := b.Driver.EnsureVolume(ctx, o.Status.Host, want)
	if err != nil {
		return resource.Result{}, Explain("volume", err)
	}
	o.Status.SizeGiB, o.Status.AttachedTo, o.Status.Encrypted = state.SizeGiB, state.AttachedTo, state.Encrypted
	if o.Status.KeptFor == "" { // it was just made, or before anything was handed over
		o.Status.KeptFor = o.Project
	}
	if o.Status.KeptFor != o.Project {
		if err := b.Driver.TransferVolume(ctx, o.Status.Host, o.ID, o.Project); err != nil {
			return resource.Result{}, Explain("volume", err)
		}
		o.Status.KeptFor = o.Project
	}
	unhold(&o.Meta)
	return resource.Result{Done: true}, nil
}

// adoptedVolume takes over a volume as it is; it is changed only to grow.
func adoptedVolume(ctx context.Context, b Backends, r *resource.Reconciliation, o *Volume) (resource.Result, error) {
	a := *o.Spec.Adopted
	o.Status.Host = a.Place
	if err := takeOver(ctx, r, a.Place, pool.Host{Region: true}.Claim(pool.Order{VolumeGiB: int64(o.Spec.SizeGiB)})); err != nil {
		return resource.Result{}, err
	}
	if _, err := b.adopt(ctx, "volume", o.Meta, a); err != nil {
		return adoptionLost(&o.Meta, err)
	}
	state, err := b.Driver.GetVolume(ctx, a.Place, o.ID)
	if err == nil && state.SizeGiB < o.Spec.SizeGiB {
		state, err = b.Driver.EnsureVolume(ctx, a.Place, provider.Volume{ID: o.ID, Name: o.Name, Project: o.Project, SizeGiB: o.Spec.SizeGiB})
	}
	if err != nil {
		return resource.Result{}, Explain("volume", err)
	}
	o.Status.SizeGiB, o.Status.AttachedTo, o.Status.Encrypted = state.SizeGiB, state.AttachedTo, state.Encrypted
	unhold(&o.Meta)
	return resource.Result{Done: true}, nil
}

// volumePlace is where the volume must go: where what it begins with is once that is made, where it is pinned to, or where
// its image is the only copy.
func volumePlace(ctx context.Context, r resource.Reader, o *Volume) (string, error) {
	if o.Spec.origin() != "" {
		x, err := originOf(ctx, r, o)
		if err != nil || !x.taken {
			return "", err
		}
		return x.host, nil
	}
	if o.Spec.Image == "" || o.Spec.Host != "" {
		return o.Spec.Host, nil
	}
	img, err := find[ImageSpec, ImageStatus](ctx, r, "image", "", o.Spec.Image, "spec.image", "volume")
	return img.Spec.only(), err
}

// serverPlace is where the first server is that names the volume, once that and its network have come to rest.
func serverPlace(ctx context.Context, r resource.Reader, o *Volume) (string, error) {
	named, err := users(ctx, r, "server", "spec.volumes", o.ID)
	if err != nil || len(named) == 0 {
		return "", err
	}
	s, err := resource.As[ServerSpec, ServerStatus](named[0])
	if err != nil {
		return "", err
	}
	n, err := find[NetworkSpec, NetworkStatus](ctx, r, "network", s.Project, s.Spec.Network, "spec.network", "server")
	if err != nil || n.Status.Host != s.Status.Host {
		return "", err
	}
	return s.Status.Host, nil
}

// claimVolume takes room where the place keeps volumes: on a host's disk, or of a region's storage.
func claimVolume(ctx context.Context, r *resource.Reconciliation, place string, gib int64) error {
	_, err := r.Get(ctx, "region", "", place)
	if err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
		return err
	}
	return r.Claim(ctx, hostPool(place), pool.Host{Region: err == nil}.Claim(pool.Order{VolumeGiB: gib}))
}
