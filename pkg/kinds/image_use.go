package kinds

import (
	"context"

	"github.com/plazacloud/plaza/pkg/resource"
)

// useImage finds an image that an object may be made from, and how the object keeps it: everybody's as it was named, a
// project's by its id, as others may have one by that name. What refers to it at the path already goes on with it.
func useImage(ctx context.Context, a *resource.Admission, m resource.Meta, name, path string) (Image, string, error) {
	image, err := find[ImageSpec, ImageStatus](ctx, a, "image", m.Project, name, path, m.Kind)
	if resource.ReasonOf(err) == resource.ReasonInvalid {
		raw, failed := a.Around.Referred(ctx, m, path, "image", name)
		if failed != nil {
			return image, name, err
		}
		image, err = resource.As[ImageSpec, ImageStatus](raw)
	}
	switch {
	case err != nil:
		return image, name, err
	case image.Spec.Awaits():
		return image, name, resource.Problemf(resource.ReasonConflict, "image", "wait until it is ready", "image %s has not been uploaded as a whole", image.Name)
	case image.Project == "":
		return image, name, nil
	}
	return image, image.ID, nil
}

// imageUses are where objects refer to images.
var imageUses = []struct{ kind, path string }{{"baremetal", "spec.image"}, {"server", "spec.rescue.image"}, {"server", "spec.image"}}

// refuseImageInUse refuses the deletion of an image that anything is made from, wherever it is. Those are named whom the
// actor sees.
func refuseImageInUse(ctx context.Context, a *resource.Admission, o *Image) error {
	keys := []string{o.ID}
	if o.Project == "" {
		keys = append(keys, o.Name)
	}
	for _, use := range imageUses {
		for _, key := range keys {
			if err := refuseUsed(ctx, a, o.Meta, key, use.kind, use.path); err != nil {
				return err
			}
		}
		n, err := a.Around.References(ctx, use.kind, use.path, keys...)
		if err != nil {
			return err
		}
		if n > 0 {
			return resource.Problemf(resource.ReasonInUse, "image", "unshare it, and wait until they are gone", "image %s is in use by %d %ss of others", o.Name, n, use.kind)
		}
	}
	return nil
}
