package drift

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// waiting is an adoption that can not go on yet.
type waiting string

func (w waiting) Error() string { return string(w) }

// adopt makes an object of what others made, in the project that was asked for. The object's own reconciler labels the
// backend's, and finds everything as it is wanted.
func (k *Keeper) adopt(ctx context.Context, o *Object) (resource.Result, error) {
	if o.Spec.Difference == Changed {
		return k.accept(ctx, o)
	}
	o.Status.State = Adopting
	made, err := k.object(ctx, o)
	if w := waiting(""); asWaiting(err, &w) {
		o.Status.Message = string(w)
		return resource.Result{Again: 500 * time.Millisecond, Message: string(w)}, nil
	}
	if err != nil {
		o.Status.Message = err.Error()
		return resource.Result{}, err
	}
	o.Status.Object = &resource.Ref{Kind: made.Kind, ID: made.ID, Name: made.Name}
	if !made.Settled() {
		ready := made.Condition("Ready")
		o.Status.Message = cmp.Or(ready.Message, "waiting for the "+made.Kind)
		return resource.Result{Again: 500 * time.Millisecond, Progress: 50, Message: o.Status.Message}, nil
	}
	if err := k.join(ctx, o, made); err != nil {
		return resource.Result{}, err
	}
	o.Status.State, o.Status.Message = Adopted, fmt.Sprintf("it is %s %s", made.Kind, made.Name)
	k.again(o.Spec.Place, "something was adopted")
	return resource.Result{Done: true}, nil
}

func asWaiting(err error, w *waiting) bool {
	got, ok := err.(waiting) //nolint:errorlint // never wrapped
	*w = got
	return ok
}

// object finds the object that the adopted one has become, or makes it.
func (k *Keeper) object(ctx context.Context, o *Object) (resource.Raw, error) {
	kind := o.Spec.Kind
	have, err := k.adoptedAs(ctx, kind, o.Spec.Place, o.Spec.Backend)
	if err != nil || have != nil {
		return orZero(have), err
	}
	if err := mayBeAdopted(o.Spec); err != nil {
		return resource.Raw{}, err
	}
	d, ok := k.cfg.Driver.(provider.Discoverer)
	if !ok {
		return resource.Raw{}, resource.Problemf(resource.ReasonInvalid, "drift", "ignore it", "nothing can be adopted from %s", o.Spec.PlaceName)
	}
	spec, err := k.plan(ctx, o)
	if err != nil {
		return resource.Raw{}, err
	}
	if o.Spec.Adopt.Project != "" {
		// Without it things of the two tenants can not be joined, as either has a counterpart of its own already.
		if err := d.AdoptTenant(ctx, o.Spec.Place, o.Spec.Tenant, o.Spec.Adopt.Project); err != nil && provider.ReasonOf(err) != provider.ReasonConflict {
			return resource.Raw{}, kinds.Explain("drift", err)
		}
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return resource.Raw{}, err
	}
	a, err := k.objects.Apply(ctx, resource.Request{Kind: kind, Project: o.Spec.Adopt.Project, Name: o.Spec.Adopt.Name, Spec: text, Mode: resource.CreateOnly, Actor: inNameOf(o), Verb: "adopt"})
	if resource.ReasonOf(err) == resource.ReasonAlreadyExists {
		return resource.Raw{}, resource.Problemf(resource.ReasonAlreadyExists, "drift", "give another name: plaza drift adopt "+o.Name+" --name …", "there is another %s %s there", kind, o.Spec.Adopt.Name)
	}
	return a.Object, err
}

func orZero(r *resource.Raw) resource.Raw {
	if r == nil {
		return resource.Raw{}
	}
	return *r
}

// adoptedAs finds the object that a backend's object was adopted as.
func (k *Keeper) adoptedAs(ctx context.Context, kind, place, backend string) (*resource.Raw, error) {
	var out *resource.Raw
	err := resource.All(ctx, k.objects.View(resource.Everything), resource.Query{Kind: kind, Fields: map[string]string{"spec.adopted.backend": backend}}, func(raw resource.Raw) error {
		if slices.Contains(resource.Lookup(raw, "spec.adopted.place"), place) {
			out = &raw
		}
		return nil
	})
	return out, err
}

// plan is the spec of the object: what was found is what is wanted.
func (k *Keeper) plan(ctx context.Context, o *Object) (any, error) {
	f, from := o.Spec.Facts, &kinds.Adopted{Place: o.Spec.Place, Backend: o.Spec.Backend}
	switch o.Spec.Kind {
	case "volume":
		return kinds.VolumeSpec{SizeGiB: f.SizeGiB, Adopted: from}, nil
	case "network":
		egress := "none"
		if f.Routed {
			egress = "nat"
		}
		return kinds.NetworkSpec{CIDR: f.CIDR, Gateway: f.Gateway, DNS: f.DNS[:min(len(f.DNS), 3)], Egress: egress, Adopted: from}, nil
	case "image":
		format := "raw"
		if f.Format == "qcow2" {
			format = f.Format
		}
		return kinds.ImageSpec{Format: format, External: true, Disk: provider.File{SHA256: provider.AdoptedSum, Bytes: f.Bytes}, MinDiskGiB: f.SizeGiB, Adopted: from}, nil
	}
	return k.planServer(ctx, o, from)
}

func (k *Keeper) planServer(ctx context.Context, o *Object, from *kinds.Adopted) (any, error) {
	f := o.Spec.Facts
	network, err := k.networkOf(ctx, o, f.Cards[0].Network)
	if err != nil {
		return nil, err
	}
	flavor, err := k.flavorOf(ctx, o)
	if err != nil {
		return nil, err
	}
	image, err := k.imageOf(ctx, o)
	if err != nil {
		return nil, err
	}
	from.MAC = f.Cards[0].MAC
	s := kinds.ServerSpec{Flavor: flavor, Image: image, Network: network, Address: f.Cards[0].Address, Power: string(f.Power), Adopted: from}
	for _, backend := range f.Volumes {
		v, err := k.adoptedAs(ctx, "volume", o.Spec.Place, backend)
		if err != nil {
			return nil, err
		}
		if v != nil && v.Project == o.Spec.Adopt.Project {
			s.Volumes = append(s.Volumes, v.ID)
		}
	}
	return s, nil
}

// networkOf is the id of the server's network as an object of the same project; it is adopted first where that was asked for.
func (k *Keeper) networkOf(ctx context.Context, o *Object, backend string) (string, error) {
	n, err := k.adoptedAs(ctx, "network", o.Spec.Place, backend)
	switch {
	case err != nil:
		return "", err
	case n != nil && n.Project != o.Spec.Adopt.Project:
		return "", resource.Problemf(resource.ReasonConflict, "drift", "adopt the server to the same project as its network", "network %s of the server belongs to another project", n.Name)
	case n != nil && !n.Settled():
		return "", waiting("waiting for network " + n.Name)
	case n != nil:
		return n.ID, nil
	}
	other := name(o.Spec.Place, "network", backend)
	raw, err := k.objects.View(resource.Everything).Get(ctx, "drift", "", other)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return "", resource.Problemf(resource.ReasonConflict, "drift", "attach the server to a network of its own tenant first", "the network %s of the server can not be adopted: it is no tenant's", backend)
	}
	if err != nil {
		return "", err
	}
	if !o.Spec.Adopt.Networks {
		return "", resource.Problemf(resource.ReasonConflict, "drift", "adopt it first: plaza drift adopt "+other+"; or both at once, with --networks", "the network of the server is not adopted")
	}
	d, err := resource.As[Spec, Status](raw)
	if err != nil || d.Spec.Adopt != nil {
		return "", orError(err, waiting("waiting for network "+d.Spec.BackendName+": "+d.Status.Message))
	}
	input, err := json.Marshal(AdoptInput{Project: o.Spec.Adopt.Project})
	if err != nil {
		return "", err
	}
	if _, err := k.objects.Act(ctx, resource.Request{Kind: "drift", ID: other, Actor: inNameOf(o)}, "adopt", input); err != nil {
		return "", err
	}
	return "", waiting("adopting network " + d.Spec.BackendName)
}

func orError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// flavorOf is a flavor of the server's size; one is made where there is none.
func (k *Keeper) flavorOf(ctx context.Context, o *Object) (string, error) {
	want := kinds.FlavorSpec{VCPUs: max(o.Spec.Facts.VCPUs, 1), MemoryMiB: max(o.Spec.Facts.MemoryMiB, 64), DiskGiB: max(o.Spec.Facts.SizeGiB, 1)}
	found := ""
	err := resource.All(ctx, k.objects.View(resource.Everything), resource.Query{Kind: "flavor"}, func(raw resource.Raw) error {
		f, err := resource.As[kinds.FlavorSpec, kinds.FlavorStatus](raw)
		if err == nil && found == "" && len(f.Spec.Traits) == 0 && f.Spec.VCPUs == want.VCPUs && f.Spec.MemoryMiB == want.MemoryMiB && f.Spec.DiskGiB == want.DiskGiB {
			found = f.Name
		}
		return err
	})
	if err != nil || found != "" {
		return found, err
	}
	return k.make(ctx, o, "flavor", fmt.Sprintf("imported-%dc-%dm-%dg", want.VCPUs, want.MemoryMiB, want.DiskGiB), want)
}

// unknownImage stands for the images of servers that were made from what Plaza does not know.
const unknownImage = "imported"

// imageOf is the image of the server, if it was adopted.
func (k *Keeper) imageOf(ctx context.Context, o *Object) (string, error) {
	if o.Spec.Facts.Image != "" {
		i, err := k.adoptedAs(ctx, "image", o.Spec.Place, o.Spec.Facts.Image)
		if err != nil {
			return "", err
		}
		if i != nil {
			return i.Name, nil
		}
	}
	return k.make(ctx, o, "image", unknownImage, kinds.ImageSpec{Format: "raw", External: true})
}

// make makes an object of the whole installation, unless it is there.
func (k *Keeper) make(ctx context.Context, o *Object, kind, name string, spec any) (string, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return "", err
	}
	_, err = k.objects.Apply(ctx, resource.Request{Kind: kind, Name: name, Spec: text, Actor: inNameOf(o)})
	return name, err
}

// join puts an adopted volume on the list of the adopted server that has had it all along.
func (k *Keeper) join(ctx context.Context, o *Object, made resource.Raw) error {
	if made.Kind != "volume" {
		return nil
	}
	for _, id := range resource.Lookup(made, "status.attachedTo") {
		raw, err := k.objects.Unsealed(ctx, resource.Everything, "server", "", id)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			continue
		}
		if err != nil {
			return err
		}
		s, err := resource.As[kinds.ServerSpec, kinds.ServerStatus](raw)
		if err != nil {
			return err
		}
		if s.Spec.Adopted == nil || s.Project != made.Project || slices.Contains(s.Spec.Volumes, made.ID) {
			continue
		}
		s.Spec.Volumes = append(s.Spec.Volumes, made.ID)
		text, err := json.Marshal(s.Spec)
		if err != nil {
			return err
		}
		if _, err := k.objects.Apply(ctx, resource.Request{Kind: "server", ID: s.ID, Spec: text, Mode: resource.UpdateOnly, Version: s.Version, Actor: inNameOf(o), Verb: "adopt"}); err != nil {
			return err
		}
	}
	return nil
}
