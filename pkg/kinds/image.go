package kinds

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ImageSpec is a disk that servers start from, by content.
type ImageSpec struct {
	Format       string         `json:"format" enum:"qcow2,raw" doc:"Of the disk"`
	Arch         string         `json:"arch,omitempty" doc:"Default x86_64"`
	Disk         provider.File  `json:"disk" doc:"Where the disk is fetched, and its checksum. The URL plaza:upload says that it is uploaded, with its size and no checksum"`
	Kernel       *provider.File `json:"kernel,omitempty" doc:"Booted directly when given"`
	Initrd       *provider.File `json:"initrd,omitempty" doc:"Goes with the kernel"`
	Cmdline      string         `json:"cmdline,omitempty" maxLength:"2048" doc:"Of the kernel"`
	MinDiskGiB   int            `json:"minDiskGiB,omitempty" minimum:"0" doc:"Smallest disk of a server with it"`
	MinMemoryMiB int            `json:"minMemoryMiB,omitempty" minimum:"0" doc:"Least memory of a server with it"`
	External     bool           `json:"external,omitempty" readOnly:"true" doc:"There is no file of it: it is a cloud's own"`
	SharedWith   []string       `json:"sharedWith,omitempty" nullable:"false" maxItems:"64" doc:"Ids of the projects and nodes that a project's image is lent to, for all below them; names are taken too"`
	Keep         bool           `json:"keep,omitempty" doc:"Of an adopted one: deletion leaves it at its cloud"`

	Adopted *Adopted `json:"adopted,omitempty" readOnly:"true" doc:"Set when others made it and Plaza took it over"`
}

// ImageStatus tells where the image is.
type ImageStatus struct {
	Hosts []string `json:"hosts,omitempty" doc:"Hosts and regions that have a checked copy"`
}

// Image is a disk that servers start from.
type Image = resource.Object[ImageSpec, ImageStatus]

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func imageKind(b Backends) resource.Kind[ImageSpec, ImageStatus] {
	return resource.Kind[ImageSpec, ImageStatus]{
		Name: "image", Plural: "images", Doc: "A disk that servers start from.", Scoping: resource.Shared, Lent: "spec.sharedWith",
		Columns: []resource.Column{{Header: "FORMAT", Path: "spec.format"}, {Header: "ARCH", Path: "spec.arch"}, {Header: "BYTES", Path: "spec.disk.bytes"}, {Header: "HOSTS", Path: "status.hosts"}},
		Indexed: []string{"spec.adopted.backend", "spec.sharedWith"},
		Default: func(_ context.Context, _ *resource.Admission, o *Image) error {
			if o.Spec.Arch == "" {
				o.Spec.Arch = "x86_64"
			}
			return nil
		},
		Validate: func(ctx context.Context, a *resource.Admission, old, o *Image) error {
			return validateImage(ctx, b.Uploads, a, old, o)
		},
		ValidateDelete: refuseImageInUse,
		Charge: func(o *Image) resource.Charges {
			if o.Project == "" {
				return nil
			}
			return resource.Charges{"images": 1, "image_gib": gibOf(o.Spec.Disk.Bytes)}
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Image) (resource.Result, error) {
			return reconcileImage(ctx, b, r, o)
		},
		Delete: func(ctx context.Context, r *resource.Reconciliation, o *Image) (resource.Result, error) {
			return deleteImage(ctx, b, r, o)
		},
		Actions: imageActions(b),
		Verbs:   []string{"upload"},
	}
}

func validateImage(ctx context.Context, uploads Uploads, a *resource.Admission, old, o *Image) error {
	if err := guardAdoption(a, old, o, func(s *ImageSpec) (**Adopted, bool) { return &s.Adopted, s.Keep }); err != nil {
		return err
	}
	if !a.Actor.System {
		o.Spec.External = old != nil && old.Spec.External
	}
	if err := validateShares(ctx, a, old, o); err != nil {
		return err
	}
	if old == nil {
		if err := refuseEverybodys(ctx, a, o); err != nil {
			return err
		}
	}
	if o.Spec.External {
		return nil
	}
	fields, err := imageFields(ctx, uploads, old, o)
	if err != nil || fields == nil {
		return err
	}
	return &resource.Problem{Reason: resource.ReasonInvalid, Kind: "image", Detail: "the image is not valid", Fields: fields}
}

// refuseEverybodys keeps a project from taking a name by which everybody knows an image.
func refuseEverybodys(ctx context.Context, r resource.Reader, o *Image) error {
	if o.Project == "" {
		return nil
	}
	_, err := r.Get(ctx, "image", "", o.Name)
	switch {
	case err == nil:
		return resource.Problemf(resource.ReasonAlreadyExists, "image", "choose another name", "an image for everybody is called %s", o.Name)
	case resource.ReasonOf(err) != resource.ReasonNotFound:
		return err
	}
	return nil
}

func imageFields(ctx context.Context, uploads Uploads, old, o *Image) (fields []resource.Field, err error) {
	check := func(path string, f *provider.File) {
		if f == nil {
			return
		}
		if !sha256Hex.MatchString(f.SHA256) {
			fields = append(fields, resource.Field{Path: path + ".sha256", Value: f.SHA256, Message: "is not a SHA-256 in lower-case hex"})
		}
		if !strings.HasPrefix(f.URL, "file:///") && !strings.HasPrefix(f.URL, "https://") {
			fields = append(fields, resource.Field{Path: path + ".url", Value: f.URL, Message: "begins with file:/// or https://, or is " + Uploaded})
		}
	}
	switch {
	case o.Spec.uploaded():
		if fields, err = uploadFields(ctx, uploads, old, o); err != nil {
			return nil, err
		}
	case o.Project != "": // hosts would fetch it: their own files, or what only they reach
		fields = append(fields, resource.Field{Path: "spec.disk.url", Value: o.Spec.Disk.URL, Message: "is " + Uploaded + " for a project's image; others are made by operators, for everybody"})
	default:
		check("spec.disk", &o.Spec.Disk)
		check("spec.kernel", o.Spec.Kernel)
		check("spec.initrd", o.Spec.Initrd)
	}
	if old == nil {
		return fields, nil
	}
	was, is := old.Spec, o.Spec
	finished := was.Awaits() && is.uploaded() // what it has then was looked at
	if !finished && was.Disk.SHA256 != is.Disk.SHA256 || was.uploaded() && (!is.uploaded() || was.Disk.Bytes != is.Disk.Bytes || was.Format != is.Format) {
		fields = append(fields, resource.Field{Path: "spec.disk.sha256", Message: "an image does not change under the servers that use it; make a new one"})
	}
	if !was.uploaded() && is.uploaded() {
		fields = append(fields, resource.Field{Path: "spec.disk.url", Message: "is not uploaded later; make a new image"})
	}
	return fields, nil
}

func (s ImageSpec) wanted(m resource.Meta) provider.Image {
	return provider.Image{ID: m.ID, Name: m.Name, Format: s.Format, Project: m.Project, Disk: s.file(m), Kernel: s.Kernel, Initrd: s.Initrd, Cmdline: s.Cmdline}
}

// reconcileImage puts a checked copy on every host that is there, so that the first server need not wait for it.
func reconcileImage(ctx context.Context, b Backends, r *resource.Reconciliation, o *Image) (resource.Result, error) {
	if b.Driver == nil {
		return resource.Result{}, errDriverless
	}
	if o.Spec.External {
		return externalImage(ctx, b, r, o)
	}
	if o.Spec.Awaits() {
		return awaitUpload(ctx, b, r, o)
	}
	if o.Project != "" { // it comes to a host with the first server there: one of a thousand projects does not go everywhere
		return resource.Result{Done: true}, nil
	}
	hosts, err := Places(ctx, r, r.Pool)
	if err != nil {
		return resource.Result{}, err
	}
	var have []string
	var failed error
	for _, h := range hosts {
		if !h.Alive {
			continue
		}
		if _, err := b.Driver.EnsureImage(ctx, h.ID, o.Spec.wanted(o.Meta)); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", h.Name, err))
			continue
		}
		have = append(have, h.Name)
	}
	o.Status.Hosts = have
	if failed != nil {
		return resource.Result{}, Explain("image", failed)
	}
	return resource.Result{Done: true}, nil
}

// externalImage takes over a cloud's image as it is. One without a backend only stands for images that nobody knows.
func externalImage(ctx context.Context, b Backends, r *resource.Reconciliation, o *Image) (resource.Result, error) {
	if o.Spec.Adopted == nil {
		return resource.Result{Done: true}, nil
	}
	if _, err := b.adopt(ctx, "image", o.Meta, *o.Spec.Adopted); err != nil {
		return adoptionLost(&o.Meta, err)
	}
	place, err := r.Get(ctx, "region", "", o.Spec.Adopted.Place)
	if err != nil {
		return resource.Result{}, err
	}
	o.Status.Hosts = []string{place.Name}
	unhold(&o.Meta)
	return resource.Result{Done: true}, nil
}

// only is the one place that has the image; "" when Plaza can bring it anywhere.
func (s ImageSpec) only() string {
	if s.Adopted == nil {
		return ""
	}
	return s.Adopted.Place
}

// ensureImage brings the image to a place, unless it is a cloud's own.
func ensureImage(ctx context.Context, b Backends, place string, i Image) error {
	if i.Spec.External {
		if i.Spec.only() != place {
			p := resource.Problemf(resource.ReasonInvalid, "image", "use another image", "image %s is not at hand there: there is no file of it", i.Name)
			return p
		}
		return nil
	}
	_, err := b.Driver.EnsureImage(ctx, place, i.Spec.wanted(i.Meta))
	return Explain("image", err)
}

func deleteImage(ctx context.Context, b Backends, r *resource.Reconciliation, o *Image) (resource.Result, error) {
	if o.Spec.External && (o.Spec.Keep || o.Spec.Adopted == nil) {
		if o.Spec.Adopted == nil {
			return resource.Result{Done: true}, nil
		}
		return resource.Result{Done: true}, b.release(ctx, "image", o.Meta, *o.Spec.Adopted)
	}
	if !o.Spec.Awaits() {
		if err := deleteCopies(ctx, b, r, o); err != nil {
			return resource.Result{}, err
		}
	}
	if o.Spec.uploaded() && b.Uploads != nil {
		if err := b.Uploads.Drop(ctx, o.ID); err != nil {
			return resource.Result{}, err
		}
	}
	return resource.Result{Done: true}, nil
}

func deleteCopies(ctx context.Context, b Backends, r *resource.Reconciliation, o *Image) error {
	hosts, err := Places(ctx, r, r.Pool)
	if err != nil {
		return err
	}
	for _, h := range hosts {
		if err := b.Driver.DeleteImage(ctx, h.ID, o.ID); err != nil && !provider.IsNotFound(err) {
			return Explain("image", err)
		}
	}
	return nil
}
