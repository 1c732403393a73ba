package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/imagestore"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
)

type uploadInput struct {
	ObjectInput
	Incoming
	Offset int64 `query:"offset" minimum:"0" doc:"Where in the file the body begins: what was received until now"`
}

// ImageRoutes let clients upload images.
func ImageRoutes(contents *imagestore.Store) Routes {
	return func(api huma.API, s *Server) {
		s.uploadRoute(api, contents)
		op := huma.Operation{Method: http.MethodGet, Path: "/v1/images/{id}/upload", OperationID: "getImageUpload", Tags: []string{"images"}, Summary: "See how far an upload has come"}
		huma.Register(api, op, func(ctx context.Context, in *struct{ ObjectInput }) (*Body[ImageUpload], error) {
			_, o, err := s.awaited(ctx, in.ObjectInput)
			if err != nil {
				return nil, err
			}
			c, err := contents.Content(ctx, o.ID)
			return body(uploadOf(o, c), err)
		})
	}
}

// ImageUpload is how far an upload has come.
type ImageUpload struct {
	Bytes     int64     `json:"bytes" doc:"Of the whole file"`
	Received  int64     `json:"received" doc:"Of these, kept; the next ones are sent from there"`
	SHA256    string    `json:"sha256,omitempty" doc:"Of the file as it came, once it is whole"`
	UpdatedAt time.Time `json:"updatedAt" doc:"When the last bytes came"`
}

func uploadOf(o kinds.Image, c imagestore.Content) ImageUpload {
	out := ImageUpload{Bytes: o.Spec.Disk.Bytes, Received: max(c.Received, 0), SHA256: c.SHA256, UpdatedAt: c.UpdatedAt}
	if out.UpdatedAt.IsZero() {
		out.UpdatedAt = o.CreatedAt
	}
	return out
}

func (s *Server) uploadRoute(api huma.API, contents *imagestore.Store) {
	op := huma.Operation{Method: http.MethodPut, Path: "/v1/images/{id}/upload", OperationID: "uploadImage", Tags: []string{"images"}, Summary: "Send the bytes of an image, or go on with that",
		Description: "The image was made with plaza:upload as the URL of its disk, and the size of the file. The body is the file from offset on, or the next part of it, of which the first has 1 MiB or more; what came of a body that breaks off is kept, and " +
			"GET tells where to go on, through any server, for 24 hours after the last bytes. Content that is not what the image says is refused and dropped. Then finish makes the image ready."}
	op.RequestBody = anyBytes()
	huma.Register(api, op, func(ctx context.Context, in *uploadInput) (*Body[ImageUpload], error) {
		k, o, err := s.awaited(ctx, in.ObjectInput)
		if err != nil {
			return nil, err
		}
		if !o.Spec.Awaits() || o.DeletingAt != nil {
			return nil, resource.Problemf(resource.ReasonConflict, "image", "make a new one with plaza:upload as the URL of its disk", "image %s waits for no upload", o.Name)
		}
		goOn := periodically(func() error { return s.stillMay(ctx, "upload", k.Name, o.Project) })
		c, err := contents.Receive(ctx, imagestore.Upload{Image: o.ID, Bytes: o.Spec.Disk.Bytes, Format: o.Spec.Format}, in.Offset, in, goOn)
		in.done()
		return body(uploadOf(o, c), err)
	})
}

// awaited finds an image whose upload the actor may see and go on with.
func (s *Server) awaited(ctx context.Context, in ObjectInput) (*kind, kinds.Image, error) {
	def, err := s.registry.Kind("image")
	if err != nil {
		return nil, kinds.Image{}, err
	}
	k := &kind{Definition: def, server: s}
	o, err := k.find(ctx, "upload", in)
	if err != nil {
		return k, kinds.Image{}, err
	}
	image, err := resource.As[kinds.ImageSpec, kinds.ImageStatus](o)
	return k, image, err
}
