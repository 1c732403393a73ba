package kinds

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// RebuildSpec asks once for a new root disk.
type RebuildSpec struct {
	AskedAt string `json:"askedAt" doc:"Tells one rebuild from the next"`
}

// RebuildInput is what rebuild takes.
type RebuildInput struct {
	Image string `json:"image,omitempty" doc:"Image name; the one that it has when empty"`
}

// RescueSpec says what a server in rescue boots from.
type RescueSpec struct {
	Image string `json:"image" doc:"That it was started with"`
}

// RescueInput is what rescue takes.
type RescueInput struct {
	Image string `json:"image,omitempty" doc:"Image name; the server's own when empty"`
}

func rebuild(_ context.Context, _ *resource.Admission, o *Server, input any) error {
	image := input.(*RebuildInput).Image
	if o.Spec.Adopted != nil {
		return errAdopted(o, "rebuilt")
	}
	if len(o.Spec.Snapshots) > 0 {
		return resource.Problemf(resource.ReasonConflict, "server", "take them out of spec.snapshots first", "server %s has snapshots %v, which a new root disk makes useless", o.Name, o.Spec.Snapshots)
	}
	if image != "" && image != o.Spec.Image && o.Owner != nil {
		return resource.Problemf(resource.ReasonConflict, "server", "change the image there", "what image server %s has is said by its %s", o.Name, o.Owner.Kind)
	}
	if image != "" {
		o.Spec.Image = image
	}
	o.Spec.Rebuild, o.Spec.Backup = &RebuildSpec{AskedAt: now()}, ""
	return nil
}

func rescue(_ context.Context, _ *resource.Admission, o *Server, input any) error {
	if o.Spec.Adopted != nil {
		return errAdopted(o, "brought to rescue")
	}
	if o.Spec.Rescue != nil {
		return resource.Problemf(resource.ReasonConflict, "server", "end that first with: plaza server unrescue "+o.Name, "server %s is in rescue already", o.Name)
	}
	o.Spec.Rescue = &RescueSpec{Image: o.Spec.Image}
	if image := input.(*RescueInput).Image; image != "" {
		o.Spec.Rescue.Image = image
	}
	return nil
}

func unrescue(_ context.Context, _ *resource.Admission, o *Server, _ any) error {
	if o.Spec.Rescue == nil {
		return resource.Problemf(resource.ReasonConflict, "server", "reboot boots it from its own disk anew", "server %s is not in rescue", o.Name)
	}
	o.Spec.Rescue = nil
	return nil
}

func errAdopted(o *Server, done string) error {
	return resource.Problemf(resource.ReasonUnsupported, "server", "do that at its cloud, or move the work to a new server", "server %s was adopted and is not %s by Plaza: others said what it is made of", o.Name, done)
}

// bootsFrom adds to the wanted server what its root disk and its rescue are made of.
func (p serverPass) bootsFrom(ctx context.Context, w *provider.Server) error {
	w.Keep = p.o.Spec.Resize != nil
	if b := p.o.Spec.Rebuild; b != nil {
		w.Build = b.AskedAt
	}
	if p.o.Spec.Rescue == nil {
		return nil
	}
	image, err := find[ImageSpec, ImageStatus](ctx, p.r, "image", "", p.o.Spec.Rescue.Image, "spec.rescue.image", "server")
	if err != nil {
		return err
	}
	w.Rescue = &provider.Rescue{Image: image.ID}
	if image.Spec.Kernel != nil {
		w.Rescue.Boot = provider.Boot{Image: image.ID, Cmdline: image.Spec.Cmdline}
	}
	return nil
}

// ensureImages brings the images that the server boots from to its place.
func (p serverPass) ensureImages(ctx context.Context) error {
	names := []string{p.o.Spec.Image}
	if p.o.Spec.Rescue != nil && p.o.Spec.Rescue.Image != p.o.Spec.Image {
		names = append(names, p.o.Spec.Rescue.Image)
	}
	for _, name := range names {
		image, err := find[ImageSpec, ImageStatus](ctx, p.r, "image", "", name, "spec.image", "server")
		if err != nil {
			return err
		}
		if err := ensureImage(ctx, p.Backends, p.o.Status.Host, image); err != nil {
			return err
		}
	}
	return nil
}
