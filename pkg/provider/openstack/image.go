package openstack

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Properties of images. Nova copies those of a server's image to its snapshots, hence propPart tells them apart.
const (
	propID       = "plaza_id"
	propPart     = "plaza_part"   // disk, kernel, initrd; snapshot; leftover
	propSHA256   = "plaza_sha256" // set when all of the content is there and has this sum
	propSnapshot = "plaza_snapshot"
	propPower    = "plaza_power" // of the server when the snapshot was taken

	partDisk     = "disk"
	partKernel   = "kernel"
	partInitrd   = "initrd"
	partSnapshot = "snapshot"
	partLeftover = "leftover" // a snapshot that is gone for Plaza, while disks still lean on it

)

// EnsureImage uploads disk, kernel and initrd where they are missing, checking sums and sizes on the way, and makes them
// public. What an interrupted upload left is removed.
func (d *Driver) EnsureImage(ctx context.Context, place string, want provider.Image) (provider.ImageState, error) {
	var st provider.ImageState
	if err := d.checkPlace(place); err != nil {
		return st, err
	}
	if err := checkImage(want); err != nil {
		return st, err
	}
	unlock, err := d.locks.Lock(ctx, "image/"+want.ID)
	if err != nil {
		return st, err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return st, err
	}
	have, err := parts(ctx, c, want.ID)
	if err != nil {
		return st, err
	}
	// The drive with the seed is SCSI: cloud kernels have a driver for it on every machine type, which SATA's they lack.
	props := map[string]string{"os_shutdown_timeout": strconv.Itoa(int(math.Ceil(d.set.StopGrace.Seconds()))), "hw_cdrom_bus": "scsi", "hw_scsi_model": "virtio-scsi"}
	for _, p := range []struct {
		name, property string
		file           *provider.File
	}{{partKernel, "kernel_id", want.Kernel}, {partInitrd, "ramdisk_id", want.Initrd}} {
		if p.file == nil {
			continue
		}
		made, err := d.ensurePart(ctx, c, have[p.name], upload{id: want.ID, name: want.Name, part: p.name, format: partFormat, file: *p.file, owned: want.Project != ""})
		if err != nil {
			return st, err
		}
		props[p.property] = made.ID
	}
	if want.Kernel != nil && want.Cmdline != "" {
		props["os_command_line"] = want.Cmdline
	}
	made, err := d.ensurePart(ctx, c, have[partDisk], upload{id: want.ID, name: want.Name, part: partDisk, format: want.Format, file: want.Disk, properties: props, owned: want.Project != ""})
	if err != nil {
		return st, err
	}
	if made, err = amendImage(ctx, c, made, props); err != nil {
		return st, err
	}
	return d.imageState(*made), nil
}

// amendImage sets the properties that differ, as after a new kernel or command line.
func amendImage(ctx context.Context, c *gophercloud.ServiceClient, x *images.Image, want map[string]string) (*images.Image, error) {
	var changes images.UpdateOpts
	for k, v := range want {
		if property(*x, k) != v {
			changes = append(changes, images.UpdateImageProperty{Op: images.AddOp, Name: k, Value: v}) // add replaces, too
		}
	}
	if len(changes) == 0 {
		return x, nil
	}
	done, err := images.Update(ctx, c, x.ID, changes).Extract()
	return done, mapped("amend image "+x.Name, err)
}

func checkImage(want provider.Image) error {
	if err := checkID(want.ID); err != nil {
		return err
	}
	if want.Format != "qcow2" && want.Format != "raw" {
		return provider.Errorf(provider.ReasonInvalid, "qcow2 or raw", "image format %q", want.Format)
	}
	return nil
}

// partFormat is that of kernels and initrds: of those that are called aki and ari a Nova that looks into images moves no running server.
const partFormat = "raw"

// upload is one Glance image to be made.
type upload struct {
	id, name, part, format string
	file                   provider.File
	properties             map[string]string
	owned                  bool // it is for the servers of one of Plaza's projects
}

// ensurePart keeps the complete one of what is there, and removes the rest.
func (d *Driver) ensurePart(ctx context.Context, c *gophercloud.ServiceClient, have []images.Image, u upload) (*images.Image, error) {
	var whole *images.Image
	for i := range have {
		if x := &have[i]; whole == nil && x.Status == images.ImageStatusActive && property(*x, propSHA256) == u.file.SHA256 {
			whole = x
			continue
		}
		if err := deleteImage(ctx, c, have[i].ID); err != nil {
			return nil, err
		}
	}
	if whole != nil {
		return whole, nil
	}
	return d.upload(ctx, c, u)
}

func (d *Driver) upload(ctx context.Context, c *gophercloud.ServiceClient, u upload) (*images.Image, error) {
	from, err := open(ctx, u.file, d.set.Contents)
	if err != nil {
		return nil, err
	}
	defer from.close()
	hidden := images.ImageVisibilityPrivate
	opts := images.CreateOpts{Name: u.name, Visibility: &hidden, Tags: []string{idTag(u.id)}, Properties: map[string]string{propID: u.id, propPart: u.part}}
	opts.ContainerFormat, opts.DiskFormat = "bare", u.format
	if u.part != partDisk {
		opts.Name = u.name + " " + u.part
	}
	for k, v := range u.properties {
		opts.Properties[k] = v
	}
	made, err := images.Create(ctx, c, opts).Extract()
	if err != nil {
		return nil, mapped("make image "+u.name, err)
	}
	err = imagedata.Upload(ctx, c, made.ID, from).ExtractErr()
	if from.err != nil { // Glance only saw the body break off
		err = from.err
	}
	if err == nil {
		made, err = publish(ctx, c, made.ID, u, from.virtualGiB())
	}
	if err != nil {
		// Its own time, as ctx may be what has ended.
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTimeout)
		defer cancel()
		_ = deleteImage(clean, c, made.ID)
		return nil, mapped("upload image "+u.name, err)
	}
	return made, nil
}

// publish marks the image as complete and lets all projects use it; one of a project of Plaza's stands in no list of others.
func publish(ctx context.Context, c *gophercloud.ServiceClient, id string, u upload, minGiB int) (*images.Image, error) {
	visibility := images.ImageVisibilityPublic
	if u.owned {
		visibility = images.ImageVisibilityCommunity
	}
	changes := images.UpdateOpts{
		images.UpdateImageProperty{Op: images.AddOp, Name: propSHA256, Value: u.file.SHA256},
		images.UpdateVisibility{Visibility: visibility},
	}
	if u.part == partDisk {
		changes = append(changes, images.ReplaceImageMinDisk{NewMinDisk: minGiB})
	}
	done, err := images.Update(ctx, c, id, changes).Extract()
	if err != nil {
		return &images.Image{ID: id}, err
	}
	return done, nil
}

// parts are the Glance images of an image of Plaza, complete or not, by part.
func parts(ctx context.Context, c *gophercloud.ServiceClient, id string) (map[string][]images.Image, error) {
	all, err := listImages(ctx, c, images.ListOpts{Tags: []string{idTag(id)}})
	if err != nil {
		return nil, err
	}
	found := map[string][]images.Image{}
	for _, x := range all {
		if property(x, propID) == id {
			found[property(x, propPart)] = append(found[property(x, propPart)], x)
		}
	}
	return found, nil
}

// diskImage is the complete disk of an image.
func (d *Driver) diskImage(ctx context.Context, id string) (*images.Image, error) {
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return nil, err
	}
	have, err := parts(ctx, c, id)
	if err != nil {
		return nil, err
	}
	for i, x := range have[partDisk] {
		if complete(x) {
			return &have[partDisk][i], nil
		}
	}
	return nil, provider.Errorf(provider.ReasonNotFound, "let Plaza bring it there first", "image %s is not in the region", id)
}

func complete(x images.Image) bool {
	return x.Status == images.ImageStatusActive && property(x, propSHA256) != ""
}

// DeleteImage removes all parts of an image; Conflict while a server was made from it.
func (d *Driver) DeleteImage(ctx context.Context, place, id string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	if !isID(id) {
		return nil
	}
	unlock, err := d.locks.Lock(ctx, "image/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return err
	}
	have, err := parts(ctx, c, id)
	if err != nil {
		return err
	}
	for _, x := range have[partDisk] {
		if err := d.imageFree(ctx, id, x.ID); err != nil {
			return err
		}
	}
	for _, part := range []string{partDisk, partKernel, partInitrd} { // the disk names the others
		for _, x := range have[part] {
			if err := deleteImage(ctx, c, x.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Driver) imageFree(ctx context.Context, id, backend string) error {
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return err
	}
	pages, err := servers.List(c, servers.ListOpts{AllTenants: true, Image: backend}).AllPages(ctx)
	if err != nil {
		return mapped("list servers of image "+id, err)
	}
	users, err := servers.ExtractServers(pages)
	if err != nil {
		return mapped("list servers of image "+id, err)
	}
	if len(users) > 0 {
		return provider.Errorf(provider.ReasonConflict, "delete those servers first", "image %s has %d servers made from it, such as %s", id, len(users), users[0].Name)
	}
	return nil
}

// ListImages returns the complete images of Plaza.
func (d *Driver) ListImages(ctx context.Context, place string) ([]provider.ImageState, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return nil, err
	}
	all, err := listImages(ctx, c, having{propPart, partDisk})
	if err != nil {
		return nil, err
	}
	var states []provider.ImageState
	for _, x := range all {
		if complete(x) && isID(property(x, propID)) {
			states = append(states, d.imageState(x))
		}
	}
	return states, nil
}

func (d *Driver) imageState(x images.Image) provider.ImageState {
	id := property(x, propID)
	d.ids.put("image", x.ID, id)
	return provider.ImageState{ID: id, Host: d.set.Place, Bytes: x.SizeBytes}
}

// having lists images by a property.
type having struct{ name, value string }

// ToImageListQuery implements images.ListOptsBuilder.
func (h having) ToImageListQuery() (string, error) {
	return fmt.Sprintf("?%s=%s", h.name, h.value), nil
}

func listImages(ctx context.Context, c *gophercloud.ServiceClient, opts images.ListOptsBuilder) ([]images.Image, error) {
	pages, err := images.List(c, opts).AllPages(ctx)
	if err != nil {
		return nil, mapped("list images", err)
	}
	all, err := images.ExtractImages(pages)
	return all, mapped("list images", err)
}

func deleteImage(ctx context.Context, c *gophercloud.ServiceClient, id string) error {
	err := images.Delete(ctx, c, id).ExtractErr()
	if isCode(err, http.StatusNotFound) {
		return nil
	}
	return mapped("delete image", err)
}

func property(x images.Image, name string) string {
	s, _ := x.Properties[name].(string)
	return s
}
