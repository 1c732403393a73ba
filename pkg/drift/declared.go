package drift

import (
	"context"
	"slices"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Place is where things are: a host, a region, a storage cluster.
type Place struct {
	ID, Name string
}

// readers turn objects into what is declared, by kind. A kind without one is compared by where it is alone.
var readers = map[string]func(d *Declared, raw resource.Raw, at Place) error{
	"server":  declaredServer,
	"volume":  declaredVolume,
	"network": declaredNetwork,
	"image":   declaredImage,
}

// Read returns every object of the kinds, as Compare wants them.
func Read(ctx context.Context, r resource.Reader, at Place, of map[string]bool) ([]Declared, error) {
	var out []Declared
	for kind, wanted := range of {
		if !wanted {
			continue
		}
		err := resource.All(ctx, r, resource.Query{Kind: kind, Limit: 1000}, func(o resource.Raw) error {
			d := Declared{Kind: kind, ID: o.ID, Name: o.Name, Project: o.Project, UpdatedAt: o.UpdatedAt, Settled: o.Settled() || held(&o.Meta)}
			read := readers[kind]
			if read == nil {
				read = declaredElsewhere
			}
			if err := read(&d, o, at); err != nil {
				return err
			}
			out = append(out, d)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// held tells whether the object only waits for a decision about how it differs.
func held(m *resource.Meta) bool {
	c := m.Condition("Drift")
	return m.DeletingAt == nil && c.Status == resource.True && c.Reason == kinds.Held
}

func placed(host string) []string {
	if host == "" {
		return nil
	}
	return []string{host}
}

func declaredServer(d *Declared, raw resource.Raw, _ Place) error {
	o, err := resource.As[kinds.ServerSpec, kinds.ServerStatus](raw)
	if err != nil {
		return err
	}
	d.Places, d.Adopted = placed(o.Status.Host), o.Spec.Adopted != nil
	d.Want = provider.Facts{Power: provider.PowerState(o.Spec.Power), VCPUs: o.Status.VCPUs, MemoryMiB: o.Status.MemoryMiB, Volumes: o.Spec.Volumes}
	if d.Want.Power == "" {
		d.Want.Power = o.Status.Power
	}
	if o.Status.MAC != "" {
		d.Want.Cards = []provider.Card{{MAC: o.Status.MAC, Address: o.Status.Address}}
	}
	return nil
}

func declaredVolume(d *Declared, raw resource.Raw, _ Place) error {
	o, err := resource.As[kinds.VolumeSpec, kinds.VolumeStatus](raw)
	if err != nil {
		return err
	}
	d.Places, d.Adopted = placed(o.Status.Host), o.Spec.Adopted != nil
	d.Want = provider.Facts{SizeGiB: o.Spec.SizeGiB, AttachedTo: placed(o.Status.AttachedTo)}
	return nil
}

func declaredNetwork(d *Declared, raw resource.Raw, _ Place) error {
	o, err := resource.As[kinds.NetworkSpec, kinds.NetworkStatus](raw)
	if err != nil {
		return err
	}
	d.Adopted = o.Spec.Adopted != nil
	if o.Status.Bridge != "" { // a host that it was given does not have it yet
		d.Places = placed(o.Status.Host)
	}
	d.Want = provider.Facts{CIDR: o.Spec.CIDR, Gateway: o.Spec.Gateway, Bridge: o.Status.Bridge}
	return nil
}

func declaredImage(d *Declared, raw resource.Raw, at Place) error {
	o, err := resource.As[kinds.ImageSpec, kinds.ImageStatus](raw)
	if err != nil {
		return err
	}
	d.Anywhere, d.Adopted = true, o.Spec.Adopted != nil
	if slices.Contains(o.Status.Hosts, at.Name) {
		d.Places = []string{at.ID}
	}
	return nil
}

// declaredElsewhere finds the place by the names that kinds use for it.
func declaredElsewhere(d *Declared, raw resource.Raw, at Place) error {
	for _, path := range []string{"status.place", "status.host", "status.cluster", "spec.region", "spec.cluster", "spec.host"} {
		for _, v := range resource.Lookup(raw, path) {
			if v == at.Name {
				v = at.ID
			}
			d.Places = placed(v)
			return nil
		}
	}
	return nil
}
