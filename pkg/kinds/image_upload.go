package kinds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/imagestore"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Uploaded is the URL of an image's disk that is uploaded: Plaza keeps it itself, under the image's id.
const Uploaded = "plaza:upload"

// uploadPatience is how long an upload that nobody goes on with is kept.
const uploadPatience = 24 * time.Hour

// Uploads are the contents of images that were uploaded.
type Uploads interface {
	Limits() imagestore.Limits
	Content(ctx context.Context, image string) (imagestore.Content, error)
	Drop(ctx context.Context, image string) error
}

// FinishInput is what finish takes.
type FinishInput struct {
	SHA256 string `json:"sha256,omitempty" doc:"Of the whole file as it was sent, in hex; without it, what has come is taken for right"`
}

// ShareInput is what share and unshare take.
type ShareInput struct {
	With string `json:"with" minLength:"1" doc:"Project or node of the tree, by full name or id; a node stands for all projects below it"`
}

func imageActions(b Backends) map[string]resource.Action[ImageSpec, ImageStatus] {
	return map[string]resource.Action[ImageSpec, ImageStatus]{
		"finish": {Doc: "Take an upload for whole, if it is, and make the image ready.", Input: &FinishInput{},
			Apply: func(ctx context.Context, _ *resource.Admission, o *Image, in any) error {
				return finishUpload(ctx, b.Uploads, o, in.(*FinishInput))
			}},
		"share":   {Doc: "Let another project, or all below a node, use the image.", Input: &ShareInput{}, Apply: shareImage},
		"unshare": {Doc: "No longer let a project or node use the image. Servers that were made from it stay.", Input: &ShareInput{}, Apply: unshareImage},
	}
}

func (s ImageSpec) uploaded() bool { return s.Disk.URL == Uploaded }

// Awaits tells whether the image's bytes are still to come.
func (s ImageSpec) Awaits() bool { return s.uploaded() && s.Disk.SHA256 == "" }

func finishUpload(ctx context.Context, uploads Uploads, o *Image, in *FinishInput) error {
	if !o.Spec.Awaits() {
		return resource.Problemf(resource.ReasonConflict, "image", "", "image %s does not wait for an upload", o.Name)
	}
	if uploads == nil {
		return errDriverless
	}
	c, err := uploads.Content(ctx, o.ID)
	if err != nil {
		return err
	}
	if !c.Whole() {
		return resource.Problemf(resource.ReasonConflict, "image", "send the rest first", "%d of %d bytes have come", max(c.Received, 0), o.Spec.Disk.Bytes)
	}
	if in.SHA256 != "" && !strings.EqualFold(in.SHA256, c.SHA256) {
		p := resource.Problemf(resource.ReasonInvalid, "image", "send it again, from the beginning", "what came has SHA-256 %s, not %s; it was dropped", c.SHA256, in.SHA256)
		return errors.Join(p, uploads.Drop(ctx, o.ID))
	}
	o.Spec.Disk.SHA256 = c.SHA256
	o.Spec.MinDiskGiB = max(o.Spec.MinDiskGiB, int(gibOf(c.VirtualBytes)))
	return nil
}

// gibOf rounds up.
func gibOf(bytes int64) int64 { return (bytes + 1<<30 - 1) >> 30 }

// uploadFields is what is wrong with an image that is, or was, uploaded.
func uploadFields(ctx context.Context, uploads Uploads, old, o *Image) (fields []resource.Field, err error) {
	wrong := func(path string, value any, message string) {
		fields = append(fields, resource.Field{Path: "spec." + path, Value: value, Message: message})
	}
	switch s := o.Spec; {
	case old == nil && s.Disk.SHA256 != "":
		wrong("disk.sha256", s.Disk.SHA256, "is found out by Plaza")
	case old == nil && s.Disk.Bytes < 1:
		wrong("disk.bytes", s.Disk.Bytes, "is the size of the file that is going to come")
	case old == nil && uploads != nil && s.Disk.Bytes > uploads.Limits().Image:
		wrong("disk.bytes", s.Disk.Bytes, fmt.Sprintf("is more than the %d that an image may have here", uploads.Limits().Image))
	case old != nil && old.Spec.Awaits() && s.Disk.SHA256 != "" && uploads != nil:
		c, err := uploads.Content(ctx, o.ID)
		if err != nil {
			return nil, err
		}
		if c.SHA256 != s.Disk.SHA256 {
			wrong("disk.sha256", s.Disk.SHA256, "is not that of what has come")
		}
	}
	if o.Spec.Kernel != nil || o.Spec.Initrd != nil || o.Spec.Cmdline != "" {
		wrong("kernel", nil, "can not be uploaded: the image boots by itself")
	}
	if o.Spec.External {
		wrong("external", true, "has no file, and this one is uploaded")
	}
	return fields, nil
}

// awaitUpload waits for the bytes, and gives up when nobody sends any more.
func awaitUpload(ctx context.Context, b Backends, r *resource.Reconciliation, o *Image) (resource.Result, error) {
	if b.Uploads == nil {
		return resource.Result{}, errDriverless
	}
	c, err := b.Uploads.Content(ctx, o.ID)
	if err != nil {
		return resource.Result{}, err
	}
	last := c.UpdatedAt
	if last.Before(o.CreatedAt) {
		last = o.CreatedAt
	}
	came := max(c.Received, 0)
	if time.Since(last) > uploadPatience {
		if _, err := r.Remove(ctx, "image", o.ID); err != nil {
			return resource.Result{}, err
		}
		r.Note("give-up", fmt.Sprintf("nobody went on with the upload since %s", last.Format(time.RFC3339)))
	}
	return resource.Result{Again: time.Minute, Progress: int(100 * came / max(o.Spec.Disk.Bytes, 1)), Message: fmt.Sprintf("%d of %d MiB have come", came>>20, o.Spec.Disk.Bytes>>20)}, nil
}

const maxShares = 64

func shareImage(ctx context.Context, a *resource.Admission, o *Image, in any) error {
	node, err := sharee(ctx, a, o, in)
	if err != nil || slices.Contains(o.Spec.SharedWith, node) {
		return err
	}
	o.Spec.SharedWith = append(o.Spec.SharedWith, node)
	return nil
}

func unshareImage(ctx context.Context, a *resource.Admission, o *Image, in any) error {
	with := in.(*ShareInput).With
	i := slices.Index(o.Spec.SharedWith, with) // also one that is gone, or that the actor does not see any more
	if i < 0 {
		node, err := sharee(ctx, a, o, in)
		if err != nil {
			return err
		}
		if i = slices.Index(o.Spec.SharedWith, node); i < 0 {
			return resource.Problemf(resource.ReasonConflict, "image", "", "image %s is not shared with %s", o.Name, with)
		}
	}
	o.Spec.SharedWith = slices.Delete(slices.Clone(o.Spec.SharedWith), i, i+1)
	return nil
}

func sharee(ctx context.Context, a *resource.Admission, o *Image, in any) (string, error) {
	with := in.(*ShareInput).With
	if o.Project == "" {
		return "", resource.Problemf(resource.ReasonConflict, "image", "", "image %s is everybody's already", o.Name)
	}
	return nodeOf(ctx, a, "with", with)
}

// nodeOf is the id of a node that the actor sees; path names the field that it stands in.
func nodeOf(ctx context.Context, a *resource.Admission, path, node string) (string, error) {
	id, err := a.Node(ctx, node)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return "", resource.Invalid("image", path, node, "there is no such project or node that you see")
	}
	return id, err
}

// validateShares refuses what is new among them and not seen by the actor; ids of nodes that were given before stay.
func validateShares(ctx context.Context, a *resource.Admission, old, o *Image) error {
	if len(o.Spec.SharedWith) == 0 {
		return nil
	}
	if o.Project == "" {
		return resource.Invalid("image", "spec.sharedWith", nil, "the image is everybody's already")
	}
	if len(o.Spec.SharedWith) > maxShares {
		return resource.Invalid("image", "spec.sharedWith", len(o.Spec.SharedWith), "at most %d; share with a node above them", maxShares)
	}
	var out []string
	for i, with := range o.Spec.SharedWith {
		if old == nil || !slices.Contains(old.Spec.SharedWith, with) {
			node, err := nodeOf(ctx, a, fmt.Sprintf("spec.sharedWith[%d]", i), with)
			if err != nil {
				return err
			}
			with = node
		}
		if !slices.Contains(out, with) {
			out = append(out, with)
		}
	}
	o.Spec.SharedWith = out
	return nil
}

// file is the disk as drivers are asked for it.
func (s ImageSpec) file(m resource.Meta) provider.File {
	f := s.Disk
	if s.uploaded() {
		f.URL = imagestore.URL(m.ID)
	}
	return f
}
