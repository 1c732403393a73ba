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
	"router":  declaredRouter,
	"image":   declaredImage,
	"share":   declaredShare,
}

// byHost are the kinds whose objects can be listed by their place.
var byHost = map[string]bool{"server": true, "volume": true, "snapshot": true, "backup": true, "network": true, "router": true}

// Read returns what is declared of the kinds that were read: all that is in the place, and whatever else was found there.
func Read(ctx context.Context, r resource.Reader, at Place, look provider.Discovery) ([]Declared, error) {
	var out []Declared
	have := map[key]bool{}
	take := func(o resource.Raw) error {
		d, err := declared(o, at)
		out, have[key{o.Kind, o.ID}] = append(out, d), true
		return err
	}
	for kind, wanted := range look.Read {
		if !wanted {
			continue
		}
		q := resource.Query{Kind: kind, Limit: 1000}
		if byHost[kind] {
			q.Fields = map[string]string{"status.host": at.ID}
		}
		if err := resource.All(ctx, r, q, take); err != nil {
			return nil, err
		}
	}
	for _, f := range look.Found {
		if !byHost[f.Kind] || !look.Read[f.Kind] || f.PlazaID == "" || have[key{f.Kind, f.PlazaID}] {
			continue
		}
		o, err := r.Get(ctx, f.Kind, "", f.PlazaID)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := take(o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func declared(o resource.Raw, at Place) (Declared, error) {
	d := Declared{Kind: o.Kind, ID: o.ID, Name: o.Name, Project: o.Project, UpdatedAt: o.UpdatedAt, Settled: o.Settled() || held(&o.Meta)}
	read := readers[o.Kind]
	if read == nil {
		read = declaredElsewhere
	}
	err := read(&d, o, at)
	return d, err
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

func declaredRouter(d *Declared, raw resource.Raw, _ Place) error {
	o, err := resource.As[kinds.RouterSpec, kinds.RouterStatus](raw)
	if err != nil {
		return err
	}
	if len(o.Status.Networks) > 0 { // a place that it was given does not have it yet
		d.Places = placed(o.Status.Host)
	}
	d.Want = provider.Facts{Networks: o.Status.Networks}
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
		values := resource.Lookup(raw, path)
		if len(values) == 0 {
			continue
		}
		if values[0] == at.Name {
			values[0] = at.ID
		}
		d.Places = placed(values[0])
		break
	}
	return nil
}

func declaredShare(d *Declared, raw resource.Raw, at Place) error {
	o, err := resource.As[kinds.ShareSpec, kinds.ShareStatus](raw)
	if err != nil {
		return err
	}
	d.Want = provider.Facts{SizeGiB: int(o.Spec.SizeGiB)}
	return declaredElsewhere(d, raw, at)
}
